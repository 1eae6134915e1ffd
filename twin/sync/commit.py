"""Commit: a mutation as the centre has taken it, with its place in the one order and what became of each op."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from twin.sync.mutation import Fields, Key

ACCEPTED, CONFLICT, DENIED, ENTERS, LEAVES = "accepted", "conflict", "denied", "enters", "leaves"
"""What an entry says. Accepted: written. Conflict and denied: not written, kept with what stands instead and why.

Enters: the whole row, for who begins to see it with this commit; leaves: who saw it sees it no longer.
"""

CHANGED, REMOVED, MISSING, ADDED, REFUSED = "changed", "removed", "missing", "added", "refused"
"""Why an op was not accepted: somebody else changed the field, or removed the row; there is no such row;

somebody else added it again; or its user may not do that (``note`` says by which rule).
"""


@dataclass(frozen=True)
class Entry:
    """What became of one op, or of the part of it that was judged alike.

    ``fields`` are the op's, ``theirs`` what the centre has instead, ``was`` what the author saw; ``alive`` is the
    op's. ``conflict`` names what waits for a decision. ``before`` and ``after`` are the row's place in scopes (``Center``'s ``place_of``); they never leave the centre.
    """

    verdict: str
    kind: str
    id: str
    fields: Fields = field(default_factory=dict)
    alive: bool | None = None
    theirs: Fields = field(default_factory=dict)
    was: Fields = field(default_factory=dict)
    reason: str = ""
    note: str = ""
    conflict: str = ""
    before: str | None = None
    after: str | None = None

    @property
    def key(self) -> Key:
        """Kind and id."""
        return self.kind, self.id

    def placed(self, before: str | None, after: str | None) -> Entry:
        """Return the entry with its row's place before and after; there may be very many."""
        return Entry(
            self.verdict, self.kind, self.id, self.fields, self.alive, self.theirs, self.was, self.reason, self.note,
            self.conflict, before, after,
        )  # fmt: skip


@dataclass(frozen=True)
class Commit:
    """A mutation in the centre's order. ``seq`` counts from 1 without gaps; every field it wrote has this version.

    ``at`` is when, as its author's clock said; where that was far ahead of the centre's, it is the centre's time and
    ``claimed_at`` the author's. ``as_asked`` says that all of the mutation was accepted as it was: its device, which has
    it, is not told the entries again.
    """

    seq: int
    device: str
    number: int
    user: str
    at: int
    entries: tuple[Entry, ...]
    title: str = ""
    resolves: tuple[str, ...] = ()
    claimed_at: int = 0
    as_asked: bool = False


class Stamp(NamedTuple):
    """Who wrote a field last: the commit and its device."""

    version: int
    device: str


@dataclass(frozen=True)
class Row:
    """One row at the centre: its values, and by whom each was written. ``place`` is where it lies in scopes.

    ``alive`` False is a tombstone, ``made`` who said so last.
    """

    kind: str
    id: str
    alive: bool
    made: Stamp
    fields: Mapping[str, Any]
    stamps: Mapping[str, Stamp]
    place: str = ""

    @property
    def key(self) -> Key:
        """Kind and id."""
        return self.kind, self.id

    @property
    def version(self) -> int:
        """The newest commit that wrote something of it."""
        return max((stamp.version for stamp in {self.made, *self.stamps.values()}), default=0)


def named(entries: tuple[Entry, ...], mutation: str) -> tuple[Entry, ...]:
    """Return entries in which each that waits for a decision has a name: the mutation's hash and its place there.

    Not the commit's number: a centre that was restored gives that again, to something else.
    """
    return tuple(
        replace(entry, conflict=f"{mutation[:32]}/{place}") if entry.verdict in (CONFLICT, DENIED) else entry
        for place, entry in enumerate(entries)
    )
