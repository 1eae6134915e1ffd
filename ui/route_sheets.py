"""What crews get of a day: route sheets in the words of paper, and a folder with all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from twin.errors import ScenarioError
from twin.model.entity import CLOCK_UNIT
from twin.model.results import Result
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task
from ui.language import tr, tr_choice
from ui.output import write_file
from ui.quantity import quantity
from ui.report.contents import credit_of, scenario_label
from ui.report.paper import Around
from ui.report.route_sheet import RouteSheet, SheetStop, SheetTrip, route_sheet_pdf
from ui.routes import csv_of, gpx_of, has_rounds, refuse_others, stops_of, trips_of, truck_file
from ui.session import Session


def hand_over(session: Session, folder: Path) -> Task[int]:
    """Write the current scenario's rounds into a folder: the stops as CSV, a route sheet and a GPX per truck; return how many.

    Raises ``ScenarioError`` where no collection was simulated, the city or the scenario is another one by now, or the folder
    has files of other trucks.
    """
    result = session.result("cleanup")
    if result is None or not has_rounds(result) or not session.is_current(result):
        raise ScenarioError(
            "There are no rounds of this scenario as it is now.",
            "Run the cleanup simulation for it first, then write them again.",
        )
    city = session.edited_snapshot
    trips, stops = trips_of(result), stops_of(result, city)
    trucks = list(dict.fromkeys(trip["truck"] for trip in trips))
    refuse_others(folder, trips)
    yield Progress("Writing the rounds", 0, len(trucks))
    write_file(folder / "stops.csv", csv_of(stops).encode("utf-8-sig"))
    for number, (truck, content) in enumerate(sheets_of(result, city, trips, stops), 1):
        write_file(truck_file(folder, truck, "pdf"), content)
        write_file(truck_file(folder, truck, "gpx"), gpx_of(truck, result, city, trips, stops).encode())
        yield Progress("Writing the rounds", number, len(trucks))
    return len(trucks)


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
    of_trips = groupby(stops, key=itemgetter("truck", "trip"))
    for trip, line, (_, mine) in zip(trips, lines, of_trips, strict=True):
        listed = [_stop(stop, xy[row_of[stop["bin"]]].tolist()) for stop in mine]
        title = tr("Trip {number}: {waste}", number=trip["trip"], waste=tr_choice(trip["waste_kind"]))
        printed.setdefault(trip["truck"], []).append(SheetTrip(title, _facts([trip], leaves=True), listed, line))
    for truck, of_truck in printed.items():
        foot = (city.name, scenario_label(result.scenario), credit_of(city))
        around = Around(tr("Truck {number}", number=truck), foot, city.synthetic)
        facts = _facts([trip for trip in trips if trip["truck"] == truck])
        yield truck, route_sheet_pdf(RouteSheet(around, facts, of_truck, np.asarray(roads)))


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
