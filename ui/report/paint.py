"""Maps of a report painted flat: for paper, and for a page where nothing can be drawn live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import shapely
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, Qt, QThread
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPen, QPolygonF

from layers.ribbons import LEAST_PX, MOST_PX
from ui.report.maps import CityMap, MapView

T = TypeVar("T")

WATER, GREEN, ROAD = QColor(190, 214, 232), QColor(221, 234, 214), QColor(205, 207, 210)


def painted(city_map: CityMap, view: MapView, width_px: int = 1800, height_px: int = 1040) -> QImage:
    """Paint one view of a map; needs no window."""
    ensure_application()
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor(250, 251, 251))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    place = _Place(city_map.bounds, width_px, height_px)
    for shapes, colour in ((city_map.backdrop.green, GREEN), (city_map.backdrop.water, WATER)):
        _areas(painter, place, shapes, [colour] * len(shapes))
    _lines(painter, place, city_map.backdrop.roads, [ROAD] * len(city_map.backdrop.roads), width_px / 1200)
    colours = [QColor(*row) for row in view.rgba.tolist()]
    if city_map.kind == "cell":
        for colour in colours:
            colour.setAlphaF(colour.alphaF() * 0.7)
        _areas(painter, place, city_map.shapes, colours)
    elif city_map.kind == "link":
        _roads(painter, place, city_map, colours, width_px / 1200)
    else:
        _points(painter, place, city_map.shapes, colours, width_px / 450)
    painter.end()
    return image


def png(image: QImage) -> bytes:
    """Return an image as the bytes of a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub is wrong about the format
    return bytes(buffer.data().data())


def ensure_application() -> QGuiApplication:
    """Return Qt's application; without one, make one that needs no display (fonts and images want it)."""
    import os

    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    return QApplication(["citytwin"])


def in_qt_thread(function: Callable[[], T]) -> T:
    """Return what the function returns, called where Qt can start a timer: laying out a long text does.

    That is the window's thread, or one of Qt's own; the window's lanes are neither.
    """
    if QThread.currentThread().eventDispatcher() is not None:
        return function()
    thread = _Call(function)
    thread.start()
    thread.wait()
    if thread.error is not None:
        raise thread.error
    return cast("T", thread.value)


class _Call(QThread):
    """Calls one function in a thread of Qt's and keeps what came of it."""

    def __init__(self, function: Callable[[], object]) -> None:
        super().__init__()
        self._function = function
        self.value: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Call it."""
        try:
            self.value = self._function()
        except BaseException as error:  # noqa: BLE001  raised again where somebody waits for the value
            self.error = error


class _Place:
    """Degrees to pixels: the map fits the picture, a degree of longitude shrunk by the latitude."""

    def __init__(self, bounds: tuple[float, float, float, float], width_px: int, height_px: int) -> None:
        west, south, east, north = bounds
        self._shrink = float(np.cos(np.radians((south + north) / 2)))
        scale = min(width_px / max((east - west) * self._shrink, 1e-6), height_px / max(north - south, 1e-6)) * 0.96
        self._scale = scale
        self._middle = ((west + east) / 2, (south + north) / 2)
        self._half = (width_px / 2, height_px / 2)

    def pixels(self, shape: Any) -> list[QPointF]:
        xy = shapely.get_coordinates(shape)
        x = self._half[0] + (xy[:, 0] - self._middle[0]) * self._shrink * self._scale
        y = self._half[1] - (xy[:, 1] - self._middle[1]) * self._scale
        return [QPointF(px, py) for px, py in zip(x.tolist(), y.tolist(), strict=True)]


def _areas(painter: QPainter, place: _Place, shapes: Any, colours: list[QColor]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for shape, colour in zip(shapes, colours, strict=True):
        painter.setBrush(colour)
        for part in shapely.get_parts(shape):
            painter.drawPolygon(QPolygonF(place.pixels(part.exterior)))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _lines(painter: QPainter, place: _Place, shapes: Any, colours: list[QColor], width_px: float) -> None:
    pen = QPen()
    pen.setWidthF(width_px)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    for shape, colour in zip(shapes, colours, strict=True):
        pen.setColor(colour)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(place.pixels(shape)))


def _roads(painter: QPainter, place: _Place, city_map: CityMap, colours: list[QColor], scale: float) -> None:
    """Paint roads as wide as their traffic, each direction beside its line; the busiest on top."""
    if city_map.sizes is None:
        _lines(painter, place, city_map.shapes, colours, 2.5 * scale)
        return
    pen = QPen()
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    for row in np.argsort(city_map.sizes, kind="stable").tolist():
        width = scale * (LEAST_PX + (MOST_PX - LEAST_PX) * float(city_map.sizes[row]))
        pen.setWidthF(width)
        pen.setColor(colours[row])
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(_beside(place.pixels(city_map.shapes[row]), width / 2)))


def _beside(line: list[QPointF], shift_px: float) -> list[QPointF]:
    """Return a line moved to the right of its direction."""
    xy = np.array([(point.x(), point.y()) for point in line])
    along = np.gradient(xy, axis=0) if len(xy) > 1 else np.zeros_like(xy)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    moved = xy + shift_px * np.column_stack([-along[:, 1], along[:, 0]])  # rows of pixels count downwards
    return [QPointF(x, y) for x, y in moved.tolist()]


def _points(painter: QPainter, place: _Place, shapes: Any, colours: list[QColor], radius_px: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for shape, colour in zip(shapes, colours, strict=True):
        painter.setBrush(colour)
        middle = place.pixels(shape)[0]
        painter.drawEllipse(QRectF(middle.x() - radius_px, middle.y() - radius_px, 2 * radius_px, 2 * radius_px))
    painter.setBrush(Qt.BrushStyle.NoBrush)
