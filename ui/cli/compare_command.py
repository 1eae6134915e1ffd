"""``citytwin compare``: two scenarios side by side, and the report of it."""

from __future__ import annotations

import argparse
from pathlib import Path

import sim
from twin.model.comparison import Comparison
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.results import comparison_json, print_comparison
from ui.language import tr
from ui.session import DEFAULT_SEED, Session


def add_arguments(parser: Parser) -> None:
    """Add the two scenarios and where the report goes."""
    parser.workspace_argument()
    parser.arguments.add_argument("before", metavar="BASE", help=tr("Scenario to compare with, such as baseline."))
    parser.arguments.add_argument("after", metavar="SCENARIO", help=tr("Scenario whose effect is asked."))
    parser.options.add_argument(
        "--simulation",
        action="append",
        choices=[item.name for item in sim.SIMULATIONS],
        help=tr("Which simulation, may be given again; otherwise those that the edits have an effect on."),
    )
    parser.options.add_argument(
        "--seed",
        type=int,
        metavar="NUMBER",
        default=DEFAULT_SEED,
        help=tr("Seed of the randomness; otherwise {seed}.", seed=DEFAULT_SEED),
    )
    parser.options.add_argument("--html", metavar="FILE", help=tr("Write the report as a page that opens without a network."))
    parser.options.add_argument("--pdf", metavar="FILE", help=tr("Write the report as a PDF."))
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Run what is missing, print the differences and write the reports."""
    with Session.open(Path(arguments.workspace)) as session:
        comparisons = run_task(session.compare_task(arguments.before, arguments.after, arguments.simulation, seed=arguments.seed))
        written = write_reports(session, comparisons, arguments.html, arguments.pdf)
        if arguments.json:
            print_json({"comparisons": [comparison_json(item) for item in comparisons], "files": [str(path) for path in written]})
            return 0
        print_comparisons(session, comparisons)
        for path in written:
            print(tr("Wrote {path}.", path=path))
    return 0


def print_comparisons(session: Session, comparisons: list[Comparison]) -> None:
    """Print every comparison, and that the city is made up where it is."""
    if session.store.synthetic:
        print(tr("Synthetic data: this city is made up."))
    for comparison in comparisons:
        print()
        print_comparison(comparison)


def write_reports(session: Session, comparisons: list[Comparison], html: str | None, pdf: str | None) -> list[Path]:
    """Write the reports that were asked for and return their paths."""
    from ui.report import html_report, pdf_report

    written = []
    for write, name in ((html_report, html), (pdf_report, pdf)):
        if name:
            run_task(write(session, comparisons, Path(name)))
            written.append(Path(name))
    return written
