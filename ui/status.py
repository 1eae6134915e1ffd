"""The status bar: what is under way and how to stop it, the city's version, and whether it is made up."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QMainWindow, QProgressBar, QStatusBar

from ui.desk import Desk
from ui.language import number, tr
from ui.panels.base import IconButton
from ui.progress import in_words, show_in
from ui.texts import say_again

SAID_MS = 6000
BAR_WIDTH_PX = 150


class StatusBar(QStatusBar):
    """Progress with cancel at the left, facts of the city at the right."""

    def __init__(self, desk: Desk, window: QMainWindow) -> None:
        super().__init__(window)
        self.desk = desk
        self.setSizeGripEnabled(False)
        self.setContentsMargins(6, 0, 10, 0)
        self.bar = QProgressBar()
        self.bar.setFixedWidth(BAR_WIDTH_PX)
        self.stop = IconButton("cancel", lambda: tr("Cancel"), self._cancel)
        self.doing = QLabel()
        self.place, self.counts, self.version, self.access = QLabel(), QLabel(), QLabel(), QLabel()
        self.badge = QLabel()
        self.badge.setProperty("look", "badge")
        self.addWidget(self.bar)
        self.addWidget(self.stop)
        self.addWidget(self.doing, 1)
        for widget in (self.place, self.counts, self.access, self.version, self.badge):
            widget.setContentsMargins(4, 0, 4, 0)
            self.addPermanentWidget(widget)
        desk.view_changed.connect(self.refresh)
        desk.worker.changed.connect(self._show_work)
        self.messageChanged.connect(lambda _text: self._show_work())
        desk.said.connect(lambda text: self.showMessage(text, SAID_MS))
        say_again(self, self.refresh)
        self._show_work()

    def refresh(self) -> None:
        """Show the facts of the open city."""
        view = self.desk.view
        self.badge.setText(tr("Synthetic city"))
        self.badge.setToolTip(tr("This city is made up. No number of it tells of a real place."))
        self.badge.setVisible(view is not None and view.synthetic)
        self.version.setText(tr("Version {version}", version=view.version) if view else "")
        self.version.setToolTip(tr("Number of the last change in the journal"))
        self.access.setText(tr("Read only") if view is not None and not view.writable else "")
        things = sum(len(frame) for frame in view.snapshot.frames.values()) if view else 0
        self.counts.setText(tr("{count} things", count=number(things)) if view else "")
        if view is None:
            self.place.setText("")
        self._show_work()

    def show_place(self, x_m: float, y_m: float) -> None:
        """Show where the pointer is, as longitude and latitude."""
        view = self.desk.view
        if view is None:
            return
        import numpy as np

        lon, lat = view.snapshot.projection.to_lon_lat(np.array([[x_m, y_m]]))[0]
        east, north = ("E" if lon >= 0 else "W"), ("N" if lat >= 0 else "S")
        self.place.setText(f"{abs(lat):.5f}° {north}  {abs(lon):.5f}° {east}")

    def _show_work(self) -> None:
        works = self.desk.worker.works
        for widget in (self.bar, self.stop, self.doing):
            widget.setVisible(bool(works) and not self.currentMessage())  # a message takes their place, not a place on them
        if not works:
            return
        more = tr(" (and {count} more waiting)", count=len(works) - 1) if len(works) > 1 else ""
        self.doing.setText(in_words(works[0]) + more)
        show_in(self.bar, works[0].progress)

    def _cancel(self) -> None:
        works = self.desk.worker.works
        if works:
            works[0].cancel()
