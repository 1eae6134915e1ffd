"""``citytwin central user password|second-factor|identity``: how people prove who they are."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING, Any

from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.language import tr

if TYPE_CHECKING:
    from twin.central.service import Service

ISSUER = "CityTwin"


def add_credential_actions(user: Any) -> list[Parser]:
    """Add them and return them."""
    password = user.add_parser(
        "password",
        help=tr("Give an account a password; it is asked for, or read from standard input."),
        prog="citytwin central user password",
    )
    factor = user.add_parser(
        "second-factor", help=tr("Give an account a new secret for one-time codes."), prog="citytwin central user second-factor"
    )
    identity = user.add_parser(
        "identity", help=tr("Let an identity of an OpenID provider sign in as an account."), prog="citytwin central user identity"
    )
    identity.options.add_argument("--issuer", metavar="URL", required=True, help=tr("The provider, as it calls itself."))
    identity.options.add_argument(
        "--subject", metavar="KEY", required=True, help=tr("The person's key at the provider (claim 'sub').")
    )
    return [password, factor, identity]


def run_credential_action(service: Service, arguments: argparse.Namespace, by: str) -> None:
    """Do one of them."""
    name = arguments.name
    if arguments.what == "password":
        service.credentials.set_password(name, _password(), by=by)
        facts = {"account": name}
        said = tr("The password of '{name}' is set.", name=name)
    elif arguments.what == "identity":
        service.credentials.connect(name, arguments.issuer, arguments.subject, by=by)
        facts = {"account": name, "issuer": arguments.issuer, "subject": arguments.subject}
        said = tr("{issuer} lets '{name}' in now.", issuer=arguments.issuer, name=name)
    else:
        from twin.access.one_time_code import address, secret_text

        secret = service.credentials.new_secret(name, by=by)
        facts = {"account": name, "secret": secret_text(secret), "address": address(secret, name, ISSUER)}
        said = tr("Enter this in an authenticator application; it is shown only now: {secret}", secret=secret_text(secret))
    if arguments.json:
        print_json(facts)
    else:
        print(said)


def _password() -> str:
    """Ask for a password where somebody sits, else read a line: it is never among the arguments, which others can list."""
    if sys.stdin.isatty():
        return getpass.getpass(tr("Password: "))
    return sys.stdin.readline().rstrip("\r\n")
