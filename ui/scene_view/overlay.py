"""What Qt paints over the scene: legends, scale bar, north arrow, time, the badge of made-up data, whose map it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from layers.base import Legend
from layers.colours import theme
from ui.language import tr
from ui.scene_view.lettering import FAMILIES
from ui.scene_view.viewpoint import Viewpoint

_MARGIN = 14.0
_ROW = 19.0
_PAD = 10.0


@dataclass(frozen=True)
class Facts:
    """What the frame around the scene says besides the layers."""

    title: str = ""
    time: str = ""
    synthetic: bool = False
    attribution: str = ""


def paint(
    painter: QPainter, size: tuple[float, float], viewpoint: Viewpoint, facts: Facts, legends: Sequence[Legend], *, dark: bool
) -> None:
    """Paint everything around the scene."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(_font(12))
    colours = theme(dark=dark)
    _scale_bar(painter, size, viewpoint, colours)
    _north(painter, size, viewpoint, colours)
    _heading(painter, facts, colours)
    _attribution(painter, size, facts, colours)
    for box, legend in legend_boxes(size, legends):
        _legend(painter, box, legend, colours)


def _font(px: int, *, bold: bool = False) -> QFont:
    font = QFont()
    font.setFamilies(list(FAMILIES))
    font.setPixelSize(px)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def _panel(painter: QPainter, rect: QRectF, colours: dict[str, str]) -> None:
    fill, edge = QColor(colours["panel"]), QColor(colours["panel_edge"])
    fill.setAlpha(218)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(rect, 6, 6)


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
    x, y = _MARGIN + 4, size[1] - _MARGIN - 6
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
    centre = QPointF(size[0] - _MARGIN - 20, _MARGIN + 22)
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
    painter.setFont(_font(10, bold=True))
    painter.restore()


def _heading(painter: QPainter, facts: Facts, colours: dict[str, str]) -> None:
    """Paint title, time and badge in the upper left corner."""
    y = _MARGIN
    if facts.title:
        painter.setFont(_font(20, bold=True))
        _text(painter, QPointF(_MARGIN + 2, y + 20), facts.title, colours)
        y += 32
    painter.setFont(_font(12))
    if facts.time:
        _text(painter, QPointF(_MARGIN + 2, y + 13), facts.time, colours)
        y += 22
    if facts.synthetic:
        text = tr("Synthetic data")
        box = QRectF(_MARGIN, y, QFontMetricsF(painter.font()).horizontalAdvance(text) + 18, 22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#f2a541"))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor("#20160a"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _attribution(painter: QPainter, size: tuple[float, float], facts: Facts, colours: dict[str, str]) -> None:
    if facts.attribution:
        painter.setFont(_font(11))
        width = QFontMetricsF(painter.font()).horizontalAdvance(facts.attribution)
        _text(painter, QPointF(size[0] - width - _MARGIN, size[1] - 6), facts.attribution, colours)


def legend_boxes(size: tuple[float, float], legends: Sequence[Legend]) -> list[tuple[QRectF, Legend]]:
    """Return where each legend stands: from the lower right corner upwards, then in further columns to the left."""
    right, bottom = size[0] - _MARGIN, size[1] - _MARGIN - 16
    widest, found = 0.0, []
    for legend in legends:
        width, height = _legend_size(legend)
        if bottom - height < _MARGIN + 56:
            right, bottom, widest = right - widest - 8, size[1] - _MARGIN - 16, 0.0
        if right - width < size[0] * 0.68 or bottom - height < _MARGIN:
            break  # the scene itself needs the room
        found.append((QRectF(right - width, bottom - height, width, height), legend))
        bottom, widest = bottom - height - 8, max(widest, width)
    return found


def _legend_title(legend: Legend) -> str:
    return tr(legend.title) + (f"  ({tr(legend.unit)})" if legend.unit else "")


def _entry_text(entry: object) -> str:
    label, text = getattr(entry, "label", ""), getattr(entry, "text", "")
    return tr(label) if label else str(text)


def _legend_size(legend: Legend) -> tuple[float, float]:
    plain, bold = QFontMetricsF(_font(12)), QFontMetricsF(_font(12, bold=True))
    widths = [bold.horizontalAdvance(_legend_title(legend))]
    widths += [22 + plain.horizontalAdvance(_entry_text(entry)) for entry in legend.entries]
    rows = 1 + len(legend.entries)
    if legend.note:
        widths.append(plain.horizontalAdvance(tr(legend.note)))
        rows += 1
    return max(widths) + 2 * _PAD, rows * _ROW + 2 * _PAD - 3


def _legend(painter: QPainter, rect: QRectF, legend: Legend, colours: dict[str, str]) -> None:
    _panel(painter, rect, colours)
    x, y = rect.left() + _PAD, rect.top() + _PAD
    painter.setPen(QColor(colours["text"]))
    painter.setFont(_font(12, bold=True))
    painter.drawText(QPointF(x, y + 11), _legend_title(legend))
    painter.setFont(_font(12))
    for entry in legend.entries:
        y += _ROW
        painter.setPen(QPen(QColor(colours["panel_edge"]), 1))
        painter.setBrush(QColor(*entry.rgba[:3]))
        painter.drawRoundedRect(QRectF(x + 0.5, y + 0.5, 13, 12), 3, 3)
        painter.setPen(QColor(colours["text"]))
        painter.drawText(QPointF(x + 22, y + 11), _entry_text(entry))
    if legend.note:
        painter.setPen(QColor(colours["boundary"]))
        painter.drawText(QPointF(x, y + _ROW + 11), tr(legend.note))
