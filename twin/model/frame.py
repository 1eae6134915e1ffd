"""Many things of one kind as columns: what snapshots, layers and simulations work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import BugError
from twin.model.entity import Entity

Column = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Frame:
    """``n`` entities of one kind.

    ``ids`` is an object array ``(n,)`` of keys. ``columns`` maps each attribute to an array ``(n,)``:
    text as object, numbers as float64 (None is NaN) or int64, truth as bool (as float64 1, 0 or NaN where
    it may be unknown), times as datetime64[s] in UTC (None is NaT). ``geometry`` is an object array ``(n,)``
    of shapely geometries in the city's metres, or None for kinds without a place. Arrays are not to be written to.
    """

    kind: str
    ids: Column
    columns: Mapping[str, Column]
    geometry: Column | None = None

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        for name, column in self.columns.items():
            if len(column) != len(self.ids):
                raise BugError(f"column {name!r} of {self.kind!r} has {len(column)} rows, not {len(self.ids)}")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    def __getitem__(self, name: str) -> Column:
        """Return one column."""
        return self.columns[name]

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Row number of each key."""
        return {key: row for row, key in enumerate(self.ids.tolist())}

    @cached_property
    def xy(self) -> NDArray[np.float64]:
        """A point for each row, ``(n, 2)`` in metres: itself, the middle of a line, the inside of an area."""
        points = self.shapes
        is_line = shapely.get_type_id(points) == int(shapely.GeometryType.LINESTRING)
        if is_line.any():
            points = points.copy()
            points[is_line] = shapely.line_interpolate_point(points[is_line], 0.5, normalized=True)
        if (shapely.get_dimensions(points) > 1).any():
            points = shapely.point_on_surface(points)
        return np.asarray(shapely.get_coordinates(points), dtype=np.float64).reshape(-1, 2)

    @property
    def shapes(self) -> Column:
        """The places ``(n,)`` of a kind that has one."""
        if self.geometry is None:
            raise BugError(f"{self.kind!r} has no place")
        return self.geometry

    def rows(self, ids: Any) -> NDArray[np.intp]:
        """Return the row numbers of the keys that are here, in the order given; unknown keys are left out."""
        known = self.row_of
        return np.array([known[key] for key in ids if key in known], dtype=np.intp)

    def take(self, rows: NDArray[Any]) -> Frame:
        """Return the rows chosen by an index array or a mask."""
        geometry = None if self.geometry is None else self.geometry[rows]
        return Frame(self.kind, self.ids[rows], {name: column[rows] for name, column in self.columns.items()}, geometry)

    def with_values(self, ids: Any, values: Mapping[str, Any]) -> Frame:
        """Return a frame in which the named rows carry new values; everything else is shared, not copied."""
        rows = self.rows(ids)
        columns = dict(self.columns)
        for name, value in values.items():
            column = columns[name].copy()
            column[rows] = value
            columns[name] = column
        return replace(self, columns=columns)

    def with_place(self, row: int, place: Any) -> Frame:
        """Return a frame in which one row is somewhere else."""
        geometry = self.shapes.copy()
        geometry[row] = place
        return replace(self, geometry=geometry)

    def with_rows(self, entities: Sequence[Entity]) -> Frame:
        """Return a frame with more rows; the places of the entities are in the city's metres."""
        columns = {
            name: _objects([getattr(entity, name) for entity in entities]).astype(column.dtype)
            for name, column in self.columns.items()
        }
        geometry = None if self.geometry is None else _objects([entity.geometry for entity in entities])
        return self.joined(Frame(self.kind, _objects([entity.id for entity in entities]), columns, geometry))

    def joined(self, other: Frame) -> Frame:
        """Return the rows of both frames, which have the same columns."""
        columns = {name: np.concatenate([column, other[name]]) for name, column in self.columns.items()}
        geometry = None
        if self.geometry is not None and other.geometry is not None:
            geometry = np.concatenate([self.geometry, other.geometry])
        return Frame(self.kind, np.concatenate([self.ids, other.ids]), columns, geometry)


def _objects(values: list[Any]) -> Column:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out
