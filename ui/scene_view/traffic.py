"""Moving traffic: small vehicles painted over the scene, which itself is not drawn again for them."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from layers.base import Movers, Moving
from ui.scene_view.viewpoint import Viewpoint

FRAME_MS = 66
MOST_VEHICLES, MOST_LINKS = 900, 4000
NEAR_DOT_PX, FAR_DOT_PX, FAR_FROM_M = 3.2, 2.0, 5.0
"""Size of a vehicle on the screen; far away, where a pixel covers so many metres, they are small, or they would hide the roads."""

_HIDDEN_M = 4.0
"""How far behind what the scene shows a vehicle must lie to be hidden by it."""

_WALK_PX_S = 14.0
"""About how far a vehicle of a city's usual 10 m/s moves in a second on the screen; from near it moves as in life."""


class Traffic(QObject):
    """The vehicles of what is on show. ``stepped`` asks for the view to be painted again.

    They stand in the order of the roads and their places depend on the time alone, so that two windows show the
    same. The clock stops while nobody sees them.
    """

    stepped = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_on = False
        self.t_s = 0.0
        self.paint_ms = 0.0
        self._moving: Moving | None = None
        self._fleet: Movers | None = None
        self._made_for: tuple[object, ...] = ()
        self._speed = 1.0
        self._depth: NDArray[np.float32] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._step)

    def show_motion(self, moving: Moving | None) -> None:
        """Take the traffic of another result; None for none."""
        if moving is not self._moving:
            self._moving, self._fleet = moving, None

    def run(self, *, is_seen: bool) -> None:
        """Let the vehicles move, or stop them where nobody sees them."""
        is_running = self.is_on and is_seen and self._moving is not None
        if is_running != self._timer.isActive():
            self._timer.start() if is_running else self._timer.stop()

    @property
    def is_running(self) -> bool:
        """Whether the vehicles move now."""
        return self._timer.isActive()

    def _step(self) -> None:
        self.t_s += FRAME_MS / 1000 * self._speed
        self.stepped.emit()

    def forget_depth(self) -> None:
        """Know no more what hides what: the scene was drawn anew."""
        self._depth = None

    def look(self, viewpoint: Viewpoint, size: tuple[float, float], depth: NDArray[np.float32]) -> None:
        """Choose the vehicles of a view that rests, and take what the scene shows of it: ``depth`` in metres, row 0 lowest."""
        self._depth = depth
        made_for = viewpoint, size, id(self._moving)
        if self._moving is None or (self._fleet is not None and made_for == self._made_for):
            return
        pixel_m = viewpoint.pixel_m(size[1])
        self._made_for = made_for
        self._fleet = self._moving.near(_bounds(viewpoint, size), MOST_LINKS).fleet(pixel_m, MOST_VEHICLES)
        self._speed = max(1.0, _WALK_PX_S * pixel_m / 10.0)

    @property
    def needs_look(self) -> bool:
        """Whether there is traffic to show for which the view has not been looked at."""
        return self.is_on and self._moving is not None and (self._depth is None or self._fleet is None)

    def paint(self, painter: QPainter, viewpoint: Viewpoint, size: tuple[float, float], *, dark: bool) -> None:
        """Paint the vehicles that are in view and not hidden."""
        if not self.is_on or self._fleet is None or not len(self._fleet):
            return
        began = perf_counter()
        px, depth = viewpoint.project(self._fleet.at(self.t_s), size)
        x, y = px[:, 0], px[:, 1]
        good = (depth > 0) & (x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1])
        x, y, depth = x[good], y[good], depth[good]
        seen = self._is_seen(x, y, depth, size)
        dot_px = FAR_DOT_PX if viewpoint.pixel_m(size[1]) > FAR_FROM_M else NEAR_DOT_PX
        _dots(painter, x[seen], y[seen], dot_px, dark=dark)
        self.paint_ms = (perf_counter() - began) * 1000

    def _is_seen(
        self, x: NDArray[np.float64], y: NDArray[np.float64], depth: NDArray[np.float64], size: tuple[float, float]
    ) -> NDArray[np.bool_]:
        if self._depth is None:
            return np.ones(len(x), dtype=bool)
        rows, columns = self._depth.shape
        row = np.clip(((1 - y / size[1]) * rows).astype(np.intp), 0, rows - 1)
        column = np.clip((x / size[0] * columns).astype(np.intp), 0, columns - 1)
        return np.asarray(depth <= self._depth[row, column] * 1.002 + _HIDDEN_M)


def _dots(painter: QPainter, x: NDArray[np.float64], y: NDArray[np.float64], dot_px: float, *, dark: bool) -> None:
    """Paint round dots with a rim, light on the dark ground and dark on the light one."""
    rim, body = (QColor(8, 12, 18, 190), QColor(255, 250, 225)) if dark else (QColor(255, 255, 255, 220), QColor(25, 32, 42))
    for ink, width in ((rim, dot_px + 2.0), (body, dot_px)):
        painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPointsNp(x, y)  # type: ignore[arg-type]  # takes arrays; its stub says sequences


def _bounds(viewpoint: Viewpoint, size: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return a rectangle (metres) that holds the ground in view; towards the horizon it ends at three distances."""
    width, height = size
    reach = 3.0 * viewpoint.distance_m
    corners = []
    for x, y in ((0.0, 0.0), (width, 0.0), (0.0, height), (width, height), (width / 2, 0.0)):
        at = viewpoint.ground_at(x, y, size)
        dx, dy = (at[0] - viewpoint.x_m, at[1] - viewpoint.y_m) if at is not None else (math.inf, math.inf)
        far = math.hypot(dx, dy)
        if far > reach:  # above the horizon or nearly: as far as is looked at, in every direction
            corners += [(-reach, -reach), (reach, reach)]
        else:
            corners.append((dx, dy))
    xs, ys = zip(*corners, strict=True)
    return viewpoint.x_m + min(xs), viewpoint.y_m + min(ys), viewpoint.x_m + max(xs), viewpoint.y_m + max(ys)
