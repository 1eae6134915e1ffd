"""Taking a journal entry back: each of its changes in reverse, unless the thing has changed since.

Work that was received changes things without a word in the journal, so an entry may be in the way of nothing and
still be refused. It is passed over then: an older one may be taken back, where values allow it.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from twin.errors import StorageError
from twin.model.changes import PassedOver, Step
from twin.model.codec import Json, entity_from_json
from twin.store import files, journal
from twin.store.journal import Record
from twin.store.rows import Rows, numbered
from twin.store.tables import TABLES, Row, Table
from twin.store.transaction import Transaction

LOOK_AHEAD = 20_000
"""Changes of an entry that is looked into before somebody asks to take it back: about 0.3 s; a larger one is tried then."""


class RefusedError(StorageError):
    """An entry cannot be taken back now; ``why`` is the clause that says so."""

    def __init__(self, title: str, why: str) -> None:
        super().__init__(
            f"'{title}' was refused: {why}.", "Nothing was changed. Take back the later work first, or change it by hand."
        )
        self.why = why


def next_step(db: sqlite3.Connection, numbers: Sequence[int]) -> Step:
    """Return which of these entries, tried in order, would be taken back, and which are passed over."""
    passed: list[PassedOver] = []
    for number in numbers:
        title = journal.root_title(db, number)
        why = obstacle(db, number)
        if not why:
            return Step(title, passed_over=tuple(passed))
        passed.append(PassedOver(title, why))
    return Step(passed_over=tuple(passed))


def obstacle(db: sqlite3.Connection, number: int) -> str:
    """Return why an entry cannot be taken back now, '' when nothing is in the way as far as values tell."""
    if journal.entry(db, number).change_count > LOOK_AHEAD:
        return ""
    seen: dict[tuple[str, str], set[str] | None] = {}  # fields that a later change of the entry set; None: the whole thing
    for records in _wanted(db, number):
        for kind, some in _by_kind(records).items():
            current = _current(db, kind, some)
            for record in some:
                fresh = _not_seen(seen, record)
                why = "" if fresh is None else _different(fresh, current.get(record.id))
                if why:
                    return why
    return ""


def _not_seen(seen: dict[tuple[str, str], set[str] | None], record: Record) -> Record | None:
    """Return what a change says of the city as it is now: a later change of the same entry may have said it already."""
    key = (record.kind, record.id)
    known = seen.get(key, set())
    if known is None:
        return None
    is_whole = record.old is None or record.new is None
    seen[key] = None if is_whole else known | (record.old or {}).keys()
    if record.old is None:
        return None if known else record
    return Record(record.kind, record.id, {name: value for name, value in record.old.items() if name not in known}, record.new)


def take_back(db: sqlite3.Connection, transaction: Transaction, number: int) -> None:
    """Do, in the transaction, the inverse of every change of the entry ``number``.

    Nothing of it is copied into the journal: the new entry's ``undoes`` says it all. Raises ``StorageError``
    when a thing is not as that entry left it: later work is never overwritten.
    """
    rows = Rows(db)
    for wanted in _wanted(db, number):
        for lot in _without_repeats(wanted):
            for kind, some in _by_kind(lot).items():
                if kind == "file":
                    _switch(db, transaction, some)
                else:
                    _apply(db, rows, transaction.title, kind, some)
                    transaction.touch(kind, [item.id for item in some])
    transaction.change_count = journal.entry(db, number).change_count


def _wanted(db: sqlite3.Connection, number: int) -> Iterator[list[Record]]:
    """Yield the changes that take an entry back, in the order in which they are to be made."""
    root, is_undo = journal.root(db, number)
    for records in journal.records(db, root, backwards=not is_undo):
        yield records if is_undo else [Record(item.kind, item.id, item.new, item.old) for item in records]


def _without_repeats(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Cut a list where a thing comes again, so that each part may be written in any order."""
    lot: dict[tuple[str, str], Record] = {}
    for record in records:
        if (record.kind, record.id) in lot:
            yield list(lot.values())
            lot = {}
        lot[record.kind, record.id] = record
    yield list(lot.values())


def _by_kind(records: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record.kind].append(record)
    return found


def _switch(db: sqlite3.Connection, transaction: Transaction, records: Sequence[Record]) -> None:
    """Make files count again, or not any more."""
    current = _current(db, "file", records)
    for record in records:
        _require(transaction.title, record, current.get(record.id))
        files.set_active(db, record.id, active=record.new is not None)
        transaction.touch(str((record.new or record.old or {})["kind"]), [record.id])


def _apply(db: sqlite3.Connection, rows: Rows, title: str, kind: str, records: Sequence[Record]) -> None:
    """Bring things of one kind from ``old`` to ``new``. Raises ``StorageError`` when one is not as ``old`` says."""
    table = TABLES[kind]
    stored = {row[1]: row for row in numbered(db, table, [record.id for record in records])}
    current = _json(table, stored)
    for record in records:
        _require(title, record, current.get(record.id))
    rows.delete(kind, [stored[record.id][0] for record in records if record.new is None])
    pairs = [
        (entity_from_json({"kind": kind, **current[r.id]}), entity_from_json({"kind": kind, **current[r.id], **r.new}))
        for r in records
        if r.old is not None and r.new is not None
    ]
    try:
        rows.set(kind, pairs)
        rows.add(kind, [entity_from_json({"kind": kind, **r.new}) for r in records if r.old is None and r.new is not None])
    except StorageError as error:  # a record of a source or a name of a scenario that somebody else has used meanwhile
        raise RefusedError(title, error.message.rstrip(".")) from error


def _current(db: sqlite3.Connection, kind: str, records: Sequence[Record]) -> dict[str, Json]:
    """Return the things of some changes as they are now; of files those that count, as their change tells them."""
    if kind == "file":
        active = files.active_names(db)
        return {item.id: item.old or item.new or {} for item in records if item.id in active}
    table = TABLES[kind]
    return _json(table, {row[1]: row for row in numbered(db, table, [item.id for item in records])})


def _json(table: Table, stored: Mapping[str, Row]) -> dict[str, Json]:
    return dict(zip(stored, table.json([row[1:] for row in stored.values()]), strict=True))


def _require(title: str, record: Record, current: Json | None) -> None:
    why = _different(record, current)
    if why:
        raise RefusedError(title, why)


def _different(record: Record, current: Json | None) -> str:
    """Return in which way a thing is not as ``old`` says, '' when it is."""
    what = f"{_label(record.kind)} {record.id}"
    if record.old is None:
        return "" if current is None else f"{what} was added again since"
    if current is None:
        return f"{what} was removed since"
    different = [name for name, value in record.old.items() if current.get(name) != value]
    return f"{different[0]} of {what} was changed since" if different else ""


def _label(kind: str) -> str:
    return "File" if kind == "file" else TABLES[kind].entity_type.label
