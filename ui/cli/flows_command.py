"""``citytwin flows``: who drives on a road in the peak hour, from where to where."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sim.flows import FlowsParams
from twin.errors import ScenarioError
from twin.model.results import Result
from ui.cli.fields import add_options, built, values_of
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.results import print_result, result_json
from ui.cli.table import table
from ui.language import number, percent, tr
from ui.session import DEFAULT_SEED, Session
from ui.zone_names import zone_name

SHOWN = 20
"""Pairs printed on the terminal; --json has all that are listed."""


def add_arguments(parser: Parser) -> None:
    """Add workspace, road, scenario and the parameters of roads and trips."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--road", metavar="NAME", action="append", default=[], help=tr("Name of a road; may be repeated.")
    )
    parser.options.add_argument("--link", metavar="ID", action="append", default=[], help=tr("Key of a link; may be repeated."))
    parser.options.add_argument(
        "--scenario", metavar="NAME", default="baseline", help=tr("Name of the scenario; otherwise the baseline.")
    )
    parser.json_option()
    add_options(parser, FlowsParams, leave_out=frozenset({"roads"}))


def run(arguments: argparse.Namespace) -> int:
    """Find them and print their number, the most important pairs, and what must be said beside."""
    words = [word.strip() for word in (*arguments.road, *arguments.link)]
    if not words or not all(words):
        raise ScenarioError("No road is named.", "Give --road NAME or --link KEY; 'citytwin roads' lists names and keys.")
    roads = "; ".join(words)
    params = built(FlowsParams, {**values_of(arguments, FlowsParams), "roads": roads})
    with Session.open(Path(arguments.workspace)) as session:
        session.choose_scenario(arguments.scenario)
        result = run_task(session.simulate_task("flows", params, DEFAULT_SEED))
        rows = [
            (zone_name(session.snapshot, pair["from"]), zone_name(session.snapshot, pair["to"]), number(pair["trips_vph"], 1))
            for pair in _pairs(result)[:SHOWN]
        ]
    if arguments.json:
        print_json({**result_json(result), "pairs": _pairs(result), "paths": _paths(result)})
        return 0
    print_result(result)
    print(table((tr("From zone"), tr("To zone"), tr("Trips per hour")), rows, right=(2,)))
    paths = [(path["roads"], number(path["trips_vph"], 1), percent(path["share"])) for path in _paths(result)]
    print(table((tr("Path"), tr("Trips per hour"), tr("Share of the pair")), paths, right=(1, 2)))
    return 0


def _paths(result: Result) -> list[dict[str, Any]]:
    listed = result.tables["path"]
    columns = {name: column.tolist() for name, column in listed.columns.items()}
    return [
        {"roads": roads, **{name: column[row] for name, column in columns.items()}}
        for row, roads in enumerate(listed.ids.tolist())
    ]


def _pairs(result: Result) -> list[dict[str, Any]]:
    listed = result.tables["pair"]
    pairs = (key.split(" > ") for key in listed.ids.tolist())
    trips = listed.columns["trips_vph"].tolist()
    return [{"from": begin, "to": end, "trips_vph": count} for (begin, end), count in zip(pairs, trips, strict=True)]
