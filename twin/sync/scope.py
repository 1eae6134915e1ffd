"""What a device may see of a commit: rows in its scope, without masked fields, and always what became of its own ops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from twin.sync.commit import ACCEPTED, CONFLICT, DENIED, ENTERS, LEAVES, Commit, Entry
from twin.sync.mutation import Fields


class Scope(Protocol):
    """Which rows a device may see, and which of their fields.

    ``version`` changes whenever the answers do: the device then fills anew.
    """

    @property
    def version(self) -> int:
        """Number of this scope among those that the device has had, from 1."""

    def includes(self, kind: str, place: str) -> bool:
        """Whether rows of a kind that lie at a place may be seen."""

    def masked(self, kind: str, place: str, fields: Fields) -> Fields:
        """Return fields of a row that lies at a place as they may be seen."""


class Everything:
    """The scope of who may see all."""

    version = 1

    def includes(self, kind: str, place: str) -> bool:  # noqa: ARG002  by protocol
        """Include all."""
        return True

    def masked(self, kind: str, place: str, fields: Fields) -> Fields:  # noqa: ARG002  by protocol
        """Mask nothing."""
        return fields


EVERYTHING: Scope = Everything()


def seen_by(commit: Commit, device: str, scope: Scope) -> Commit | None:
    """Return a commit as a device may see it; None when nothing of it concerns the device.

    Who did it and what they called it speak of all of it: they are told only to who sees all of it, as it is.
    """
    is_own = commit.device == device
    if is_own and commit.as_asked and all(_is_seen_whole(entry, scope) for entry in commit.entries):
        return replace(commit, entries=())  # it has them, as it made them
    commit = replace(commit, as_asked=False)
    entries = tuple(told for entry in commit.entries for told in _seen(entry, scope, is_own=is_own))
    if not entries and not commit.resolves and not is_own:
        return None
    if is_own or (entries and all(_is_seen_whole(entry, scope) for entry in commit.entries)):
        return replace(commit, entries=entries)
    return replace(commit, entries=entries, user="", title="")


def _is_seen_whole(entry: Entry, scope: Scope) -> bool:
    """Whether an entry's row may be seen before and after, and nothing that the entry says of it is masked."""
    places = {place for place in (entry.before, entry.after) if place is not None}
    return bool(places) and all(
        scope.includes(entry.kind, place)
        and all(scope.masked(entry.kind, place, values) == values for values in (entry.fields, entry.theirs, entry.was))
        for place in places
    )


def _seen(entry: Entry, scope: Scope, *, is_own: bool) -> Iterator[Entry]:
    before = entry.before is not None and scope.includes(entry.kind, entry.before)
    is_same = entry.after == entry.before
    after = before if is_same else entry.after is not None and scope.includes(entry.kind, entry.after)
    if entry.verdict in (CONFLICT, DENIED):
        if is_own:  # their own work; but what stood there is only shown as it may be seen now
            place, seen = (entry.after, after) if entry.after is not None else (entry.before, before)
            theirs, was = (
                scope.masked(entry.kind, place, values) if place is not None and seen else {}
                for values in (entry.theirs, entry.was)
            )
            yield replace(entry, theirs=theirs, was=was, before=None, after=None)
        elif after:
            yield _masked(entry, scope)
    elif before and not after:
        yield Entry(LEAVES, entry.kind, entry.id)
    elif entry.verdict == ENTERS:
        if after and not before:
            yield _masked(entry, scope)
    elif before and after and entry.verdict == ACCEPTED:
        yield _masked(entry, scope)


def _masked(entry: Entry, scope: Scope) -> Entry:
    place = entry.after or ""
    fields, theirs, was = (scope.masked(entry.kind, place, values) for values in (entry.fields, entry.theirs, entry.was))
    return Entry(entry.verdict, entry.kind, entry.id, fields, entry.alive, theirs, was, entry.reason, entry.note, entry.conflict)
