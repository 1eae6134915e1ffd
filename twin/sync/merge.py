"""Merge: what becomes of one op at the centre. Pure: the row, the op and the device that made it decide, nothing else.

A field is accepted when nobody else wrote it since its author looked (``Op.base``), or when both wrote the same.
A removal is accepted when nobody else wrote any field of the row since. What is not accepted is kept beside what
stands, never dropped. Clocks decide nothing. The digest of a record's source is nothing that people decide: it follows
the source, and the import that came last says which it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from twin.sync.commit import ACCEPTED, ADDED, CHANGED, CONFLICT, MISSING, REMOVED, Entry, Row, Stamp
from twin.sync.mutation import Op

SOURCE, DIGEST = {"source", "source_id"}, "source_hash"
"""Where a record came from, and the digest of it there, by which an import knows what it has brought before."""


class Writer(NamedTuple):
    """Who writes: the device, the commit that it becomes, and the newest commit that the author had seen."""

    device: str
    seq: int
    base: int

    def saw(self, stamp: Stamp) -> bool:
        """Whether the author had seen what was written, or wrote it."""
        return stamp.version <= self.base or stamp.device == self.device

    @property
    def stamp(self) -> Stamp:
        """What this writer leaves on what it writes."""
        return Stamp(self.seq, self.device)


class Merged(NamedTuple):
    """The row afterwards, None while there is none, and what became of the op."""

    row: Row | None
    entries: tuple[Entry, ...]


def merge(row: Row | None, op: Op, writer: Writer) -> Merged:
    """Decide one op on a row."""
    if op.alive is False:
        return _remove(row, op, writer)
    if op.alive:
        return _add(row, op, writer)
    if row is None:
        return Merged(None, (_conflict(op, MISSING),))
    if not row.alive:
        return Merged(row, (_conflict(op, REMOVED),))
    return _set(row, op, writer)


def is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; a flag is no number."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _remove(row: Row | None, op: Op, writer: Writer) -> Merged:
    if row is None:
        return Merged(None, (_conflict(op, MISSING),))
    if not row.alive:  # both removed it: there is nothing to decide
        return Merged(row, (_entry(ACCEPTED, op),))
    unseen = {name: row.fields[name] for name, stamp in row.stamps.items() if name != DIGEST and not writer.saw(stamp)}
    if unseen or not writer.saw(row.made):
        return Merged(row, (replace(_conflict(op, CHANGED), theirs=unseen),))
    return Merged(replace(row, alive=False, made=writer.stamp), (_entry(ACCEPTED, op),))


def _add(row: Row | None, op: Op, writer: Writer) -> Merged:
    if row is not None and row.alive:  # the same record from two offices: field by field
        return _set(row, op, writer, reason=ADDED)
    if row is not None and not writer.saw(row.made):
        return Merged(row, (_conflict(op, REMOVED),))
    stamps = dict.fromkeys(op.fields, writer.stamp)
    place = "" if row is None else row.place
    return Merged(Row(op.kind, op.id, True, writer.stamp, dict(op.fields), stamps, place), (_entry(ACCEPTED, op),))


def _set(row: Row, op: Op, writer: Writer, reason: str = CHANGED) -> Merged:
    taken, unseen = {}, {}
    fields, stamps, own = dict(row.fields), dict(row.stamps), writer.stamp
    for name, value in op.fields.items():
        stamp = row.stamps.get(name)
        if stamp is not None and is_same(row.fields[name], value):
            taken[name] = value  # the same value is no change: it stays whose it was
        elif stamp is None or writer.saw(stamp):
            taken[name], fields[name], stamps[name] = value, value, own
        else:
            unseen[name] = row.fields[name]
    if unseen.pop(DIGEST, None) is not None and not unseen.keys() & SOURCE:
        taken[DIGEST], fields[DIGEST], stamps[DIGEST] = op.fields[DIGEST], op.fields[DIGEST], own
    entries = []
    if taken or not unseen:
        entries.append(Entry(ACCEPTED, op.kind, op.id, taken))
    if unseen:
        mine = {name: op.fields[name] for name in unseen}
        was = {name: op.was[name] for name in unseen if name in op.was}
        entries.append(Entry(CONFLICT, op.kind, op.id, mine, None, unseen, was, reason))
    return Merged(Row(row.kind, row.id, row.alive, row.made, fields, stamps, row.place), tuple(entries))


def _entry(verdict: str, op: Op) -> Entry:
    return Entry(verdict, op.kind, op.id, dict(op.fields), op.alive)


def _conflict(op: Op, reason: str) -> Entry:
    return Entry(CONFLICT, op.kind, op.id, dict(op.fields), op.alive, was=dict(op.was), reason=reason)
