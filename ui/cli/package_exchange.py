"""``citytwin package export|import`` at an office, ``answer|begin`` at the centre: both ends of a stick's way."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.store import Store
from twin.sync.courier import VALID_FOR, Arrival
from twin.sync.package.keys import new_passphrase
from twin.sync.package.writing import Written
from ui import office
from ui.cli.frontdoor import print_json
from ui.cli.package_keys import keys_option
from ui.cli.parser import Parser
from ui.cli.progress import run_task
from ui.keyring import user_keyring
from ui.language import number, tr
from ui.output import write_file
from ui.quantity import quantity
from ui.session import Session

if TYPE_CHECKING:
    from twin.central.service import Service

MOST_DAYS = 3650.0
CITY, CARD, KEY = "city.ctpkg", "centre.ctcard", "office.ctkey"


def add_exchange_actions(actions: Any) -> None:
    """Add what goes out and comes in."""
    export = _action(actions, "export", tr("Write all that the centre has not confirmed into a package."))
    export.workspace_argument()
    export.options.add_argument(
        "--to", metavar="NAME", action="append", required=True, help=tr("Office that may open it; may be given several times.")
    )
    export.options.add_argument("--out", metavar="FILE.ctpkg", default="", help=tr("Where to; otherwise beside the workspace."))
    _days_option(export)
    take = _action(actions, "import", tr("Take over a package from the centre; a city becomes a new workspace."))
    take.workspace_argument()
    take.arguments.add_argument("package", metavar="FILE.ctpkg", help=tr("The package."))
    take.options.add_argument(
        "--new-centre", action="store_true", help=tr("The centre has a new key, and its fingerprint was compared.")
    )
    answer = _action(actions, "answer", tr("At the centre: take an office's package and write the answer."))
    answer.arguments.add_argument("package", metavar="FILE.ctpkg", help=tr("The package."))
    answer.options.add_argument("--reply", metavar="FILE.ctpkg", required=True, help=tr("Where the answer goes."))
    _days_option(answer)
    begin = _action(actions, "begin", tr("At the centre: make all that a new office begins with from a stick."))
    begin.arguments.add_argument("name", metavar="NAME", help=tr("Name of the office."))
    begin.options.add_argument("--account", metavar="NAME", required=True, help=tr("Account whose part of the city it gets."))
    begin.options.add_argument("--out", metavar="FOLDER", required=True, help=tr("Folder for the city, the card and the key."))
    begin.options.add_argument(
        "--files", metavar="WORKSPACE.twin", default="", help=tr("Workspace of the city whose terrain and histories go with it.")
    )
    for action in (answer, begin):
        action.options.add_argument("--database", metavar="URL", default="", help=tr("Database of the centre, as for 'central'."))
        action.options.add_argument("--city", metavar="NAME", default="", help=tr("Name of the city."))
    for action in (export, take, answer, begin):
        keys_option(action)
        action.json_option()


def _action(actions: Any, name: str, text: str) -> Parser:
    action: Parser = actions.add_parser(name, help=text, prog=f"citytwin package {name}")
    return action


def _days_option(parser: Parser) -> None:
    days = VALID_FOR.days
    parser.options.add_argument(
        "--days",
        metavar="NUMBER",
        type=_days,
        default=days,
        help=tr("How long it can be used; otherwise {days} days.", days=days),
    )


def _days(text: str) -> float:
    """Read for how many days a package can be used; one that is past at once helps nobody."""
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0.0 < days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(
            tr("'{value}' is no number of days above 0 and up to {most}", value=text, most=number(MOST_DAYS))
        )
    return days


def _export(arguments: argparse.Namespace) -> None:
    workspace, ring = Path(arguments.workspace), user_keyring(arguments.keys)
    recipients = [ring.find(name) for name in arguments.to]
    out = Path(arguments.out) if arguments.out else workspace.with_suffix(".ctpkg")
    with Session.open(workspace) as session:
        written = run_task(office.write_edits(session, out, ring, recipients, days=arguments.days, now=office.utc_now()))
    facts = _written(written)
    if arguments.json:
        print_json(facts)
    else:
        edits, size = number(facts["edits"]), quantity(written.size / 1e6, "MB")
        print(tr("Wrote {path} with {edits} edits ({size}).", path=out, edits=edits, size=size))


def _import(arguments: argparse.Namespace) -> None:
    workspace, ring, now = Path(arguments.workspace), user_keyring(arguments.keys), office.utc_now()
    looked = run_task(office.look_at(Path(arguments.package), ring, now))
    if not workspace.exists():
        arrival = run_task(office.begin(workspace, looked))
    else:
        with Session.open(workspace) as session:
            arrival = run_task(office.take_over(session, looked, now=now, is_new_centre=arguments.new_centre))
    _tell(arrival, arguments)


def _answer(arguments: argparse.Namespace) -> None:
    from twin.central.post import Post

    with _centre(arguments) as service:
        post = Post(service, user_keyring(arguments.keys), arguments.city)
        valid_for = timedelta(days=arguments.days)
        _tell(run_task(post.answer_task(Path(arguments.package), Path(arguments.reply), valid_for)), arguments)


def _begin(arguments: argparse.Namespace) -> None:
    from twin.central.post import Post

    out, passphrase = Path(arguments.out), new_passphrase()
    out.mkdir(parents=True, exist_ok=True)
    with _centre(arguments) as service:
        post = Post(service, user_keyring(arguments.keys), arguments.city or "city")
        with Store.open(Path(arguments.files), writable=False) if arguments.files else nullcontext() as store:
            begun = run_task(post.begin_task(arguments.name, arguments.account, out / CITY, new_passphrase, store))
        write_file(out / CARD, post.ring.own.card_text().encode())
    write_file(out / KEY, begun.key.invitation(passphrase))
    if arguments.json:
        print_json({**_written(begun.city), "folder": str(out), "office": begun.key.card.id, "passphrase": passphrase})
        return
    print(tr("Wrote {path}.", path=out))
    print(tr("Passphrase of '{name}': {passphrase}", name=arguments.name, passphrase=passphrase))
    print(tr("Tell it by telephone; it is shown this once and must not travel with the stick."))


def _centre(arguments: argparse.Namespace) -> AbstractContextManager[Service]:
    """Give the centre; the service's own secrets lie where 'central' looks for them, ``--keys`` are those of its post."""
    from ui.cli.central_command import opened

    return opened(argparse.Namespace(database=arguments.database, keys=""))


def _written(written: Written) -> dict[str, Any]:
    contents = written.manifest.contents
    return {
        "file": str(written.path),
        "id": written.header.id,
        "purpose": written.header.purpose,
        "edits": int(contents.scope.get("edits", 0)),
        "after": contents.after,
        "upto": contents.upto,
        "parts": len(written.manifest.parts),
        "size_bytes": written.size,
        "expires_at": written.header.expires_at,
    }


def _tell(arrival: Arrival, arguments: argparse.Namespace) -> None:
    refusals = [refusal.what for refusal in arrival.refusals]
    if arguments.json:
        print_json(
            {
                "package": arrival.package,
                "is_news": arrival.is_news,
                "messages_applied": arrival.applied,
                "messages_old": arrival.old,
                "messages_ignored": arrival.ignored,
                "refusals": refusals,
                "reply": _written(arrival.reply) if arrival.reply else None,
            }
        )
        return
    print(tr("Taken over.") if arrival.is_news else tr("It holds nothing that is new here; nothing was changed."))
    for refusal in refusals:
        print(refusal)
    if arrival.reply:
        print(tr("Wrote {path}.", path=arrival.reply.path))


EXCHANGE: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "export": _export,
    "import": _import,
    "answer": _answer,
    "begin": _begin,
}
