"""Long work beside the window: the only module that knows threads.

A ``Worker`` has lanes; each is one thread that runs its tasks one after another, every task from its
first to its last step, so that a transaction begins and ends in the same thread. The 'work' lane is for
what takes long (imports, simulations, reports), the 'quick' lane for what a user waits for (an edit, a
new picture of the map), the 'sync' lane for what is said to the centre (a slow line holds up nothing
else), the 'idle' lane for what prepares the program and touches no city: it goes on
when a user cancels everything, and ends with the window. The store admits one thread at a time; the
window's own thread asks it nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from twin.errors import CancelledError
from twin.task import Progress, Task, finish

Lane = Literal["work", "quick", "sync", "idle"]
LANES: tuple[Lane, ...] = ("work", "quick", "sync", "idle")
PROGRESS_INTERVAL_S = 0.05  # more often nobody can read it, and the window has better things to paint

log = logging.getLogger(__name__)


class Work(QObject):
    """One task under way or waiting; its signals arrive in the window's thread.

    ``label`` is English. ``is_lasting`` work has nothing to do with the open city. ``is_quiet``
    work shows no progress and no place in the list of tasks.
    """

    progressed = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, label: str, task: Task[Any], *, is_quiet: bool = False, is_lasting: bool = False) -> None:
        super().__init__()
        self.label = label
        self.task = task
        self.is_lasting = is_lasting
        self.is_quiet = is_quiet
        self.progress = Progress(label)
        self.is_over = False
        self._stop = threading.Event()

    def cancel(self) -> None:
        """Stop between two steps; ``failed`` then carries a ``CancelledError``."""
        self._stop.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stop.is_set()

    def run(self) -> None:
        """Drive the task to its end; called by the lane's thread."""
        outcome, value = self.failed, None
        try:
            if self.is_cancelled:
                self.task.close()
                raise CancelledError("The work was cancelled.", "Nothing was changed.")  # noqa: TRY301  one way out for both
            value = finish(self.task, self._note, self._stop.is_set)
            outcome = self.finished
        except BaseException as error:  # noqa: BLE001  handed to the window, which tells known errors from bugs
            value = error
        try:
            outcome.emit(value)
            self.ended.emit()
        except RuntimeError:
            log.debug("the window went before the end of %s", self.label)

    _noted_at = 0.0

    def _note(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._noted_at >= PROGRESS_INTERVAL_S:
            self._noted_at = now
            self.progressed.emit(progress)


class Worker(QObject):
    """Runs tasks beside the window."""

    changed = Signal()  # a task was added, went on or ended

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queues: dict[Lane, SimpleQueue[Work | None]] = {lane: SimpleQueue() for lane in LANES}
        self._threads: list[threading.Thread] = []
        self._works: list[Work] = []
        self._is_stopped = False

    @property
    def works(self) -> tuple[Work, ...]:
        """Everything under way or waiting that the user should see, oldest first."""
        return tuple(work for work in self._works if not work.is_quiet)

    @property
    def is_idle(self) -> bool:
        """Whether nothing at all is under way or waiting."""
        return not self._works

    def start(
        self,
        label: str,
        task: Task[Any],
        *,
        lane: Lane = "work",
        is_quiet: bool = False,
        on_finish: Callable[[Any], object] | None = None,
        on_fail: Callable[[BaseException], object] | None = None,
        on_end: Callable[[], object] | None = None,
    ) -> Work:
        """Queue a task; ``on_finish`` gets its value and ``on_fail`` its error, both in the window's thread.

        ``on_end`` is called after either. Whoever connected to ``ended`` of the work that is returned could
        come too late: short work may be over by then.
        """
        work = Work(label, task, is_quiet=is_quiet, is_lasting=lane == "idle")
        work.progressed.connect(self._went_on)
        if on_finish is not None:
            work.finished.connect(_in_window(work, on_finish))
        if on_fail is not None:
            work.failed.connect(_in_window(work, on_fail))
        if on_end is not None:
            work.ended.connect(_in_window(work, lambda _none: on_end()))
        work.ended.connect(self._end)  # last: it may let go of the work, and with it of those that wait
        self._works.append(work)
        self._begin()
        self._queues[lane].put(work)
        self.changed.emit()
        return work

    def call(
        self,
        label: str,
        function: Callable[[], Any],
        *,
        on_finish: Callable[[Any], object] | None = None,
        on_fail: Callable[[BaseException], object] | None = None,
        on_end: Callable[[], object] | None = None,
    ) -> Work:
        """Run a plain function beside the window, in the quick lane, without showing progress."""
        return self.start(
            label, _one_step(function), lane="quick", is_quiet=True, on_finish=on_finish, on_fail=on_fail, on_end=on_end
        )

    def call_last(
        self, label: str, function: Callable[[], Any], *, on_fail: Callable[[BaseException], object] | None = None
    ) -> Work:
        """Run a plain function when everything that is queued now, in every lane, has ended."""
        drained = [threading.Event(), threading.Event()]
        self.call(label, drained[0].set)
        self.start(label, _one_step(drained[1].set), lane="sync", is_quiet=True)
        return self.start(label, _after(drained, function), is_quiet=True, on_fail=on_fail)

    def cancel_all(self) -> None:
        """Ask every task to stop, save what only prepares the program."""
        for work in self._works:
            if not work.is_lasting:
                work.cancel()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Cancel everything and end the threads; return whether all of them ended in time.

        The threads are daemons: one that hangs in foreign code does not keep the program alive, and the
        store survives being cut off.
        """
        self._is_stopped = True
        for work in self._works:
            work.cancel()
        for queue in self._queues.values():
            queue.put(None)
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _begin(self) -> None:
        if self._threads:
            return
        for lane, queue in self._queues.items():
            thread = threading.Thread(target=_serve, args=(queue,), name=f"citytwin-{lane}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _went_on(self, progress: Progress) -> None:
        work = self.sender()
        if isinstance(work, Work):
            work.progress = progress
        self.changed.emit()

    def _end(self) -> None:
        work = self.sender()
        if isinstance(work, Work) and work in self._works:
            work.is_over = True
            self._works.remove(work)
        self.changed.emit()


class _Relay(QObject):
    """Receives a signal in the window's thread on behalf of a plain function."""

    def __init__(self, parent: Work, receiver: Callable[[Any], object]) -> None:
        super().__init__(parent)
        self._receiver = receiver

    def receive(self, value: object = None) -> None:
        self._receiver(value)


def _in_window(work: Work, receiver: Callable[[Any], object]) -> Callable[[object], None]:
    # A bare function would be called in the thread that emits; a method of an object is queued to its thread.
    return _Relay(work, receiver).receive


def _serve(queue: SimpleQueue[Work | None]) -> None:
    while (work := queue.get()) is not None:
        work.run()


def _after(events: list[threading.Event], function: Callable[[], Any]) -> Task[Any]:
    for event in events:
        while not event.wait(0.01):
            yield Progress("Waiting")
    return function()


def _one_step(function: Callable[[], Any]) -> Task[Any]:
    yield Progress("Working")
    return function()
