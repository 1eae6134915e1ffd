"""The outline around what is selected or lies under the pointer, painted over the scene."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from layers.ground import Ground
from ui.scene_view.lettering import lettered
from ui.scene_view.viewpoint import Viewpoint

MOST_SHAPES = 400
"""Shapes painted at once: a selection of thousands would hide the map and take long."""


def paint(
    painter: QPainter,
    geometries: Iterable[shapely.Geometry],
    ground: Ground,
    viewpoint: Viewpoint,
    size: tuple[float, float],
    *,
    colour: str,
    width_px: float = 3.0,
) -> None:
    """Paint points as rings, lines and areas as their lines."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for _, geometry in zip(range(MOST_SHAPES), geometries, strict=False):
        for ring in _lines(geometry):
            px, depth = viewpoint.project(ground.on(ring, 3.0), size)
            if (depth <= 0).any():
                continue
            _stroke(painter, px, QColor(0, 0, 0, 150), width_px + 2)
            _stroke(painter, px, QColor(colour), width_px)


@dataclass(frozen=True)
class Version:
    """One of several versions of where a thing is: its shape in metres, its colour and what it is called."""

    geometry: shapely.Geometry
    colour: str
    text: str


def paint_versions(
    painter: QPainter, versions: Iterable[Version], ground: Ground, viewpoint: Viewpoint, size: tuple[float, float], halo: str
) -> None:
    """Paint versions of where a thing is, each with its name beside it."""
    painter.setFont(lettered(12, bold=True))
    for version in versions:
        paint(painter, [version.geometry], ground, viewpoint, size, colour=version.colour)
        place = shapely.get_coordinates(version.geometry.representative_point())
        px, depth = viewpoint.project(ground.on(place, 3.0), size)
        if (depth > 0).all():
            at = QPointF(px[0, 0] + 13, px[0, 1] + 5)
            painter.setPen(QColor(halo))
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                painter.drawText(at + QPointF(dx, dy), version.text)
            painter.setPen(QColor(version.colour))
            painter.drawText(at, version.text)


def _lines(geometry: shapely.Geometry) -> list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    edge = shapely.boundary(geometry) if shapely.get_dimensions(geometry) == 2 else geometry
    return [shapely.get_coordinates(part) for part in shapely.get_parts(edge)]


def _stroke(painter: QPainter, px: np.ndarray[tuple[int, int], np.dtype[np.float64]], colour: QColor, width_px: float) -> None:
    painter.setPen(QPen(colour, width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if len(px) == 1:
        painter.drawEllipse(QPointF(*px[0]), 9.0, 9.0)
    else:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in px.tolist()]))
