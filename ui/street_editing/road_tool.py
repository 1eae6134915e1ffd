"""The tool that draws a new road: press where it begins, drag to where it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter

from layers.colours import theme
from twin.model.edits.new_link import SNAP_M
from twin.model.snapshot import Snapshot
from ui.language import tr
from ui.quantity import quantity
from ui.scene_view.tool import Tool
from ui.scene_view.view import SceneView
from ui.street_editing import strokes

SNAP_PX = 12.0
LEAST_M = 5.0
"""A shorter road is a slip of the hand."""


@dataclass(frozen=True)
class Snap:
    """Where an end of a new road lies, and whether it joins a road there."""

    x_m: float
    y_m: float
    joins: bool


def snapped(city: Snapshot, x_m: float, y_m: float, reach_m: float) -> Snap:
    """Return the nearest junction within reach of a place, else the nearest point of a road, else the place itself."""
    links, nodes, place = city["link"], city["node"], shapely.Point(x_m, y_m)
    if len(nodes):
        away = np.hypot(*(nodes.xy - (x_m, y_m)).T)
        away[~np.isin(nodes.ids, np.concatenate([links["tail_id"], links["head_id"]]))] = np.inf
        if away.min() <= reach_m:
            x, y = nodes.xy[np.argmin(away)].tolist()
            return Snap(x, y, joins=True)
    if len(links) and links.geometry is not None:
        far = shapely.distance(links.geometry, place)
        if far.min() <= reach_m:
            line = links.geometry[np.argmin(far)]
            at = line.interpolate(line.project(place))
            return Snap(at.x, at.y, joins=True)
    return Snap(x_m, y_m, joins=False)


class RoadTool(Tool):
    """Draws a straight road from a press to a release; its ends snap to junctions and roads."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self,
        view: SceneView,
        city: Callable[[], Snapshot | None],
        drawn: Callable[[tuple[float, float], tuple[float, float]], object],
    ) -> None:
        self.view, self.city, self.drawn = view, city, drawn
        self._start: Snap | None = None
        self._end: Snap | None = None
        self._at = QPointF()

    def press(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Begin the road."""
        if modifiers & Qt.KeyboardModifier.AltModifier:
            return False
        self._start = self._end = self.snap_at(at)
        self._at = at
        return self._start is not None

    def drag(self, at: QPointF) -> None:
        """Draw it on."""
        self._at, self._end = at, self.snap_at(at)

    def hover(self, at: QPointF) -> None:
        """Show where a road would begin."""
        self._at, self._end = at, None if self.view.is_moving else self.snap_at(at)

    def release(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:  # noqa: ARG002  of the interface
        """End it."""
        start, end = self._start, self.snap_at(at)
        self._start = None
        if start is not None and end is not None and np.hypot(end.x_m - start.x_m, end.y_m - start.y_m) >= LEAST_M:
            self.drawn((start.x_m, start.y_m), (end.x_m, end.y_m))

    def cancel(self) -> bool:
        """Give the line up."""
        was_begun, self._start = self._start is not None, None
        return was_begun

    def snap_at(self, at: QPointF) -> Snap | None:
        """Return where an end at a pixel would lie; None for the sky."""
        city, place = self.city(), self.view.surface_at(at.x(), at.y())
        if city is None or place is None:
            return None
        return snapped(city, place[0], place[1], max(SNAP_M, SNAP_PX * self.view.pixel_at(place)))

    def paint(self, painter: QPainter) -> None:
        """Paint the ends and the line between them."""
        if self.view.is_moving or self._end is None:
            return
        colours = theme(dark=self.view.is_dark)
        ends = [snap for snap in (self._start, self._end) if snap is not None]
        px, good = self.view.pixel_of(np.array([(snap.x_m, snap.y_m) for snap in ends]))
        if not good.all():
            return
        if len(ends) == 2:
            strokes.line(painter, px, QColor(colours["accent"]), 4.0)
            length = float(np.hypot(ends[1].x_m - ends[0].x_m, ends[1].y_m - ends[0].y_m))
            strokes.note(painter, self._at, tr("New road, {length}", length=quantity(length, "m")), colours)
        for at, snap in zip(px, ends, strict=True):
            strokes.knob(painter, at, colours["accent"], is_full=snap.joins)
