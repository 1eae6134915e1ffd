"""The few points that hold a city, feet and tops: what a view must take in to show all of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.ground import extent, ground_of
from twin.model.snapshot import Snapshot

_CELLS = 28
_KINDS = ("link", "building", "district", "land_use", "bin", "camera", "node", "incident", "case", "population_cell")
_BEYOND = 0.08  # how far outside its trimmed extent, as a share of it, things still belong to the city


def outline(snapshot: Snapshot) -> NDArray[np.float64]:
    """Return points ``(n, 3)`` in metres whose hull holds the city: its outer corners and its highest and lowest places.

    The same array as before while nothing has moved: an edit of lanes is no reason to look where the city ends.
    """
    return _outline(_Places(snapshot))


class _Places:
    """A snapshot, equal to any other in which everything stands where it stands in this one."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        frames = [snapshot.frames.get(kind) for kind in _KINDS]
        self._shapes = [snapshot.terrain, *(frame.geometry for frame in frames if frame is not None)]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Places) or len(self._shapes) != len(other._shapes):
            return False
        return all(one is two for one, two in zip(self._shapes, other._shapes, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(map(id, self._shapes)))


@lru_cache(maxsize=2)
def _outline(places: _Places) -> NDArray[np.float64]:
    snapshot = places.snapshot
    ground, (x0, y0, x1, y1) = ground_of(snapshot), extent(snapshot)
    beyond = _BEYOND * max(x1 - x0, y1 - y0)
    found = [np.empty((0, 3))]
    for kind in _KINDS:
        frame = snapshot.frames.get(kind)
        if frame is None or frame.geometry is None or not len(frame):
            continue
        if kind not in ("link", "building", "district") and sum(map(len, found)) > 400:  # roads and houses say where the city is
            break
        xy, row = shapely.get_coordinates(frame.geometry, return_index=True)
        height = np.nan_to_num(frame["height_m"], nan=9.0)[row] if kind == "building" else np.zeros(len(xy))
        inside = (np.abs(xy - ((x0 + x1) / 2, (y0 + y1) / 2)) <= ((x1 - x0) / 2 + beyond, (y1 - y0) / 2 + beyond)).all(axis=1)
        xy, height = xy[inside], height[inside]
        found.append(np.column_stack([xy, ground.at(xy) + height]))
    points = np.concatenate(found)
    if len(points) < 4:
        corners = np.array([(x, y) for x in (x0, x1) for y in (y0, y1)])
        return np.column_stack([corners, ground.at(corners)])
    return points[_telling(points)]


def _telling(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the rows at the outer edge, and the highest and the lowest of each cell of a grid."""
    low, size = points[:, :2].min(axis=0), np.maximum(np.ptp(points[:, :2], axis=0), 1.0)
    cell = (np.clip((points[:, :2] - low) / size * _CELLS, 0, _CELLS - 1).astype(np.intp) * (_CELLS, 1)).sum(axis=1)
    order = np.lexsort((points[:, 2], cell))
    first = np.flatnonzero(np.diff(cell[order], prepend=-1))
    ends = order[first], order[np.append(first[1:], len(order)) - 1]
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    outer = np.array([int(np.argmax(points[:, 0] * np.cos(a) + points[:, 1] * np.sin(a))) for a in angle])
    return np.unique(np.concatenate([*ends, outer]))
