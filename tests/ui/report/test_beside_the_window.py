"""The PDF is written in a lane beside the window, where Qt starts no timer and would complain of it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import qInstallMessageHandler

from ui.report.contents import Report
from ui.report.paint import in_qt_thread
from ui.report.pdf import pdf_bytes


def in_a_lane(function):
    found = []
    lane = threading.Thread(target=lambda: found.append(function()))
    lane.start()
    lane.join()
    return found[0]


@pytest.fixture
def qt_messages():
    said = []
    before = qInstallMessageHandler(lambda _kind, _context, text: said.append(text))
    yield said
    qInstallMessageHandler(before)


def test_nothing_is_complained_of(qapp, qt_messages):
    report = Report(
        title="Bridge closed",
        city="Town",
        made_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        synthetic=True,
        edits=(("Bridge closed", ("Close a road",) * 300),),
        summary=("Nothing was found.",),
        chapters=(),
        facts=(("City", "Town"),),
        credit="",
    )
    assert in_a_lane(lambda: pdf_bytes(report, [])).startswith(b"%PDF")
    assert [text for text in qt_messages if "Timer" in text] == []


def test_an_error_comes_through(qapp):
    def fails():
        raise ValueError("no paper")

    def seen():
        with pytest.raises(ValueError, match="no paper"):
            in_qt_thread(fails)
        return True

    assert in_a_lane(seen)
