"""Ctrl-C: a wish to stop that is never lost, and that never ends the process in any way but an orderly one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class _Wish:
    """Whether somebody pressed Ctrl-C; signals are heard in one thread alone, so a plain value will do."""

    is_asked: bool = False


_wish = _Wish()


def is_asked() -> bool:
    """Return whether somebody pressed Ctrl-C; tells a task of it even where foreign code swallowed the exception."""
    return _wish.is_asked


@contextmanager
def heeded() -> Iterator[None]:
    """Note Ctrl-C in the body, and leave it unheard afterwards: the process is on its way out.

    Python would otherwise be killed by it in its own shutdown, without the exit status of the command.
    """
    _wish.is_asked = False
    signal.signal(signal.SIGINT, _note)
    try:
        yield
    finally:
        _wish.is_asked = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _note(_number: int, _frame: FrameType | None) -> None:
    _wish.is_asked = True
    raise KeyboardInterrupt
