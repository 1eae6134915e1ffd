"""Progress on the terminal: one line that is written over, or sparse lines where output goes to a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import IO, TypeVar

from twin.task import Progress, Task, finish
from ui.cli.interrupt import is_asked
from ui.cli.table import shortened, width_of
from ui.language import percent, tr_sentence

T = TypeVar("T")

REDRAW_S = 0.1
SPARSE_S = 5.0


class ProgressLine:
    """Tells how far a task has come on ``stream``.

    On a terminal one line is written over at most ten times a second; elsewhere a line is written
    when the step changes, and every five seconds within a step.
    """

    def __init__(self, stream: IO[str], clock: Callable[[], float] = time.monotonic, columns: int = 79) -> None:
        self._stream = stream
        self._clock = clock
        self._columns = columns
        self._is_terminal = stream.isatty()
        self._last_s = float("-inf")
        self._last_message = ""
        self._width = 0
        self._told: dict[str, float] = {}

    def show(self, progress: Progress) -> None:
        """Tell this progress if it is time to."""
        now_s = self._clock()
        is_new = progress.message != self._last_message
        if not is_new and now_s - self._last_s < (REDRAW_S if self._is_terminal else SPARSE_S):
            return
        self._last_s, self._last_message = now_s, progress.message
        text = shortened(_text(progress, self._share(progress)), self._columns)
        if self._is_terminal:
            padding = " " * max(0, self._width - width_of(text))
            self._stream.write(f"\r{text}{padding}")
            self._width = width_of(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def _share(self, progress: Progress) -> float | None:
        """Return the share done of a step; None where it is less than was told before, as in a step that is done again."""
        share = progress.fraction
        if share is None or share < self._told.get(progress.message, 0.0):
            return None
        self._told[progress.message] = share
        return share

    def clear(self) -> None:
        """Take the line away, so that what comes next starts on an empty one."""
        if self._is_terminal and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0


def run_task(task: Task[T]) -> T:
    """Run a task to its end with its progress on standard error; Ctrl-C cancels it."""
    line = ProgressLine(sys.stderr)
    try:
        return finish(task, line.show, is_asked)
    finally:
        line.clear()


def _text(progress: Progress, share: float | None) -> str:
    """Return one progress as a line: 'Solving 42 % · iteration 7'."""
    parts = [tr_sentence(progress.message)]
    if share is not None:
        parts.append(percent(share))
    return " ".join(parts) + (f" · {progress.detail}" if progress.detail else "")
