"""Route sheets: each stop is a row in order, each trip begins a page, and a made-up city says so."""

from __future__ import annotations

import numpy as np
import shapely

from ui.report import route_sheet
from ui.report.paint import ensure_application
from ui.report.paper import BODY_PX, Around
from ui.report.route_sheet import RouteSheet, SheetStop, SheetTrip, route_sheet_pdf

ROADS = np.array([shapely.LineString([(0, y), (900, y)]) for y in (0, 300, 600)], dtype=object)


def sheet(stops: int, trips: int = 1) -> RouteSheet:
    listed = [SheetStop(str(n + 1), "06:00", f"Bin <{n}>", "10 L", (n * 9.0, 300.0)) for n in range(stops)]
    way = shapely.LineString([(0, 300), (900, 300)])
    return RouteSheet(
        Around("Truck 1", ("Town",), is_synthetic=True),
        "10 stops",
        [SheetTrip(f"Trip {n}", "litter", listed, way) for n in range(trips)],
        ROADS,
    )


def test_every_stop_is_a_row_in_order_whatever_its_name():
    ensure_application()
    text = route_sheet._document(sheet(90)).toPlainText()
    places = [text.index(f"Bin <{number}>") for number in range(90)]
    assert places == sorted(places)
    assert text.count("☐") == 90


def test_each_trip_begins_a_page_and_long_lists_go_on():
    assert route_sheet_pdf(sheet(3, trips=3)).count(b"/Type /Page\n") == 3
    assert route_sheet_pdf(sheet(90)).count(b"/Type /Page\n") > 1


def test_a_trip_to_one_place_is_still_drawn():
    only = sheet(1).trips[0]._replace(line=shapely.LineString([(0, 300), (0, 300)]))
    ensure_application()
    picture = route_sheet._painted(only, ROADS, 2 * int(BODY_PX[0]), 800)
    assert {picture.pixelColor(x, 400).rgb() for x in range(picture.width())} >= {route_sheet.STOP.rgb()}
