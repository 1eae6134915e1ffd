"""``citytwin due``: which bins are due today, tomorrow and in two days, how likely they overflow, and why."""

from __future__ import annotations

import argparse
from pathlib import Path

from twin.errors import ScenarioError
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.due import RISK, WHEN, WHY, DueBins, counts_in_words, csv_of, due_task, name_of
from ui.language import number, tr
from ui.output import write_file
from ui.session import Session

MOST_ROWS = 30
"""Bins that a terminal shows; the JSON and the CSV have all that are due."""


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
        default=RISK,
        help=tr("Probability of overflow from which a bin is due; otherwise 0.1."),
    )
    parser.options.add_argument("--csv", type=Path, metavar="FILE", help=tr("Write the bins that are due as CSV."))
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Find the bins, write them where asked to, and print them."""
    if not 0.0 < arguments.risk < 1.0:
        raise ScenarioError(f"The accepted risk is {arguments.risk:g}.", "Give a probability between 0 and 1, such as 0.1.")
    with Session.open(Path(arguments.workspace)) as session:
        found = run_task(due_task(session, session.find_scenario(arguments.scenario), arguments.risk))
    if arguments.csv is not None:
        write_file(arguments.csv, csv_of(found.rows).encode("utf-8-sig"))
    if arguments.json:
        print_json({"base_version": found.version, "bins": found.bins, "due": list(found.counts), "rows": list(found.rows)})
    else:
        print_rows(found)
    return 0


def print_rows(found: DueBins) -> None:
    """Print how many are due when, and the most urgent."""
    print(counts_in_words(found))
    chances = ("overflow_today", "overflow_tomorrow", "overflow_in_two_days")
    told = [
        [
            name_of(row),
            tr(WHEN[row["due_days"]]),
            tr(WHY[row["reason"]]),
            *(f"{row[name]:.0%}" for name in chances),
            str(row["full_days"]),
        ]
        for row in found.rows[:MOST_ROWS]
    ]
    headings = (tr("Bin"), tr("Due"), tr("Reason"), tr("Overflow within 1 d"), tr("Overflow within 2 d"), tr("Overflow within 3 d"),
                tr("Days to full"))  # fmt: skip
    if told:
        print(table(headings, told, right=(3, 4, 5, 6)))
    if len(found.rows) > MOST_ROWS:
        print(tr("… and {count} more: --csv FILE or --json has all of them.", count=number(len(found.rows) - MOST_ROWS)))
