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
    """Return a commit as a device may see it; None when nothing of it concerns the device."""
    entries = tuple(told for entry in commit.entries for told in _seen(entry, scope, is_own=commit.device == device))
    if not entries and not commit.resolves and commit.device != device:
        return None
    return replace(commit, entries=entries)


def _seen(entry: Entry, scope: Scope, *, is_own: bool) -> Iterator[Entry]:
    before = entry.before is not None and scope.includes(entry.kind, entry.before)
    after = entry.after is not None and scope.includes(entry.kind, entry.after)
    plain = entry.placed(None, None)
    if entry.verdict in (CONFLICT, DENIED):
        if is_own:
            theirs = scope.masked(entry.kind, entry.after, entry.theirs) if entry.after is not None and after else {}
            yield replace(plain, theirs=theirs)
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
    return replace(entry, fields=fields, theirs=theirs, was=was, before=None, after=None)
