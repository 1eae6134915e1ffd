"""``citytwin scenario WORKSPACE.twin propose|approve|reject|publish|withdraw|comment``: talking a scenario over."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from ui import review
from ui.language import mark, time_text, tr, tr_choice
from ui.session import Session

HELP = {
    "propose": mark("Propose a scenario to who approves it."),
    "approve": mark("Approve a scenario that was proposed."),
    "reject": mark("Reject a scenario that was proposed."),
    "publish": mark("Let everybody see an approved scenario."),
    "withdraw": mark("Make a scenario a draft again."),
    "comment": mark("Say something about a scenario."),
}


def add_actions(actions: Any) -> None:
    """Add what is done with a scenario that others look at."""
    for name, text in HELP.items():
        action = actions.add_parser(name, help=tr(text), prog=f"citytwin scenario WORKSPACE.twin {name}")
        action.arguments.add_argument("name", metavar="NAME", help=tr("Name of the scenario."))
        if name == "comment":
            action.arguments.add_argument("text", metavar="TEXT", help=tr("What you say."))
        action.options.add_argument("--author", metavar="NAME", default="", help=tr("Your account, as the centre knows it."))


def run_action(session: Session, arguments: argparse.Namespace) -> None:
    """Do one of them."""
    session.author = arguments.author
    if arguments.action == "comment":
        review.say(session, arguments.name, arguments.text, datetime.now(UTC))
        print(tr("The comment on '{name}' is kept.", name=arguments.name))
        return
    made = review.take_step(session, arguments.name, arguments.action)
    print(tr("Scenario '{name}' is {status} now.", name=made.name, status=tr_choice(made.status)))


def comment_lines(session: Session, name: str) -> list[str]:
    """Return what was said about a scenario, a line each."""
    found = review.comments_on(session, session.find_scenario(name))
    return [f"{time_text(item.written_at) if item.written_at else '–'}  {item.author or '–'}: {item.text}" for item in found]
