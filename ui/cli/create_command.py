"""``citytwin create``: an empty workspace."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.language import tr
from ui.session import Session


def add_arguments(parser: Parser) -> None:
    """Add the workspace and the city's name."""
    parser.workspace_argument()
    parser.options.add_argument("--name", metavar="TEXT", default="", help=tr("Name of the city; otherwise that of the folder."))
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Make the workspace."""
    path = Path(arguments.workspace)
    with Session.create(path, name=arguments.name) as session:
        if arguments.json:
            print_json({"workspace": str(path), "name": session.store.name, "version": session.store.version})
        else:
            print(tr("Made the workspace {path}. Now import something into it: citytwin import {path} FILE", path=path))
    return 0
