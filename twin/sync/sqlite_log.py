"""The centre's tables on plain SQLite, in memory or in a file: what simulations, tests and a small office need."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from twin.sync import wire
from twin.sync.commit import Commit, Entry, Row, Stamp
from twin.sync.log_store import DeviceRecord, Head, Taken
from twin.sync.mutation import GENESIS, Key

TABLES = """
CREATE TABLE IF NOT EXISTS head (epoch TEXT, seq INTEGER, chain TEXT, oldest INTEGER, durable INTEGER);
CREATE TABLE IF NOT EXISTS epoch (epoch TEXT PRIMARY KEY, common INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS device (device TEXT PRIMARY KEY, last INTEGER, last_hash TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (kind TEXT, id TEXT, alive TEXT, cells TEXT, place TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, device TEXT, number INTEGER, hash TEXT, identity TEXT, chain TEXT,
    size INTEGER, entries TEXT);
CREATE TABLE IF NOT EXISTS conflict (name TEXT PRIMARY KEY, seq INTEGER, entry TEXT) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS log_device ON log (device, number);
CREATE INDEX IF NOT EXISTS log_identity ON log (identity);
"""
Hook = Callable[[str], None]


def nowhere(where: str) -> None:
    """Do nothing at a hook."""


class SqliteLog:
    """A ``LogStore`` on one SQLite connection. ``hook`` is called at every write, for tests that crash there."""

    def __init__(self, path: str = ":memory:", hook: Hook = nowhere) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self._hook = hook
        self.db.execute("PRAGMA synchronous = FULL")
        if path != ":memory:":
            self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(TABLES)

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open a transaction that writes: only one at a time, so that nothing else needs to be held."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._hook("center.commit")
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        self._hook("center.committed")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Open a transaction that sees one state."""
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.execute("ROLLBACK")

    def lock_device(self, device: str) -> DeviceRecord | None:
        """Return a device's record."""
        row = self.db.execute("SELECT device, last, last_hash FROM device WHERE device = ?", (device,)).fetchone()
        return None if row is None else DeviceRecord(*row)

    def save_device(self, record: DeviceRecord) -> None:
        """Write a device's record."""
        self._hook("center.device")
        self.db.execute("INSERT OR REPLACE INTO device VALUES (?, ?, ?)", (record.device, record.last, record.last_hash))

    def head(self) -> Head:
        """Return where the log stands."""
        return Head(*self.db.execute("SELECT epoch, seq, chain, oldest, durable FROM head").fetchone())

    def lock_head(self) -> Head:
        """Return where the log stands."""
        return self.head()

    def save_head(self, head: Head) -> None:
        """Write where the log stands."""
        self._hook("center.head")
        row = (head.epoch, head.seq, head.chain, head.oldest, head.durable)
        self.db.execute("UPDATE head SET epoch = ?, seq = ?, chain = ?, oldest = ?, durable = ?", row)

    def common(self, epoch: str) -> int | None:
        """Return up to which commit an epoch's log is also that of the current one."""
        row = self.db.execute("SELECT common FROM epoch WHERE epoch = ?", (epoch,)).fetchone()
        return None if row is None else int(row[0])

    def begin_epoch(self, epoch: str, common: int) -> None:
        """Make a new epoch."""
        self._hook("center.epoch")
        self.db.execute("UPDATE epoch SET common = min(common, ?)", (common,))
        self.db.execute("INSERT INTO epoch VALUES (?, ?)", (epoch, wire.LARGEST_NUMBER))
        if self.db.execute("UPDATE head SET epoch = ?", (epoch,)).rowcount == 0:
            self.db.execute("INSERT INTO head VALUES (?, 0, ?, 1, 0)", (epoch, GENESIS))

    def rows(self, keys: Collection[Key]) -> Mapping[Key, Row]:
        """Return the rows of these keys that are there."""
        found = {}
        for key in keys:
            row = self.db.execute("SELECT kind, id, alive, cells, place FROM item WHERE kind = ? AND id = ?", key).fetchone()
            if row is not None:
                found[key] = _row(row)
        return found

    def save_rows(self, rows: Collection[Row]) -> None:
        """Write rows whole."""
        for row in rows:
            self._hook("center.row")
            alive = [row.alive, *row.made]
            cells = {name: [value, *row.stamps[name]] for name, value in row.fields.items()}
            values = (row.kind, row.id, json.dumps(alive), json.dumps(cells), row.place)
            self.db.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?)", values)

    def rows_after(self, key: Key, limit: int) -> list[Row]:
        """Return the next rows after a key."""
        query = "SELECT kind, id, alive, cells, place FROM item WHERE (kind, id) > (?, ?) ORDER BY kind, id LIMIT ?"
        return [_row(row) for row in self.db.execute(query, (*key, limit))]

    def append(self, taken: Iterable[Taken]) -> None:
        """Add commits to the log."""
        for item in taken:
            self._hook("center.log")
            commit = item.commit
            row = (commit.seq, commit.device, commit.number, item.hash, item.identity, item.chain, len(commit.entries))
            self.db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, json.dumps(wire.write(commit))))
            waiting = [(entry.conflict, commit.seq, json.dumps(wire.write(entry))) for entry in commit.entries if entry.conflict]
            self.db.executemany("INSERT INTO conflict VALUES (?, ?, ?)", waiting)
            self.db.executemany("DELETE FROM conflict WHERE name = ?", ((name,) for name in commit.resolves))

    def commits(self, after: int, to: int, limit: int) -> list[Commit]:
        """Return the commits after one up to another, the oldest of them until they have ``limit`` entries together."""
        found: list[Commit] = []
        for size, text in self.db.execute("SELECT size, entries FROM log WHERE seq > ? AND seq <= ? ORDER BY seq", (after, to)):
            limit -= size
            if found and limit < 0:
                break
            found.append(wire.read(Commit, json.loads(text)))
        return found

    def open_conflicts(self, to: int) -> list[Commit]:
        """Return the commits up to ``to`` with those of their entries that wait for a decision."""
        entries: dict[int, list[Entry]] = defaultdict(list)
        for seq, text in self.db.execute("SELECT seq, entry FROM conflict WHERE seq <= ? ORDER BY seq, name", (to,)):
            entries[seq].append(wire.read(Entry, json.loads(text)))
        rows = self.db.execute(
            "SELECT entries FROM log WHERE seq IN (SELECT seq FROM conflict WHERE seq <= ?) ORDER BY seq", (to,)
        )
        heads = [wire.read(Commit, json.loads(text)) for (text,) in rows]
        return [replace(head, entries=tuple(entries[head.seq]), resolves=()) for head in heads]

    def chain(self, seq: int) -> str | None:
        """Return the hash of the log up to a commit."""
        row = self.db.execute("SELECT chain FROM log WHERE seq = ?", (seq,)).fetchone()
        return GENESIS if seq == 0 else None if row is None else str(row[0])

    def chains(self, after: int, to: int) -> list[str]:
        """Return the hash of the log up to each of the commits after one up to another."""
        return [
            str(chain)
            for (chain,) in self.db.execute("SELECT chain FROM log WHERE seq > ? AND seq <= ? ORDER BY seq", (after, to))
        ]

    def hash(self, device: str, number: int) -> str | None:
        """Return the hash of a device's mutation by its number."""
        row = self.db.execute("SELECT hash FROM log WHERE device = ? AND number = ?", (device, number)).fetchone()
        return None if row is None else str(row[0])

    def seen(self, identities: Collection[str]) -> Collection[str]:
        """Return which of these identities were taken."""
        query = "SELECT 1 FROM log WHERE identity = ?"
        return {identity for identity in identities if self.db.execute(query, (identity,)).fetchone()}

    def newest(self, device: str, to: int) -> tuple[int, str]:
        """Return number and hash of a device's newest mutation among the commits up to ``to``."""
        query = "SELECT number, hash FROM log WHERE device = ? AND seq <= ? ORDER BY number DESC LIMIT 1"
        row = self.db.execute(query, (device, to)).fetchone()
        return (0, GENESIS) if row is None else (int(row[0]), str(row[1]))

    def compact(self, oldest: int) -> None:
        """Forget the entries of commits before ``oldest`` and the fields of what they removed."""
        self._hook("center.compact")
        self.db.execute("UPDATE log SET size = 0, entries = json_set(entries, '$.entries', json('[]')) WHERE seq < ?", (oldest,))
        dead = "alive LIKE '[false,%' AND json_extract(alive, '$[1]') < ?"
        self.db.execute(f"UPDATE item SET cells = '{{}}' WHERE {dead}", (oldest,))
        self.db.execute("UPDATE head SET oldest = max(oldest, ?)", (oldest,))


def _row(row: tuple[str, str, str, str, str]) -> Row:
    kind, key, alive, cells, place = row
    is_alive, *made = json.loads(alive)
    found = json.loads(cells).items()
    fields, stamps = {name: cell[0] for name, cell in found}, {name: Stamp(*cell[1:]) for name, cell in found}
    return Row(kind, key, is_alive, Stamp(*made), fields, stamps, place)
