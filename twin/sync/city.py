"""What a device shows people: rows by key. The workspace's store is one, a table of JSON is the other.

The device core only asks for rows, writes rows, and hears what people did since it last asked.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from twin.sync.mutation import Key
from twin.sync.sqlite_log import Hook, nowhere

Values = dict[str, Any]
"""The fields of a row by name, as JSON has them."""


class Touch(NamedTuple):
    """What one action of a person did to one row: ``old`` or ``new`` is None when it was added or removed.

    Both hold only the fields that differ when the row was there before and after.
    """

    kind: str
    id: str
    old: Values | None
    new: Values | None

    @property
    def key(self) -> Key:
        """Kind and id."""
        return self.kind, self.id


class Action(NamedTuple):
    """What a person did in one go; ``number`` counts actions, ``at_ms`` is the computer's clock (Unix time)."""

    number: int
    user: str
    at_ms: int
    title: str
    touches: tuple[Touch, ...]
    resolves: tuple[str, ...] = ()


class City(Protocol):
    """The rows that people see, in the same database as the device's own tables."""

    @property
    def db(self) -> sqlite3.Connection:
        """The connection on which ``exchanging`` opens its transaction."""

    def exchanging(self) -> AbstractContextManager[None]:
        """Open a transaction: everything until its end is written whole, or not at all."""

    def actions(self, after: int) -> Iterable[Action]:
        """Return what people did since an action's number, in order."""

    def rows(self, keys: Collection[Key]) -> Mapping[Key, Values]:
        """Return the rows of these keys that are there."""

    def write(self, rows: Mapping[Key, Values | None]) -> None:
        """Set rows to these fields; None takes one away."""

    def settled(self, kinds: Collection[str]) -> None:
        """Hear that own work on rows of these kinds was taken as people see it: what waited for that may be shown."""

    def between(self, after: Key, to: Key | None) -> list[Key]:
        """Return the keys of all rows after one key up to another (None: to the end), compared as texts."""


class PlainCity:
    """Rows as JSON in one table: the whole device core without a workspace around it."""

    def __init__(self, db: sqlite3.Connection, hook: Hook = nowhere) -> None:
        self.db = db
        self._hook = hook
        db.execute("CREATE TABLE IF NOT EXISTS item (kind TEXT, id TEXT, row TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID")
        db.execute(
            "CREATE TABLE IF NOT EXISTS action (number INTEGER PRIMARY KEY, user TEXT, at_ms INTEGER, title TEXT, "
            "touches TEXT, resolves TEXT)"
        )

    @contextmanager
    def exchanging(self) -> Iterator[None]:
        """Open a transaction."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._hook("device.commit")
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        self._hook("device.committed")

    def act(self, user: str, at_ms: int, touches: Iterable[Touch], resolves: Iterable[str] = (), title: str = "") -> int:
        """Do something as a person does: the rows and what was done are written together. Return the action's number."""
        some = tuple(touches)
        with self.exchanging():
            found = self.rows([touch.key for touch in some])
            for touch in some:
                self._hook("act.row")
                new = None if touch.new is None else {**found.get(touch.key, {}), **touch.new}
                self.write({touch.key: new})
            self._hook("act.action")
            row = (user, at_ms, title, json.dumps(some), json.dumps(list(resolves)))
            number = self.db.execute("INSERT INTO action VALUES (NULL, ?, ?, ?, ?, ?)", row).lastrowid
        return int(number or 0)

    def actions(self, after: int) -> Iterable[Action]:
        """Return what people did since an action's number."""
        for number, user, at_ms, title, touches, resolves in self.db.execute(
            "SELECT * FROM action WHERE number > ? ORDER BY number", (after,)
        ).fetchall():
            some = tuple(Touch(*touch) for touch in json.loads(touches))
            yield Action(number, user, at_ms, title, some, tuple(json.loads(resolves)))

    def rows(self, keys: Collection[Key]) -> Mapping[Key, Values]:
        """Return the rows of these keys that are there."""
        found = {}
        for key in keys:
            row = self.db.execute("SELECT row FROM item WHERE kind = ? AND id = ?", key).fetchone()
            if row is not None:
                found[key] = json.loads(row[0])
        return found

    def write(self, rows: Mapping[Key, Values | None]) -> None:
        """Set rows to these fields; None takes one away."""
        for key, row in rows.items():
            self._hook("city.row")
            if row is None:
                self.db.execute("DELETE FROM item WHERE kind = ? AND id = ?", key)
            else:
                self.db.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?)", (*key, json.dumps(row)))

    def settled(self, kinds: Collection[str]) -> None:
        """Do nothing: no row waits here."""

    def between(self, after: Key, to: Key | None) -> list[Key]:
        """Return the keys of all rows after one key up to another."""
        upper = "" if to is None else "AND (kind, id) <= (?, ?)"
        rows = self.db.execute(f"SELECT kind, id FROM item WHERE (kind, id) > (?, ?) {upper}", (*after, *(to or ())))
        return [(kind, key) for kind, key in rows]
