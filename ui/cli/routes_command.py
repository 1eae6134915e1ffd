"""``citytwin routes``: the rounds of one day as a crew drives them, as a table, CSV and GPX."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sim.cleanup.params import CleanupParams
from twin.model.entity import CLOCK_UNIT
from twin.model.results import Result
from ui.cli.fields import add_options, built, values_of
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.language import number, tr, tr_choice, tr_sentence
from ui.output import write_file
from ui.quantity import quantity
from ui.routes import csv_of, gpx_of, refuse_others, stops_of, trips_of, truck_file
from ui.session import DEFAULT_SEED, Session

ONE_DAY = {"days": 1, "replications": 1}


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
        city = session.edited_snapshot
    trips, stops = trips_of(result), stops_of(result, city)
    for folder in filter(None, (arguments.gpx, arguments.pdf)):
        refuse_others(folder, trips)
    if arguments.csv is not None:
        write_file(arguments.csv, csv_of(stops).encode("utf-8-sig"))
    if arguments.gpx is not None:
        for truck in dict.fromkeys(trip["truck"] for trip in trips):
            write_file(truck_file(arguments.gpx, truck, "gpx"), gpx_of(truck, result, city, trips, stops).encode())
    if arguments.pdf is not None:
        from ui.route_sheets import sheets_of

        for truck, content in sheets_of(result, city, trips, stops):
            write_file(truck_file(arguments.pdf, truck, "pdf"), content)
    if arguments.json:
        print_json({"scenario": result.scenario, "base_version": result.base_version, "input_hash": result.input_hash,
                    "trips": trips, "stops": stops, "notes": list(result.notes)})  # fmt: skip
    else:
        _print_trips(result, trips)
    return 0


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
