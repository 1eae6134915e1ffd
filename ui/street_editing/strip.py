"""The strip beside a street that was clicked: lanes, speed, direction, closed or open; or the timing of a signal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from twin.model.snapshot import Snapshot
from ui import theme
from ui.language import number, tr
from ui.panels.base import IconButton, clear, label
from ui.street_editing.junctions import streets_of
from ui.street_editing.steps import Facts, Timing
from ui.texts import say, say_again
from ui.words import name_of, names_in_words

GAP_PX, MARGIN_PX = 22, 8
MOST_APPROACHES = 8
UNKNOWN = "–"


class Stepper(QWidget):
    """A number with a button on either side that makes it smaller and larger."""

    stepped = Signal(int)

    def __init__(self, less: Callable[[], str], more: Callable[[], str], icon: str = "") -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(1)
        self._icon = icon
        self._picture = QLabel()
        self._picture.setVisible(bool(icon))
        line.addWidget(self._picture)
        self.less = IconButton("minus", less, lambda: self.stepped.emit(-1))
        self.value = QLabel()
        self.value.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.more = IconButton("plus", more, lambda: self.stepped.emit(1))
        for widget in (self.less, self.value, self.more):
            line.addWidget(widget)
        self.retheme()

    def show_value(self, text: str, width_like: str = "") -> None:
        """Show a number; its place is at least as wide as ``width_like``."""
        self.value.setText(text)
        self.value.ensurePolished()  # the style sheet's letters are wider than those of a label that was never shown
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(width_like or text) + 6)

    def retheme(self) -> None:
        """Draw the icons in the theme that is on now."""
        self.less.retheme()
        self.more.retheme()
        if self._icon:
            self._picture.setPixmap(theme.pixmap(self._icon, theme.current().muted, 32).scaled(QSize(16, 16)))


class Strip(QFrame):
    """A small frame over the map, beside what it is about; it never leaves the view."""

    lanes = Signal(int)
    speed = Signal(int)
    direction = Signal(str)  # 'left', 'right' or 'both', as they are seen on the screen
    closed = Signal()
    both = Signal(bool)  # whether both directions of the street are meant
    further = Signal()
    cycle = Signal(int)
    green = Signal(str, int)
    signal = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setObjectName("street-strip")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 8)
        column.setSpacing(4)
        column.addLayout(self._top())
        self.street = self._street()
        self.junction = self._junction()
        column.addWidget(self.street)
        column.addWidget(self.junction)
        self._anchor: QPointF | None = None
        say_again(self, lambda: self.setAccessibleName(tr("Edit this street")))
        self.hide()

    def _top(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        self.heading = label("heading", wraps=False)
        self.mixed = label("muted", wraps=False, text=lambda: tr("different ones"))
        self.both_ways = QToolButton()
        self.both_ways.setCheckable(True)
        self.both_ways.setChecked(True)
        self.both_ways.setAutoRaise(True)
        say(self.both_ways.setText, lambda: tr("Both directions"))
        say(self.both_ways.setToolTip, lambda: tr("Change both directions of the street, or only the one that was clicked"))
        self.both_ways.toggled.connect(self.both)
        line.addWidget(self.heading)
        line.addWidget(self.mixed)
        line.addStretch(1)
        line.addWidget(self.both_ways)
        line.addWidget(IconButton("cancel", lambda: tr("Close this strip"), self.dismissed.emit))
        return line

    def _street(self) -> QWidget:
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        self.lane_count = Stepper(lambda: tr("One lane less"), lambda: tr("One lane more"), "lanes")
        self.lane_count.stepped.connect(self.lanes)
        self.speed_limit = Stepper(lambda: tr("Slower"), lambda: tr("Faster"), "speed")
        self.speed_limit.stepped.connect(self.speed)
        line.addWidget(self.lane_count)
        line.addSpacing(6)
        line.addWidget(self.speed_limit)
        line.addSpacing(6)
        self.ways = {
            "left": self._way("way-left", lambda: tr("One way, to the left on the screen")),
            "both": self._way("way-both", lambda: tr("Both ways")),
            "right": self._way("way-right", lambda: tr("One way, to the right on the screen")),
        }
        for name, button in self.ways.items():
            button.clicked.connect(partial(self.direction.emit, name))
            line.addWidget(button)
        line.addSpacing(6)
        self.shut = IconButton("close-road", self._shut_text, self.closed.emit)
        self.shut.setCheckable(True)
        line.addWidget(self.shut)
        line.addWidget(IconButton("more", lambda: tr("More ways to change this street"), self.further.emit))
        return holder

    def _way(self, icon: str, text: Callable[[], str]) -> IconButton:
        button = IconButton(icon, text)
        button.setCheckable(True)
        return button

    def _shut_text(self) -> str:
        return tr("Open this street again") if self.is_shut else tr("Close this street")

    is_shut = False

    def _junction(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        line = QHBoxLayout()
        self.has_signal = QToolButton()
        self.has_signal.setCheckable(True)
        say(self.has_signal.setText, lambda: tr("Traffic signal"))
        self.has_signal.clicked.connect(lambda _on: self.signal.emit())
        self.cycle_length = Stepper(lambda: tr("Shorter cycle"), lambda: tr("Longer cycle"), "time")
        self.cycle_length.stepped.connect(self.cycle)
        line.addWidget(self.has_signal)
        line.addSpacing(6)
        line.addWidget(self.cycle_length)
        line.addStretch(1)
        column.addLayout(line)
        self.green_heading = label("muted", wraps=False, text=lambda: tr("Share of green of each approach"))
        column.addWidget(self.green_heading)
        self.approaches = QVBoxLayout()
        self.approaches.setSpacing(0)
        column.addLayout(self.approaches)
        self._green: dict[str, Stepper] = {}
        return holder

    # What it shows

    def show_streets(self, city: Snapshot, keys: tuple[str, ...], now: Facts, pressed: str) -> None:
        """Show what streets are like; ``pressed`` names the direction that is on, '' for none in common."""
        self.heading.setText(names_in_words(city, "link", keys))
        with QSignalBlocker(self.both_ways):
            self.both_ways.setChecked(streets_of(city["link"], keys) <= set(keys))
        self.mixed.setVisible(now.is_mixed)
        self.lane_count.show_value(number(now.lanes, 0 if now.lanes == round(now.lanes) else 1), "16")
        self.speed_limit.show_value(f"{number(now.speed_kmh, 0)} {tr('km/h')}", f"120 {tr('km/h')}")
        for name, button in self.ways.items():
            button.setChecked(name == pressed)
        self.is_shut = now.closed
        self.shut.setChecked(now.closed)
        self.shut.setToolTip(self._shut_text())
        self.shut.set_icon("open-road" if now.closed else "close-road")
        self._turn_to(self.street)

    def show_signal(self, city: Snapshot, node: str, now: Timing) -> None:
        """Show the timing of a signal."""
        names = dict.fromkeys(name_of(city, "link", key) for key in now.green)
        self.heading.setText(" / ".join(list(names)[:3]) or name_of(city, "node", node))
        self.mixed.hide()
        self.has_signal.setChecked(now.signal)
        self.cycle_length.setEnabled(now.signal)
        self.cycle_length.show_value(f"{number(now.cycle_s, 0)} {tr('s')}" if now.cycle_s else UNKNOWN, f"120 {tr('s')}")
        keys = list(now.green)[:MOST_APPROACHES] if now.signal else []
        self.green_heading.setVisible(bool(keys))
        if keys != list(self._green):
            self._make_approaches(city, keys)
        for key in keys:
            share = now.green[key]
            self._green[key].show_value(f"{number(share * 100, 0)} %" if share else UNKNOWN, "45 %")
        self._turn_to(self.junction)

    def _make_approaches(self, city: Snapshot, keys: list[str]) -> None:
        clear(self.approaches)
        self._green = {}
        for key in keys:
            stepper = Stepper(lambda: tr("Less green"), lambda: tr("More green"))
            stepper.stepped.connect(partial(self.green.emit, key))
            self._green[key] = stepper
            holder = QWidget()
            line = QHBoxLayout(holder)
            line.setContentsMargins(0, 0, 0, 0)
            name = label(wraps=False)
            say(name.setText, partial(_from, city, key))
            line.addWidget(name)
            line.addStretch(1)
            line.addWidget(stepper)
            self.approaches.addWidget(holder)

    def _turn_to(self, part: QWidget) -> None:
        for other in (self.street, self.junction):
            other.setVisible(other is part)
        self.both_ways.setVisible(part is self.street)
        self.show()
        self.place(self._anchor)

    def place(self, anchor: QPointF | None) -> None:
        """Put the strip beside a place of its parent, inside of it."""
        self._anchor = anchor
        around = self.parentWidget()
        if anchor is None or around is None:
            return
        self.adjustSize()
        x = min(max(round(anchor.x()) + GAP_PX, MARGIN_PX), around.width() - self.width() - MARGIN_PX)
        above = round(anchor.y()) - self.height() - GAP_PX
        y = above if above >= MARGIN_PX else round(anchor.y()) + GAP_PX
        self.move(max(x, MARGIN_PX), min(max(y, MARGIN_PX), max(around.height() - self.height() - MARGIN_PX, MARGIN_PX)))

    def retheme(self) -> None:
        """Draw the icons in the theme that is on now."""
        for button in self.findChildren(IconButton):
            button.retheme()
        for stepper in self.findChildren(Stepper):
            stepper.retheme()


def _from(city: Snapshot, key: str) -> str:
    """Return an approach in words: its name and the compass direction from which it comes."""
    links = city["link"]
    line = links.geometry[links.row_of[key]] if links.geometry is not None else None
    if line is None:
        return name_of(city, "link", key)
    (x0, y0), (x1, y1) = line.coords[0], line.coords[-1]
    return tr("{name} from the {compass}", name=name_of(city, "link", key), compass=compass(x0 - x1, y0 - y1))


def compass(dx: float, dy: float) -> str:
    """Return the name of a direction on the map: one of eight."""
    from math import atan2, pi

    names = (
        tr("east"), tr("north-east"), tr("north"), tr("north-west"),
        tr("west"), tr("south-west"), tr("south"), tr("south-east"),
    )  # fmt: skip
    return names[round(atan2(dy, dx) / (pi / 4)) % 8]
