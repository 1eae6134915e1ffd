"""Steps of a case (GB/T 30428): who may report, file, dispatch, handle, check and close it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twin.access.disclosure import hidden_fields
from twin.access.permission import matrix
from twin.access.scope import OWNERS, Facts, Scope, reaches
from twin.model.catalogue import KIND_OF
from twin.model.entity import Entity, attributes
from twin.model.incidents import Case

STEP_OF: Mapping[str, str] = {
    "reported": "report_case",
    "filed": "file_case",
    "rejected": "file_case",
    "dispatched": "dispatch_case",
    "handling": "handle_case",
    "handled": "handle_case",
    "checking": "check_case",
    "closed": "close_case",
}
"""The right that brings a case to each stage."""

_STEP_OF_FIELD: Mapping[str, tuple[str, ...]] = {
    "department": ("dispatch_case",),
    "due_at": ("dispatch_case", "file_case"),
    "closed_at": ("close_case",),
}
"""The rights of which one is needed to change a field; any other is changed by who reports or files cases."""

_TELLING = ("report_case", "file_case")


def why_not(scope: Scope, kind: str, name: str, value: Any, facts: Facts, *, is_new: bool = False) -> str:
    """Return why a viewer may not give a field of a thing this value, '' when they may.

    ``facts`` are those of the thing before the change, of a new one (``is_new``) those that it begins with. ``name`` is
    'alive' for adding and removing it.
    """
    if kind not in KIND_OF:
        return f"'{kind}' is no kind of thing that can be changed."
    if not scope.sees(kind, facts):
        return "It lies outside of what this account sees."
    if name in OWNERS and not (is_new and value in ("", scope.viewer.name)):
        return "Whose it is, is settled when it is added, and by nobody for somebody else."
    if name in hidden_fields(scope, kind, facts):
        return "The field is hidden from this account, so it cannot be changed by it."
    if kind == Case.kind:
        return _why_no_step(scope, name, value, facts)
    return "" if scope.writes(kind, facts) else "The role of this account may look at it and not change it."


def why_no_change(scope: Scope, old: Entity | None, new: Entity | None, facts: Facts) -> Mapping[str, str]:
    """Return why a viewer may not make a change, by field; empty when they may. ``facts`` as for ``why_not``."""
    entity = new or old
    assert entity is not None  # noqa: S101  a change has one of the two
    if old is None or new is None:
        # To add a case is to report it: what it begins with needs no right of its own, but for whose it is.
        asked = {"alive": new is not None, **{name: getattr(new, name) for name in OWNERS if hasattr(new, name)}}
        found = {name: why_not(scope, entity.kind, name, value, facts, is_new=new is not None) for name, value in asked.items()}
        return {name: reason for name, reason in found.items() if reason}
    names = ("geometry", *attributes(type(entity)))
    differing = {name: getattr(new, name) for name in names if getattr(old, name) != getattr(new, name)}
    found = {name: why_not(scope, entity.kind, name, value, facts) for name, value in differing.items()}
    return {name: reason for name, reason in found.items() if reason}


def _why_no_step(scope: Scope, name: str, value: Any, facts: Facts) -> str:
    if name == "stage":
        steps: tuple[str, ...] = (STEP_OF.get(str(value), ""),)
    elif name == "alive":
        steps = ("report_case",) if value else ("close_case",)
    else:
        steps = _STEP_OF_FIELD.get(name, _TELLING)
    return (
        "" if any(may(scope, step, facts) for step in steps) else "The role of this account has no right to this step of a case."
    )


def may(scope: Scope, subject: str, facts: Facts) -> bool:
    """Whether a viewer has the right to an object of the matrix for one thing."""
    permission = matrix().permission(scope.viewer.role, subject)
    return permission.write and reaches(scope.viewer, permission.reach, facts)
