"""Legends over the scene: a column in the lower right corner that folds before it covers much of the city."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from layers.base import Legend, LegendEntry
from ui.language import tr_sentence
from ui.legends import Words, words
from ui.scene_view.lettering import lettered

MARGIN_PX = 14.0
_BELOW_PX = 16.0  # room for whose map it is
_ABOVE_PX = 56.0  # room for the north arrow
_WIDEST = 0.3
"""Share of the width that a legend may take."""

_MOST_UNFOLDED, _MOST_FOLDED = 1 / 3, 1 / 2
"""Shares of the height: legends taller than the first together are folded, taller than the second lose their words."""


@dataclass(frozen=True)
class Form:
    """How a legend is set; ``columns`` 0 puts the swatches alone beside the title."""

    font_px: int
    row_px: float
    pad_px: float
    gap_px: float
    columns: int


OPEN = Form(12, 19.0, 10.0, 8.0, 1)
FOLDED = Form(11, 15.0, 7.0, 5.0, 2)
NARROW = Form(11, 15.0, 7.0, 5.0, 1)
SWATCHES = Form(11, 15.0, 6.0, 4.0, 0)


@dataclass(frozen=True)
class Box:
    """A legend that found its place."""

    rect: QRectF
    legend: Legend
    form: Form


def boxes(size: tuple[float, float], legends: Sequence[Legend]) -> list[Box]:
    """Return where each legend stands and in which form: from the lower right corner upwards, the first one lowest."""
    found: list[Box] = []
    right, bottom = size[0] - MARGIN_PX, size[1] - MARGIN_PX - _BELOW_PX
    for legend, form in zip(legends, _forms(size, legends), strict=True):
        width, height = _extent(legend, form)
        if width > size[0] * _WIDEST:
            continue
        if bottom - height < MARGIN_PX + _ABOVE_PX:
            break
        found.append(Box(QRectF(right - width, bottom - height, width, height), legend, form))
        bottom -= height + form.gap_px
    return found


def _forms(size: tuple[float, float], legends: Sequence[Legend]) -> list[Form]:
    """Return the form of each legend: those of the map, which come last, lose their words first, those of numbers last."""
    forms = [OPEN] * len(legends)
    if _height(legends, forms) > size[1] * _MOST_UNFOLDED:
        forms = [FOLDED] * len(legends)
    forms = [_fitting(legend, form, size[0] * _WIDEST) for legend, form in zip(legends, forms, strict=True)]
    # Colours of numbers say nothing without them: these keep their words longest.
    for place in sorted(range(len(legends)), key=lambda at: (any(entry.values for entry in legends[at].entries), -at)):
        if _height(legends, forms) <= size[1] * _MOST_FOLDED:
            break
        forms[place] = SWATCHES
    return forms


def _fitting(legend: Legend, form: Form, most_px: float) -> Form:
    """Return the form, or one that is narrower, that is no wider than a legend may be."""
    return next((each for each in (form, NARROW) if _extent(legend, each)[0] <= most_px), SWATCHES)


def _height(legends: Sequence[Legend], forms: Sequence[Form]) -> float:
    return sum(_extent(legend, form)[1] + form.gap_px for legend, form in zip(legends, forms, strict=True))


def _column_px(said: Words, form: Form) -> float:
    plain = QFontMetricsF(lettered(form.font_px))
    return 22 + max((plain.horizontalAdvance(text) for text in said.entries), default=0.0)


def _extent(legend: Legend, form: Form) -> tuple[float, float]:
    """Return width and height of a legend in pixels."""
    said = words(legend)
    heading = QFontMetricsF(lettered(form.font_px, bold=True)).horizontalAdvance(said.heading)
    if not form.columns:
        return heading + 8 + 12 * len(legend.entries) + 2 * form.pad_px, form.row_px + 2 * form.pad_px - 2
    columns = min(form.columns, len(legend.entries))
    widths = [heading, columns * _column_px(said, form) + 12 * (columns - 1)]
    rows = 1 + math.ceil(len(legend.entries) / columns)
    if legend.note:
        widths.append(QFontMetricsF(lettered(form.font_px)).horizontalAdvance(tr_sentence(legend.note)))
        rows += 1
    return max(widths) + 2 * form.pad_px, rows * form.row_px + 2 * form.pad_px - 3


def paint(painter: QPainter, box: Box, colours: dict[str, str]) -> None:
    """Paint a legend where it stands."""
    said, form = words(box.legend), box.form
    _panel(painter, box.rect, colours)
    x, y = box.rect.left() + form.pad_px, box.rect.top() + form.pad_px
    _write(painter, x, y + 11, said.heading, colours["text"], lettered(form.font_px, bold=True))
    plain = lettered(form.font_px)
    if not form.columns:
        x = box.rect.right() - form.pad_px - 12 * len(box.legend.entries)
        for place, entry in enumerate(box.legend.entries):
            _swatch(painter, QRectF(x + 12 * place, y + 1.5, 11, 10), entry, colours)
        return
    rows = math.ceil(len(box.legend.entries) / form.columns)
    step = _column_px(said, form) + 12
    for place, (entry, text) in enumerate(zip(box.legend.entries, said.entries, strict=True)):
        left, top = x + place // rows * step, y + (1 + place % rows) * form.row_px
        _swatch(painter, QRectF(left + 0.5, top + 0.5, 13, 12), entry, colours)
        _write(painter, left + 22, top + 11, text, colours["text"], plain)
    if box.legend.note:
        _write(painter, x, y + (rows + 1) * form.row_px + 11, tr_sentence(box.legend.note), colours["boundary"], plain)


def _panel(painter: QPainter, rect: QRectF, colours: dict[str, str]) -> None:
    fill, edge = QColor(colours["panel"]), QColor(colours["panel_edge"])
    fill.setAlpha(218)
    painter.setPen(QPen(edge, 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(rect, 6, 6)


def _swatch(painter: QPainter, rect: QRectF, entry: LegendEntry, colours: dict[str, str]) -> None:
    ink = QColor(*entry.rgba[:3])
    if entry.width_px:
        stroke = QRectF(rect.left(), rect.center().y() - entry.width_px / 2, rect.width(), entry.width_px)
        painter.fillRect(stroke, ink)
        return
    painter.setPen(QPen(QColor(colours["panel_edge"]), 1))
    painter.setBrush(ink)
    painter.drawRoundedRect(rect, 3, 3)


def _write(painter: QPainter, x: float, y: float, text: str, ink: str, font: QFont) -> None:
    painter.setPen(QColor(ink))
    painter.setFont(font)
    painter.drawText(QPointF(x, y), text)
