"""Taking a journal entry back: each of its changes in reverse, unless the thing has changed since."""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from twin.errors import StorageError
from twin.model.changes import Change
from twin.model.codec import entity_from_json, entity_to_json, replaced
from twin.model.entity import Entity
from twin.store import journal
from twin.store.journal import Record
from twin.store.rows import stored_entities
from twin.store.tables import TABLES
from twin.store.transaction import Transaction


def take_back(db: sqlite3.Connection, transaction: Transaction, number: int) -> None:
    """Write, in the transaction, the inverse of every change of the entry ``number``.

    Raises ``StorageError`` when a thing is not as that entry left it: later work is never overwritten.
    """
    for records in journal.records_backwards(db, number):
        transaction.flush()
        current = _current(db, records)
        for record in records:
            if record.kind == "file":
                transaction.take_back(record)
                continue
            key = (record.kind, record.id)
            before = current.get(key)
            after = _inverse(transaction.title, record, before)
            transaction.write([Change(before, after)])
            current[key] = after


def _current(db: sqlite3.Connection, records: list[Record]) -> dict[tuple[str, str], Entity | None]:
    keys: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.kind != "file":
            keys[record.kind].add(record.id)
    found: dict[tuple[str, str], Entity | None] = {}
    for kind, ids in keys.items():
        found.update({(kind, key): entity for key, entity in stored_entities(db, TABLES[kind], sorted(ids)).items()})
    return found


def _inverse(title: str, record: Record, current: Entity | None) -> Entity | None:
    """Return the thing as it was before the record. Raises ``StorageError`` when it is not as the record left it."""
    label = TABLES[record.kind].entity_type.label
    if record.new is None:
        if current is not None:
            raise _conflict(title, f"{label} {record.id} was added again since")
        return entity_from_json({"kind": record.kind, **(record.old or {})})
    if current is None:
        raise _conflict(title, f"{label} {record.id} was removed since")
    now = entity_to_json(current)
    different = [name for name, value in record.new.items() if now[name] != value]
    if different:
        raise _conflict(title, f"{different[0]} of {label} {record.id} was changed since")
    return None if record.old is None else replaced(current, record.old)


def _conflict(title: str, what: str) -> StorageError:
    return StorageError(
        f"'{title}' was refused: {what}.", "Nothing was changed. Take back the later work first, or change it by hand."
    )
