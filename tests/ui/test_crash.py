"""Crash reports: what happened, on what, while doing what; and another folder where the first refuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ui.crash import report_text, write_report

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def failed():
    with pytest.raises(ValueError, match="bridge") as caught:
        int("bridge")
    return caught.value


def test_a_report_says_what_happened_and_while_doing_what():
    text = report_text(failed(), AT, "citytwin info x.twin")
    for part in (
        "2026-05-01T12:00:00",
        "Python 3",
        "numba ",
        "citytwin info x.twin",
        "ValueError: invalid literal",
        "test_crash.py",
    ):
        assert part in text


def test_the_next_folder_takes_it_where_the_first_refuses(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    path = write_report("text", AT, (blocked / "logs", tmp_path / "logs"))
    assert path == tmp_path / "logs" / "crash-20260501T120000.txt"
    assert path.read_text() == "text"
    assert write_report("text", AT, (blocked / "logs",)) is None
