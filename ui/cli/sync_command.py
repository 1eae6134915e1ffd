"""``citytwin sync``: everything new between this city and the centre, both ways."""

from __future__ import annotations

import argparse
from pathlib import Path
from random import SystemRandom
from typing import Any

from ui.cli.frontdoor import print_json
from ui.cli.package_keys import keys_option
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.keyring import user_keyring
from ui.language import number, tr
from ui.session import Session


def add_arguments(parser: Parser) -> None:
    """Add the workspace, the centre and the code."""
    parser.workspace_argument()
    parser.options.add_argument(
        "--server", metavar="URL", default="", help=tr("Address of the centre; otherwise the one used last.")
    )
    parser.options.add_argument(
        "--code", metavar="CODE", default="", help=tr("Enrol this computer with an administrator's code first.")
    )
    parser.options.add_argument(
        "--authorities", metavar="FILE", default="", help=tr("Certificates that are trusted (PEM); otherwise the system's.")
    )
    parser.options.add_argument(
        "--new-centre", action="store_true", help=tr("The centre has a new key, and its fingerprint was compared.")
    )
    keys_option(parser)
    parser.json_option()


def run(arguments: argparse.Namespace) -> int:
    """Exchange, and say what came of it; what waits for people is told and is no error."""
    from twin.sync.server import remembered
    from twin.sync.workspace import device_of
    from ui import office

    workspace = Path(arguments.workspace)
    ring = user_keyring(arguments.keys)
    with Session.open(workspace) as session:
        url = arguments.server or remembered(workspace)
        exchange = office.sync(
            session, url, ring, SystemRandom(), code=arguments.code, authorities=arguments.authorities,
            is_new_centre=arguments.new_centre,
        )  # fmt: skip
        done = run_task(exchange)
        status = device_of(session.store).status
    facts: dict[str, Any] = {
        "server": remembered(workspace), "sent": done.sent, "received_rows": done.rows, "received_changes": done.entries,
        "pending": status.pending, "conflicts": status.conflicts, "refusals": [f"{item.what} {item.advice}".strip() for item in done.refusals],
    }  # fmt: skip
    if arguments.json:
        print_json(facts)
    else:
        _tell(facts)
    return 1 if done.refusals else 0


def _tell(facts: dict[str, Any]) -> None:
    print(
        tr(
            "Sent {sent} edits, took over {received}.",
            sent=number(facts["sent"]),
            received=number(facts["received_rows"] + facts["received_changes"]),
        )
    )
    if facts["pending"]:
        print(tr("{count} edits wait to be sent.", count=number(facts["pending"])))
    if facts["conflicts"]:
        print(tr("{count} conflicts and refusals wait for a decision.", count=number(facts["conflicts"])))
    for text in facts["refusals"]:
        print(text)
