"""Many rows at once into PostgreSQL: by COPY, which takes a tenth of the time of statements with values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, text

from twin.central import city_tables, row_text

if TYPE_CHECKING:
    import psycopg

_COLUMNS = ", ".join((*row_text.NAMES, "h3"))
_NEWS = ", ".join(f"{name} = excluded.{name}" for name in (*row_text.NAMES[2:], "h3"))
_FEW = 50  # for fewer a table to copy into is not worth its making


def save_rows(db: Connection, lines: Sequence[tuple[Any, ...]]) -> None:
    """Write lines of ``city_row``, each with its H3 cell behind it, and bring the typed tables to them."""
    target = f"INSERT INTO city_row ({_COLUMNS})"
    if len(lines) <= _FEW:
        places = ", ".join(f":{name}" for name in (*row_text.NAMES, "h3"))
        statement = text(f"{target} VALUES ({places}) ON CONFLICT (kind, id) DO UPDATE SET {_NEWS}")
        for line in lines:
            db.execute(statement, dict(zip((*row_text.NAMES, "h3"), line, strict=True)))
    else:
        db.execute(text("CREATE TEMP TABLE IF NOT EXISTS arrived (LIKE city_row) ON COMMIT DELETE ROWS"))
        db.execute(text("TRUNCATE arrived"))
        _copy(db, f"COPY arrived ({_COLUMNS}) FROM STDIN", lines)
        db.execute(text(f"{target} SELECT {_COLUMNS} FROM arrived ON CONFLICT (kind, id) DO UPDATE SET {_NEWS}"))
    by_kind: dict[str, list[str]] = {}
    for line in lines:
        by_kind.setdefault(line[0], []).append(line[1])
    for kind, ids in by_kind.items():
        city_tables.write(db, kind, ids)


def _copy(db: Connection, statement: str, lines: Sequence[tuple[Any, ...]]) -> None:
    raw = cast("psycopg.Connection[Any]", db.connection.driver_connection)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for line in lines:
            copy.write_row(line)
