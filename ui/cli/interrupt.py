"""Ctrl-C: a wish to stop that is never lost, and that never ends the process in any way but an orderly one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked = threading.Event()


def is_asked() -> bool:
    """Return whether somebody pressed Ctrl-C; tells a task of it even where foreign code swallowed the exception."""
    return _asked.is_set()


@contextmanager
def heeded() -> Iterator[None]:
    """Note Ctrl-C in the body, and leave it unheard afterwards: the process is on its way out.

    Python would otherwise be killed by it in its own shutdown, without the exit status of the command.
    """
    _asked.clear()
    signal.signal(signal.SIGINT, _note)
    try:
        yield
    finally:
        _asked.clear()
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _note(_number: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
