"""What the tools paint over the scene: arrows of turns, the way of traffic, signals, a box, a line that is being drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from layers.colours import meaning
from ui.scene_view.lettering import lettered
from ui.scene_view.view import SceneView
from ui.street_editing.junctions import Turn

ARROW_PX, CHEVRON_PX, CHEVRON_GAP_PX = 9.0, 6.0, 46.0
MOST_SIGNALS = 400
SIGNALS_UP_TO_M = 3.0
"""Metres a pixel up to which signals are drawn: farther away they would hide the streets."""

_SHADE = QColor(0, 0, 0, 150)


def turns(painter: QPainter, view: SceneView, shown: Iterable[Turn], *, free: str, banned: str) -> None:
    """Paint an arrow for each turn: in one colour those that may be driven, in another, crossed out, those that may not."""
    for turn in shown:
        px, good = view.pixel_of(turn.xy)
        if not good.all() or np.hypot(*(px[-1] - px[0])) < 3.0:
            continue
        line(painter, px, QColor(banned if turn.banned else free), 2.5, is_dashed=turn.banned)
        head(painter, px[-2], px[-1], QColor(banned if turn.banned else free))
        if turn.banned:
            cross(painter, px[len(px) // 2], QColor(banned))


def line(painter: QPainter, px: NDArray[np.float64], colour: QColor, width_px: float, *, is_dashed: bool = False) -> None:
    """Paint a line with a dark edge, so that it is seen on every ground."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    polygon = QPolygonF([QPointF(x, y) for x, y in px.tolist()])
    style = Qt.PenStyle.DashLine if is_dashed else Qt.PenStyle.SolidLine
    for ink, width, pattern in ((_SHADE, width_px + 2.5, Qt.PenStyle.SolidLine), (colour, width_px, style)):
        painter.setPen(QPen(ink, width, pattern, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(polygon)


def head(painter: QPainter, before: NDArray[np.float64], tip: NDArray[np.float64], colour: QColor) -> None:
    """Paint the head of an arrow that comes from ``before``."""
    along = tip - before
    along = along / max(float(np.hypot(*along)), 1e-9) * ARROW_PX
    across = np.array([-along[1], along[0]]) * 0.5
    corners = (tip + along * 0.4, tip - along * 0.6 + across, tip - along * 0.6 - across)
    painter.setPen(QPen(_SHADE, 1.0))
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))


def cross(painter: QPainter, at: NDArray[np.float64], colour: QColor) -> None:
    """Paint a cross in a disc: not here."""
    painter.setPen(QPen(QColor(255, 255, 255), 1.2))
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(*at), 6.5, 6.5)
    painter.setPen(QPen(QColor(255, 255, 255), 2.0))
    for dx in (-3.0, 3.0):
        painter.drawLine(QPointF(at[0] - dx, at[1] - 3.0), QPointF(at[0] + dx, at[1] + 3.0))


def ways(painter: QPainter, view: SceneView, lines: Iterable[shapely.LineString], shifts_m: Sequence[float], colour: str) -> None:
    """Paint chevrons along streets that point where traffic goes, each line's beside it by its shift to the right."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shape, shift in zip(lines, shifts_m, strict=True):
        places, ahead = _places(shape, CHEVRON_GAP_PX * view.pixel_m, shift)
        px, good = view.pixel_of(places)
        toward, also = view.pixel_of(places + ahead)
        for at, to, is_good in zip(px, toward, good & also, strict=True):
            if is_good:
                _chevron(painter, at, to - at, colour)


def _places(shape: shapely.LineString, gap_m: float, shift_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return places along a line and the direction there, both ``(n, 2)``."""
    count = max(1, min(24, int(shape.length / max(gap_m, 1.0))))
    along = (np.arange(count) + 0.5) / count * shape.length
    places = shapely.get_coordinates(shapely.line_interpolate_point(shape, along))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(shape, np.minimum(along + 1.0, shape.length))) - places
    ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None]
    return places + shift_m * np.column_stack([ahead[:, 1], -ahead[:, 0]]), ahead


def _chevron(painter: QPainter, at: NDArray[np.float64], toward: NDArray[np.float64], colour: str) -> None:
    angle = math.atan2(toward[1], toward[0])
    wings = [at - CHEVRON_PX * np.array([math.cos(angle + turn), math.sin(angle + turn)]) for turn in (0.65, -0.65)]
    shape = QPolygonF([QPointF(*wings[0]), QPointF(*at), QPointF(*wings[1])])
    for ink, width in ((_SHADE, 4.5), (QColor(colour), 2.2)):
        painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(shape)


def traffic_lights(painter: QPainter, px: NDArray[np.float64], is_chosen: NDArray[np.bool_], accent: str) -> None:
    """Paint a small traffic light at each place ``(n, 2)``."""
    lamps = [QColor(colour) for colour in (meaning("grade")[4], meaning("grade")[2], meaning("grade")[0])]
    for (x, y), chosen in zip(px[:MOST_SIGNALS].tolist(), is_chosen.tolist(), strict=False):
        painter.setPen(QPen(QColor(accent) if chosen else QColor(230, 235, 240), 2.0 if chosen else 1.0))
        painter.setBrush(QColor(20, 24, 30))
        painter.drawRoundedRect(QRectF(x - 4, y - 9, 8, 18), 2.5, 2.5)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, lamp in enumerate(lamps):
            painter.setBrush(lamp)
            painter.drawEllipse(QPointF(x, y - 5.4 + 5.4 * place), 2.0, 2.0)


def box(painter: QPainter, rect: QRectF, colour: str) -> None:
    """Paint the box that is being drawn around streets."""
    fill = QColor(colour)
    fill.setAlpha(40)
    painter.setPen(QPen(QColor(colour), 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(fill)
    painter.drawRect(rect)


def knob(painter: QPainter, at: NDArray[np.float64], colour: str, *, is_full: bool) -> None:
    """Paint the end of a line that is being drawn: full where it joins a road."""
    painter.setPen(QPen(QColor(colour), 2.5))
    painter.setBrush(QColor(colour) if is_full else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(*at), 6.0, 6.0)


def note(painter: QPainter, at: QPointF, text: str, colours: dict[str, str]) -> None:
    """Paint a short text beside the pointer."""
    font = lettered(12)
    painter.setFont(font)
    width = QFontMetricsF(font).horizontalAdvance(text)
    fill = QColor(colours["panel"])
    fill.setAlpha(230)
    painter.setPen(QPen(QColor(colours["panel_edge"]), 1))
    painter.setBrush(fill)
    rect = QRectF(at.x() + 14, at.y() + 12, width + 16, 24)
    painter.drawRoundedRect(rect, 5, 5)
    painter.setPen(QColor(colours["text"]))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
