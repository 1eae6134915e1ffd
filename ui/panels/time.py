"""The clock: go to any moment of the city's history or of a simulated day, step, or let it play."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QSlider

from ui.desk import Desk
from ui.language import mark, number, tr
from ui.panels.base import IconButton, Panel, label
from ui.panels.clocks import STEPS, Clock, Moment, clock_of
from ui.texts import say, say_again

SPEEDS = (1, 2, 5, 10)  # steps a second
START_SPEED = 5
STEP_HOURS = {1: mark("1 hour"), 6: mark("6 hours"), 24: mark("1 day"), 168: mark("1 week")}
MOST_STEPS = 300  # of the step that a city opens with: its whole history plays within a minute


class TimePanel(Panel):
    """A slider over the span of the city's history, or of the day that a result on the map has simulated.

    It has play, steps and speed. While a moment is being read, newer wishes wait and only the last of them is read: playing never
    piles up work.
    """

    name: ClassVar[str] = "time"
    title: ClassVar[str] = mark("Time")
    icon: ClassVar[str] = "time"
    area: ClassVar[Qt.DockWidgetArea] = Qt.DockWidgetArea.BottomDockWidgetArea

    def __init__(self, desk: Desk) -> None:
        self._timer = QTimer()
        self._wish: Moment = None
        self._is_reading = False
        self._has_wish = False
        self._city: Path | None = None
        self._kind: type | None = None
        super().__init__(desk)
        self._timer.setParent(self)
        self._timer.timeout.connect(self._play_on)

    def build(self) -> None:
        """Make the slider and its buttons."""
        self.column.setContentsMargins(10, 4, 10, 6)
        line = QHBoxLayout()
        line.setSpacing(4)
        self.back = IconButton("step-back", lambda: tr("One step back"), lambda: self._step(-1))
        self.play = IconButton("play", lambda: tr("Play"), self.toggle)
        self.play.setCheckable(True)
        self.forward = IconButton("step-forward", lambda: tr("One step forward"), lambda: self._step(1))
        self.newest = IconButton("now", self._beside, lambda: self.go_to(None))
        self.speed = QComboBox()
        say(self.speed.setAccessibleName, lambda: tr("Speed"))
        say(self.speed.setToolTip, lambda: tr("Steps a second"))
        for steps in SPEEDS:
            self.speed.addItem(f"{steps}×", steps)
        self.speed.setCurrentIndex(SPEEDS.index(START_SPEED))
        self.speed.currentIndexChanged.connect(self._set_pace)
        self.step = QComboBox()
        say(self.step.setAccessibleName, lambda: tr("Step"))
        say(self.step.setToolTip, lambda: tr("Time from one step to the next"))
        for place, hours in enumerate(STEP_HOURS):
            self.step.addItem("", hours)
            # A combo box has no setter of one argument for the text of a line.
            say_again(self.step, lambda place=place, hours=hours: self.step.setItemText(place, tr(STEP_HOURS[hours])))  # type: ignore[misc] # bound early on purpose
        self.moment = label("heading", wraps=False)
        self.moment.setMinimumWidth(170)
        for button in (self.back, self.play, self.forward, self.newest, self.step, self.speed):
            line.addWidget(button)
        line.addSpacing(8)
        line.addWidget(self.moment)
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setTracking(True)
        self.slider.valueChanged.connect(self._slid)
        say(self.slider.setAccessibleName, lambda: tr("Time"))
        self.first, self.last = label("muted", wraps=False), label("muted", wraps=False)
        grid.addWidget(self.slider, 0, 0, 1, 2)
        grid.addWidget(self.first, 1, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.last, 1, 1, Qt.AlignmentFlag.AlignRight)
        line.addLayout(grid, 2)
        self.figures = Figures()
        line.addSpacing(8)
        line.addWidget(self.figures, 1)
        self.column.addLayout(line)

    @property
    def clock(self) -> Clock | None:
        """What is moved through now; None where there is nothing."""
        return clock_of(self.desk.view)

    @property
    def is_playing(self) -> bool:
        """Whether time moves by itself."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, or stop playing."""
        if self.is_playing:
            self.stop()
            return
        clock = self.clock
        if clock is None:
            self.play.setChecked(False)
            return
        if clock.now is None or clock.is_last(clock.now):
            self.go_to(clock.first())
        self._timer.start(1000 // int(self.speed.currentData()))
        self._show_state()

    def stop(self) -> None:
        """Stop playing."""
        self._timer.stop()
        self._show_state()

    def go_to(self, at: Moment) -> None:
        """Show a moment; None shows what is not of one: the newest of everything, or the whole period."""
        self._wish, self._has_wish = at, True
        self._show_moment(at)
        self._read_wish()

    def refresh(self) -> None:
        """Show the span and the moment of the view."""
        clock, view = self.clock, self.desk.view
        if clock is None or type(clock) is not self._kind:
            self._timer.stop()
            self._has_wish, self._kind = False, type(clock)
        for widget in (self.back, self.play, self.forward, self.newest, self.speed, self.slider):
            widget.setEnabled(clock is not None)
        self.step.setVisible(clock is None or clock.has_hours)
        self.step.setEnabled(clock is not None)
        if view is not None and view.time_bounds is not None and view.path != self._city:
            self._city = view.path
            self.step.setCurrentIndex(_fitting_step(view.time_bounds[1] - view.time_bounds[0]))
        first, last = clock.ends() if clock else ("", "")
        self.first.setText(first)
        self.last.setText(last)
        self.newest.setToolTip(self._beside())
        if not self._has_wish:
            self._show_moment(clock.now if clock else None)
        self.figures.show_lines(self._figures())
        self._show_state()

    def _figures(self) -> list[str]:
        view = self.desk.view
        if view is None:
            return []
        bins, cases = view.snapshot.frames.get("bin"), view.snapshot.frames.get("case")
        parts = []
        if bins is not None and len(bins):
            full = int((bins["fill_level"] >= bins["full_threshold"]).sum())
            parts.append(tr("{count} bins full", count=number(full)))
        if cases is not None and len(cases):
            parts.append(tr("{count} cases open", count=number(int((cases["stage"] != "closed").sum()))))
        return parts

    def _show_moment(self, at: Moment) -> None:
        clock = self.clock
        if clock is None:
            self.moment.setText(tr("No history yet") if self.desk.view else tr("No workspace is open."))
            return
        self.moment.setText(clock.text(at))
        with QSignalBlocker(self.slider):
            self.slider.setValue(clock.place(at))

    def _beside(self) -> str:
        clock = self.clock
        return tr("Newest of everything") if clock is None or clock.has_hours else clock.beside()

    def _show_state(self) -> None:
        self.play.setChecked(self.is_playing)
        self.play.set_icon("pause" if self.is_playing else "play")

    def _slid(self, place: int) -> None:
        if self.clock is not None:
            self.go_to(self.clock.moment(place))

    def _step(self, direction: int) -> None:
        clock = self.clock
        if clock is not None:
            now = self._wish if self._has_wish else clock.now
            self.go_to(clock.step(now, direction, int(self.step.currentData())))

    def _play_on(self) -> None:
        clock = self.clock
        if clock is None:
            self.stop()
        elif not self._is_reading:
            self._step(1)
            if clock.is_last(self._wish):
                self.stop()

    def _set_pace(self) -> None:
        if self.is_playing:
            self._timer.start(1000 // int(self.speed.currentData()))

    def _read_wish(self) -> None:
        if self._is_reading or not self._has_wish:
            return
        clock, at = self.clock, self._wish
        self._has_wish = False
        if clock is None:
            return
        self._is_reading = True
        if self.desk.do("Show time", lambda session: clock.show(session, at), on_end=self._was_read) is None:
            self._is_reading = False

    def _was_read(self) -> None:
        self._is_reading = False
        self._read_wish()


def _fitting_step(span: timedelta) -> int:
    """Return the position of the shortest step that plays a span in no more than ``MOST_STEPS``."""
    fitting = (place for place, hours in enumerate(STEP_HOURS) if span <= MOST_STEPS * timedelta(hours=hours))
    return next(fitting, len(STEP_HOURS) - 1)


class Figures(QLabel):
    """Short lines that end in an ellipsis in a narrow window, rather than taking the panels beside them their width."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self.setProperty("look", "muted")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_lines(self, lines: list[str]) -> None:
        """Show these lines; the tooltip has them whole."""
        self._lines = lines
        self.setToolTip(" · ".join(lines))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Fit the lines to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        fitting = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width()) for line in self._lines]
        # An ellipsis alone says nothing.
        self.setText("\n".join(line for line in fitting if line != "…"))
