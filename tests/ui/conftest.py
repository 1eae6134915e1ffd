"""A test of the window leaves nothing alive: no thread, no running timer, no window."""

from __future__ import annotations

import threading
import time
import traceback
from weakref import WeakKeyDictionary

import pytest
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def _nothing_left_alive(request, monkeypatch):
    """Fail a test that leaves a thread or a timer of ours running, and name it with the line that started it."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    started: WeakKeyDictionary[QTimer, str] = WeakKeyDictionary()
    start = QTimer.start

    def remember(timer, *arguments):
        started[timer] = "".join(traceback.format_stack(limit=3)[:-1])
        start(timer, *arguments)

    monkeypatch.setattr(QTimer, "start", remember)
    before = set(threading.enumerate())
    yield
    for widget in QApplication.topLevelWidgets():
        if shiboken6.isValid(widget) and widget.parent() is None:
            widget.close()
    until = time.monotonic() + 2
    while (left := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left, f"threads left alive: {[thread.name for thread in left]}"
    running = [where for timer, where in started.items() if shiboken6.isValid(timer) and timer.isActive()]
    assert not running, "timers left running, started at:\n" + "\n".join(running)


@pytest.fixture(autouse=True)
def _english():
    """Start and leave every test in English."""
    from ui.language import set_language

    set_language("en")
    yield
    set_language("en")
