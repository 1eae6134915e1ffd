"""Rows put over what is stored: the spatial index follows those that move, and keeps its entry of the others."""

from __future__ import annotations

import sqlite3

import pytest
import shapely

from twin.model.places import Bin
from twin.store.rows import Rows, numbered
from twin.store.tables import TABLES

TABLE = TABLES["bin"]


@pytest.fixture
def db():
    opened = sqlite3.connect(":memory:", isolation_level=None)
    for statement in TABLE.create():
        opened.execute(statement)
    yield opened
    opened.close()


def row_of(key, x, fill):
    return TABLE.encode([Bin(id=key, geometry=shapely.Point(x, 30.0), fill_level=fill)])[0]


def indexed(db):
    """Return the west of each bin's entry, by key."""
    found = db.execute(f'SELECT id, west FROM "bin" JOIN "{TABLE.tree}" USING (row)').fetchall()
    assert len(found) == db.execute(f'SELECT count(*) FROM "{TABLE.tree}"').fetchone()[0]
    return {key: round(west, 3) for key, west in found}


def put(rows, *wanted):
    return rows.put("bin", wanted, numbered(rows._db, TABLE, [row[0] for row in wanted]))


def test_the_index_follows_what_moves_and_what_is_new_and_leaves_the_rest(db):
    rows = Rows(db)
    assert put(rows, row_of("a", 110.0, 0.1), row_of("b", 111.0, 0.1)) == {}
    told = []
    db.set_trace_callback(told.append)
    assert put(rows, row_of("a", 110.0, 0.9), row_of("b", 112.0, 0.1), row_of("c", 113.0, 0.2)) == {}
    db.set_trace_callback(None)
    assert indexed(db) == {"a": 110.0, "b": 112.0, "c": 113.0}
    assert db.execute("SELECT id, fill_level FROM bin ORDER BY id").fetchall() == [("a", 0.9), ("b", 0.1), ("c", 0.2)]
    assert sum(text.startswith(f'INSERT INTO "{TABLE.tree}"') for text in told) == 2
    assert sum(text.startswith(f'DELETE FROM "{TABLE.tree}"') for text in told) == 1


def test_a_refused_row_leaves_the_index_as_it_was(db):
    rows = Rows(db)
    put(rows, row_of("a", 110.0, 0.1), row_of("b", 111.0, 0.1))
    db.execute("CREATE TRIGGER no BEFORE UPDATE ON bin WHEN NEW.id = 'b' BEGIN SELECT RAISE(ABORT, 'no'); END")
    assert put(rows, row_of("a", 115.0, 0.1), row_of("b", 116.0, 0.1)) == {"b": "no"}
    assert indexed(db) == {"a": 115.0, "b": 111.0}
