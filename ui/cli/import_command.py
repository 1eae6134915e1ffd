"""``citytwin import``: a file into the city, as one step that can be undone."""

from __future__ import annotations

import argparse
from pathlib import Path

from twin.ingest import ImportReport
from twin.sources.base import ReadOptions
from twin.sources.columns import TABLE_KINDS
from twin.sources.mapping import read_mapping
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.language import number, tr, tr_sentence
from ui.session import Session
from ui.words import kind_label

PROBLEMS_SHOWN = 10


def add_arguments(parser: Parser) -> None:
    """Add the file and what may be said about it."""
    parser.workspace_argument()
    parser.arguments.add_argument("source", metavar="SOURCE", help=tr("File to import."))
    options = parser.options
    options.add_argument(
        "--as",
        dest="kind",
        metavar="KIND",
        choices=TABLE_KINDS,
        help=tr("What the records are: {kinds}.", kinds=", ".join(TABLE_KINDS)),
    )
    options.add_argument("--mapping", metavar="FILE", help=tr("File that says which column is which."))
    options.add_argument("--crs", metavar="CRS", help=tr("Coordinate system: EPSG:3067, gcj02, bd09 …"))
    options.add_argument("--encoding", metavar="NAME", help=tr("Code page of the text; otherwise it is recognised."))
    options.add_argument(
        "--timezone", metavar="NAME", default="UTC", help=tr("Time zone of times that name none; otherwise UTC.")
    )
    options.add_argument("--layer", metavar="NAME", help=tr("Which layer or sheet of the file."))
    options.add_argument("--source-name", metavar="TEXT", help=tr("Where the records come from; otherwise the name of the file."))
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Import the file and print what came in and what did not."""
    options = ReadOptions(
        kind=arguments.kind,
        mapping=read_mapping(Path(arguments.mapping)) if arguments.mapping else None,
        crs=arguments.crs,
        encoding=arguments.encoding,
        time_zone=arguments.timezone,
        layer=arguments.layer,
        source=arguments.source_name,
    )
    with Session.open(Path(arguments.workspace)) as session:
        report = run_task(session.import_task(Path(arguments.source), options))
    if arguments.json:
        print_json(report.as_json())
    else:
        _print_report(report)
    return 0


def _print_report(report: ImportReport) -> None:
    """Print what came in by kind, what was assumed, and the first of what was left out."""
    columns = (report.added + report.history, report.changed, report.unchanged + report.history_unchanged, report.removed)
    kinds = dict.fromkeys(kind for counts in columns for kind in counts)
    print(tr("Imported {file}.", file=report.file))
    rows = [(kind_label(kind, 2), *(number(counts[kind]) for counts in columns)) for kind in kinds]
    if rows:
        print(table((tr("What"), tr("Added"), tr("Changed"), tr("Unchanged"), tr("Removed")), rows, right=(1, 2, 3, 4)))
    if report.terrain:
        print(tr("Terrain was taken over."))
    for note in report.notes:
        print(f"* {tr_sentence(note)}")
    if report.problems:
        print(tr("{count} records were left out:", count=number(len(report.problems))))
        for problem in report.problems[:PROBLEMS_SHOWN]:
            place = tr("row {row}: {reason}") if isinstance(problem.row, int) else tr("record {row}: {reason}")
            print("  " + place.format(row=problem.row, reason=tr_sentence(problem.reason)))
        if len(report.problems) > PROBLEMS_SHOWN:
            print("  … " + tr("all of them with --json"))
