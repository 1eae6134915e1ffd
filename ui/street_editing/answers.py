"""Answers while streets are edited: after every edit a draft and then the final one; a newer question cancels an older one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from twin.errors import CancelledError, KnownError
from twin.model.scenario import BASELINE, Scenario
from twin.task import Progress, Task
from ui.desk import Desk
from ui.language import error_texts, mark, tr
from ui.running import simulations_for
from ui.session import Session
from ui.worker import Work

PAUSE_MS = 300
"""How long the hand must rest: clicks in a row are one question."""


class Answers(QObject):
    """Asks what the scenario in hand does, each time it has changed while a tool is on.

    ``state`` says where the answer on the map stands, in the language in use; '' when it is final.
    """

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.desk = desk
        self.state, self.reason = "", ""
        self._is_on = False
        self._asked: Scenario | None = None
        self._work: Work | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._begin)
        desk.view_changed.connect(self._look)

    def set_on(self, is_on: bool) -> None:
        """Begin to answer what changes from now on, or end."""
        if is_on == self._is_on:
            return
        self._is_on = is_on
        view = self.desk.view
        self._asked = view.scenario if view is not None else None
        if not is_on:
            self._stop()
            self._say("")

    def _look(self) -> None:
        """Ask anew when the scenario is another one: after an edit, and after an undo of one."""
        view = self.desk.view
        if view is None or not self._is_on:
            self._asked = None
            self._stop()
            return
        if view.scenario == self._asked:
            if self._work is not None and any(item.after.is_draft for item in view.comparisons.values()):
                self._say(tr("Draft"))
            return
        self._asked = view.scenario
        self._stop()
        if view.is_baseline or not view.scenario.edits:
            self._say("")
            return
        self._say(tr("Working it out…"))
        self._pause.start()

    def _begin(self) -> None:
        scenario = self._asked
        if scenario is None or self.desk.session is None:
            return
        self._work = self.desk.run(
            mark("Answer"),
            lambda session: answer_task(session, scenario),
            is_quiet=True,
            on_finish=lambda _: self._end(scenario),
            on_fail=lambda error: self._failed(scenario, error),
        )

    def _stop(self) -> None:
        self._pause.stop()
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def _end(self, scenario: Scenario) -> None:
        if scenario == self._asked:
            self._work = None
            self._say("")

    def _failed(self, scenario: Scenario, error: BaseException) -> None:
        if scenario != self._asked:
            return
        self._work = None
        if isinstance(error, CancelledError):  # a draft stays a draft, and says so
            self._say(self.state if self.state == tr("Draft") else "")
            return
        if isinstance(error, KnownError):  # said quietly: the next edit may mend it
            self._say(tr("No answer"), " ".join(error_texts(error)).strip())
        else:
            self._say("")
            self.desk.fail(error)

    def _say(self, state: str, reason: str = "") -> None:
        self.state, self.reason = state, reason
        self.changed.emit()


def answer_task(session: Session, scenario: Scenario) -> Task[None]:
    """Answer by a draft first and then finally, in the simulation on show where the edits matter to it, and show both."""
    names = simulations_for(scenario)
    name = session.shown.simulation if session.shown.simulation in names else names[0]
    session.show_draft((yield from session.draft_task((), name)))
    yield Progress("Solving to the end")
    yield from session.compare_task(BASELINE, scenario.name, [name])
