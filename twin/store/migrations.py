"""The schema and its history: each step is one function, run once, in one transaction with its record.

A step is never edited after it was released; a new one is appended. What the data dictionary gains (a kind,
an attribute) needs no step of its own: ``conform`` adds what is missing and writes that down as well.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from twin.errors import StorageError
from twin.store.tables import COMMON, TABLES

APPLICATION_ID = 0x43545731  # "CTW1": tells a workspace's store.db from any other SQLite file


def registers(db: sqlite3.Connection) -> None:
    """Make the journal and the registers of files and results."""
    db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    db.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, title TEXT NOT NULL, applied_at TEXT NOT NULL)")
    db.execute(
        'CREATE TABLE "transaction" (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, '
        "author TEXT NOT NULL, written_at TEXT NOT NULL, change_count INTEGER NOT NULL, undoes INTEGER, city INTEGER NOT NULL)"
    )
    db.execute(
        "CREATE TABLE change (number INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, "
        "old TEXT, new TEXT, PRIMARY KEY (number, position)) WITHOUT ROWID"
    )
    for table in ("transaction", "change"):  # the journal is what happened: it is added to, never edited
        for action in ("UPDATE", "DELETE"):
            db.execute(
                f'CREATE TRIGGER "{table}_no_{action.lower()}" BEFORE {action} ON "{table}" '
                "BEGIN SELECT RAISE(ABORT, 'the journal is never edited'); END"
            )
    db.execute(
        "CREATE TABLE file (name TEXT PRIMARY KEY, kind TEXT NOT NULL, rows INTEGER NOT NULL, first INTEGER, last INTEGER, "
        "sha256 TEXT NOT NULL, active INTEGER NOT NULL)"
    )
    db.execute(
        "CREATE TABLE result (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, simulation TEXT NOT NULL, "
        "scenario TEXT NOT NULL, scenario_hash TEXT NOT NULL, base_version INTEGER NOT NULL, params TEXT NOT NULL, "
        "seed INTEGER NOT NULL, input_hash TEXT NOT NULL, saved_at TEXT NOT NULL)"
    )


def reception(db: sqlite3.Connection) -> None:
    """Let the journal tell what came from the centre from what was done here."""
    db.execute('ALTER TABLE "transaction" ADD COLUMN received INTEGER NOT NULL DEFAULT 0')


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (registers, reception)


def migrate(db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
    """Bring a store to this program's schema; each step is kept whole or not at all."""
    for number in range(version(db), len(MIGRATIONS)):
        step = MIGRATIONS[number]
        _in_transaction(db, step, step.__name__, now, number + 1)
    if missing(db):
        _in_transaction(db, conform, "conform to the data dictionary: " + ", ".join(missing(db)), now, len(MIGRATIONS))


def _in_transaction(
    db: sqlite3.Connection, step: Callable[[sqlite3.Connection], None], title: str, now: Callable[[], datetime], number: int
) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        step(db)
        db.execute("INSERT INTO migration (title, applied_at) VALUES (?, ?)", (title, now().isoformat()))
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {number}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def version(db: sqlite3.Connection) -> int:
    """Return how many steps the store has had."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def stored_columns(db: sqlite3.Connection, kind: str) -> frozenset[str]:
    """Return the columns of a kind's table; none when there is no such table."""
    return frozenset(name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (kind,)))


def missing(db: sqlite3.Connection) -> list[str]:
    """Return the kinds and attributes that the data dictionary has and the store has not."""
    found = []
    for kind, table in TABLES.items():
        have = stored_columns(db, kind)
        found += [f"{kind}.{name}" for name in table.attributes if name not in have] if have else [kind]
    return found


def conform(db: sqlite3.Connection) -> None:
    """Add the tables and columns that the data dictionary has gained; old rows get the default."""
    for kind, table in TABLES.items():
        have = stored_columns(db, kind)
        if not have:
            for statement in table.create():
                db.execute(statement)
            continue
        for name in table.attributes:
            if name not in have:
                db.execute(f'ALTER TABLE "{kind}" ADD COLUMN {table.definition(name)}')


def stand_in(db: sqlite3.Connection) -> None:
    """Let a program that may not write read an older store: views of this connection show what it lacks.

    A view hides the table of the same name; attributes that the table lacks have their default.
    """
    for kind, table in TABLES.items():
        have = stored_columns(db, kind)
        if have >= set(table.names):
            continue
        columns = [f'"{name}"' if name in have else f'{table.default(name)} AS "{name}"' for name in table.names]
        source = f'main."{kind}"' if have else "(SELECT NULL AS row) WHERE 0"
        db.execute(f'CREATE TEMP VIEW "{kind}" AS SELECT row, {", ".join(columns)} FROM {source}')


def check(db: sqlite3.Connection, path: Path, *, writable: bool) -> None:
    """Refuse a file that is no workspace's store, and a store that is newer than this program.

    A store that is older can be read only after it was renewed, unless all that it lacks is in the data dictionary.
    """
    if not db.execute("PRAGMA page_count").fetchone()[0]:
        raise StorageError(f"The store.db of the workspace '{path.name}' is empty.", "Restore the folder from a backup.")
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StorageError(
            f"'{path.name}' is not a CityTwin workspace: its store.db is another program's.", "Choose another folder."
        )
    if not writable and version(db) < len(MIGRATIONS):
        raise StorageError(
            f"The workspace '{path.name}' is older than this program.", "Open it once for writing, so that it is renewed."
        )
    unknown = [f"{kind}.{name}" for kind, table in TABLES.items() for name in _unknown(db, kind, table.names)]
    if version(db) > len(MIGRATIONS) or unknown:
        what = f" It has {unknown[0]}, which this program does not know." if unknown else ""
        raise StorageError(
            f"The workspace '{path.name}' was written by a newer CityTwin (schema {version(db)}, this program: {len(MIGRATIONS)}).{what}",
            "Update this program, then open it again; nothing was changed.",
        )


def _unknown(db: sqlite3.Connection, kind: str, names: tuple[str, ...]) -> list[str]:
    return sorted(stored_columns(db, kind) - {"row", *COMMON, *names})
