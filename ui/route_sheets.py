"""The route sheets of a day: what a result says of trips and stops, in the words of paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from twin.model.entity import CLOCK_UNIT
from twin.model.results import Result
from twin.model.snapshot import Snapshot
from ui.language import tr, tr_choice
from ui.quantity import quantity
from ui.report.contents import scenario_label
from ui.report.paper import Around
from ui.report.route_sheet import RouteSheet, SheetStop, SheetTrip, route_sheet_pdf


def sheets_of(
    result: Result, city: Snapshot, trips: Sequence[dict[str, Any]], stops: Sequence[dict[str, Any]]
) -> Iterator[tuple[int, bytes]]:
    """Give each truck's number with its sheet as PDF; ``trips`` and ``stops`` are those of ``citytwin routes``."""
    lines, roads = result.tables["route"].geometry, city["link"].geometry
    assert lines is not None  # noqa: S101  routes always have lines
    assert roads is not None  # noqa: S101  and so have links
    xy = city["bin"].xy
    row_of = {key: row for row, key in enumerate(city["bin"].ids.tolist())}
    printed: dict[int, list[SheetTrip]] = {}
    for trip, line in zip(trips, lines, strict=True):
        mine = [stop for stop in stops if (stop["truck"], stop["trip"]) == (trip["truck"], trip["trip"])]
        listed = [_stop(stop, xy[row_of[stop["bin"]]].tolist()) for stop in mine]
        title = tr("Trip {number}: {waste}", number=trip["trip"], waste=tr_choice(trip["waste_kind"]))
        printed.setdefault(trip["truck"], []).append(SheetTrip(title, _facts([trip], leaves=True), listed, line))
    for truck, of_truck in printed.items():
        around = Around(tr("Truck {number}", number=truck), (city.name, scenario_label(result.scenario)), city.synthetic)
        yield (
            truck,
            route_sheet_pdf(RouteSheet(around, _facts([t for t in trips if t["truck"] == truck]), of_truck, np.asarray(roads))),
        )


def _stop(stop: dict[str, Any], xy: list[float]) -> SheetStop:
    return SheetStop(
        str(stop["stop"]),
        quantity(stop["arrives_s"], CLOCK_UNIT),
        stop["name"] or stop["bin"],
        quantity(stop["load_l"], "L"),
        (xy[0], xy[1]),
    )


def _facts(trips: Sequence[dict[str, Any]], *, leaves: bool = False) -> str:
    """Return what some trips add up to, in one line."""
    parts = [f"{tr('Leaves')} {quantity(trips[0]['leaves_s'], CLOCK_UNIT)}"] if leaves else []
    for label, name, unit in (
        ("Stops", "stops", ""),
        ("Load", "load_l", "L"),
        ("Distance", "distance_km", "km"),
        ("Duration", "duration_s", "s"),
    ):
        parts.append(f"{tr(label)} {quantity(sum(trip[name] for trip in trips), unit)}")
    return " · ".join(parts)
