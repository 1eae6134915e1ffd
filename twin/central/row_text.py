"""A row of the centre as its table keeps it: values as one JSON text, and who wrote each as another.

Most fields of a row were written by one commit. So the writers are a list of versions with their devices, the place in
it of who made the row, and the places of those fields that are not of the first.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import shapely

from twin import geo
from twin.sync.commit import Cell, Row

NAMES = ("kind", "id", "alive", "version", "place", "fields", "writers")
"""The columns of a line, in order."""

Line = tuple[str, str, bool, int, str, str, str]
"""Kind, id, whether it is there, newest version, place in scopes, values, writers."""

_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def write(row: Row) -> Line:
    """Return a row as its table keeps it."""
    writers: dict[tuple[int, str], int] = {}
    others = {}
    for name, cell in row.cells.items():
        place = writers.setdefault((cell.version, cell.device), len(writers))
        if place:
            others[name] = place
    made = writers.setdefault((row.alive.version, row.alive.device), len(writers))
    newest = max(version for version, _ in writers)
    text = _ENCODE([list(writers), made, others])
    return row.kind, row.id, row.alive.value, newest, row.place, _ENCODE(row.fields), text


def read(line: Iterable[Any]) -> Row:
    """Return the row of a line."""
    kind, id_, alive, _, place, fields, text = line
    writers, made, others = json.loads(text)
    cells = {name: Cell(value, *writers[others.get(name, 0)]) for name, value in json.loads(fields).items()}
    return Row(kind, id_, Cell(bool(alive), *writers[made]), cells, place)


def cells(rows: Collection[Row]) -> list[int | None]:
    """Return the H3 cell (resolution 10) of each row that has a place that can be read."""
    texts = np.array([_geometry(row) for row in rows], dtype=object)
    places = shapely.from_wkb(texts, on_invalid="ignore")
    places[~np.isfinite(shapely.bounds(places)).all(axis=-1)] = None
    return geo.cells(places)


def _geometry(row: Row) -> str | None:
    cell = row.cells.get("geometry")
    value = None if cell is None else cell.value
    return value if isinstance(value, str) and _is_hexadecimal(value) else None


def _is_hexadecimal(value: str) -> bool:
    try:
        bytes.fromhex(value)
    except ValueError:
        return False
    return True
