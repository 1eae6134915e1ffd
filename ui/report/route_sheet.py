"""A truck's day on paper: where it drives, what it should collect when, and room to tick and to remark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, QTextDocument

from twin.geo import FloatArray
from ui.language import tr
from ui.report.paint import ROAD, ensure_application, in_qt_thread
from ui.report.paper import BODY_PX, FONTS, Around, blank_document, grid, pdf_of

MAP_HEIGHT_PX = 400
ROUTE, STOP = QColor(20, 97, 143), QColor(179, 51, 31)
NUMBERED_STOPS = 12
"""Numbers on a trip's map at most: more of them hide the way."""
MANY_STOPS = 80
"""Stops from which their dots are small, for the same reason."""


class SheetStop(NamedTuple):
    """A stop as it is printed: all texts, and where it is in the city's metres."""

    number: str
    arrives: str
    name: str
    load: str
    xy: tuple[float, float]


class SheetTrip(NamedTuple):
    """A trip: its heading, its facts in one line, its stops in order and its line in the city's metres."""

    title: str
    facts: str
    stops: Sequence[SheetStop]
    line: shapely.LineString


class RouteSheet(NamedTuple):
    """All trips of one truck; ``roads`` ``(n,)`` are the city's, drawn under the way."""

    around: Around
    facts: str
    trips: Sequence[SheetTrip]
    roads: NDArray[np.object_]


def route_sheet_pdf(sheet: RouteSheet) -> bytes:
    """Return a sheet as the bytes of a PDF, each trip from a page of its own on."""
    ensure_application()
    return in_qt_thread(lambda: pdf_of(_document(sheet), sheet.around))


def _document(sheet: RouteSheet) -> QTextDocument:
    document = blank_document()
    parts = [
        f'<p class="soft">{escape(tr("Route sheet"))}</p><h1>{escape(sheet.around.title)}</h1><p>{escape(sheet.facts)}</p>',
        f'<p class="soft">{escape(tr("Crew"))} ____________________ &nbsp; {escape(tr("Signature"))} ____________________</p>',
    ]
    for number, trip in enumerate(sheet.trips):
        new_page = ' style="page-break-before: always;"' if number else ""
        parts.append(f"<h2{new_page}>{escape(trip.title)}</h2><p>{escape(trip.facts)}</p>")
        parts.append(_map(document, f"map:{number}", trip, sheet.roads))
        parts.append(_stops(trip.stops))
    document.setHtml("".join(parts))
    return document


def _stops(stops: Sequence[SheetStop]) -> str:
    headings = (tr("Stop"), tr("Arrives"), tr("Bin"), tr("Load"), tr("Done"), tr("Remarks"))
    widths = (7, 9, 39, 11, 8, 26)
    head = "".join(f'<th width="{width}%">{escape(text)}</th>' for text, width in zip(headings, widths, strict=True))
    rows = "".join(
        f"<tr><td>{escape(stop.number)}</td><td>{escape(stop.arrives)}</td><td>{escape(stop.name)}</td>"
        f'<td align="right">{escape(stop.load)}</td><td align="center">☐</td><td></td></tr>'
        for stop in stops
    )
    return grid([f"<thead><tr>{head}</tr></thead>", rows])


def _map(document: QTextDocument, name: str, trip: SheetTrip, roads: NDArray[np.object_]) -> str:
    width_px = int(BODY_PX[0])
    picture = _painted(trip, roads, 2 * width_px, 2 * MAP_HEIGHT_PX)
    document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), picture)
    return f'<p><img src="{name}" width="{width_px}" height="{MAP_HEIGHT_PX}"></p>'


def _painted(trip: SheetTrip, roads: NDArray[np.object_], width_px: int, height_px: int) -> QImage:
    """Paint a trip over the roads around it, with the numbers of some of its stops."""
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor(250, 251, 251))
    stops_xy = np.array([stop.xy for stop in trip.stops], dtype=np.float64).reshape(-1, 2)
    way_xy = shapely.get_coordinates(trip.line)
    seen = np.vstack([way_xy, stops_xy])
    middle, half = (seen.min(axis=0) + seen.max(axis=0)) / 2, np.ptp(seen, axis=0) / 2
    scale = min(width_px / (2.2 * half[0] + 200.0), height_px / (2.2 * half[1] + 200.0))
    centre = np.array([width_px, height_px]) / 2

    def placed(xy: FloatArray) -> FloatArray:
        return np.asarray((xy - middle) * (scale, -scale) + centre)

    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    reach = centre / scale
    near = shapely.intersects(roads, shapely.box(*(middle - reach), *(middle + reach)))
    painter.setPen(QPen(ROAD, 3))
    for road in roads[near]:
        painter.drawPolyline(_polygon(placed(shapely.get_coordinates(road))))
    painter.setPen(QPen(ROUTE, 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolyline(_polygon(placed(way_xy)))
    _paint_stops(painter, placed(stops_xy), [stop.number for stop in trip.stops])
    painter.end()
    return image


def _paint_stops(painter: QPainter, places: FloatArray, numbers: Sequence[str]) -> None:
    font = painter.font()
    font.setFamilies(FONTS)
    font.setPixelSize(26)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(STOP)
    radius = 7 if len(places) <= MANY_STOPS else 4
    for x, y in places.tolist():
        painter.drawEllipse(QPointF(x, y), radius, radius)
    shown = np.unique(np.linspace(0, len(places) - 1, min(len(places), NUMBERED_STOPS)).round().astype(int)).tolist()
    for row in shown:
        x, y = places[row].tolist()
        box = QRectF(x + 8, y - 36, 20 + 16 * len(numbers[row]), 34)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 225))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(STOP)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, numbers[row])


def _polygon(xy: FloatArray) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in xy.tolist()])
