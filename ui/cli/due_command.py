"""``citytwin due``: which bins are due today, tomorrow and in two days, how likely they overflow, and why."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Any

import numpy as np

from twin.errors import ScenarioError
from twin.model.results import ResultTable
from twin.model.snapshot import Snapshot
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.language import number, tr
from ui.output import write_file
from ui.session import Session

MOST_ROWS = 30
"""Bins that a terminal shows; the JSON and the CSV have all that are due."""
NAMES = ("bin", "name", "waste_kind", "lon", "lat", "due_days", "reason", "overflow_today", "overflow_tomorrow",
         "overflow_in_two_days", "full_days")  # fmt: skip


def add_arguments(parser: Parser) -> None:
    """Add workspace, scenario, accepted risk and file."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--scenario", metavar="NAME", default="baseline", help=tr("Name of the scenario; otherwise the baseline.")
    )
    parser.options.add_argument(
        "--risk",
        type=float,
        metavar="SHARE",
        default=0.1,
        help=tr("Probability of overflow from which a bin is due; otherwise 0.1."),
    )
    parser.options.add_argument("--csv", type=Path, metavar="FILE", help=tr("Write the bins that are due as CSV."))
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Find the bins, write them where asked to, and print them."""
    from sim.cleanup import Cleanup
    from sim.cleanup.due import due_of_city

    if not 0.0 < arguments.risk < 1.0:
        raise ScenarioError(f"The accepted risk is {arguments.risk:g}.", "Give a probability between 0 and 1, such as 0.1.")
    with Session.open(Path(arguments.workspace)) as session:
        scenario = session.find_scenario(arguments.scenario)
        city = session.store.snapshot(Cleanup.kinds, histories=Cleanup.histories)
        found = run_task(due_of_city(city, scenario, arguments.risk))
    rows = rows_of(found, scenario.apply(city))
    if arguments.csv is not None:
        write_file(arguments.csv, csv_of(rows).encode("utf-8-sig"))
    if arguments.json:
        print_json(json_of(city, rows, len(found.ids)))
    else:
        print_rows(rows)
    return 0


def rows_of(found: ResultTable, city: Snapshot) -> list[dict[str, Any]]:
    """Return the bins that are due within two days, the most urgent first."""
    from sim.cleanup.due import LATER, REASONS

    columns, bins = found.columns, city["bin"]
    lon_lat = np.round(city.projection.to_lon_lat(bins.xy), 6)
    due = np.flatnonzero(columns["due_days"] < LATER)
    urgent = due[np.lexsort((found.ids[due].astype(str), -columns["overflow_today"][due], columns["due_days"][due]))]
    return [
        {
            "bin": str(found.ids[row]),
            "name": str(bins["name"][row]),
            "waste_kind": str(bins["waste_kind"][row]),
            "lon": lon_lat[row, 0].item(),
            "lat": lon_lat[row, 1].item(),
            "due_days": int(columns["due_days"][row]),
            "reason": REASONS[int(columns["due_reason"][row])],
            "overflow_today": float(columns["overflow_today"][row]),
            "overflow_tomorrow": float(columns["overflow_tomorrow"][row]),
            "overflow_in_two_days": float(columns["overflow_in_two_days"][row]),
            "full_days": int(columns["full_days"][row]),
        }
        for row in urgent.tolist()
    ]


def csv_of(rows: list[dict[str, Any]]) -> str:
    """Return the rows as CSV, with names that a script reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(NAMES)
    writer.writerows([f"{value:.9g}" if isinstance(value, float) else value for value in row.values()] for row in rows)
    return text.getvalue()


def json_of(city: Snapshot, rows: list[dict[str, Any]], count: int) -> dict[str, Any]:
    """Return the rows with how many bins there are and what they rest on."""
    return {"base_version": city.version, "bins": count, "due": [sum(row["due_days"] == days for row in rows) for days in range(3)],
            "rows": rows}  # fmt: skip


def print_rows(rows: list[dict[str, Any]]) -> None:
    """Print how many are due when, and the most urgent."""
    when = (tr("today"), tr("tomorrow"), tr("in two days"))
    why = {"fullness": tr("fullness"), "age": tr("age of the reading"), "alert": tr("alert")}
    counts = [sum(row["due_days"] == days for row in rows) for days in range(3)]
    print(tr("Due today: {today}, tomorrow: {tomorrow}, in two days: {later} bins.",
             today=number(counts[0]), tomorrow=number(counts[1]), later=number(counts[2])))  # fmt: skip
    chances = ("overflow_today", "overflow_tomorrow", "overflow_in_two_days")
    told = [
        [
            row["name"] or row["bin"],
            when[row["due_days"]],
            why[row["reason"]],
            *(f"{row[name]:.0%}" for name in chances),
            str(row["full_days"]),
        ]
        for row in rows[:MOST_ROWS]
    ]
    headings = (tr("Bin"), tr("Due"), tr("Reason"), tr("Overflow within 1 d"), tr("Overflow within 2 d"), tr("Overflow within 3 d"),
                tr("Days to full"))  # fmt: skip
    if told:
        print(table(headings, told, right=(3, 4, 5, 6)))
    if len(rows) > MOST_ROWS:
        print(tr("… and {count} more: --csv FILE or --json has all of them.", count=number(len(rows) - MOST_ROWS)))
