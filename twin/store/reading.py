"""Reading the city as columns: whole or within bounds, as it is or as it was known at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.geo import Bounds, Projection
from twin.model.entity import Attribute
from twin.model.frame import Column, Frame
from twin.store.tables import TABLES, Table, microseconds, tuple_of

NOT_YET = {"incident": "occurred_at", "case": "reported_at"}


@dataclass(frozen=True)
class View:
    """What of the city is asked for: ``bounds`` in degrees, ``at`` a time; None means all of it."""

    projection: Projection
    bounds: Bounds | None = None
    at: datetime | None = None


def frame(db: sqlite3.Connection, kind: str, view: View) -> Frame:
    """Return the things of one kind in the order in which they were first written."""
    table = TABLES[kind]
    where, values = _where(table, view)
    names = ", ".join(f'"{name}"' for name in table.attributes)
    rows = db.execute(f'SELECT id, geometry, {names} FROM "{kind}" {where} ORDER BY row', values).fetchall()
    ids, blobs, *columns = zip(*rows, strict=True) if rows else [()] * (2 + len(table.attributes))
    attributes = table.attributes.items()
    found = {name: column(facts, values) for (name, facts), values in zip(attributes, columns, strict=True)}
    geometry = shapely.from_wkb(_objects(blobs)) if table.tree else None
    if geometry is None:
        return Frame(kind, _objects(ids), found)
    if view.bounds is not None:  # the R*Tree rounds outwards: leave out what only it touches
        touching = shapely.intersects(geometry, shapely.box(*view.bounds))
        ids, geometry = _objects(ids)[touching], geometry[touching]
        found = {name: values[touching] for name, values in found.items()}
    return Frame(kind, _objects(ids), found, view.projection.geometries_to_xy(geometry))


def _where(table: Table, view: View) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if view.bounds is not None and table.tree:
        west, south, east, north = view.bounds
        tree = f'SELECT row FROM "{table.tree}" WHERE east >= ? AND west <= ? AND north >= ? AND south <= ?'
        parts.append(f"row IN ({tree})")
        values += [west, east, south, north]
    time = NOT_YET.get(table.kind)
    if view.at is not None and time:
        parts.append(f"({time} IS NULL OR {time} <= ?)")
        values.append(microseconds(view.at))
    return ("WHERE " + " AND ".join(parts) if parts else ""), values


def sources(db: sqlite3.Connection, kinds: Iterable[str]) -> frozenset[str]:
    """Return the names of the sources of all things of these kinds, by hops over the index instead of a scan."""
    found: set[str] = set()
    for kind in kinds:
        hop = f"SELECT min(source) FROM \"{kind}\" WHERE source_id <> '' AND source > ?"
        name = ""
        while (name := db.execute(hop, (name,)).fetchone()[0]) is not None:
            found.add(name)
    return frozenset(found)


def column(facts: Attribute, values: Sequence[Any]) -> Column:
    """Return stored values of one attribute as an array: see ``Frame`` for the types.

    An attribute that is true, false or unknown becomes float64: 1, 0, NaN.
    """
    if facts.type is datetime:
        found = np.array(values, dtype=np.float64) // 1_000_000
        times = np.full(len(values), np.datetime64("NaT", "s"))
        known = ~np.isnan(found)
        times[known] = found[known].astype(np.int64).astype("datetime64[s]")
        return times
    if facts.type is str:
        return _objects(values)
    if facts.type is tuple:
        return _objects([tuple_of(text) for text in values])
    if facts.optional or facts.type is float:
        return np.array(values, dtype=np.float64)
    return np.array(values, dtype=np.bool_ if facts.type is bool else np.int64)


def _objects(values: Sequence[Any] | Column) -> NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    found[:] = list(values) if not isinstance(values, np.ndarray) else values
    return found


class Readings:
    """Fill readings in the order of time, so that each step of the time slider is quick."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        order = np.argsort(columns["at"], kind="stable")
        self._at, self._level = columns["at"][order], columns["fill_level"][order]
        row_of: dict[str, int] = {}
        subjects = columns["subject_id"][order].tolist()
        self._subject = np.array([row_of.setdefault(key, len(row_of)) for key in subjects], dtype=np.intp)
        self._row_of = row_of

    def on(self, bins: Frame, at: datetime) -> Frame:
        """Return the bins with the newest reading not after ``at``; a fill level known only later is forgotten."""
        moment = np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "s")
        level, observed = bins["fill_level"].copy(), bins["fill_observed_at"].copy()
        later = observed > moment
        level[later], observed[later] = np.nan, np.datetime64("NaT", "s")
        past = int(np.searchsorted(self._at, moment, side="right"))
        newest = np.full(len(self._row_of) + 1, -1, dtype=np.intp)  # the last place stands for bins without readings
        np.maximum.at(newest, self._subject[:past], np.arange(past))
        source = newest[[self._row_of.get(key, -1) for key in bins.ids.tolist()]]
        rows = np.flatnonzero(source >= 0)
        rows = rows[~(observed[rows] > self._at[source[rows]])]
        level[rows], observed[rows] = self._level[source[rows]], self._at[source[rows]]
        return Frame(bins.kind, bins.ids, {**bins.columns, "fill_level": level, "fill_observed_at": observed}, bins.geometry)
