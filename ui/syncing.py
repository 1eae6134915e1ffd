"""Sync with the centre over a wire: when somebody asks, and by itself while a line is there; editing goes on meanwhile."""

from __future__ import annotations

from random import Random, SystemRandom
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from twin.errors import KnownError
from twin.sync.exchange import Exchanged
from twin.sync.package.keys import KeyRing
from ui import office
from ui.desk import Desk
from ui.language import mark, number, tr
from ui.worker import Work

EVERY_MS = 60_000
"""How often the centre is called by itself; a line that comes back is noticed within this time."""


class Syncing(QObject):
    """The line to the centre of the open city. ``changed`` is emitted when an exchange begins or ends."""

    changed = Signal()

    def __init__(self, desk: Desk, ring: KeyRing, random: Random | None = None) -> None:
        super().__init__(desk)
        self.desk, self.ring = desk, ring
        self._random = random or SystemRandom()
        self._work: Work | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.call_by_itself)
        desk.view_changed.connect(self._follow)

    @property
    def is_under_way(self) -> bool:
        """Whether an exchange is going on."""
        return self._work is not None and not self._work.is_over

    @property
    def server(self) -> str:
        """The address of the centre that the open city met last, '' for none."""
        return self.desk.view.office.server if self.desk.view else ""

    def call(self, url: str = "", code: str = "") -> None:
        """Sync now and say what came of it; what fails is shown."""
        self._begin(url or self.server, code, is_quiet=False)

    def call_by_itself(self) -> None:
        """Sync without a word; what fails stands in the panel, and is tried again later."""
        self._begin(self.server, "", is_quiet=True)

    def stop(self) -> None:
        """Call no more; the window is closing."""
        self._timer.stop()
        if self._work is not None:
            self._work.cancel()

    def _begin(self, url: str, code: str, *, is_quiet: bool) -> None:
        if self.is_under_way or not url or not self.desk.is_writable:
            return
        self._work = self.desk.run(
            mark("Sync"),
            lambda session: office.sync(session, url, self.ring, self._random, code=code),
            lane="sync",
            is_quiet=is_quiet,
            on_finish=self._told if not is_quiet else self._ended,
            on_fail=self._failed if not is_quiet else self._ended,
        )
        self.changed.emit()

    def _told(self, done: Exchanged) -> None:
        taken = done.entries + done.rows
        if done.refusals:
            self.desk.fail(KnownError(done.refusals[0].what, done.refusals[0].advice))
        else:
            self.desk.said.emit(tr("Synced: {sent} edits sent, {taken} taken over.", sent=number(done.sent), taken=number(taken)))
        self._ended(done)

    def _failed(self, error: BaseException) -> None:
        self.desk.fail(error)
        self._ended(error)

    def _ended(self, _outcome: Any) -> None:
        self.desk.refresh()
        self.changed.emit()

    def _follow(self) -> None:
        """Call by itself as long as a city is open that has met a centre."""
        wanted = bool(self.server) and self.desk.is_writable and bool(self.ring.own_keys())
        if wanted and not self._timer.isActive():
            self._timer.start()
        elif not wanted:
            self._timer.stop()
