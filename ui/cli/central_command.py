"""``citytwin central``: the service that offices meet, its database, its accounts and computers, its backups."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from twin.errors import KnownError
from ui.cli.central_audit import add_audit_actions, run_audit_action
from ui.cli.central_credentials import add_department_actions, run_department_action
from ui.cli.central_people import add_people_actions, run_device_action, run_user_action
from ui.cli.frontdoor import print_json
from ui.cli.package_keys import keys_option
from ui.cli.parser import Parser, add_many
from ui.cli.progress import run_task
from ui.cli.table import table
from ui.keyring import user_keyring
from ui.language import mark, number, tr
from ui.quantity import quantity

if TYPE_CHECKING:
    from twin.central.database import Database
    from twin.central.oidc import Provider
    from twin.central.service import Service

DEFAULT_DATABASE = "sqlite:///citytwin-central.db"
DEFAULT_KEYS = "citytwin-central.keys"
NAME = "Centre"
"""What a centre's key is called that is made at its first start; offices know it by its fingerprint."""
FILE_STATES = {"missing": mark("not arrived whole"), "damaged": mark("damaged")}
LABELS = {
    "database": mark("Database"),
    "epoch": mark("Epoch"),
    "commits": mark("Commits"),
    "durable": mark("Commits in backups"),
    "rows": mark("Things of the city"),
    "conflicts": mark("Conflicts and refusals that wait"),
    "accounts": mark("Accounts"),
    "computers": mark("Computers"),
}


def add_arguments(parser: Parser) -> None:
    """Add the actions."""
    actions = add_many(parser, "ACTION")
    init = _action(actions, "init", tr("Make the centre's tables, or bring those of an older program to this one's."))
    init.json_option()
    serve = _action(actions, "serve", tr("Serve offices until the process is stopped."))
    serve.options.add_argument("--host", metavar="NAME", default="127.0.0.1", help=tr("Where to listen; otherwise 127.0.0.1."))
    serve.options.add_argument("--port", metavar="NUMBER", type=int, default=8642, help=tr("Port; otherwise 8642."))
    serve.options.add_argument("--certificate", metavar="FILE", help=tr("Certificate (PEM), where no proxy has one."))
    serve.options.add_argument("--openid", metavar="URL", help=tr("OpenID provider at which people may sign in."))
    serve.options.add_argument(
        "--openid-client", metavar="NAME", default="citytwin", help=tr("The centre's name there; otherwise citytwin.")
    )
    serve.options.add_argument(
        "--openid-secret", metavar="FILE", help=tr("File of the centre's secret there, for a provider that asks for one.")
    )
    serve.options.add_argument(
        "--address", metavar="URL", action="append", default=[],
        help=tr("Address under which offices call the centre; may be given several times. Who was called at another is refused."),
    )  # fmt: skip
    keys_option(serve)
    serve.options.add_argument("--private-key", metavar="FILE", help=tr("Private key of the certificate (PEM)."))
    status = _action(actions, "status", tr("Say what the centre holds."))
    status.json_option()
    files = _action(actions, "files", tr("Read every file at the centre again, and say which are missing or damaged."))
    files.json_option()
    load = _action(actions, "load", tr("Put a city of this machine into the centre, with no limits of rights."))
    load.workspace_argument()
    load.json_option()
    for name, text in (
        ("backup", tr("Write everything into a file.")),
        ("restore", tr("Bring a backup back into an empty database.")),
    ):
        action = _action(actions, name, text)
        action.arguments.add_argument("file", metavar="FILE", help=tr("The backup."))
        action.json_option()
    add_people_actions(actions, database_option)
    add_department_actions(actions, database_option)
    add_audit_actions(actions, database_option)


def run(arguments: argparse.Namespace) -> int:
    """Do the action."""
    if arguments.action == "serve":
        return _serve(arguments)
    with opened(arguments, is_begun=arguments.action not in ("init", "restore")) as service:
        if arguments.action == "files":
            return _files(service, arguments)
        _RUN[arguments.action](service, arguments)
    return 0


def database_option(parser: Parser) -> None:
    """Add which database."""
    text = tr(
        "sqlite:///FILE or postgresql://USER@HOST/NAME; otherwise CITYTWIN_DATABASE, or {default}.", default=DEFAULT_DATABASE
    )
    parser.options.add_argument("--database", metavar="URL", default="", help=text)
    text = tr("File of the service's own secrets; otherwise CITYTWIN_KEYS, or beside the database.")
    parser.options.add_argument("--service-keys", metavar="FILE", default="", help=text)


@contextmanager
def opened(arguments: argparse.Namespace, *, is_begun: bool = True) -> Iterator[Service]:
    """Give the service over the database that is named."""
    from twin.central import service_keys
    from twin.central.database import Database
    from twin.central.service import Service

    database = Database(arguments.database or os.environ.get("CITYTWIN_DATABASE", "") or DEFAULT_DATABASE)
    try:
        keys = service_keys.kept(_keys_path(getattr(arguments, "service_keys", ""), database), secrets.token_bytes)
        service = Service(database, lambda: datetime.now(UTC), SystemRandom(), keys)
        if is_begun:
            service.require()
        yield service
    finally:
        database.close()


def _keys_path(given: str, database: Database) -> Path:
    """Return where the service's secrets are: beside SQLite's file, in the current folder for PostgreSQL."""
    named = given or os.environ.get("CITYTWIN_KEYS", "")
    if named:
        return Path(named)
    return Path(DEFAULT_KEYS) if database.is_postgres else Path(f"{database.url.database}.keys")


def _action(actions: Any, name: str, text: str) -> Parser:
    action: Parser = actions.add_parser(name, help=text, prog=f"citytwin central {name}")
    database_option(action)
    return action


def _init(service: Service, arguments: argparse.Namespace) -> None:
    service.found()
    if arguments.json:
        print_json(_facts(service))
        return
    print(tr("The centre is ready in {database}.", database=service.database.name))
    if not service.register.accounts():
        print(tr("Now add an account: citytwin central user add NAME --role admin"))


def _serve(arguments: argparse.Namespace) -> int:
    from twin.central.api.serving import Address, JsonLog, serve
    from twin.sync.http import address_of

    names = tuple(address_of(url) for url in arguments.address)
    address = Address(arguments.host, arguments.port, arguments.certificate, arguments.private_key, names)
    provider = _provider(arguments)
    with opened(arguments) as service:
        ring = user_keyring(arguments.keys)
        own = ring.own if ring.own_keys() else ring.make(NAME)
        if not serve(service, address, JsonLog(sys.stderr), own, provider):
            raise KnownError(
                f"The service could not listen at {address.host}:{address.port}.",
                "Stop the program that uses that port, or choose another with --port.",
            )
    return 0


def _provider(arguments: argparse.Namespace) -> Provider | None:
    """Return where people may sign in, None where no provider is named."""
    from twin.central.oidc import Provider

    if not arguments.openid:
        return None
    path = arguments.openid_secret
    try:
        secret = Path(path).read_text(encoding="utf-8").strip() if path else ""
    except OSError as error:
        raise KnownError(
            f"The secret '{path}' cannot be read: {error.strerror}.", "Name its file, and let this user read it."
        ) from error
    return Provider(arguments.openid, arguments.openid_client, secret)


def _status(service: Service, arguments: argparse.Namespace) -> None:
    facts = _facts(service)
    if arguments.json:
        print_json(facts)
    else:
        rows = [(tr(label), number(facts[key]) if isinstance(facts[key], int) else facts[key]) for key, label in LABELS.items()]
        print(table((tr("What"), tr("Value")), rows))


def _facts(service: Service) -> dict[str, Any]:
    return {
        "database": service.database.name,
        **service.facts(),
        "accounts": len(service.register.accounts()),
        "computers": sum(not item.is_revoked for item in service.register.enrolments()),
    }


def _files(service: Service, arguments: argparse.Namespace) -> int:
    """Tell of every file that is not as it should be; 1 when one is damaged."""
    found = list(service.files.checked())
    states = Counter(item.state for item in found)
    wrong = [item for item in found if item.state != "whole"]
    if arguments.json:
        print_json({"whole": states["whole"], "missing": states["missing"], "damaged": states["damaged"],
                    "files": [asdict(item) for item in wrong]})  # fmt: skip
    else:
        if wrong:
            rows = [(tr(FILE_STATES[item.state]), quantity(item.size / 1e6, "MB"), item.sha256) for item in wrong]
            print(table((tr("Status"), tr("Size"), "SHA-256"), rows, right=(1,)))
        counts = {name: number(states[name]) for name in ("whole", "missing", "damaged")}
        print(tr("Files that are whole: {whole}; not arrived whole: {missing}; damaged: {damaged}.", **counts))
    return 1 if states["damaged"] else 0


def _load(service: Service, arguments: argparse.Namespace) -> None:
    from twin.store import Store
    from twin.sync.exchange import exchange_task
    from twin.sync.workspace import device_of

    with Store.open(Path(arguments.workspace)) as store:
        done = run_task(exchange_task(device_of(store), service.whole()))
        conflicts = device_of(store).status.conflicts
    if arguments.json:
        print_json({"sent": done.sent, "entries": done.entries, "conflicts": conflicts})
    else:
        print(tr("{count} edits are at the centre now.", count=number(done.sent)))


def _backup(service: Service, arguments: argparse.Namespace) -> None:
    from twin.central.backup import back_up
    from twin.central.register import CONSOLE

    path = Path(arguments.file)
    seq = back_up(service, path)
    service.audit.write(CONSOLE, "back up", commits=seq)
    if arguments.json:
        print_json({"file": str(path), "commits": seq, "size_bytes": path.stat().st_size})
    else:
        print(tr("Wrote {path} with {count} commits.", path=path, count=number(seq)))


def _restore(service: Service, arguments: argparse.Namespace) -> None:
    from twin.central import schema
    from twin.central.backup import bring_back
    from twin.central.register import CONSOLE

    if not schema.is_empty(service.database):
        raise KnownError(
            f"The database '{service.database.name}' has a centre already.", "Name an empty one, and let the service use it then."
        )
    bring_back(Path(arguments.file), service.database)
    epoch = service.restored()
    service.audit.write(CONSOLE, "bring a backup back", epoch)
    if arguments.json:
        print_json({"epoch": epoch, **service.facts()})
    else:
        print(tr("The backup is back. Offices send again what it lacks when they sync next."))


_RUN = {
    "init": _init,
    "status": _status,
    "load": _load,
    "backup": _backup,
    "restore": _restore,
    "user": run_user_action,
    "device": run_device_action,
    "department": run_department_action,
    "audit": run_audit_action,
}
