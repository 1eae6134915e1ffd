"""``citytwin journal``: what was done to the city, the newest first."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.table import table
from ui.language import number, time_text, tr, tr_sentence
from ui.session import Session


def add_arguments(parser: Parser) -> None:
    """Add the workspace and how far back."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--limit", type=int, default=20, metavar="NUMBER", help=tr("How many entries; otherwise {count}.", count=20)
    )
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Print the entries."""
    with Session.open(Path(arguments.workspace), writable=False) as session:
        entries = session.store.journal(limit=arguments.limit)
    if arguments.json:
        found = [
            {
                "number": item.number,
                "title": item.title,
                "author": item.author,
                "written_at": item.written_at,
                "changes": item.change_count,
                "undoes": item.undoes,
            }
            for item in entries
        ]
        print_json({"entries": found})
        return 0
    rows = [
        (str(item.number), time_text(item.written_at), number(item.change_count), tr_sentence(item.title), item.author)
        for item in entries
    ]
    print(table((tr("No."), tr("Time"), tr("Changes"), tr("What"), tr("Author")), rows, right=(0, 2)))
    return 0
