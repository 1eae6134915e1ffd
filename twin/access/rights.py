"""Who may change what: the one question that is asked before anybody's change is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twin.access.approval import why_no_comment, why_no_scenario
from twin.access.casework import why_no_step
from twin.access.disclosure import hidden_fields
from twin.access.scope import AUTHOR, OWNERS, Scope
from twin.access.wish import Wish
from twin.model.catalogue import KIND_OF

RULES: Mapping[str, Callable[[Scope, Wish, str, Any], str]] = {
    "case": why_no_step,
    "scenario": why_no_scenario,
    "comment": why_no_comment,
}
"""Kinds whose fields have rules of their own; of any other the matrix says whether its things may be changed."""


def why_not(scope: Scope, wish: Wish) -> Mapping[str, str]:
    """Return why a viewer may not make a change, by field ('' is the whole of it); empty when they may."""
    if wish.kind not in KIND_OF:
        return {"": "This is no kind of thing that can be changed."}
    if not scope.sees(wish.kind, wish.facts):
        return {"": "It lies outside of what this account sees."}
    asked = dict(wish.fields) if wish.alive is None else {"alive": wish.alive, **wish.fields}
    writes = scope.permission(wish.kind).write  # it sees the thing: that is asked above, once for all fields
    hidden = frozenset() if wish.is_new else hidden_fields(scope, wish.kind, wish.facts)
    found = {name: _why_not_field(scope, wish, name, value, hidden, writes=writes) for name, value in asked.items()}
    return {name: reason for name, reason in found.items() if reason}


def _why_not_field(scope: Scope, wish: Wish, name: str, value: Any, hidden: frozenset[str], *, writes: bool) -> str:
    """Return why one field may not have this value, '' when it may."""
    if name in OWNERS and not _may_name(scope, wish, name, value):
        return "Whose it is, is settled when it is added, and by nobody for somebody else."
    if name in hidden:
        return "The field is hidden from this account, so it cannot be changed by it."
    rule = RULES.get(wish.kind)
    if rule is not None:
        return rule(scope, wish, name, value)
    return "" if writes else "The role of this account may look at it and not change it."


def _may_name(scope: Scope, wish: Wish, name: str, value: Any) -> bool:
    """Whether an owner may be named: what gives a right to see more names the account, an author is whoever sat there."""
    return wish.is_new and (name == AUTHOR or value in ("", None, scope.viewer.name))
