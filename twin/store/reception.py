"""What the centre says, written into the city's tables: whole rows, whatever was there before."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import shapely

from twin.geo import Bounds
from twin.model.codec import Json
from twin.store.rows import Rows, numbered
from twin.store.tables import GEOMETRY, TABLES, Row, Table

_UNFIT = (ValueError, TypeError, KeyError, OverflowError, shapely.errors.ShapelyError)


class Received(NamedTuple):
    """The keys whose rows are others than before, why some rows cannot be shown, and where those written lie (degrees)."""

    changed: frozenset[str]
    refused: dict[str, str]
    bounds: Bounds | None


def receive(db: sqlite3.Connection, rows: Rows, kind: str, wanted: Mapping[str, Json | None]) -> Received:
    """Make rows of one kind what is wanted; None takes one away. A row that no table can hold is taken away and named."""
    table = TABLES[kind]
    stored = {row[1]: row for row in numbered(db, table, list(wanted))}
    fit, refused = _fit(table, {key: data for key, data in wanted.items() if data is not None})
    rows.delete(kind, [row[0] for key, row in stored.items() if wanted[key] is None])
    changed = [row for row in fit if row[0] not in stored or stored[row[0]][1:] != row]
    refused |= rows.put(kind, changed, list(stored.values()))
    rows.delete(kind, [stored[key][0] for key in refused if key in stored])
    gone = {key for key in stored if wanted[key] is None or key in refused}
    written = [row for row in changed if row[0] not in refused]
    return Received(frozenset(gone) | {row[0] for row in written}, refused, _bounds(written))


def wider(one: Bounds | None, other: Bounds | None) -> Bounds | None:
    """Return the bounds of both."""
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _fit(table: Table, wanted: Mapping[str, Json]) -> tuple[list[Row], dict[str, str]]:
    """Return data as rows, and why some of it is none."""
    data: list[Json] = [{**item, "id": key} for key, item in wanted.items()]
    try:
        return table.from_json(data), {}
    except _UNFIT:
        pass
    rows: list[Row] = []
    refused = {}
    for item in data:
        try:
            rows += table.from_json([item])
        except _UNFIT as error:
            refused[str(item["id"])] = str(error)
    return rows, refused


def _bounds(rows: list[Row]) -> Bounds | None:
    places: Any = shapely.from_wkb(np.array([row[GEOMETRY] for row in rows], dtype=object))
    west, south, east, north = shapely.total_bounds(places).tolist() if len(places) else [np.nan] * 4
    return (west, south, east, north) if np.isfinite(west) else None
