"""What Qt paints over the scene: legends, scale bar, north arrow, time, the badge of made-up data, whose map it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from layers.base import Legend
from layers.colours import theme
from ui.language import tr
from ui.scene_view import legend_column
from ui.scene_view.legend_column import MARGIN_PX
from ui.scene_view.lettering import lettered
from ui.scene_view.viewpoint import Viewpoint


@dataclass(frozen=True)
class Facts:
    """What the frame around the scene says besides the layers."""

    title: str = ""
    time: str = ""
    synthetic: bool = False
    attribution: str = ""
    badge: str = ""


def paint(
    painter: QPainter, size: tuple[float, float], viewpoint: Viewpoint, facts: Facts, legends: Sequence[Legend], *, dark: bool
) -> None:
    """Paint everything around the scene."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(lettered(12))
    colours = theme(dark=dark)
    _scale_bar(painter, size, viewpoint, colours)
    _north(painter, size, viewpoint, colours)
    _heading(painter, facts, colours)
    _attribution(painter, size, facts, colours)
    for box in legend_column.boxes(size, legends):
        legend_column.paint(painter, box, colours)


def scale_length_m(pixel_m: float, most_px: float = 160.0) -> float:
    """Return the longest round length (1, 2 or 5 times a power of ten, in metres) that fits into ``most_px``."""
    most = max(pixel_m * most_px, 1e-6)
    power = 10.0 ** math.floor(math.log10(most))
    return float(max(step * power for step in (1, 2, 5) if step * power <= most))


def length_text(metres: float) -> str:
    """Return a length as '200 m' or '5 km'."""
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def _scale_bar(painter: QPainter, size: tuple[float, float], viewpoint: Viewpoint, colours: dict[str, str]) -> None:
    pixel_m = viewpoint.pixel_m(size[1])
    length_m = scale_length_m(pixel_m)
    x, y = MARGIN_PX + 4, size[1] - MARGIN_PX - 6
    right = x + length_m / pixel_m
    for colour, width in ((colours["halo"], 5.0), (colours["text"], 2.0)):
        painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawPolyline(QPolygonF([QPointF(x, y - 5), QPointF(x, y), QPointF(right, y), QPointF(right, y - 5)]))
    _text(painter, QPointF(x + 5, y - 7), length_text(length_m), colours)


def _text(painter: QPainter, at: QPointF, text: str, colours: dict[str, str]) -> None:
    painter.setPen(QColor(colours["halo"]))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(at + QPointF(dx, dy), text)
    painter.setPen(QColor(colours["text"]))
    painter.drawText(at, text)


def _north(painter: QPainter, size: tuple[float, float], viewpoint: Viewpoint, colours: dict[str, str]) -> None:
    """Paint a compass needle that lies as the ground does."""
    centre = QPointF(size[0] - MARGIN_PX - 20, MARGIN_PX + 22)
    painter.save()
    painter.translate(centre)
    fill = QColor(colours["panel"])
    fill.setAlpha(200)
    painter.setPen(QPen(QColor(colours["panel_edge"]), 1))
    painter.setBrush(fill)
    painter.drawEllipse(QPointF(0, 0), 19, 19)
    painter.rotate(-viewpoint.heading_deg)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#e5484d"))
    painter.drawPolygon(QPolygonF([QPointF(0, -15), QPointF(5, 0), QPointF(-5, 0)]))
    painter.setBrush(QColor(colours["boundary"]))
    painter.drawPolygon(QPolygonF([QPointF(0, 15), QPointF(5, 0), QPointF(-5, 0)]))
    painter.setPen(QColor(colours["text"]))
    painter.setFont(lettered(10, bold=True))
    painter.restore()


def _heading(painter: QPainter, facts: Facts, colours: dict[str, str]) -> None:
    """Paint title, time and badge in the upper left corner."""
    y = MARGIN_PX
    if facts.title:
        painter.setFont(lettered(20, bold=True))
        _text(painter, QPointF(MARGIN_PX + 2, y + 20), facts.title, colours)
        y += 32
    painter.setFont(lettered(12))
    if facts.time:
        _text(painter, QPointF(MARGIN_PX + 2, y + 13), facts.time, colours)
        y += 22
    for text in (tr("Synthetic data") if facts.synthetic else "", facts.badge):
        if text:
            _badge(painter, y, text)
            y += 27


def _badge(painter: QPainter, y: float, text: str) -> None:
    box = QRectF(MARGIN_PX, y, QFontMetricsF(painter.font()).horizontalAdvance(text) + 18, 22)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#f2a541"))
    painter.drawRoundedRect(box, 5, 5)
    painter.setPen(QColor("#20160a"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _attribution(painter: QPainter, size: tuple[float, float], facts: Facts, colours: dict[str, str]) -> None:
    if facts.attribution:
        painter.setFont(lettered(11))
        width = QFontMetricsF(painter.font()).horizontalAdvance(facts.attribution)
        _text(painter, QPointF(size[0] - width - MARGIN_PX, size[1] - 6), facts.attribution, colours)


def free_part(size: tuple[float, float], taken: Sequence[QRectF]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the part of the view that title, scale bar and ``taken`` leave to the city."""
    width, height = size
    right = min((box.left() for box in taken), default=width) - min(16.0, 0.03 * width)
    return min(24.0, 0.03 * width), min(58.0, 0.07 * height), max(right, 0.6 * width), height - min(40.0, 0.05 * height)
