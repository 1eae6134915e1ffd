"""``citytwin redo``: do again what was taken back, through the journal."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.session import Session
from ui.steps import NOTHING_TO_REDO, REDONE, as_json, lines


def add_arguments(parser: Parser) -> None:
    """Add the workspace."""
    parser.workspace_argument()
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Do it, and say what was done and what was passed over."""
    with Session.open(Path(arguments.workspace)) as session:
        step = session.redo()
    if arguments.json:
        print_json(as_json(step))
    else:
        print("\n".join(lines(step, REDONE, NOTHING_TO_REDO)))
    return 0
