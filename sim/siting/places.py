"""Places of a city that matter for bins: where one may stand, where people come from, and where one stands already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.task import Progress, Task

WALKED = ("primary", "secondary", "tertiary", "residential", "service")
"""Classes of roads along which people walk: no motorway or expressway."""
LINES_AT_ONCE = 5_000
READING = Progress("Looking for places along the streets")


@dataclass(frozen=True, eq=False)
class Stands:
    """Places with bins: ``xy (n, 2)`` in metres and the capacity ``capacity_l (n,)`` of all bins together at each."""

    xy: FloatArray
    capacity_l: FloatArray


def candidates(links: Frame, spacing_m: float) -> Task[FloatArray]:
    """Return the places ``(n, 2)`` where a bin may stand: in the middle of every piece of ``spacing_m`` of the streets.

    Both kerbs of a street are one, and what lies in a tunnel or on a bridge is none. In the order of the links.
    """
    found = [np.empty((0, 2))]
    if links.geometry is not None and len(links):
        rows = np.flatnonzero(_walked(links))
        for start in range(0, len(rows), LINES_AT_ONCE):
            found.append(_along(links.geometry[rows[start : start + LINES_AT_ONCE]], spacing_m))
            yield READING
    return np.unique(np.round(np.concatenate(found), 2), axis=0)


def _walked(links: Frame) -> NDArray[np.bool_]:
    """Return which links ``(n,)`` are streets where people walk, one of two directions."""
    keys, backs, here = links.ids.tolist(), links["reverse_id"].tolist(), links.row_of
    once = np.array([not back or back not in here or key <= back for key, back in zip(keys, backs, strict=True)], dtype=bool)
    free = ~links["tunnel"].astype(bool) & ~links["bridge"].astype(bool)
    return np.asarray(once & free & np.isin(links["road_class"].astype(str), WALKED), dtype=bool)


def _along(lines: NDArray[np.object_], spacing_m: float) -> FloatArray:
    """Return points ``(n, 2)`` in the middles of equal pieces of lines, about ``spacing_m`` long."""
    length_m = shapely.length(lines)
    pieces = np.maximum(np.round(length_m / spacing_m).astype(np.intp), 1)
    number = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (number + 0.5) / np.repeat(pieces, pieces)
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(np.repeat(lines, pieces), share, normalized=True)))


def residents_at(cells: Frame, xy: FloatArray) -> Task[FloatArray]:
    """Return the residents ``(n,)`` who come from each place ``xy (n, 2)``: a cell's live evenly along the streets inside it.

    Those of a cell without a street come from the place nearest to its middle.
    Raises ``ScenarioError`` when nobody lives here, or there is no place.
    """
    if not len(cells) or not (np.nan_to_num(cells["residents"].astype(np.float64)) > 0).any():
        raise ScenarioError(
            "This city has no residents.", "Import a population grid with 'citytwin import … --as population_cell'."
        )
    if not len(xy):
        raise ScenarioError("This city has no streets along which people walk.", "Import a road network.")
    rows = np.flatnonzero(np.nan_to_num(cells["residents"].astype(np.float64)) > 0)
    tree, weight = shapely.STRtree(shapely.points(xy)), np.zeros(len(xy))
    nearest = cKDTree(xy)
    for start in range(0, len(rows), LINES_AT_ONCE):
        part = rows[start : start + LINES_AT_ONCE]
        residents = cells["residents"][part].astype(np.float64)
        cell, place = tree.query(cells.shapes[part], predicate="intersects")
        count = np.bincount(cell, minlength=len(part))
        np.add.at(weight, place, residents[cell] / count[cell])
        empty = np.flatnonzero(count == 0)
        if len(empty):
            np.add.at(weight, nearest.query(cells.xy[part[empty]])[1], residents[empty])
        yield READING
    return weight


def stands(bins: Frame, waste_kind: str) -> Stands:
    """Return where bins of a kind stand; those on one square metre are one."""
    rows = np.flatnonzero(bins["waste_kind"].astype(str) == waste_kind)
    if not len(rows):
        return Stands(np.empty((0, 2)), np.empty(0))
    xy, capacity_l = bins.xy[rows], bins["capacity_l"][rows].astype(np.float64)
    known = np.isfinite(xy).all(axis=1)
    places, stand = np.unique(np.round(xy[known]), axis=0, return_inverse=True)
    held_l = np.bincount(stand.ravel(), weights=capacity_l[known], minlength=len(places))
    return Stands(places, np.asarray(held_l, dtype=np.float64))
