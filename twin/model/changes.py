"""Change: the one way in which anything in the city becomes different."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from twin.errors import BugError
from twin.model.entity import Entity

Effects = Mapping[str, frozenset[str]]
"""Keys touched, by kind: what must be drawn or computed again."""


@dataclass(frozen=True)
class Change:
    """An entity before and after; one of the two is None when it is added or removed."""

    old: Entity | None
    new: Entity | None

    def __post_init__(self) -> None:
        """Refuse a change of nothing and a change of one thing into another."""
        if self.old is None and self.new is None:
            raise BugError("a change needs an old or a new entity")
        if self.old is not None and self.new is not None and (type(self.old), self.old.id) != (type(self.new), self.new.id):
            raise BugError(f"a change keeps kind and key, not {self.old.id} into {self.new.id}")

    @property
    def entity(self) -> Entity:
        """The entity as it is after, or was before its removal."""
        entity = self.new or self.old
        assert entity is not None  # noqa: S101  held by __post_init__; narrows the type
        return entity

    @property
    def operation(self) -> Literal["add", "remove", "set"]:
        """What happens to the entity."""
        if self.old is None:
            return "add"
        return "remove" if self.new is None else "set"

    @property
    def inverse(self) -> Change:
        """The change that takes this one back."""
        return Change(self.new, self.old)


@dataclass(frozen=True)
class JournalEntry:
    """One transaction as the journal tells it.

    ``received`` marks what came from the centre: its changes are in the centre's log, and undo passes it over.
    """

    number: int
    title: str
    author: str
    written_at: datetime
    change_count: int
    undoes: int | None = None
    received: bool = False


@dataclass(frozen=True)
class PassedOver:
    """A journal entry that cannot be taken back now, and why (one clause without a full stop)."""

    title: str
    why: str


@dataclass(frozen=True)
class Step:
    """What undo or redo did, or would do next.

    ``title`` is that of the write which it is about, None where there is nothing that can be taken back or done again;
    ``effects`` the keys touched, ``passed_over`` the newer entries that cannot be taken back now, newest first.
    """

    title: str | None = None
    effects: Effects = field(default_factory=dict)
    passed_over: tuple[PassedOver, ...] = ()
