"""The workspace as a device sees it: the store's tables are the rows, the store's journal is what people did.

The journal is written with every edit, in the same transaction, whether anybody syncs or not; so a mutation can be
made of it at any later time and editing costs nothing. What the centre sends and no table here can hold (a kind or a
field of a newer program, a record that this office has under another key) is kept aside, and shown when it can be.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from twin.model.changes import Change
from twin.store import Store, Transaction, journal
from twin.store.rows import numbered
from twin.store.tables import TABLES
from twin.sync import device_state, keyed
from twin.sync.city import Action, Touch, Values
from twin.sync.device import Device
from twin.sync.mutation import Key, Sign, unsigned

MESSAGE = "From the centre"
_OWN_TABLES = (
    "CREATE TABLE IF NOT EXISTS sync_aside (kind TEXT, id TEXT, row TEXT, why TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS sync_decision (number INTEGER, name TEXT, PRIMARY KEY (number, name)) WITHOUT ROWID",
)


def device_of(store: Store, *, sign: Sign = unsigned, schema_version: int = 1) -> Device:
    """Return the device that this workspace is; the first time it becomes one."""
    city = WorkspaceCity(store)
    return Device(city, store.ids, store.now_ms, sign=sign, schema_version=schema_version)


def is_device(store: Store) -> bool:
    """Whether this workspace has ever been made a device."""
    with store.looking() as db:
        return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sync_state'").fetchone() is not None


def _is_current(store: Store) -> bool:
    with store.looking() as db:
        return device_state.is_current(db)


def decide(store: Store, changes: Iterable[Change], names: Iterable[str], *, title: str, author: str) -> None:
    """Decide conflicts by an ordinary edit, undone like any other; ``names`` are the conflicts.

    Who decides for what stands now changes nothing: that is ``Device.resolve``.
    """
    with store.transaction(title, author) as transaction:
        transaction.write(changes)
        rows = ((transaction.number, name) for name in names)
        transaction.database.executemany("INSERT INTO sync_decision VALUES (?, ?)", rows)


class WorkspaceCity:
    """A ``City`` over a store that is open for writing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._transaction: Transaction | None = None
        if not is_device(store) or (store.writable and not _is_current(store)):
            with store.reception(MESSAGE) as transaction:
                device_state.create(transaction.database)
                for statement in _OWN_TABLES:
                    transaction.database.execute(statement)

    @property
    def db(self) -> sqlite3.Connection:
        """The connection of the exchange that this thread has open, else one that reads."""
        if self._transaction is not None and self._store.is_writing_here:
            return self._transaction.database
        with self._store.looking() as db:
            return db

    @contextmanager
    def exchanging(self) -> Iterator[None]:
        """Open a transaction that waits for edits, as edits wait for it."""
        with self._store.reception(MESSAGE) as transaction:
            self._transaction = transaction
            try:
                yield
            finally:
                self._transaction = None

    def actions(self, after: int) -> Iterable[Action]:
        """Return what people did since a journal entry."""
        for entry in journal.own_entries(self.db, after):
            touches = tuple(touch for touch in _touches(self.db, entry.number) if touch.kind in TABLES)
            query = "SELECT name FROM sync_decision WHERE number = ? ORDER BY name"
            names = tuple(name for (name,) in self.db.execute(query, (entry.number,)))
            at_ms = int(entry.written_at.timestamp() * 1000)
            yield Action(entry.number, entry.author, at_ms, entry.title, touches, names)

    def rows(self, keys: Collection[Key]) -> Mapping[Key, Values]:
        """Return the rows of these keys that are there, with what is kept aside of them."""
        found: dict[Key, Values] = {}
        for kind, ids in _by_kind(keys).items():
            if kind in TABLES:
                rows = [row[1:] for row in numbered(self.db, TABLES[kind], ids)]
                for data in TABLES[kind].json(rows):
                    found[kind, data.pop("id")] = data
        for kind, key, row in keyed.rows(self.db, "sync_aside", "row", keys):
            found[kind, key] = {**found.get((kind, key), {}), **json.loads(row)}
        return found

    def write(self, rows: Mapping[Key, Values | None]) -> None:
        """Set rows to these fields; None takes one away. What cannot be shown is kept aside."""
        for kind, ids in _by_kind(rows).items():
            wanted = {id_: rows[kind, id_] for id_ in ids}
            self._set_aside(kind, dict.fromkeys(wanted), "")
            if kind not in TABLES:
                self._set_aside(kind, wanted, "this program does not know its kind")
                continue
            self._write_kind(kind, wanted)

    def settled(self, kinds: Collection[str]) -> None:
        """Show what was kept aside because of a row that people have changed."""
        for kind in sorted(kinds & TABLES.keys()):
            self._try_again(kind, ())

    def between(self, after: Key, to: Key | None) -> list[Key]:
        """Return the keys of all rows after one key up to another."""
        found: set[Key] = set()
        for kind in TABLES:
            if kind < after[0] or (to is not None and kind > to[0]):
                continue
            low = after[1] if kind == after[0] else ""
            upper = "AND id <= ?" if to is not None and kind == to[0] else ""
            values = (low, to[1]) if upper and to is not None else (low,)
            rows = self.db.execute(f'SELECT id FROM "{kind}" WHERE id > ? {upper}', values)
            found |= {(kind, key) for (key,) in rows}
        upper = "" if to is None else "AND (kind, id) <= (?, ?)"
        query = f"SELECT kind, id FROM sync_aside WHERE (kind, id) > (?, ?) {upper}"
        found |= {(kind, key) for kind, key in self.db.execute(query, (*after, *(to or ())))}
        return sorted(found)

    def _write_kind(self, kind: str, wanted: Mapping[str, Values | None]) -> None:
        known = {"geometry", "source", "source_id", "source_hash", *TABLES[kind].attributes}
        shown: dict[str, Values | None] = {}
        for key, row in wanted.items():
            if row is None or row.keys() <= known:
                shown[key] = row
                continue
            shown[key] = {name: row[name] for name in row.keys() & known}
            extra = {name: row[name] for name in row.keys() - known}
            self._set_aside(kind, {key: extra}, "this program does not know these fields")
        refused = self._open.receive(kind, shown)
        for key, why in refused.items():
            self._set_aside(kind, {key: wanted[key]}, why)
        if len(refused) < len(wanted):
            self._try_again(kind, refused)

    def _try_again(self, kind: str, besides: Collection[str]) -> None:
        """Show what was kept aside because of a row that has changed now."""
        query = "SELECT id, row FROM sync_aside WHERE kind = ? AND why LIKE 'UNIQUE%'"
        waiting = {key: json.loads(row) for key, row in self.db.execute(query, (kind,)) if key not in besides}
        if waiting:
            refused = self._open.receive(kind, waiting)
            self._set_aside(kind, dict.fromkeys(waiting.keys() - refused.keys()), "")

    @property
    def _open(self) -> Transaction:
        assert self._transaction is not None  # noqa: S101  rows are written inside ``exchanging`` alone
        return self._transaction

    def _set_aside(self, kind: str, rows: Mapping[str, Values | None], why: str) -> None:
        if self.db.execute("SELECT 1 FROM sync_aside LIMIT 1").fetchone() is not None:
            gone = ((kind, key) for key, row in rows.items() if row is None)
            self.db.executemany("DELETE FROM sync_aside WHERE kind = ? AND id = ?", gone)
        kept = ((kind, key, json.dumps(row, ensure_ascii=False), why) for key, row in rows.items() if row is not None)
        self.db.executemany("INSERT OR REPLACE INTO sync_aside VALUES (?, ?, ?, ?)", kept)


def _touches(db: sqlite3.Connection, number: int) -> Iterator[Touch]:
    for record in journal.done_by(db, number):
        yield Touch(record.kind, record.id, _plain(record.old), _plain(record.new))


def _plain(data: Values | None) -> Values | None:
    return None if data is None else {name: value for name, value in data.items() if name != "id"}


def _by_kind(keys: Iterable[Key]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for kind, key in keys:
        found[kind].append(key)
    return found
