"""``citytwin package key``: the keys of this office, and whom it trusts."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path
from typing import Any

from twin.store.faults import read_from
from twin.sync.package.keys import Card, KeyRing, OwnKey, card_from_text, new_passphrase
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.table import table
from ui.keyring import user_keyring
from ui.language import tr
from ui.output import write_file

PROG = "citytwin package key"


def add_key_actions(key: Parser) -> None:
    """Add what can be done with keys."""
    actions = key.add_subparsers(dest="key_action", required=True, metavar="ACTION", parser_class=Parser, title=tr("Commands"))
    new = actions.add_parser("new", help=tr("Make the key of this office."), prog=f"{PROG} new")
    new.arguments.add_argument("name", metavar="NAME", help=tr("Name of the office."))
    new.options.add_argument(
        "--replace", action="store_true", help=tr("Use a new key from now on; the old one still opens what was sent to it.")
    )
    show = actions.add_parser("show", help=tr("Show this office's card, to be handed to the others."), prog=f"{PROG} show")
    show.options.add_argument("--out", metavar="FILE", default="", help=tr("Write the card into this file."))
    trust = actions.add_parser("trust", help=tr("Take packages of the office of this card from now on."), prog=f"{PROG} trust")
    trust.arguments.add_argument("card", metavar="FILE", help=tr("Card of the other office."))
    distrust = actions.add_parser("distrust", help=tr("Take no more packages of an office."), prog=f"{PROG} distrust")
    distrust.arguments.add_argument("name", metavar="NAME", help=tr("Name of the office, or the beginning of its fingerprint."))
    invite = actions.add_parser(
        "invite", help=tr("Make the key of an office that begins from a stick, locked with a passphrase."), prog=f"{PROG} invite"
    )
    invite.arguments.add_argument("name", metavar="NAME", help=tr("Name of the office."))
    invite.options.add_argument("--out", metavar="FILE", required=True, help=tr("Write the invitation into this file."))
    accept = actions.add_parser("accept", help=tr("Use the key of an invitation."), prog=f"{PROG} accept")
    accept.arguments.add_argument("invitation", metavar="FILE", help=tr("Invitation of the centre."))
    accept.options.add_argument(
        "--passphrase-file", metavar="FILE", default="", help=tr("File with the passphrase; otherwise it is asked for.")
    )
    listing = actions.add_parser("list", help=tr("List the offices that are trusted."), prog=f"{PROG} list")
    for action in (new, show, trust, distrust, invite, accept, listing):
        keys_option(action)
        action.json_option()


def keys_option(parser: Parser) -> None:
    """Add where the keys lie."""
    parser.options.add_argument(
        "--keys", metavar="FOLDER", default="", help=tr("Folder of the keys; otherwise that of this computer's user.")
    )


def run_key_action(arguments: argparse.Namespace) -> None:
    """Do what is asked."""
    _RUN[arguments.key_action](user_keyring(arguments.keys), arguments)


def _new(ring: KeyRing, arguments: argparse.Namespace) -> None:
    _tell(ring.make(arguments.name, replace=arguments.replace).card, arguments, tr("The key was made."))


def _show(ring: KeyRing, arguments: argparse.Namespace) -> None:
    own = ring.own
    if arguments.out:
        write_file(Path(arguments.out), own.card_text().encode())
    if arguments.json:
        print_json(_facts(own.card))
    elif arguments.out:
        print(tr("Wrote {path}.", path=arguments.out))
        print(tr("Fingerprint of '{name}': {fingerprint}", name=own.name, fingerprint=own.card.fingerprint))
    else:
        print(own.card_text(), end="")


def _trust(ring: KeyRing, arguments: argparse.Namespace) -> None:
    path = Path(arguments.card)
    card = card_from_text(_read(path).decode(errors="replace"))
    ring.trust(card)
    _tell(card, arguments, tr("'{name}' is trusted from now on. Compare its fingerprint by telephone.", name=card.name))


def _distrust(ring: KeyRing, arguments: argparse.Namespace) -> None:
    card = ring.find(arguments.name)
    ring.distrust(card)
    _tell(card, arguments, tr("Packages of '{name}' are no longer taken.", name=card.name))


def _invite(ring: KeyRing, arguments: argparse.Namespace) -> None:
    """Make a key for another office, trust it, and say the passphrase once; it is kept nowhere."""
    made, passphrase = OwnKey.new(arguments.name), new_passphrase()
    write_file(Path(arguments.out), made.invitation(passphrase))
    ring.trust(made.card)
    if arguments.json:
        print_json({**_facts(made.card), "passphrase": passphrase})
        return
    print(tr("Wrote {path}.", path=arguments.out))
    print(tr("Passphrase of '{name}': {passphrase}", name=made.name, passphrase=passphrase))
    print(tr("Tell it by telephone; it is shown this once and must not travel with the stick."))


def _accept(ring: KeyRing, arguments: argparse.Namespace) -> None:
    content = _read(Path(arguments.invitation))
    if arguments.passphrase_file:
        passphrase = _read(Path(arguments.passphrase_file)).decode(errors="replace").strip()
    else:
        passphrase = getpass.getpass(tr("Passphrase: ")).strip()
    own = OwnKey.invited(content, passphrase)
    ring.adopt(own)
    _tell(own.card, arguments, tr("The key was made."))


def _read(path: Path) -> bytes:
    with read_from(path):
        return path.read_bytes()


def _list(ring: KeyRing, arguments: argparse.Namespace) -> None:
    cards = ring.trusted()
    own = ring.own_keys()
    if arguments.json:
        print_json({"own": _facts(own[0].card) if own else None, "trusted": [_facts(card) for card in cards]})
        return
    rows = [(tr("this office"), own[0].name, own[0].card.fingerprint)] if own else []
    rows += [(tr("trusted"), card.name, card.fingerprint) for card in cards]
    print(table((tr("Which"), tr("Office"), tr("Fingerprint")), rows))


def _tell(card: Card, arguments: argparse.Namespace, sentence: str) -> None:
    if arguments.json:
        print_json(_facts(card))
        return
    print(sentence)
    print(tr("Fingerprint of '{name}': {fingerprint}", name=card.name, fingerprint=card.fingerprint))


def _facts(card: Card) -> dict[str, Any]:
    return {"name": card.name, "id": card.id, "fingerprint": card.fingerprint, "recipient": card.recipient}


_RUN = {"new": _new, "show": _show, "trust": _trust, "distrust": _distrust, "invite": _invite, "accept": _accept, "list": _list}
