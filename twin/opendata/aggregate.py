"""Sums in place of rows: bins, residents and cases per area, none of so few that one of them could be told.

A cell with fewer members than ``FEWEST`` joins its parent, and so on; what is too few even in the coarsest is left out and
counted. No member is in two sums, so nothing comes of subtracting them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import shapely

from twin.access.scope import parent
from twin.geo import cells
from twin.model.entity import Attribute
from twin.model.frame import Frame

FEWEST = 5
FINEST, COARSEST = 9, 5

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Sums:
    """A table of sums: its fields, its columns, the areas (degrees) it is about, and how many rows are in no sum."""

    name: str
    title: str
    definition: str
    fields: tuple[Attribute, ...]
    columns: Columns
    geometry: list[Any] | None
    left_out: int


_CELL = Attribute("cell", "H3 cell", str, definition="Address of the H3 cell; coarser where fewer than five lie in a finer one.")
_WASTE = Attribute("waste_kind", "Waste kind", str)


def grouped(keys: Iterable[tuple[int, Any]], fewest: int = FEWEST) -> tuple[Mapping[tuple[int, Any], list[int]], int]:
    """Return rows by (cell, class), each group with at least ``fewest``, and how many are in none.

    ``keys`` has the cell (resolution 10) and the class of each row; classes are never mixed.
    """
    rest = list(enumerate(keys))
    kept: dict[tuple[int, Any], list[int]] = {}
    for resolution in range(FINEST, COARSEST - 1, -1):
        groups: dict[tuple[int, Any], list[tuple[int, tuple[int, Any]]]] = defaultdict(list)
        for row, (cell, label) in rest:
            groups[parent(cell, resolution), label].append((row, (cell, label)))
        large = {key: members for key, members in groups.items() if len(members) >= fewest}
        kept |= {key: [row for row, _ in members] for key, members in large.items()}
        rest = [member for key, members in groups.items() if key not in large for member in members]
    return dict(sorted(kept.items())), len(rest)


def bins(frame: Frame) -> Sums:
    """Return bins per cell and kind of waste: how many, how large, how full on the mean."""
    groups, left_out = grouped(zip(_cells(frame), frame["waste_kind"].tolist(), strict=True))
    level, capacity = frame["fill_level"], frame["capacity_l"]
    columns: Columns = {
        "cell": [f"{cell:x}" for cell, _ in groups],
        "waste_kind": [label for _, label in groups],
        "bins": [len(rows) for rows in groups.values()],
        "capacity_l": [float(capacity[rows].sum()) for rows in groups.values()],
        "observed_bins": [int(np.isfinite(level[rows]).sum()) for rows in groups.values()],
        "mean_fill_level": [_mean_of_many(level[rows]) for rows in groups.values()],
    }
    fields = (
        _CELL,
        _WASTE,
        Attribute("bins", "Bins", int, low=FEWEST),
        Attribute("capacity_l", "Capacity of all", float, unit="L", low=0),
        Attribute("observed_bins", "Bins with a reading", int, low=0),
        Attribute("mean_fill_level", "Mean fill level", float, definition="Of bins with a reading; none with fewer than five.", optional=True),
    )  # fmt: skip
    return Sums("bins", "Bins", "Waste containers and litter bins per cell.", fields, columns, _shapes(groups), left_out)


def population(frame: Frame) -> Sums:
    """Return residents per cell, to the nearest ten."""
    groups, left_out = grouped((cell, "") for cell in _cells(frame))
    residents = frame["residents"]
    columns: Columns = {
        "cell": [f"{cell:x}" for cell, _ in groups],
        "residents": [round(float(residents[rows].sum()), -1) for rows in groups.values()],
    }
    fields = (_CELL, Attribute("residents", "Residents", float, low=0, definition="To the nearest ten."))
    return Sums("population", "Population", "Residents per cell.", fields, columns, _shapes(groups), left_out)


def cases(frame: Frame) -> Sums:
    """Return cases per district, month and class: how many, how many of them closed, and closed in time."""
    month = frame["reported_at"].astype("datetime64[M]").astype(str).tolist()
    keys = list(zip(frame["district"].tolist(), month, frame["class_code"].tolist(), strict=True))
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        groups[key].append(row)
    for district, when, label in [key for key, rows in groups.items() if len(rows) < FEWEST and key[2]]:
        groups[district, when, ""] += groups.pop((district, when, label))
    kept = {key: rows for key, rows in sorted(groups.items()) if len(rows) >= FEWEST}
    closed = frame["stage"] == "closed"
    in_time = closed & (frame["closed_at"] <= frame["due_at"])
    columns: Columns = {
        "district": [key[0] for key in kept],
        "month": [key[1] for key in kept],
        "class_code": [key[2] for key in kept],
        "cases": [len(rows) for rows in kept.values()],
        "closed": [int(closed[rows].sum()) for rows in kept.values()],
        "closed_in_time": [int(in_time[rows].sum()) for rows in kept.values()],
    }
    fields = (
        Attribute("district", "District", str),
        Attribute("month", "Month reported", str, definition="Year and month, UTC."),
        Attribute("class_code", "Class", str, definition="GB/T 30428.2; '' for all classes with fewer than five cases."),
        Attribute("cases", "Cases", int, low=FEWEST),
        Attribute("closed", "Closed", int, low=0),
        Attribute("closed_in_time", "Closed in time", int, low=0),
    )
    left_out = len(frame) - sum(columns["cases"])
    return Sums("cases", "Cases", "Cases of digital urban management, counted.", fields, columns, None, left_out)


AGGREGATES: Mapping[str, tuple[str, Callable[[Frame], Sums]]] = {
    "bin": ("bins", bins),
    "population_cell": ("population", population),
    "case": ("case_statistics", cases),
}
"""By kind: the object of the matrix that lets somebody have sums of it, and how they are made."""


def _cells(frame: Frame) -> list[int]:
    return [cell for cell in cells(frame.shapes) if cell is not None]


def _mean_of_many(values: Any) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.mean()), 3) if len(known) >= FEWEST else None


def _shapes(groups: Mapping[tuple[int, Any], list[int]]) -> list[Any]:
    return [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell, _ in groups]
