"""The desk that every panel works on: one open city, the work under way, and the view of it that is on show.

Panels read ``desk.view`` and listen to its signals. They change things with ``desk.do`` (an edit, an
undo: beside the window, then everything is shown anew) and ``desk.run`` (long work with progress and
cancel). Neither the panels nor the window's thread ever touch the store.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from twin.errors import CancelledError
from twin.model.changes import Step
from twin.task import Progress, Task
from ui.language import mark
from ui.session import NOTHING, Selection, Session
from ui.settings import Settings
from ui.steps import NOTHING_TO_REDO, NOTHING_TO_UNDO, REDONE, UNDONE, told
from ui.view import View, read_view
from ui.worker import Lane, Work, Worker

log = logging.getLogger(__name__)


class Desk(QObject):
    """One open city, or none: ``session`` and ``view`` are None then."""

    view_changed = Signal()  # anything of the view is different, also another city or none
    selection_changed = Signal()
    failed = Signal(object)  # an error that somebody should see
    said = Signal(str)  # a short message in the language in use
    imported = Signal(object)  # an ImportReport
    found = Signal(str)  # a run or a comparison that was asked for has ended: name of the simulation
    _touched = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.worker = Worker(self)
        self.session: Session | None = None
        self.view: View | None = None
        self._reading = False
        self._is_stale = False
        self._touched.connect(self.refresh)

    @property
    def selection(self) -> Selection:
        """Kind and keys of what is selected."""
        return self.session.selection if self.session else NOTHING

    @property
    def is_writable(self) -> bool:
        """Whether the open city may be changed."""
        return self.view is not None and self.view.writable

    def open(
        self, path: Path, *, writable: bool = True, create: bool = False, on_fail: Callable[[Any], None] | None = None
    ) -> Work:
        """Open a workspace in place of the one that is open; ``on_fail`` is asked before the error is shown."""
        author = self.settings.preferences.author

        def task() -> Task[tuple[Session, View]]:
            yield Progress("Opening the workspace", detail=path.name)
            session = Session.create(path, author=author) if create else Session.open(path, writable=writable, author=author)
            try:
                yield from session.load_task()
                yield Progress("Reading results")
                return session, read_view(session)
            except BaseException:
                session.close()
                raise

        self.close()
        return self.worker.start(mark("Open workspace"), task(), on_finish=self._take, on_fail=on_fail or self.fail)

    def close(self) -> None:
        """Give the open city back, after what is under way on it has ended."""
        session, self.session, self.view = self.session, None, None
        if session is None:
            return
        self.worker.cancel_all()
        self._follow(session, on=False)
        # Behind everything else in every lane, so that nothing works on a closed store.
        self.worker.call_last(mark("Close workspace"), session.close, on_fail=self.fail)
        self.view_changed.emit()
        self.selection_changed.emit()

    def stop(self) -> bool:
        """End all work and give the city back; the window is closing."""
        session, self.session, self.view = self.session, None, None
        ended = self.worker.stop()
        if session is not None:
            self._follow(session, on=False)
            if ended:  # otherwise a hanging task still holds it, and the end of the process gives it back
                session.close()
        return ended

    def do(
        self,
        label: str,
        function: Callable[[Session], Any],
        *,
        on_finish: Callable[[Any], object] | None = None,
        on_end: Callable[[], object] | None = None,
    ) -> Work | None:
        """Do something short with the session, beside the window; what it raises is shown."""
        session = self.session
        if session is None:
            return None
        return self.worker.call(label, lambda: function(session), on_finish=on_finish, on_fail=self.fail, on_end=on_end)

    def undo(self) -> None:
        """Take the newest change back that can be, and say it where something was passed over."""
        self.do("Undo", Session.undo, on_finish=lambda step: self._tell_step(step, UNDONE, NOTHING_TO_UNDO))

    def redo(self) -> None:
        """Do again what was taken back, and say it where something was passed over."""
        self.do("Redo", Session.redo, on_finish=lambda step: self._tell_step(step, REDONE, NOTHING_TO_REDO))

    def run(
        self,
        label: str,
        make_task: Callable[[Session], Task[Any]],
        *,
        lane: Lane = "work",
        is_quiet: bool = False,
        on_finish: Callable[[Any], object] | None = None,
        on_fail: Callable[[BaseException], object] | None = None,
    ) -> Work | None:
        """Run long work on the session, with progress and cancel; what it raises is shown, or given to ``on_fail``."""
        session = self.session
        if session is None:
            return None
        task = _made(make_task, session)
        return self.worker.start(label, task, lane=lane, is_quiet=is_quiet, on_finish=on_finish, on_fail=on_fail or self.fail)

    def select(self, kind: str, ids: Iterable[str]) -> None:
        """Select things of one kind in place of what was selected."""
        if self.session is not None:
            self.session.select(kind, ids)

    def refresh(self) -> None:
        """Read the view again beside the window; requests that come while it is read become one more reading."""
        session = self.session
        if session is None:
            return
        if self._reading:
            self._is_stale = True
            return
        self._reading, self._is_stale = True, False
        self.worker.call(
            "Read", lambda: read_view(session), on_finish=lambda view: self._show(session, view), on_fail=self._reading_failed
        )

    def fail(self, error: BaseException) -> None:
        """Show an error to the user; a cancel is only said."""
        if isinstance(error, CancelledError):
            log.info("cancelled")
        self.failed.emit(error)

    def _take(self, opened: tuple[Session, View]) -> None:
        self.session, self.view = opened
        self._reading = self._is_stale = False
        self._follow(self.session, on=True)
        self.settings.note_workspace(self.view.path)
        self.view_changed.emit()
        self.selection_changed.emit()

    def _show(self, session: Session, view: View) -> None:
        self._reading = False
        if session is not self.session:
            return
        self.view = view
        self.view_changed.emit()
        if self._is_stale:
            self.refresh()

    def _reading_failed(self, error: BaseException) -> None:
        self._reading = False
        self.fail(error)

    def _follow(self, session: Session, *, on: bool) -> None:
        # These come in whatever thread made the change: a Qt signal carries them to the window's.
        pairs = (
            (session.snapshot_changed, self._tell_touched),
            (session.scenario_changed, self._tell_touched),
            (session.result_changed, self._tell_touched),
            (session.time_changed, self._tell_touched),
            (session.selection_changed, self._tell_selected),
        )
        for signal, slot in pairs:
            (signal.connect if on else signal.disconnect)(slot)

    def _tell_step(self, step: Step, done: str, nothing: str) -> None:
        if step.passed_over or step.title is None:
            self.said.emit(told(step, done, nothing))
            self.refresh()

    def _tell_touched(self, *_: object) -> None:
        self._touched.emit()

    def _tell_selected(self) -> None:
        self.selection_changed.emit()


def _made(make_task: Callable[[Session], Task[Any]], session: Session) -> Task[Any]:
    """Make the task in the lane's thread: some look at the store before their first step."""
    yield Progress("Preparing")
    return (yield from make_task(session))
