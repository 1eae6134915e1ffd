"""Talking a scenario over: its state, and what people say about it. The window and the command line do it alike.

Who may do which step is not known here: an office does it, and the centre takes it or refuses it by the account's role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from twin.errors import ScenarioError
from twin.model.changes import Change
from twin.model.comment import Comment
from twin.model.scenario import Scenario
from ui.language import mark
from ui.session import Session, editable

STEPS: Mapping[str, tuple[str, str]] = {
    "propose": ("proposed", mark("Propose")),
    "approve": ("approved", mark("Approve")),
    "reject": ("rejected", mark("Reject")),
    "publish": ("published", mark("Publish")),
    "withdraw": ("draft", mark("Make a draft again")),
}
"""What is done with a scenario: the state that it brings about, and its name."""


def take_step(session: Session, name: str, step: str) -> Scenario:
    """Bring a scenario to another state; undoable. Raises ``ScenarioError`` when it cannot be reached."""
    old = editable(session.find_scenario(name))
    new = old.with_status(STEPS[step][0])
    session.change([Change(old, new)], f"Scenario '{name}' is {new.status}")
    return new


def say(session: Session, name: str, text: str, at: datetime) -> Comment:
    """Add a comment to a scenario; undoable. Raises ``ScenarioError`` for an empty one."""
    scenario = editable(session.find_scenario(name))
    if not text.strip():
        raise ScenarioError("A comment needs some words.", "Write what you think of the scenario.")
    made = Comment(
        id=session.store.ids(),
        about_id=scenario.id,
        text=text.strip(),
        author=session.author,
        department=scenario.department,
        written_at=at,
    )
    session.change([Change(None, made)], f"Comment on scenario '{name}'")
    return made


def comments_on(session: Session, scenario: Scenario) -> tuple[Comment, ...]:
    """Return what was said about a scenario, oldest first."""
    found = session.store.find("comment", about_kind="scenario", about_id=scenario.id)
    return tuple(item for item in found if isinstance(item, Comment))


def withdraw_comment(session: Session, comment: Comment) -> None:
    """Take a comment back; undoable."""
    session.change([Change(replace(comment), None)], "Take a comment back")
