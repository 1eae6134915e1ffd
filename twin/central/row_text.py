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
from twin.sync.commit import Row, Stamp

NAMES = ("kind", "id", "alive", "version", "place", "fields", "writers")
"""The columns of a line, in order."""

Line = tuple[str, str, bool, int, str, str, str]
"""Kind, id, whether it is there, newest version, place in scopes, values, writers."""

_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def write(row: Row) -> Line:
    """Return a row as its table keeps it."""
    writers: dict[Stamp, int] = {}
    others = {}
    for name, stamp in row.stamps.items():
        place = writers.setdefault(stamp, len(writers))
        if place:
            others[name] = place
    made = writers.setdefault(row.made, len(writers))
    newest = max(version for version, _ in writers)
    text = _ENCODE([list(writers), made, others])
    return row.kind, row.id, row.alive, newest, row.place, _ENCODE(row.fields), text


def read(line: Iterable[Any]) -> Row:
    """Return the row of a line."""
    kind, id_, alive, _, place, fields, text = line
    written, made, others = json.loads(text)
    writers, values = [Stamp(*writer) for writer in written], json.loads(fields)
    stamps = dict.fromkeys(values, writers[0])
    for name, writer in others.items():
        stamps[name] = writers[writer]
    return Row(kind, id_, bool(alive), writers[made], values, stamps, place)


def cells(rows: Collection[Row]) -> list[int | None]:
    """Return the H3 cell (resolution 10) of each row that has a place that can be read."""
    texts = np.array([_geometry(row) for row in rows], dtype=object)
    places = shapely.from_wkb(texts, on_invalid="ignore")
    places[~np.isfinite(shapely.bounds(places)).all(axis=-1)] = None
    return geo.cells(places)


def _geometry(row: Row) -> str | None:
    value = row.fields.get("geometry")
    return value if isinstance(value, str) and _is_hexadecimal(value) else None


def _is_hexadecimal(value: str) -> bool:
    try:
        bytes.fromhex(value)
    except ValueError:
        return False
    return True
