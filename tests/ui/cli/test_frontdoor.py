"""The command line's manners: help, language, exit statuses, errors in two lines, crash reports."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys

import pytest

from twin.errors import DataError
from twin.task import Progress
from ui.cli import frontdoor, main
from ui.cli.frontdoor import COMMANDS, print_json
from ui.cli.progress import ProgressLine
from ui.cli.table import shortened, table, width_of
from ui.language import language


def test_help_lists_every_command(call):
    status, out, _ = call("--help")
    assert status == 0
    words = " ".join(out.split())
    for name, line in COMMANDS.items():
        assert f"{name} {line}" in words


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_in_both_languages(name, call):
    for code in ("en", "zh_CN"):
        status, out, err = call(name, "--help", "--language", code)
        assert (status, err) == (0, "")
        assert "--language" in out


def test_wrong_usage_is_two_with_a_hint(call):
    for words in (("fly",), ("create",), ("scenario", "x.twin", "paint"), ("simulate",), ("--nonsense",)):
        status, out, err = call(*words)
        assert (status, out) == (2, "")
        assert len(err.splitlines()) == 2
        assert "--help" in err


def test_a_known_error_is_one_with_message_and_advice(call, tmp_path):
    status, out, err = call("journal", tmp_path / "nothing.twin")
    assert (status, out) == (1, "")
    assert len(err.splitlines()) == 2
    assert "nothing.twin" in err


def test_an_own_mistake_leaves_a_crash_report(call, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(frontdoor, "_dispatch", lambda argv: 1 / 0)
    status, out, err = call("journal", "some place")
    assert (status, out) == (1, "")
    assert "ZeroDivisionError" in err
    (report,) = tmp_path.rglob("crash-*.txt")
    text = report.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "some place" in text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "cancelled"),
        (MemoryError(), "memory"),
        (DataError("Bad\nfile.", "Mend it."), "Bad file.\nMend it.\n"),
    ],
)
def test_every_other_end_is_one_and_said(error, said, call, monkeypatch):
    def raise_it(argv):
        raise error

    monkeypatch.setattr(frontdoor, "_dispatch", raise_it)
    status, out, err = call("journal", "x.twin")
    assert (status, out) == (1, "")
    assert said in err


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "ui", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == ""
    assert process.returncode in (0, 1)


def test_help_imports_nothing_heavy():
    code = "import sys; from ui.cli import main; main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    seen = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "LANG": "C"}
    )
    for heavy in ("numpy", "shapely", "PySide6", "vtkmodules", "numba", "pandas", "babel", "twin.store"):
        assert f"'{heavy}'" not in seen.stderr


def test_the_language_is_that_of_the_call_or_the_system(call, monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "用法" in call("--help")[1]
    assert "usage" in call("--language", "en", "--help")[1]
    assert "usage" in call("create", "--language=en", "--help")[1]
    assert language() == "en"


def test_no_command_without_a_display_says_what_to_do(call, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    status, _, err = call()
    assert status == 1
    assert "--help" in err


def test_json_has_no_words_that_json_lacks(capsys):
    print_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": "路"})
    out = capsys.readouterr().out
    assert "NaN" not in out
    assert "Infinity" not in out
    assert "路" in out


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_on_a_terminal_is_one_line_that_goes_away():
    times = iter([0.0, 0.01, 0.5])
    stream = Terminal()
    line = ProgressLine(stream, clock=lambda: next(times))
    for done in range(3):
        line.show(Progress("Solving", done, 4, "x" * 200))
    line.clear()
    text = stream.getvalue()
    assert "\n" not in text
    assert "25%" not in text
    assert "50%" in text
    assert all(width_of(part) <= 79 for part in text.split("\r"))
    assert text.endswith(" \r")


def test_progress_into_a_file_is_sparse():
    times = iter([0.0, 1.0, 4.0, 6.0, 6.1])
    stream = io.StringIO()
    line = ProgressLine(stream, clock=lambda: next(times))
    for step, done in (("One", 0), ("One", 1), ("One", 2), ("One", 3), ("Two", 0)):
        line.show(Progress(step, done, 4))
    line.clear()
    assert stream.getvalue().splitlines() == ["One 0%", "One 75%", "Two 0%"]


def test_a_share_never_falls_while_a_step_is_told_of():
    stream = io.StringIO()
    line = ProgressLine(stream, clock=iter(range(0, 100, 10)).__next__)
    for step, done in (("Solving", 1), ("Reading", 2), ("Solving", 0), ("Solving", 3), ("Reading", 1)):
        line.show(Progress(step, done, 4))
    assert stream.getvalue().splitlines() == ["Solving 25%", "Reading 50%", "Solving", "Solving 75%", "Reading"]


def test_tables_align_chinese():
    text = table(("名称", "n"), [("中山路", "1"), ("ab", "22")], right=(1,))
    assert text.splitlines() == ["名称     n", "──────  ──", "中山路   1", "ab      22"]
    assert shortened("中山路口", 5) == "中山…"


def test_main_without_arguments_reads_those_of_the_process(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["citytwin", "--version"])
    before = signal.getsignal(signal.SIGINT)
    try:
        assert main() == 0
    finally:
        signal.signal(signal.SIGINT, before)  # a process that ends would not hear it any more
    assert capsys.readouterr().out.strip()
