"""Steps of a case (GB/T 30428): who may report, file, dispatch, handle, check and close it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twin.access.permission import matrix
from twin.access.scope import Facts, Scope, reaches
from twin.access.wish import Wish

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

_STEPS_OF_FIELD: Mapping[str, tuple[str, ...]] = {
    "department": ("dispatch_case",),
    "due_at": ("dispatch_case", "file_case"),
    "closed_at": ("close_case",),
}
"""The rights of which one is needed to change a field; any other is changed by who reports or files cases."""

_TELLING = ("report_case", "file_case")


def why_no_step(scope: Scope, wish: Wish, name: str, value: Any) -> str:
    """Return why a viewer may not give a field of a case this value, '' when they may.

    What a case begins with needs no right but that to report, unless it begins at a later stage.
    """
    if name == "stage":
        steps: tuple[str, ...] = (STEP_OF.get(str(value), ""),)
    elif name == "alive":
        steps = ("report_case",) if value else ("close_case",)
    else:
        steps = _TELLING if wish.is_new else _STEPS_OF_FIELD.get(name, _TELLING)
    if any(may(scope, step, wish.facts) for step in steps):
        return ""
    return "The role of this account has no right to this step of a case."


def may(scope: Scope, subject: str, facts: Facts) -> bool:
    """Whether a viewer has the right to an object of the matrix for one thing."""
    permission = matrix().permission(scope.viewer.role, subject)
    return permission.write and reaches(scope.viewer, permission.reach, facts)
