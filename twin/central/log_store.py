"""What the centre keeps, in its database: the one ``LogStore`` for SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, tuple_, update
from sqlalchemy.dialects import sqlite

from twin.central import bulk, row_text
from twin.central.database import Database
from twin.central.schema import CENTER, CONFLICT, DEVICE, EPOCH, LOG, ROW
from twin.errors import BugError
from twin.sync import wire
from twin.sync.commit import Commit, Row
from twin.sync.log_store import DeviceRecord, Head, Taken
from twin.sync.mutation import GENESIS, Key

_LOT = 400  # keys asked for at once: SQLite takes some thousand values in one statement
_EVER = (1 << 62) - 1
_MORE = 1_000  # commits without an entry, which repeat others, that a page may have beside its entries


class DatabaseLogStore:
    """A ``twin.sync.log_store.LogStore`` over the tables of ``schema``. Any number of threads may use it at once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._open: ContextVar[Connection | None] = ContextVar("open", default=None)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open a transaction that writes."""
        with self.database.writing() as db, self._as_open(db):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Open a transaction that sees one state."""
        with self.database.reading() as db, self._as_open(db):
            yield

    # ── devices ──

    def lock_device(self, device: str) -> DeviceRecord | None:
        """Return a device's record and hold it until the end; None for one that is not known."""
        if self.database.is_postgres:  # a lock on the name: one that is not known has no row that could be held
            self._db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:device, 0))"), {"device": device})
        found = self._db.execute(select(DEVICE).where(DEVICE.c.device == device)).first()
        return None if found is None else DeviceRecord(*found)

    def save_device(self, record: DeviceRecord) -> None:
        """Write a device's record; a new one is added."""
        values = {"last": record.last, "last_hash": record.last_hash}
        known = self._db.execute(update(DEVICE).where(DEVICE.c.device == record.device).values(values))
        if not known.rowcount:
            self._db.execute(insert(DEVICE).values(device=record.device, **values))

    # ── where the log stands ──

    def head(self) -> Head:
        """Return where the log stands, without waiting for anybody."""
        return self._head(select(CENTER))

    def lock_head(self) -> Head:
        """Return where the log stands and hold its counter until the end, so that numbers become visible in their order."""
        return self._head(select(CENTER).with_for_update())  # in SQLite the whole transaction is held already

    def save_head(self, head: Head) -> None:
        """Write where the log stands."""
        values = {"epoch": head.epoch, "seq": head.seq, "chain": head.chain, "oldest": head.oldest, "durable": head.durable}
        self._db.execute(update(CENTER).values(values))

    def common(self, epoch: str) -> int | None:
        """Return up to which commit an epoch's log is also that of the current one; None for an epoch that is not known."""
        return self._db.execute(select(EPOCH.c.common).where(EPOCH.c.name == epoch)).scalar()

    def begin_epoch(self, epoch: str, common: int) -> None:
        """Make a new epoch; what every earlier one has in common with it is at most ``common``."""
        self._db.execute(update(EPOCH).where(EPOCH.c.common > common).values(common=common))
        self._db.execute(insert(EPOCH).values(name=epoch, common=_EVER))
        if not self._db.execute(update(CENTER).values(epoch=epoch)).rowcount:
            self._db.execute(insert(CENTER).values(one=1, epoch=epoch, seq=0, chain=GENESIS, oldest=1, durable=0))

    # ── rows ──

    def rows(self, keys: Collection[Key]) -> Mapping[Key, Row]:
        """Return the rows of these keys that are there, tombstones too."""
        wanted = sorted(keys)
        if self.database.is_postgres:
            values: dict[str, Any] = {"kinds": [kind for kind, _ in wanted], "ids": [key for _, key in wanted]}
            found = self._db.execute(text(_ROWS_POSTGRES), values)
        else:
            found = self._db.execute(text(_ROWS_SQLITE), {"wanted": json.dumps(wanted)})
        rows = [row_text.read(row) for row in found]
        return {row.key: row for row in rows}

    def save_rows(self, rows: Collection[Row]) -> None:
        """Write rows whole."""
        lines = [row_text.write(row) for row in rows]
        if self.database.is_postgres:
            bulk.save_rows(self._db, [(*line, cell) for line, cell in zip(lines, row_text.cells(rows), strict=True)])
        elif lines:
            self._db.execute(_SAVE_SQLITE, [dict(zip(row_text.NAMES, line, strict=True)) for line in lines])

    def rows_after(self, key: Key, limit: int) -> list[Row]:
        """Return the next rows after a key, tombstones too, in the order of kind and id compared as bytes."""
        after = tuple_(ROW.c.kind, ROW.c.id) > tuple_(*map(bindparam, ("kind_after", "id_after")))
        asked = select(*_ROW).where(after).order_by(ROW.c.kind, ROW.c.id).limit(limit)
        found = self._db.execute(asked, {"kind_after": key[0], "id_after": key[1]})
        return [row_text.read(line) for line in found]

    # ── the log ──

    def append(self, taken: Iterable[Taken]) -> None:
        """Add commits to the log."""
        lines = list(taken)
        if not lines:
            return
        self._db.execute(insert(LOG), [_line(item) for item in lines])
        waiting = [line for item in lines for line in _waiting(item.commit)]
        if waiting:
            self._db.execute(insert(CONFLICT), waiting)
        decided = [{"decided": name} for item in lines for name in item.commit.resolves]
        if decided:
            self._db.execute(delete(CONFLICT).where(CONFLICT.c.name == bindparam("decided")), decided)

    def open_conflicts(self, to: int) -> list[Commit]:
        """Return the commits up to ``to`` with those of their entries that wait for a decision."""
        asked = select(LOG.c.data, CONFLICT.c.entry).join(CONFLICT, CONFLICT.c.seq == LOG.c.seq).where(LOG.c.seq <= to)
        found: dict[str, list[str]] = {}
        for data, entry in self._db.execute(asked.order_by(LOG.c.seq, CONFLICT.c.place)):
            found.setdefault(data, []).append(entry)
        return [replace(_commit(data, f"[{','.join(entries)}]"), resolves=()) for data, entries in found.items()]

    def commits(self, after: int, to: int, limit: int) -> list[Commit]:
        """Return the commits after one up to another, the oldest of them until they have ``limit`` entries together."""
        between = (LOG.c.seq > after, LOG.c.seq <= to)
        sizes = self._db.execute(select(LOG.c.seq, LOG.c.size).where(*between).order_by(LOG.c.seq).limit(limit + _MORE))
        last = _enough(sizes, limit)
        found = self._db.execute(
            select(LOG.c.data, LOG.c.entries).where(LOG.c.seq > after, LOG.c.seq <= last).order_by(LOG.c.seq)
        )
        return [_commit(data, entries or "[]") for data, entries in found]

    def chain(self, seq: int) -> str | None:
        """Return the hash of the log up to a commit, ``GENESIS`` for 0; None where there is no such commit."""
        if not seq:
            return GENESIS
        return self._db.execute(select(LOG.c.chain).where(LOG.c.seq == seq)).scalar()

    def chains(self, after: int, to: int) -> list[str]:
        """Return the hash of the log up to each of the commits after one up to another."""
        return list(self._db.execute(select(LOG.c.chain).where(LOG.c.seq > after, LOG.c.seq <= to).order_by(LOG.c.seq)).scalars())

    def hash(self, device: str, number: int) -> str | None:
        """Return the hash of a device's mutation by its number; None for one that was not taken."""
        return self._db.execute(select(LOG.c.hash).where(LOG.c.device == device, LOG.c.number == number)).scalar()

    def seen(self, identities: Collection[str]) -> Collection[str]:
        """Return which of these identities were taken."""
        wanted = sorted(identities)
        found: set[str] = set()
        for start in range(0, len(wanted), _LOT):
            asked = select(LOG.c.identity).where(LOG.c.identity.in_(wanted[start : start + _LOT]))
            found.update(self._db.execute(asked).scalars())
        return found

    def newest(self, device: str, to: int) -> tuple[int, str]:
        """Return number and hash of a device's newest mutation among the commits up to ``to``; 0 and ``GENESIS`` without any."""
        own = select(LOG.c.number, LOG.c.hash).where(LOG.c.device == device, LOG.c.seq <= to)
        found = self._db.execute(own.order_by(LOG.c.number.desc()).limit(1)).first()
        return (0, GENESIS) if found is None else (int(found.number), str(found.hash))

    def compact(self, oldest: int) -> None:
        """Forget the entries of commits before ``oldest`` and the fields of what they removed; hashes and identities stay."""
        self._db.execute(update(LOG).where(LOG.c.seq < oldest, LOG.c.entries.is_not(None)).values(entries=None, size=0))
        self._db.execute(update(ROW).where(ROW.c.alive.is_(False), ROW.c.version < oldest).values(fields="{}"))
        self._db.execute(update(CENTER).values(oldest=oldest).where(CENTER.c.oldest < oldest))

    # ── inside ──

    def counts(self) -> tuple[int, int]:
        """Return how many rows there are, and how many conflicts and refusals wait."""
        rows = self._db.execute(select(func.count()).select_from(ROW).where(ROW.c.alive)).scalar_one()
        return rows, self._db.execute(select(func.count()).select_from(CONFLICT)).scalar_one()

    @property
    def is_begun(self) -> bool:
        """Whether there is an epoch."""
        return self._db.execute(select(CENTER)).first() is not None

    @property
    def connection(self) -> Connection:
        """The open transaction, for what must be written together with the log."""
        return self._db

    @property
    def _db(self) -> Connection:
        db = self._open.get()
        if db is None:
            raise BugError("the log is used outside of a transaction")
        return db

    @contextmanager
    def _as_open(self, db: Connection) -> Iterator[None]:
        before = self._open.set(db)
        try:
            yield
        finally:
            self._open.reset(before)

    def _head(self, asked: Any) -> Head:
        found = self._db.execute(asked).one()
        return Head(found.epoch, found.seq, found.chain, found.oldest, found.durable)


def _line(taken: Taken) -> dict[str, Any]:
    commit = taken.commit
    data = wire.write(commit)
    entries = data["entries"]
    return {
        "seq": commit.seq,
        "device": commit.device,
        "number": commit.number,
        "hash": taken.hash,
        "identity": taken.identity,
        "chain": taken.chain,
        "size": len(commit.entries),
        "data": _text({**data, "entries": []}),
        "entries": _text(entries),
    }


def _waiting(commit: Commit) -> Iterator[dict[str, Any]]:
    """Yield the lines of a commit's entries that wait for a decision."""
    for place, entry in enumerate(commit.entries):
        if entry.conflict:
            yield {"name": entry.conflict, "seq": commit.seq, "place": place, "entry": _text(wire.write(entry))}


def _text(data: Any) -> str:
    return wire.dumps(data).decode().rstrip("\n")


def _commit(data: str, entries: str) -> Commit:
    return wire.read(Commit, {**json.loads(data), "entries": json.loads(entries)})


def _enough(sizes: Iterable[Any], limit: int) -> int:
    """Return the last commit that still fits; the first one always does."""
    last = 0
    for seq, entries in sizes:
        limit -= entries
        if last and limit < 0:
            break
        last = seq
    return last


_ROW = [ROW.c[name] for name in row_text.NAMES]
_WRITE = sqlite.insert(ROW)
_SAVE_SQLITE = _WRITE.on_conflict_do_update(
    index_elements=["kind", "id"], set_={name: _WRITE.excluded[name] for name in row_text.NAMES[2:]}
)
_ASKED = f"SELECT {', '.join('r.' + name for name in row_text.NAMES)} FROM"
_ROWS_POSTGRES = (
    f"{_ASKED} city_row AS r JOIN unnest(CAST(:kinds AS text[]), CAST(:ids AS text[])) AS wanted (kind, id) "
    "ON r.kind = wanted.kind AND r.id = wanted.id"
)
_ROWS_SQLITE = (
    f"{_ASKED} json_each(:wanted) AS w CROSS JOIN city_row AS r "
    "ON r.kind = json_extract(w.value, '$[0]') AND r.id = json_extract(w.value, '$[1]')"
)
