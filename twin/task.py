"""Long work: a generator that yields ``Progress`` and returns its value.

Cancelling is ``task.close()``: the generator's ``finally`` blocks roll back what was begun.
Windows drive a task from a worker, the command line and tests in a plain loop.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeVar

from twin.errors import CancelledError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work has come.

    ``message`` is an English text that the user interface translates; ``detail`` is appended as it is.
    ``done`` and ``total`` are in any one unit; ``total`` 0 means that the end is not known.
    """

    message: str
    done: float = 0.0
    total: float = 0.0
    detail: str = ""

    @property
    def fraction(self) -> float | None:
        """Share done, 0-1, or None when the end is not known."""
        return min(1.0, self.done / self.total) if self.total > 0 else None


Task = Generator[Progress, None, T]


def finish(
    task: Task[T],
    on_progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> T:
    """Run a task to its end in this thread and return its value.

    Raises ``CancelledError`` after closing the task when ``is_cancelled()`` turns true between two steps.
    """
    try:
        while True:
            progress = next(task)
            if on_progress is not None:
                on_progress(progress)
            if is_cancelled is not None and is_cancelled():
                raise CancelledError("The work was cancelled.", "Nothing was changed.")
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        task.close()


def as_part(task: Task[T], place: int = 0, count: int = 1) -> Task[T]:
    """Drive a task as one of ``count`` parts of longer work: its progress never goes back, nor do the parts together.

    Each stage of it, told by its message, gets half of what is left of the part: how many there are nobody knows before.
    """
    stage, begun, reached = "", 0.0, 0.0
    try:
        while True:
            progress = next(task)
            if progress.message != stage:
                stage, begun = progress.message, reached
            if progress.fraction is not None:
                reached = max(reached, begun + 0.5 * (1.0 - begun) * progress.fraction)
            yield replace(progress, done=place + reached, total=count)
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        task.close()


def told_as(task: Task[T], progress: Progress) -> Task[T]:
    """Do a task as a part of another: at each of its steps, what is told is the other's progress."""
    try:
        while True:
            next(task)
            yield progress
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        task.close()
