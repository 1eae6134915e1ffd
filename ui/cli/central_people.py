"""``citytwin central user`` and ``device``: accounts with their roles, and the computers that are enrolled for them."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ui.cli.central_credentials import add_credential_actions, run_credential_action
from ui.cli.frontdoor import print_json
from ui.cli.parser import Parser
from ui.cli.table import table
from ui.language import number, tr, tr_choice

if TYPE_CHECKING:
    from twin.central.register import Account, Enrolment
    from twin.central.service import Service

LISTS = {"department": "departments", "grid": "grids", "district": "districts", "cell": "cells"}


def add_people_actions(actions: Any, database_option: Callable[[Parser], None]) -> None:
    """Add what is done with accounts and computers."""
    user = _group(actions, "user", tr("Add, change, lock and list accounts."))
    device = _group(actions, "device", tr("Invite, revoke and list computers."))
    made = [_add_user(user), _change_user(user)]
    for name, text in (("lock", tr("Let an account's computers in no more.")), ("unlock", tr("Let them in again."))):
        made.append(user.add_parser(name, help=text, prog=f"citytwin central user {name}"))
        _name(made[-1])
    for action in add_credential_actions(user):
        _name(action)
        made.append(action)
    made.append(user.add_parser("list", help=tr("List the accounts."), prog="citytwin central user list"))
    invite = device.add_parser("invite", help=tr("Make a code that enrols one computer."), prog="citytwin central device invite")
    invite.options.add_argument("--account", metavar="NAME", required=True, help=tr("Account that the computer is for."))
    invite.options.add_argument(
        "--days", metavar="NUMBER", type=float, default=7, help=tr("How long the code is good; otherwise 7.")
    )
    revoke = device.add_parser("revoke", help=tr("Take no more from a computer."), prog="citytwin central device revoke")
    revoke.arguments.add_argument("key", metavar="KEY", help=tr("Its key, as 'list' shows it."))
    listing = device.add_parser("list", help=tr("List the computers."), prog="citytwin central device list")
    for action in (*made, invite, revoke, listing):
        database_option(action)
        action.json_option()


def _group(actions: Any, name: str, text: str) -> Any:
    group: Parser = actions.add_parser(name, help=text, prog=f"citytwin central {name}")
    return group.add_subparsers(dest="what", required=True, metavar="ACTION", parser_class=Parser, title=tr("Commands"))


def _name(action: Parser) -> None:
    action.arguments.add_argument("name", metavar="NAME", help=tr("Name of the account."))


def _add_user(user: Any) -> Parser:
    add: Parser = user.add_parser("add", help=tr("Add an account."), prog="citytwin central user add")
    _name(add)
    add.options.add_argument("--role", metavar="ROLE", required=True, help=tr("Role of the matrix of rights, such as planner."))
    _limits(add)
    return add


def _change_user(user: Any) -> Parser:
    change: Parser = user.add_parser(
        "change", help=tr("Give an account another role or other limits."), prog="citytwin central user change"
    )
    _name(change)
    change.options.add_argument("--role", metavar="ROLE", help=tr("Role of the matrix of rights, such as planner."))
    _limits(change)
    return change


def _limits(action: Parser) -> None:
    for option, text in (
        ("department", tr("Department that the account belongs to; may be given again.")),
        ("grid", tr("Unit grid that the account works in; may be given again.")),
        ("district", tr("District that the account is limited to; may be given again.")),
        ("cell", tr("H3 cell that the account is limited to; may be given again.")),
    ):
        action.options.add_argument(f"--{option}", metavar="NAME", action="append", help=text)


def run_user_action(service: Service, arguments: argparse.Namespace) -> None:
    """Do what is asked with accounts."""
    from twin.central.register import CONSOLE, Account

    register, what = service.register, arguments.what
    if what in ("password", "second-factor", "identity"):
        run_credential_action(service, arguments, CONSOLE)
        return
    limits: dict[str, Any] = {}
    if what in ("add", "change"):
        given = {name: getattr(arguments, option) for option, name in LISTS.items()}
        limits = {name: tuple(words) for name, words in given.items() if words is not None}
    if what == "add":
        register.add(Account(arguments.name, arguments.role, **limits))
    elif what == "change":
        role = {"role": arguments.role} if arguments.role else {}
        register.change(arguments.name, **role, **limits)
    elif what in ("lock", "unlock"):
        register.change(arguments.name, is_active=what == "unlock")
    accounts = [account for account in register.accounts() if what == "list" or account.name == arguments.name]
    if arguments.json:
        print_json({"accounts": [_account_facts(account) for account in accounts]})
    else:
        heads = (tr("Name"), tr("Role"), tr("Departments"), tr("Limits"), tr("Active"))
        print(table(heads, [_account_line(account) for account in accounts]))


def _account_facts(account: Account) -> dict[str, Any]:
    limits = {name: list(getattr(account, name)) for name in LISTS.values()}
    return {"name": account.name, "role": account.role, **limits, "is_active": account.is_active}


def _account_line(account: Account) -> tuple[str, ...]:
    limits = (*account.grids, *account.districts, *account.cells)
    active = tr_choice("yes" if account.is_active else "no")
    return account.name, account.role, tr(", ").join(account.departments) or "–", tr(", ").join(limits) or "–", active


def run_device_action(service: Service, arguments: argparse.Namespace) -> None:
    """Do what is asked with computers."""
    if arguments.what == "invite":
        _invite(service, arguments)
        return
    if arguments.what == "revoke":
        service.register.revoke(arguments.key.replace(" ", "").lower())
    computers = service.register.enrolments()
    if arguments.json:
        print_json({"computers": [_computer_facts(item) for item in computers]})
    else:
        heads = (tr("Name"), tr("Account"), tr("Key"), tr("Active"))
        print(table(heads, [_computer_line(item) for item in computers]))


def _invite(service: Service, arguments: argparse.Namespace) -> None:
    from twin.central.register import CODE_LETTERS

    code = "-".join("".join(secrets.choice(CODE_LETTERS) for _ in range(4)) for _ in range(4))  # 79 bits
    until = service.now() + timedelta(days=arguments.days)
    service.register.invite(arguments.account, code, until)
    if arguments.json:
        print_json({"code": code, "account": arguments.account, "expires_at": until})
        return
    print(
        tr(
            "Code: {code} (for {account}, good for {days} days, once)",
            code=code,
            account=arguments.account,
            days=number(arguments.days),
        )
    )
    print(tr("On that computer: citytwin sync CITY.twin --server URL --code {code}", code=code))


def _computer_facts(item: Enrolment) -> dict[str, Any]:
    return {"name": item.name, "account": item.account, "key": item.id, "is_active": not item.is_revoked}


def _computer_line(item: Enrolment) -> tuple[str, ...]:
    return item.name, item.account, item.card.fingerprint, tr_choice("no" if item.is_revoked else "yes")
