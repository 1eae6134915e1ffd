"""Taking a journal entry back: each of its changes in reverse, unless the thing has changed since."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence

from twin.errors import StorageError
from twin.model.codec import Json, entity_from_json
from twin.store import files, journal
from twin.store.journal import Record
from twin.store.rows import Rows, numbered
from twin.store.tables import TABLES
from twin.store.transaction import Transaction


def take_back(db: sqlite3.Connection, transaction: Transaction, number: int) -> None:
    """Do, in the transaction, the inverse of every change of the entry ``number``.

    Nothing of it is copied into the journal: the new entry's ``undoes`` says it all. Raises ``StorageError``
    when a thing is not as that entry left it: later work is never overwritten.
    """
    rows = Rows(db)
    root, is_undo = journal.root(db, number)
    for records in journal.records(db, root, backwards=not is_undo):
        wanted = records if is_undo else [Record(item.kind, item.id, item.new, item.old) for item in records]
        for lot in _without_repeats(wanted):
            for kind, some in _by_kind(lot).items():
                if kind == "file":
                    _switch(db, transaction, some)
                else:
                    _apply(db, rows, transaction.title, kind, some)
                    transaction.touch(kind, [item.id for item in some])
    transaction.change_count = journal.entry(db, number).change_count


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
    for record in records:
        files.set_active(db, record.id, active=record.new is not None)
        transaction.touch(str((record.new or record.old or {})["kind"]), [record.id])


def _apply(db: sqlite3.Connection, rows: Rows, title: str, kind: str, records: Sequence[Record]) -> None:
    """Bring things of one kind from ``old`` to ``new``. Raises ``StorageError`` when one is not as ``old`` says."""
    table = TABLES[kind]
    stored = {row[1]: row for row in numbered(db, table, [record.id for record in records])}
    current = dict(zip(stored, table.json([row[1:] for row in stored.values()]), strict=True))
    for record in records:
        _require(title, record, current.get(record.id))
    rows.delete(kind, [stored[record.id][0] for record in records if record.new is None])
    pairs = [
        (entity_from_json({"kind": kind, **current[r.id]}), entity_from_json({"kind": kind, **current[r.id], **r.new}))
        for r in records
        if r.old is not None and r.new is not None
    ]
    rows.set(kind, pairs)
    rows.add(kind, [entity_from_json({"kind": kind, **r.new}) for r in records if r.old is None and r.new is not None])


def _require(title: str, record: Record, current: Json | None) -> None:
    if current == record.old:
        return
    label = TABLES[record.kind].entity_type.label
    if record.old is None and current is not None:
        raise _conflict(title, f"{label} {record.id} was added again since")
    if record.old is not None and current is None:
        raise _conflict(title, f"{label} {record.id} was removed since")
    different = [name for name, value in (record.old or {}).items() if (current or {}).get(name) != value]
    if different:
        raise _conflict(title, f"{different[0]} of {label} {record.id} was changed since")


def _conflict(title: str, what: str) -> StorageError:
    advice = "Nothing was changed. Take back the later work first, or change it by hand."
    return StorageError(f"'{title}' was refused: {what}.", advice)
