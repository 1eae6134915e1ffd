"""Ctrl-C at any moment ends a command with status 1, and never by the signal itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ui.cli import interrupt

ROOT = Path(__file__).resolve().parents[3]

FIRST_LINES = "import os, signal, sys; sys.argv[1:] = {arguments!r}; import ui.cli, {module}; "
INTERRUPTED = FIRST_LINES + (
    "real = {module}.{name}\n"
    "def hit(*given, **named):\n"
    "    os.kill(os.getpid(), signal.SIGINT)\n"
    "    return real(*given, **named)\n"
    "{module}.{name} = hit\n"
    "sys.exit(ui.cli.main())"
)
AT_EXIT = FIRST_LINES + "import atexit; atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT)); sys.exit(ui.cli.main())"


def status(program: str, *arguments: str, module: str = "ui.cli.frontdoor", name: str = "") -> int:
    code = program.format(arguments=list(arguments), module=module, name=name)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=ROOT).returncode


@pytest.mark.parametrize("name", ["run", "_dispatch", "set_language"])
def test_ctrl_c_ends_with_1_wherever_it_comes(name):
    assert status(INTERRUPTED, "info", "nothing.twin", name=name) == 1


def test_ctrl_c_while_the_process_leaves_changes_nothing_of_its_status():
    assert status(AT_EXIT, "--version") == 0
    assert status(AT_EXIT, "info", "nothing.twin") == 1


def test_a_wish_that_foreign_code_swallowed_is_still_known():
    before = signal.getsignal(signal.SIGINT)
    try:
        with interrupt.heeded():
            assert not interrupt.is_asked()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            assert interrupt.is_asked()
    finally:
        signal.signal(signal.SIGINT, before)
