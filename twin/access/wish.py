"""What somebody wants to change of one thing, as its rules look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.access.scope import Facts
from twin.errors import BugError
from twin.model.changes import Change
from twin.model.entity import attributes


@dataclass(frozen=True)
class Wish:
    """A change of one thing: ``fields`` as they shall be, ``before`` as they are, None of a thing that is new.

    ``alive`` is True to add it, False to remove it, None to set fields. ``facts`` are those of the thing before, of a new
    one those that it begins with; ``by`` is the person's name as given with it. Values may be as JSON has them.
    """

    kind: str
    facts: Facts
    fields: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] | None = None
    alive: bool | None = None
    by: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the thing is to be added."""
        return bool(self.alive)

    def value(self, name: str, otherwise: Any = "") -> Any:
        """Return a field as it was before."""
        return (self.before or {}).get(name, otherwise)


def wish_of(change: Change, facts: Facts) -> Wish:
    """Return a change of the store as a wish."""
    old, new = change.old, change.new
    names = ("geometry", *attributes(type(change.entity)))
    before = None if old is None else {name: getattr(old, name) for name in names}
    if new is None:
        return Wish(change.entity.kind, facts, {}, before, alive=False)
    after = {name: getattr(new, name) for name in names}
    if old is None:
        return Wish(new.kind, facts, after, None, alive=True)
    if before is None:
        raise BugError("a change of fields has a thing before")
    return Wish(new.kind, facts, {name: value for name, value in after.items() if value != before[name]}, before)
