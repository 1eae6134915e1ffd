"""Names on the map: which of them fit without touching, and how they are painted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from layers.base import LabelMarks
from ui.scene_view.viewpoint import Viewpoint

FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "DejaVu Sans",
)
"""Fonts with Chinese signs, the best first."""

MOST_LABELS = 220
_CANDIDATES = 1500
_SIZES_PX = {"district": 17, "place": 12, "street": 11, "value": 12}
_GAP_PX = 6.0
_CURVED = re.compile("(?<=[\u0041-\u024f])[\u2018\u2019]|[\u2018\u2019](?=[\u0041-\u024f])")


@dataclass(frozen=True)
class Label:
    """A name that found its place: text, middle of its foot in pixels, lettering."""

    text: str
    x_px: float
    y_px: float
    role: str
    rect: tuple[float, float, float, float]


def placed(
    marks: Iterable[LabelMarks],
    viewpoint: Viewpoint,
    size: tuple[float, float],
    language: str,
    taken: Sequence[tuple[float, float, float, float]] = (),
) -> tuple[Label, ...]:
    """Return the labels that are in view and touch neither each other nor ``taken`` boxes, the most important first."""
    candidates: list[tuple[float, float, float, str, str]] = []
    width, height = size
    for mark in marks:
        if not len(mark.xyz):
            continue
        px, depth = viewpoint.project(mark.xyz, size)
        inside = (depth > 0) & (px[:, 0] > 0) & (px[:, 0] < width) & (px[:, 1] > 20) & (px[:, 1] < height)
        inside &= depth < viewpoint.distance_m * 3  # names near the horizon would only crowd it
        texts = mark.text_zh if language == "zh_CN" else mark.text_en
        candidates += [
            (float(mark.priority[row]), float(px[row, 0]), float(px[row, 1]), narrow_quotes(str(texts[row])), mark.role)
            for row in np.flatnonzero(inside).tolist()
            if texts[row]
        ]
    candidates.sort(key=lambda item: (-item[0], item[3], item[1]))
    return _decluttered(candidates[:_CANDIDATES], np.array(taken, dtype=np.float64).reshape(-1, 4))


def narrow_quotes(text: str) -> str:
    """Return a text with plain apostrophes in Latin words: Chinese fonts draw curved ones as wide as a sign."""
    return _CURVED.sub("'", text)


def _decluttered(
    candidates: list[tuple[float, float, float, str, str]], boxes: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> tuple[Label, ...]:
    """Keep each label that touches none kept before; the same text is not repeated within 220 pixels."""
    kept: list[Label] = []
    for _, x, y, text, role in candidates:
        w, h = extent_px(text, role)
        box = (x - w / 2 - _GAP_PX, y - h / 2 - _GAP_PX, x + w / 2 + _GAP_PX, y + h / 2 + _GAP_PX)
        if (
            len(boxes)
            and ((boxes[:, 0] < box[2]) & (boxes[:, 2] > box[0]) & (boxes[:, 1] < box[3]) & (boxes[:, 3] > box[1])).any()
        ):
            continue
        if any(item.text == text and abs(item.x_px - x) + abs(item.y_px - y) < 220 for item in kept):
            continue
        kept.append(Label(text, x, y, role, box))
        boxes = np.vstack([boxes, box])
        if len(kept) >= MOST_LABELS:
            break
    return tuple(kept)


def font(role: str) -> QFont:
    """Return the lettering of a kind of name."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(_SIZES_PX.get(role, 12))
    if role == "district":
        made.setWeight(QFont.Weight.DemiBold)
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 2.0)
    return made


def lettered(px: int, *, bold: bool = False) -> QFont:
    """Return the lettering of what stands around the scene."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(px)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made


@lru_cache(maxsize=20_000)
def extent_px(text: str, role: str) -> tuple[float, float]:
    """Return width and height of a text in pixels."""
    metrics = QFontMetricsF(font(role))
    return metrics.horizontalAdvance(text), metrics.height()


@lru_cache(maxsize=3000)
def _stamp(text: str, role: str, ink: str, halo: str, ratio: float) -> QImage:
    """Return a text with its halo as a small picture: painting it again costs next to nothing."""
    width, height = extent_px(text, role)
    image = QImage(round((width + 8) * ratio), round((height + 6) * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.addText(QPointF(4, 3 + QFontMetricsF(font(role)).ascent()), font(role), text)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rim = QColor(halo)
    rim.setAlpha(215)
    painter.strokePath(path, QPen(rim, 3.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.fillPath(path, QColor(ink))
    painter.end()
    return image


def paint(painter: QPainter, labels: Iterable[Label], ink: str, halo: str, ratio: float = 1.0) -> None:
    """Paint placed labels."""
    for label in labels:
        stamp = _stamp(label.text, label.role, ink, halo, ratio)
        size = stamp.deviceIndependentSize()
        corner = QPointF(round(label.x_px - size.width() / 2), round(label.y_px - size.height() / 2))
        painter.drawImage(QRectF(corner, size), stamp, QRectF(stamp.rect()))
