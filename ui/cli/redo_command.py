"""``citytwin redo``: do again what was taken back, through the journal."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.language import tr
from ui.session import Session


def add_arguments(parser: Parser) -> None:
    """Add the workspace."""
    parser.workspace_argument()
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Do it, and say whether there was anything."""
    with Session.open(Path(arguments.workspace)) as session:
        effects = session.redo()
    if arguments.json:
        print_json({"done": effects is not None, "touched": {kind: len(ids) for kind, ids in (effects or {}).items()}})
    else:
        print(tr("Done again.") if effects is not None else tr("There is nothing to do again."))
    return 0
