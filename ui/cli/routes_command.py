"""``citytwin routes``: the rounds of one day as a crew drives them, as a table, CSV and GPX."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sim.cleanup.params import CleanupParams
from twin.model.entity import CLOCK_UNIT
from twin.model.results import Result
from twin.model.snapshot import Snapshot
from ui.cli.fields import add_options, built, values_of
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.gpx import Mark, gpx
from ui.language import number, tr, tr_choice, tr_sentence
from ui.output import write_file
from ui.quantity import quantity
from ui.session import DEFAULT_SEED, Session

ONE_DAY = {"days": 1, "replications": 1}
NAMES = ("truck", "trip", "stop", "bin", "name", "waste_kind", "lon", "lat", "arrives", "load_l", "distance_km")
_LON_LAT_DIGITS = 6


def add_arguments(parser: Parser) -> None:
    """Add workspace, scenario, files and the parameters of the collection."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--scenario", metavar="NAME", default="baseline", help=tr("Name of the scenario; otherwise the baseline.")
    )
    parser.options.add_argument("--csv", type=Path, metavar="FILE", help=tr("Write the stops in the order of driving as CSV."))
    parser.options.add_argument(
        "--gpx", type=Path, metavar="FOLDER", help=tr("Write a GPX file per truck, with its way and its stops, for navigation.")
    )
    parser.options.add_argument(
        "--pdf",
        type=Path,
        metavar="FOLDER",
        help=tr("Write a route sheet per truck as PDF, with maps and a box to tick per stop."),
    )
    parser.json_option()
    add_options(parser, CleanupParams, leave_out=frozenset(ONE_DAY))


def run(arguments: argparse.Namespace) -> int:
    """Plan the day, write it where asked to, and print a line per trip."""
    params = built(CleanupParams, {**values_of(arguments, CleanupParams), **ONE_DAY})
    with Session.open(Path(arguments.workspace)) as session:
        session.choose_scenario(arguments.scenario)
        result = run_task(session.simulate_task("cleanup", params, DEFAULT_SEED))
        city = session.scenario.apply(session.snapshot)
    trips, stops = trips_of(result), stops_of(result, city)
    if arguments.csv is not None:
        write_file(arguments.csv, csv_of(stops).encode("utf-8-sig"))
    if arguments.gpx is not None:
        for truck in dict.fromkeys(trip["truck"] for trip in trips):
            write_file(arguments.gpx / f"truck-{truck:03d}.gpx", gpx_of(truck, result, city, trips, stops).encode())
    if arguments.pdf is not None:
        from ui.route_sheets import sheets_of

        for truck, content in sheets_of(result, city, trips, stops):
            write_file(arguments.pdf / f"truck-{truck:03d}.pdf", content)
    if arguments.json:
        print_json({"scenario": result.scenario, "base_version": result.base_version, "input_hash": result.input_hash,
                    "trips": trips, "stops": stops, "notes": list(result.notes)})  # fmt: skip
    else:
        _print_trips(result, trips)
    return 0


def trips_of(result: Result) -> list[dict[str, Any]]:
    """Return the trips of the day in the order of trucks and turns."""
    routes = result.tables["route"]
    names = (key.split(" ", 1) for key in routes.ids.tolist())
    columns = {name: column.tolist() for name, column in routes.columns.items()}
    found = []
    for row, (turn, waste) in enumerate(names):
        truck, trip = (int(word) for word in turn.split("-"))
        found.append({"truck": truck, "trip": trip, "waste_kind": waste, **{name: columns[name][row] for name in columns}})
    return found


def stops_of(result: Result, city: Snapshot) -> list[dict[str, Any]]:
    """Return the stops of the day in the order of driving, with what the city knows of each bin."""
    stops, bins = result.tables["stop"], city["bin"]
    row_of = {key: row for row, key in enumerate(bins.ids.tolist())}
    rows = np.array([row_of[key] for key in stops.ids.tolist()], dtype=np.intp)
    lon_lat = np.round(city.projection.to_lon_lat(bins.xy[rows]), _LON_LAT_DIGITS).tolist()
    columns = {name: column.tolist() for name, column in stops.columns.items()}
    return [
        {
            "truck": int(columns["truck"][place]),
            "trip": int(columns["trip"][place]),
            "stop": int(columns["stop"][place]),
            "bin": str(key),
            "name": str(bins["name"][row]),
            "waste_kind": str(bins["waste_kind"][row]),
            "lon": lon_lat[place][0],
            "lat": lon_lat[place][1],
            "arrives_s": columns["arrives_s"][place],
            "load_l": columns["load_l"][place],
            "distance_km": columns["distance_km"][place],
        }
        for place, (key, row) in enumerate(zip(stops.ids.tolist(), rows.tolist(), strict=True))
    ]


def csv_of(stops: list[dict[str, Any]]) -> str:
    """Return the stops as CSV; ``arrives`` is the time of day, HH:MM."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(NAMES)
    for stop in stops:
        told = {**stop, "arrives": quantity(stop["arrives_s"], CLOCK_UNIT), "load_l": f"{stop['load_l']:.0f}",
                "distance_km": f"{stop['distance_km']:.3f}"}  # fmt: skip
        writer.writerow([told[name] for name in NAMES])
    return text.getvalue()


def gpx_of(truck: int, result: Result, city: Snapshot, trips: list[dict[str, Any]], stops: list[dict[str, Any]]) -> str:
    """Return a truck's day as GPX: its stops as waypoints, its trips as segments of one track."""
    lines = result.tables["route"].geometry
    assert lines is not None  # noqa: S101  routes always have lines
    marks = [
        Mark(
            (stop["lon"], stop["lat"]),
            f"{stop['trip']}.{stop['stop']} {stop['name'] or stop['bin']}",
            f"{quantity(stop['arrives_s'], CLOCK_UNIT)} · {quantity(stop['load_l'], 'L')}",
        )
        for stop in stops
        if stop["truck"] == truck
    ]
    segments = [
        city.projection.to_lon_lat(shapely.get_coordinates(line))
        for trip, line in zip(trips, lines, strict=True)
        if trip["truck"] == truck
    ]
    return gpx(tr("Truck {number}", number=truck), marks, segments)


def _print_trips(result: Result, trips: list[dict[str, Any]]) -> None:
    """Print a line per trip and what must be said beside."""
    if not trips:
        print(tr("No bin is collected on this day."))
    else:
        headings = (tr("Truck"), tr("Trip"), tr("Leaves"), tr("Waste"), tr("Stops"), tr("Load"), tr("Distance"), tr("Duration"))
        rows = [
            (str(trip["truck"]), str(trip["trip"]), quantity(trip["leaves_s"], CLOCK_UNIT), tr_choice(trip["waste_kind"]),
             number(trip["stops"]), quantity(trip["load_l"], "L"), quantity(trip["distance_km"], "km"),
             quantity(trip["duration_s"], "s"))
            for trip in trips
        ]  # fmt: skip
        print(table(headings, rows, right=(0, 1, 2, 4, 5, 6, 7)))
    for note in result.notes:
        print(f"* {tr_sentence(note)}")
