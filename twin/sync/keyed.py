"""Rows of a table by many keys at once: one statement, however many there are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from twin.sync.mutation import Key


def rows(db: sqlite3.Connection, table: str, column: str, keys: Iterable[Key]) -> list[tuple[str, str, Any]]:
    """Return kind, id and one column of the rows of these keys that are there."""
    found = db.execute(
        f"SELECT t.kind, t.id, t.{column} FROM json_each(?) AS wanted CROSS JOIN {table} AS t "
        "ON t.kind = json_extract(wanted.value, '$[0]') AND t.id = json_extract(wanted.value, '$[1]')",
        (json.dumps(list(keys)),),
    )
    return found.fetchall()
