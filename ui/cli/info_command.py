"""``citytwin info``: what a workspace holds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.table import table
from ui.language import number, tr
from ui.report.freshness import freshness
from ui.session import Session


def add_arguments(parser: Parser) -> None:
    """Add the workspace."""
    parser.workspace_argument()
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Print the counts."""
    from twin.ingest import workspace_info

    with Session.open(Path(arguments.workspace), writable=False) as session:
        info: dict[str, Any] = workspace_info(session.store)
        if arguments.json:
            print_json(info)
            return 0
        if session.store.synthetic:
            print(tr("Synthetic data: this city is made up."))
        rows = [*freshness(session.snapshot), (tr("Scenarios"), number(len(session.store.scenarios())))]
        print(table((tr("What"), tr("Value")), rows))
    return 0
