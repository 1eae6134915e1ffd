"""The journal: one immutable entry for each transaction, and its changes as JSON before and after.

Undo appends an entry that takes another one back, redo appends one that takes the undo back; ``undoes``
names the entry taken back. Such an entry has no changes of its own: they are those of the write at the
bottom of the chain, forwards or backwards. What can be undone or redone is told by these numbers alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twin.model.changes import JournalEntry
from twin.model.codec import Json

CHUNK = 4096
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Record:
    """One change as the journal has it; ``old`` or ``new`` is None for an addition or a removal.

    Both hold only the fields that differ when the thing was there before and after.
    """

    kind: str
    id: str
    old: Json | None
    new: Json | None


def dumps(data: Json | None) -> str | None:
    """Return compact JSON text; None stays None."""
    return None if data is None else _ENCODER.encode(data)


def version(db: sqlite3.Connection) -> int:
    """Return the number of the newest entry, 0 when there is none."""
    return int(db.execute('SELECT coalesce(max(number), 0) FROM "transaction"').fetchone()[0])


def city_version(db: sqlite3.Connection) -> int:
    """Return the number of the newest entry that changed more than scenarios."""
    return int(db.execute('SELECT coalesce(max(number), 0) FROM "transaction" WHERE city').fetchone()[0])


def append_changes(db: sqlite3.Connection, number: int, position: int, records: Iterable[Record]) -> int:
    """Write changes of the entry ``number`` from ``position`` on; return the next free position."""
    rows = [(number, place, r.kind, r.id, dumps(r.old), dumps(r.new)) for place, r in enumerate(records, position)]
    db.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", rows)
    return position + len(rows)


def append_entry(db: sqlite3.Connection, entry: JournalEntry, key: str, *, city: bool) -> None:
    """Write the entry itself."""
    row: tuple[Any, ...] = (
        entry.number, key, entry.title, entry.author, entry.written_at.isoformat(), entry.change_count, entry.undoes, int(city),
        int(entry.received),
    )  # fmt: skip
    db.execute('INSERT INTO "transaction" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', row)


_ENTRY = "number, title, author, written_at, change_count, undoes, received"


def entries(db: sqlite3.Connection, limit: int) -> list[JournalEntry]:
    """Return the newest entries, newest first."""
    return [_entry(row) for row in db.execute(f'SELECT {_ENTRY} FROM "transaction" ORDER BY number DESC LIMIT ?', (limit,))]


def own_entries(db: sqlite3.Connection, after: int) -> list[JournalEntry]:
    """Return what was done here since an entry, without what came from the centre, oldest first."""
    query = f'SELECT {_ENTRY} FROM "transaction" WHERE number > ? AND NOT received ORDER BY number'
    return [_entry(row) for row in db.execute(query, (after,))]


def entry(db: sqlite3.Connection, number: int) -> JournalEntry:
    """Return one entry."""
    return _entry(db.execute(f'SELECT {_ENTRY} FROM "transaction" WHERE number = ?', (number,)).fetchone())


def _entry(row: tuple[Any, ...]) -> JournalEntry:
    number, title, author, written_at, count, undoes, is_received = row
    return JournalEntry(number, title, author, datetime.fromisoformat(written_at), count, undoes, bool(is_received))


def done_by(db: sqlite3.Connection, number: int) -> Iterator[Record]:
    """Yield what an entry did, also where it takes another one back or makes it again."""
    at, is_undo = root(db, number)
    for lot in records(db, at, backwards=is_undo):
        yield from (Record(item.kind, item.id, item.new, item.old) for item in lot) if is_undo else lot


def records(db: sqlite3.Connection, number: int, *, backwards: bool) -> Iterator[list[Record]]:
    """Yield the changes of an entry in order, or from the last to the first, in lists of at most ``CHUNK``."""
    compare, order, at = ("<", "DESC", 1 << 62) if backwards else (">", "ASC", -1)
    while rows := db.execute(
        f"SELECT position, kind, id, old, new FROM change WHERE number = ? AND position {compare} ? "
        f"ORDER BY position {order} LIMIT ?",
        (number, at, CHUNK),
    ).fetchall():
        at = rows[-1][0]
        yield [Record(kind, key, _loads(old), _loads(new)) for _, kind, key, old, new in rows]


def _loads(text: str | None) -> Json | None:
    return None if text is None else json.loads(text)


def undo_and_redo(db: sqlite3.Connection) -> tuple[list[int], list[int]]:
    """Return the entries in force and the undo entries that redo may take back, both in the order to try them.

    What was done or taken back last comes first; what cannot be taken back now is passed over and keeps its place.
    """
    in_force: list[int] = []
    taken_back: list[int] = []
    is_undo: dict[int, bool] = {}
    for number, undoes in db.execute('SELECT number, undoes FROM "transaction" WHERE NOT received ORDER BY number'):
        is_undo[number] = undoes is not None and not is_undo[undoes]
        if undoes is None:
            in_force.append(number)
            taken_back.clear()
        elif is_undo[number]:
            in_force.remove(undoes)
            taken_back.append(number)
        else:
            taken_back.remove(undoes)
            in_force.append(number)
    return in_force[::-1], taken_back[::-1]


def root(db: sqlite3.Connection, number: int) -> tuple[int, bool]:
    """Return the write at the bottom of a chain of undo and redo, and whether the chain has taken it back."""
    is_undo = False
    while (undoes := entry(db, number).undoes) is not None:
        number, is_undo = undoes, not is_undo
    return number, is_undo


def root_title(db: sqlite3.Connection, number: int) -> str:
    """Return the title of the write at the bottom of a chain of undo and redo."""
    return entry(db, root(db, number)[0]).title
