"""The tool that edits streets: a click chooses one, a drag from one onto another is a turn, Shift and a drag is a box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from layers.colours import theme
from twin.model.snapshot import Snapshot
from ui.language import tr
from ui.scene_view.tool import Tool
from ui.scene_view.view import SceneView
from ui.street_editing import strokes
from ui.street_editing.junctions import Turn, is_banned, signals, street_of, turn_between, turns_from

CLICK_PX, SIGNAL_PX, TURN_PX = 4.0, 11.0, 7.0
ASIDE_PX = 5.0
"""How far beside its middle line the way of each direction of a street is shown."""

MOST_WAYS = 60
"""Where more links are chosen their ways are not shown: only some of them would look like all."""


@dataclass(frozen=True)
class Meant:
    """What the gestures of the tool do. ``street`` gets a link and whether it is added to what is chosen."""

    street: Callable[[str, bool, QPointF], object]
    signal: Callable[[str, QPointF], object]
    turn: Callable[[str, str], object]
    streets: Callable[[frozenset[str], bool], object]
    nothing: Callable[[], object]


class StreetTool(Tool):
    """Chooses streets, signals and turns by mouse.

    ``city`` gives the city as edited, ``chosen`` the links that are chosen, ``signal`` the junction whose
    signal is; turns are shown at the ends of what is chosen, or else of the street under the pointer.
    """

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, view: SceneView, city: Callable[[], Snapshot | None], meant: Meant) -> None:
        self.view, self.city, self.meant = view, city, meant
        self.chosen: frozenset[str] = frozenset()
        self.signal = ""
        self._start: QPointF | None = None
        self._now = QPointF()
        self._from = ""
        self._over = ""
        self._is_box = False

    # What the mouse does

    def press(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Take a press on a street, a signal or an arrow, and every press with Shift."""
        self._is_box = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        self._from = self.street_at(at)
        is_something = self._from or self.signal_at(at) or self.turn_at(at)
        if self.city() is None or not (self._is_box or is_something) or modifiers & Qt.KeyboardModifier.AltModifier:
            return False
        self._start = self._now = at
        return True

    def drag(self, at: QPointF) -> None:
        """Follow the pointer."""
        self._now = at
        self._over = self.street_at(at)

    def release(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Do what was meant: a box, a turn, or a click."""
        start, self._start = self._start, None
        if start is None:
            return
        adds = bool(modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier))
        if (at - start).manhattanLength() < CLICK_PX:
            self._click(at, adds=adds)
        elif self._is_box:
            self.meant.streets(self.streets_in(QRectF(start, at).normalized()), True)
        else:
            self._turn(self.street_at(at))

    def hover(self, at: QPointF) -> None:
        """Show the turns of the street under the pointer."""
        self._now = at
        self._over = "" if self.view.is_moving else self.street_at(at)

    def cancel(self) -> bool:
        """Give up a drag."""
        was_begun, self._start = self._start is not None, None
        return was_begun

    def _click(self, at: QPointF, *, adds: bool) -> None:
        turn, signal, street = self.turn_at(at), self.signal_at(at), self.street_at(at)
        if signal:
            self.meant.signal(signal, at)
        elif turn is not None:
            self.meant.turn(turn.from_id, turn.to_id)
        elif street:
            self.meant.street(street, adds, at)
        elif not adds:
            self.meant.nothing()

    def _turn(self, end: str) -> None:
        turn = self._turn_to(end)
        if turn is not None:
            self.meant.turn(*turn)

    def _turn_to(self, end: str) -> tuple[str, str] | None:
        city = self.city()
        return turn_between(city, self._from, end) if city is not None and self._from and end else None

    # What lies under the pointer

    def street_at(self, at: QPointF) -> str:
        """Return the link under a pixel, of a two-way street the one on whose side it is; '' for none."""
        found, city = self.view.pick_at(at.x(), at.y(), "link"), self.city()
        place = self.view.surface_at(at.x(), at.y())
        if found is None or city is None or place is None or found.id not in city["link"].row_of:
            return ""
        return _nearer_direction(city, found.id, shapely.Point(place[:2]))

    def signal_at(self, at: QPointF) -> str:
        """Return the junction whose signal is drawn at a pixel; '' for none."""
        ids, px = self._signals()
        if not len(ids):
            return ""
        away = np.hypot(px[:, 0] - at.x(), px[:, 1] - at.y())
        return str(ids[np.argmin(away)]) if away.min() <= SIGNAL_PX else ""

    def turn_at(self, at: QPointF) -> Turn | None:
        """Return the turn whose arrow is drawn at a pixel."""
        pointer = shapely.Point(at.x(), at.y())
        for turn in self.turns() if self.chosen else ():
            px, good = self.view.pixel_of(turn.xy)
            if good.all() and shapely.LineString(px).distance(pointer) <= TURN_PX:
                return turn
        return None

    def streets_in(self, rect: QRectF) -> frozenset[str]:
        """Return the links whose middle is seen in a box."""
        city = self.city()
        if city is None or not len(city["link"]):
            return frozenset()
        px, good = self.view.pixel_of(city["link"].xy)
        good &= (px[:, 0] >= rect.left()) & (px[:, 0] <= rect.right()) & (px[:, 1] >= rect.top()) & (px[:, 1] <= rect.bottom())
        return frozenset(city["link"].ids[good].tolist())

    def _signals(self) -> tuple[np.ndarray[tuple[int], np.dtype[np.object_]], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
        city = self.city()
        if city is None or self.view.pixel_m > strokes.SIGNALS_UP_TO_M:
            return np.empty(0, object), np.empty((0, 2))
        ids, xy = signals(city)
        px, good = self.view.pixel_of(xy)
        width, height = self.view.size_px
        good &= (px[:, 0] > 0) & (px[:, 0] < width) & (px[:, 1] > 0) & (px[:, 1] < height)
        return ids[good], px[good]

    def turns(self) -> list[Turn]:
        """Return the turns that are shown: of what is chosen where that is one street, else of what is under the pointer."""
        city = self.city()
        if city is None:
            return []
        if self._start is not None and self._from:
            return turns_from(city, self._from)
        keys = self.chosen or ({self._over} if self._over else set())
        streets = {frozenset(street_of(city["link"], key)) for key in keys if key in city["link"].row_of}
        if len(streets) != 1:
            return []
        return [turn for key in sorted(keys) for turn in turns_from(city, key)]

    # What is painted

    def paint(self, painter: QPainter) -> None:
        """Paint signals, ways, turns, and what is being dragged."""
        if self.view.is_moving or self.city() is None:
            return
        colours = theme(dark=self.view.is_dark)
        self._paint_ways(painter, colours)
        strokes.turns(painter, self.view, self.turns(), free=colours["accent"], banned=colours["road_closed"])
        ids, px = self._signals()
        strokes.traffic_lights(painter, px, ids == self.signal, colours["selection"])
        if self._start is not None:
            self._paint_drag(painter, colours)

    def _paint_ways(self, painter: QPainter, colours: dict[str, str]) -> None:
        city = self.city()
        keys = sorted(self.chosen) or ([self._over] if self._over else [])
        if city is None or len(keys) > MOST_WAYS:
            return
        links = city["link"]
        rows = links.rows([key for key in keys if key in links.row_of and not links["closed"][links.row_of[key]]])
        if links.geometry is not None and len(rows):
            aside = ASIDE_PX * self.view.pixel_m
            shifts = np.where(links["reverse_id"][rows] != "", aside, 0.0)
            strokes.ways(painter, self.view, links.geometry[rows], shifts.tolist(), colours["accent"])

    def _paint_drag(self, painter: QPainter, colours: dict[str, str]) -> None:
        if self._start is None or (self._now - self._start).manhattanLength() < CLICK_PX:
            return
        if self._is_box:
            strokes.box(painter, QRectF(self._start, self._now).normalized(), colours["selection"])
            return
        px = np.array([(self._start.x(), self._start.y()), (self._now.x(), self._now.y())])
        turn = self._turn_to(self._over)
        ink = colours["road_closed"] if turn else colours["boundary"]
        strokes.line(painter, px, QColor(ink), 2.5, is_dashed=turn is None)
        strokes.note(painter, self._now, self._words(turn), colours)

    def _words(self, turn: tuple[str, str] | None) -> str:
        city = self.city()
        if turn is None or city is None:
            return tr("Drag to a street that begins where this one ends")
        return tr("Allow this turn again") if is_banned(city, *turn) else tr("Ban this turn")


def _nearer_direction(city: Snapshot, key: str, place: shapely.Point) -> str:
    """Return the direction of a street on whose side a place lies: the right one, as traffic drives."""
    links = city["link"]
    street = street_of(links, key)
    if len(street) == 1 or links.geometry is None:
        return key
    line = links.geometry[links.row_of[key]]
    along = line.project(place)
    a, b = line.interpolate(max(along - 1.0, 0.0)), line.interpolate(min(along + 1.0, line.length))
    cross = (b.x - a.x) * (place.y - a.y) - (b.y - a.y) * (place.x - a.x)
    return street[0] if cross <= 0 else street[1]
