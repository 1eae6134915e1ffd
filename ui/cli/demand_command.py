"""``citytwin demand``: the trips of a city, where they come from, how well they meet the counts; as a matrix, too."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.travel.params import TravelParams
from ui import demand
from ui.cli.fields import add_options, built, values_of
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.language import number, percent, tr, tr_sentence
from ui.output import write_file
from ui.session import Session


def add_arguments(parser: Parser) -> None:
    """Add the workspace, the files to write and the parameters of trips and roads."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--csv", type=Path, metavar="FILE", help=tr("Write the trips as rows of origin, destination, trips.")
    )
    parser.options.add_argument("--omx", type=Path, metavar="FILE", help=tr("Write the trips as an Open Matrix file."))
    parser.json_option()
    add_options(parser, TravelParams)


def run(arguments: argparse.Namespace) -> int:
    """Make the trips, write the files that are asked for, and print what is known of them."""
    params = built(TravelParams, values_of(arguments, TravelParams))
    with Session.open(Path(arguments.workspace), writable=False) as session:
        snapshot, baseline = run_task(demand.made(session.store, params))
    labels = demand.zone_labels(snapshot, baseline)
    if arguments.csv is not None:
        write_file(arguments.csv, demand.demand_csv(labels, baseline))
    if arguments.omx is not None:
        from twin.sources.omx import write_omx

        write_omx(arguments.omx, labels, {"trips": baseline.problem.demand})
    found = demand.demand_json(baseline)
    if arguments.json:
        print_json(found)
    else:
        _print(found)
    return 0


def _print(found: dict[str, Any]) -> None:
    print(table((tr("What"), tr("Value")), _rows(found), right=(1,)))
    for note in found["notes"]:
        print(f"* {tr_sentence(note)}")


def _rows(found: dict[str, Any]) -> Sequence[tuple[str, str]]:
    imported = found["source"] == "imported"
    rows = [
        (tr("Source of the trips"), tr("imported matrix") if imported else tr("synthetic")),
        (tr("Trips per hour"), number(found["trips_vph"], 0)),
        (tr("Hour"), f"{found['hour']}:00"),
        (tr("Zones"), number(found["zones"])),
    ]
    fit = found["fit"]
    if fit is None:
        return rows
    rows += [
        (tr("Count stations in the fit"), number(fit["fit_stations"], 0)),
        (tr("Median GEH"), number(fit["fit_median_geh"], 1)),
        (tr("Stations with a GEH under 5"), percent(fit["fit_share_geh_under_5"])),
        ("R²", number(fit["fit_r2"], 3)),
        (tr("RMSE (veh/h)"), number(fit["fit_rmse_vph"], 0)),
    ]
    if "held_out_stations" in fit:
        rows += [
            (tr("Stations left out"), number(fit["held_out_stations"], 0)),
            (tr("Median GEH of those left out"), number(fit["held_out_median_geh"], 1)),
            (tr("R² of those left out"), number(fit["held_out_r2"], 3)),
        ]
    return rows
