"""``citytwin central audit``: what was done at the centre, looked through to the byte."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.errors import DataError, KnownError
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.table import table
from ui.language import number, tr, tr_sentence

if TYPE_CHECKING:
    from twin.access.audit import AuditEntry, Fault, Head
    from twin.central.service import Service


def add_audit_actions(actions: Any, database_option: Callable[[Parser], None]) -> None:
    """Add what is done with the audit log: it is read, never changed."""
    audit: Parser = actions.add_parser("audit", help=tr("Read and verify the audit log."), prog="citytwin central audit")
    what = audit.add_subparsers(dest="what", required=True, metavar="ACTION", parser_class=Parser, title=tr("Commands"))
    verify = what.add_parser(
        "verify",
        help=tr("Look through the whole log and name every byte that was changed."),
        prog="citytwin central audit verify",
    )
    verify.options.add_argument(
        "--anchor",
        metavar="FILE",
        action="append",
        default=[],
        help=tr("A signed head that was kept elsewhere, or what 'package inspect --json' says of a package; may be given again."),
    )
    verify.options.add_argument(
        "--public-key", metavar="HEX", default="", help=tr("Key that 'head' told; otherwise that of the service.")
    )
    listing = what.add_parser("list", help=tr("List the newest entries."), prog="citytwin central audit list")
    listing.options.add_argument("--limit", metavar="NUMBER", type=int, default=50, help=tr("How many; otherwise 50."))
    head = what.add_parser("head", help=tr("Sign the end of the log, to be kept elsewhere."), prog="citytwin central audit head")
    head.options.add_argument("--out", metavar="FILE", default="", help=tr("Where to; otherwise onto the terminal."))
    for action in (verify, listing, head):
        database_option(action)
        action.json_option()


def run_audit_action(service: Service, arguments: argparse.Namespace) -> None:
    """Do what is asked."""
    {"verify": _verify, "list": _list, "head": _head}[arguments.what](service, arguments)


def _verify(service: Service, arguments: argparse.Namespace) -> None:
    from twin.central.service_keys import verifier

    public = _key(arguments.public_key) if arguments.public_key else service.keys.public
    anchors = tuple(_anchor(Path(name)) for name in arguments.anchor)
    found = service.audit.examined(verifier(public), anchors)
    if arguments.json:
        faults = [{"number": fault.number, "what": fault.what, "byte": fault.byte, "was": fault.was} for fault in found.faults]
        print_json({"entries": found.entries, "heads": found.heads, "newest": found.newest, "faults": faults})
    else:
        print(tr("{entries} entries, {heads} signed heads.", entries=number(found.entries), heads=number(found.heads)))
        if found.faults:
            print(table((tr("Entry"), tr("What is wrong"), tr("Where")), [_fault_line(fault) for fault in found.faults]))
    if found.faults:
        raise KnownError(
            f"The audit log is not what was written: {len(found.faults)} faults, the first at entry {found.faults[0].number}.",
            "Keep this database as evidence, and compare it with a backup.",
        )


def _fault_line(fault: Fault) -> tuple[str, ...]:
    where = tr("byte {place}, there stood '{was}'", place=fault.byte, was=fault.was) if fault.byte >= 0 else "–"
    return str(fault.number), tr_sentence(fault.what), where


def _list(service: Service, arguments: argparse.Namespace) -> None:
    entries = service.audit.newest(arguments.limit)
    if arguments.json:
        print_json({"entries": [dict(entry.told) for entry in entries]})
    else:
        heads = (tr("Number"), tr("Time"), tr("Who"), tr("What"), tr("About"))
        print(table(heads, [_entry_line(entry) for entry in entries]))


def _entry_line(entry: AuditEntry) -> tuple[str, ...]:
    told = entry.told
    return str(entry.number), str(told["at"])[:19], str(told["who"]), str(told["what"]), str(told["about"])


def _head(service: Service, arguments: argparse.Namespace) -> None:
    head = service.audit.head()
    if head is None:
        raise KnownError("The audit log is empty: it has no end to sign.", "Come back when something was done.")
    facts = {"number": head.number, "hash": head.hash, "at": head.at, "signature": head.signature}
    facts["public_key"] = service.keys.public.hex()
    if arguments.out:
        Path(arguments.out).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        print(tr("Wrote {path}.", path=arguments.out))
    else:
        print_json(facts)


def _anchor(path: Path) -> Head:
    from twin.access.audit import Head

    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if "scope" in facts:  # what 'package inspect --json' tells of a package of the centre
            facts = facts["scope"]["audit"]
        return Head(int(facts["number"]), str(facts["hash"]), str(facts["at"]), str(facts["signature"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"'{path.name}' is no signed head of an audit log.", "Give a file of 'audit head' or of 'package inspect --json'."
        ) from error


def _key(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise DataError("The public key is not 64 hexadecimal digits.", "Give the one that 'audit head' told.")
    return found
