"""``citytwin package``: what an office without a network sends and gets, as a file."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twin.sync.package.header import Header
from twin.sync.package.manifest import Manifest
from twin.sync.package.reading import look, names_of, open_package
from ui.cli.frontdoor import print_json
from ui.cli.package_exchange import EXCHANGE, add_exchange_actions
from ui.cli.package_keys import add_key_actions, keys_option, run_key_action
from ui.cli.parser import Parser, add_many
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.keyring import user_keyring
from ui.language import mark, number, time_text, tr
from ui.quantity import quantity

PURPOSE_LABELS = {
    "city": mark("the city for an office that begins"),
    "changes": mark("news from the centre"),
    "push": mark("edits for the centre"),
}

PART_LABELS = {
    "messages": mark("messages"),
    "blob": mark("file"),
    "raster": mark("base map"),
    "history": mark("history"),
    "result": mark("result"),
    "terrain": mark("terrain"),
}


def add_arguments(parser: Parser) -> None:
    """Add the actions."""
    actions = add_many(parser, "ACTION")
    for name, text in (
        ("verify", tr("Check every byte of a package; nothing is imported.")),
        ("inspect", tr("Say what is in a package.")),
    ):
        action = actions.add_parser(name, help=text, prog=f"citytwin package {name}")
        action.arguments.add_argument("package", metavar="FILE.ctpkg", help=tr("The package."))
        keys_option(action)
        action.json_option()
    add_exchange_actions(actions)
    add_key_actions(
        actions.add_parser("key", help=tr("Make and show this office's key, trust others."), prog="citytwin package key")
    )


def run(arguments: argparse.Namespace) -> int:
    """Do the action."""
    _RUN[arguments.action](arguments)
    return 0


def _verify(arguments: argparse.Namespace) -> None:
    path = Path(arguments.package)
    opened = open_package(path, user_keyring(arguments.keys), datetime.now(UTC))
    manifest = run_task(opened.verify_task())
    if arguments.json:
        print_json(
            {"file": str(path), "valid": True, "id": manifest.id, "parts": len(manifest.parts), "size_bytes": manifest.size}
        )
    else:
        count, size = number(len(manifest.parts)), quantity(manifest.size / 1e6, "MB")
        print(
            tr(
                "'{name}' is whole, from '{sender}', with {count} parts ({size}).",
                name=path.name,
                sender=opened.sender.name,
                count=count,
                size=size,
            )
        )


def _inspect(arguments: argparse.Namespace) -> None:
    """Tell the outside of any package, the inside of one that is meant for this office, expired or not."""
    path, ring = Path(arguments.package), user_keyring(arguments.keys)
    raw, size = look(path)
    header = raw.header
    facts: dict[str, Any] = {
        "file": str(path),
        "id": header.id,
        "purpose": header.purpose,
        "sender": names_of([header.sender], ring)[0],
        "recipients": names_of(header.recipients, ring),
        "created_at": header.created_at,
        "expires_at": header.expires_at,
        "size_bytes": size,
        "contents": None,
    }
    if {key.card.id for key in ring.own_keys()} & set(header.recipients):
        manifest = open_package(path, ring, header.created_at).manifest()
        facts["contents"] = _contents(manifest)
    if arguments.json:
        print_json(facts)
    else:
        _print_facts(header, facts)


def _contents(manifest: Manifest) -> dict[str, Any]:
    contents = manifest.contents
    return {
        "city": contents.city_name,
        "source": contents.source,
        "target": contents.target,
        "epoch": contents.epoch,
        "after": contents.after,
        "upto": contents.upto,
        "scope": dict(contents.scope),
        "size_bytes": manifest.size,
        "parts": [
            {"name": part.name, "kind": part.kind, "size_bytes": part.size, "stored_bytes": part.stored, "sha256": part.sha256}
            for part in manifest.parts
        ],
    }


def _print_facts(header: Header, facts: dict[str, Any]) -> None:
    rows = [
        (tr("Key"), header.id),
        (tr("Purpose"), tr(PURPOSE_LABELS[header.purpose])),
        (tr("From"), facts["sender"]),
        (tr("For"), ", ".join(facts["recipients"])),
        (tr("Made"), time_text(header.created_at)),
        (tr("Usable until"), time_text(header.expires_at)),
        (tr("Size"), quantity(facts["size_bytes"] / 1e6, "MB")),
    ]
    contents = facts["contents"]
    if contents is not None:
        rows += [(tr("City"), contents["city"]), (tr("Numbers"), f"{number(contents['after'])} … {number(contents['upto'])}")]
    print(table((tr("What"), tr("Value")), rows))
    if contents is None:
        print(tr("What is inside can be read by its recipients alone."))
        return
    parts = [
        (
            part["name"],
            tr(PART_LABELS[part["kind"]]),
            quantity(part["size_bytes"] / 1e6, "MB"),
            quantity(part["stored_bytes"] / 1e6, "MB"),
        )
        for part in contents["parts"]
    ]
    print(table((tr("Part"), tr("Kind"), tr("Unpacked"), tr("In the package")), parts, right=(2, 3)))


_RUN = {"verify": _verify, "inspect": _inspect, "key": run_key_action, **EXCHANGE}
