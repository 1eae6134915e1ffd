"""Approval: who proposes a scenario, who approves, rejects and publishes it, and who comments.

What was approved is what was seen: whoever changes the edits of a scenario that is no draft makes it one again.
"""

from __future__ import annotations

from typing import Any

from twin.access.scope import Scope
from twin.access.wish import Wish
from twin.model.scenario import REACHED_FROM

DECISIONS = ("approved", "rejected", "published")
"""The states to which only who approves brings a scenario."""

_CONTENT = ("edits", "name", "description", "department")


def why_no_scenario(scope: Scope, wish: Wish, name: str, value: Any) -> str:
    """Return why a viewer may not give a field of a scenario this value, '' when they may."""
    permission = scope.permission(wish.kind)
    state = wish.value("status", "draft")
    if name == "status" and value in DECISIONS and not permission.approve:
        return "The role of this account approves no scenarios."
    if not permission.write and not (name == "status" and value in DECISIONS):
        return "The role of this account may look at scenarios and not change them."
    if name == "status" and value != state and state not in REACHED_FROM[value]:
        return "A scenario is proposed, then approved or rejected, then published."
    if name in _CONTENT and not wish.is_new and state != "draft" and wish.fields.get("status") != "draft":
        return "The scenario is no draft any more: make it one again to change it, so that it is approved anew."
    return ""


def why_no_comment(scope: Scope, wish: Wish, name: str, value: Any) -> str:  # noqa: ARG001  a rule like any other
    """Return why a viewer may not give a field of a comment this value, '' when they may: everybody changes their own only."""
    if not scope.permission(wish.kind).write:
        return "The role of this account writes no comments."
    if wish.is_new:
        return ""
    is_own = bool(wish.facts.owner) and wish.facts.owner in (scope.viewer.name, wish.by)
    return "" if is_own else "Only its author changes a comment."
