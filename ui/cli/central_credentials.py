"""``citytwin central user password|second-factor|identity``: how people prove who they are."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
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


def add_department_actions(actions: Any, database_option: Callable[[Parser], None]) -> None:
    """Add which departments get tokens in place of people."""
    department: Parser = actions.add_parser(
        "department",
        help=tr("Give departments tokens by which they join records of one person without knowing who."),
        prog="citytwin central department",
    )
    what = department.add_subparsers(dest="what", required=True, metavar="ACTION", parser_class=Parser, title=tr("Commands"))
    for name, text in (
        ("begin", tr("Give a department tokens, with a new key.")),
        ("end", tr("Give it no more tokens.")),
        ("list", tr("List the departments that get tokens.")),
    ):
        action = what.add_parser(name, help=text, prog=f"citytwin central department {name}")
        if name != "list":
            action.arguments.add_argument("name", metavar="NAME", help=tr("Name of the department, as cases have it."))
        database_option(action)
        action.json_option()


def run_department_action(service: Service, arguments: argparse.Namespace) -> None:
    """Do what is asked with departments."""
    if arguments.what == "begin":
        service.tokens.begin(arguments.name)
    elif arguments.what == "end":
        service.tokens.end(arguments.name)
    names = service.tokens.departments()
    if arguments.json:
        print_json({"departments": names})
    else:
        print("\n".join(names) or tr("No department gets tokens."))


def _password() -> str:
    """Ask for a password where somebody sits, else read a line: it is never among the arguments, which others can list."""
    if sys.stdin.isatty():
        return getpass.getpass(tr("Password: "))
    return sys.stdin.readline().rstrip("\r\n")
