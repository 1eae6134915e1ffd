"""Rows of entities in the database: added, set and removed in lots, each checked against what is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import StorageError
from twin.model.entity import Entity
from twin.store.journal import Record
from twin.store.tables import GEOMETRY, TABLES, Row, Table

MOST_PARAMETERS = 500


class Rows:
    """Writes rows of every kind within one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._next: dict[str, int] = {}

    def add(self, kind: str, entities: Sequence[Entity]) -> dict[str, Record]:
        """Insert entities; return what the journal says of each, by key."""
        if not entities:
            return {}
        table, first = TABLES[kind], self._first_row(kind, len(entities))
        rows = table.encode(entities)
        marks = ", ".join("?" * (len(table.names) + 1))
        try:
            self._db.executemany(
                f'INSERT INTO "{kind}" (row, {table.columns}) VALUES ({marks})',
                ((number, *row) for number, row in enumerate(rows, first)),
            )
        except sqlite3.IntegrityError as error:
            raise _twice(table, entities, error) from error
        self._index(table, range(first, first + len(rows)), entities)
        return {row[0]: Record(kind, row[0], None, new) for row, new in zip(rows, table.json(rows), strict=True)}

    def set(self, kind: str, pairs: Sequence[tuple[Entity, Entity]]) -> dict[str, Record]:
        """Give entities new values; those that do not differ are left alone and not in the answer."""
        if not pairs:
            return {}
        table = TABLES[kind]
        before, after = table.encode([old for old, _ in pairs]), table.encode([new for _, new in pairs])
        numbers = self._require_stored(table, before)
        changed = [place for place, row in enumerate(after) if row != before[place]]
        marks = ", ".join(f'"{name}" = ?' for name in table.names)
        try:
            self._db.executemany(
                f'UPDATE "{kind}" SET {marks} WHERE row = ?', ((*after[place], numbers[place]) for place in changed)
            )
        except sqlite3.IntegrityError as error:
            raise _twice(table, [new for _, new in pairs], error) from error
        moved = [place for place in changed if after[place][GEOMETRY] != before[place][GEOMETRY]]
        self._unindex(table, [numbers[place] for place in moved])
        self._index(table, [numbers[place] for place in moved], [pairs[place][1] for place in moved])
        olds, news = table.json([before[p] for p in changed]), table.json([after[p] for p in changed])
        return {
            old["id"]: Record(
                kind, old["id"], {n: old[n] for n in old if old[n] != new[n]}, {n: new[n] for n in new if old[n] != new[n]}
            )
            for old, new in zip(olds, news, strict=True)
        }

    def remove(self, kind: str, entities: Sequence[Entity]) -> dict[str, Record]:
        """Delete entities."""
        if not entities:
            return {}
        table = TABLES[kind]
        rows = table.encode(entities)
        numbers = self._require_stored(table, rows)
        self.delete(kind, numbers)
        return {row[0]: Record(kind, row[0], old, None) for row, old in zip(rows, table.json(rows), strict=True)}

    def delete(self, kind: str, numbers: Sequence[int]) -> None:
        """Delete rows by number, whatever they hold."""
        self._db.executemany(f'DELETE FROM "{kind}" WHERE row = ?', ((number,) for number in numbers))
        self._unindex(TABLES[kind], numbers)

    def put(self, kind: str, rows: Sequence[Row], stored: Sequence[Any]) -> dict[str, str]:
        """Write rows over what is ``stored`` under their keys (``numbered``); return why some were not, by key."""
        table = TABLES[kind]
        numbers = {row[1]: row[0] for row in stored}
        places_before = {row[1]: row[1 + GEOMETRY] for row in stored}
        old = [row for row in rows if row[0] in numbers]
        marks = ", ".join(f'"{name}" = ?' for name in table.names)
        refused = self._each(f'UPDATE "{kind}" SET {marks} WHERE row = ?', [(*row, numbers[row[0]]) for row in old])
        new = [row for row in rows if row[0] not in numbers]
        first = self._first_row(kind, len(new))
        numbers |= {row[0]: number for number, row in enumerate(new, first)}
        marks = ", ".join("?" * (len(table.names) + 1))
        fresh = [(*row, numbers[row[0]]) for row in new]
        refused |= self._each(f'INSERT INTO "{kind}" ({table.columns}, row) VALUES ({marks})', fresh)
        placed = [row for row in rows if row[0] not in refused and row[GEOMETRY] != places_before.get(row[0])]
        self._unindex(table, [numbers[row[0]] for row in placed if row[0] in places_before])
        places = shapely.from_wkb(np.array([row[GEOMETRY] for row in placed], dtype=object))
        self._index_places(table, [numbers[row[0]] for row in placed], places)
        return refused

    def _each(self, statement: str, rows: Sequence[Row]) -> dict[str, str]:
        """Run a statement for each row; return the keys of those that SQLite refuses, each with its reason."""
        self._db.execute("SAVEPOINT lot")
        try:
            self._db.executemany(statement, rows)
        except sqlite3.IntegrityError:
            self._db.execute("ROLLBACK TO lot")
        else:
            self._db.execute("RELEASE lot")
            return {}
        refused = {}
        for row in rows:
            try:
                self._db.execute(statement, row)
            except sqlite3.IntegrityError as error:
                refused[row[0]] = str(error)
        self._db.execute("RELEASE lot")
        return refused

    def _first_row(self, kind: str, count: int) -> int:
        if kind not in self._next:
            self._next[kind] = self._db.execute(f'SELECT coalesce(max(row), 0) + 1 FROM "{kind}"').fetchone()[0]
        first = self._next[kind]
        self._next[kind] += count
        return first

    def _require_stored(self, table: Table, rows: Sequence[Row]) -> list[int]:
        """Return the row numbers of rows that are stored exactly so. Raises ``StorageError`` for any other."""
        stored = {row[1]: row for row in numbered(self._db, table, [row[0] for row in rows])}
        for row in rows:
            found = stored.get(row[0])
            if found is None or found[1:] != row:
                different = [n for n, a, b in zip(table.names, row, found[1:], strict=True) if a != b] if found else []
                what = f"has another {different[0]} by now" if found else "is not there any more"
                raise StorageError(
                    f"{table.entity_type.label} {row[0]} cannot be changed: it {what}.",
                    "Look at it again and repeat the change; nothing was changed.",
                )
        return [stored[row[0]][0] for row in rows]

    def _index(self, table: Table, numbers: Iterable[int], entities: Sequence[Entity]) -> None:
        self._index_places(table, numbers, np.array([entity.geometry for entity in entities], dtype=object))

    def _index_places(self, table: Table, numbers: Iterable[int], places: NDArray[Any]) -> None:
        if not table.tree or not len(places):
            return
        bounds = shapely.bounds(places).tolist()
        rows = ((number, w, e, s, n) for number, (w, s, e, n) in zip(numbers, bounds, strict=True))
        self._db.executemany(f'INSERT INTO "{table.tree}" (row, west, east, south, north) VALUES (?, ?, ?, ?, ?)', rows)

    def _unindex(self, table: Table, numbers: Iterable[int]) -> None:
        if table.tree:
            self._db.executemany(f'DELETE FROM "{table.tree}" WHERE row = ?', ((number,) for number in numbers))


def numbered(db: sqlite3.Connection, table: Table, keys: Sequence[str]) -> list[Any]:
    """Return the rows of these keys that are stored, each with its row number before it."""
    found: list[Any] = []
    for start in range(0, len(keys), MOST_PARAMETERS):
        some = keys[start : start + MOST_PARAMETERS]
        marks = ", ".join("?" * len(some))
        found += db.execute(f'SELECT row, {table.columns} FROM "{table.kind}" WHERE id IN ({marks})', some).fetchall()
    return found


def stored_entities(db: sqlite3.Connection, table: Table, keys: Sequence[str]) -> dict[str, Entity]:
    """Return the entities of these keys that are stored, by key."""
    return {entity.id: entity for entity in table.decode([row[1:] for row in numbered(db, table, keys)])}


def _twice(table: Table, entities: Sequence[Entity], error: sqlite3.IntegrityError) -> StorageError:
    """Return the error for a key, a source record or a scenario's name that is there already."""
    label = table.entity_type.label
    if str(error).endswith(".id"):
        return StorageError(f"A {label} with the same key is stored already.", "Look at it again; nothing was changed.")
    if str(error).endswith("scenario.name"):
        names = ", ".join(repr(getattr(entity, "name", "")) for entity in entities)
        return StorageError(f"There is a scenario of that name already: {names}.", "Choose another name; nothing was changed.")
    return StorageError(
        f"A {label} of the same record of the same source is stored already.",
        "Change the stored one instead of adding it again; nothing was changed.",
    )
