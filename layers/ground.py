"""The ground on which everything stands: the surface that is drawn, so that nothing floats or sinks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.geo import Bounds, FloatArray
from twin.model.snapshot import Snapshot

MOST_CELLS = 110
"""Cells along the longer side of the drawn surface: vertices are the budget in software."""

_EXTENT_KINDS = ("link", "building", "land_use", "bin", "camera", "node", "district", "incident", "case", "population_cell")


@dataclass(frozen=True, eq=False)
class Ground:
    """A grid of heights ``z_m (rows, columns)``, each cell two triangles split from south-west to north-east.

    A flat city has no grid: ``z_m`` is then empty and every height 0.
    """

    x0_m: float
    y0_m: float
    step_m: float
    z_m: NDArray[np.float32]

    @property
    def is_flat(self) -> bool:
        """Whether there is no relief to follow."""
        return self.z_m.size == 0

    def at(self, xy: FloatArray) -> NDArray[np.float64]:
        """Return the height of the drawn surface under each point ``(n, 2)``; the edge goes on outside."""
        if self.is_flat:
            return np.zeros(len(xy))
        return self._between(self.z_m, xy)

    def tone_at(self, xy: FloatArray) -> NDArray[np.float64]:
        """Return how the light falls on the ground under each point ``(n, 2)``: 0 as on a plain, above 0 lit, below 0 in shade."""
        return np.zeros(len(xy)) if self.is_flat else self._between(self.tone, xy)

    @cached_property
    def tone(self) -> NDArray[np.float64]:
        """How the light from the north-west, 45° high, falls on each point of the grid ``(rows, columns)``; 0 on a plain."""
        dy, dx = np.gradient(self.z_m.astype(np.float64), self.step_m)
        normal = np.stack([-dx, -dy, np.ones_like(dx)], axis=-1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        sun = np.array([-0.55, 0.83, 1.0]) / np.sqrt(2)  # hills are lit from the north-west, as on every map
        return np.asarray((normal @ sun) - np.sqrt(0.5), dtype=np.float64)

    def _between(self, z: NDArray[np.floating], xy: FloatArray) -> NDArray[np.float64]:
        """Return numbers of the grid's points between them, as the drawn triangles do it."""
        rows, columns = z.shape
        u = np.clip((xy[:, 0] - self.x0_m) / self.step_m, 0, columns - 1.000001)
        v = np.clip((xy[:, 1] - self.y0_m) / self.step_m, 0, rows - 1.000001)
        i, j = v.astype(np.intp), u.astype(np.intp)
        fv, fu = v - i, u - j
        sw, se, nw, ne = z[i, j], z[i, j + 1], z[i + 1, j], z[i + 1, j + 1]
        below = sw + (se - sw) * fu + (ne - se) * fv  # the triangle south-east of the diagonal
        above = sw + (ne - nw) * fu + (nw - sw) * fv
        return np.asarray(np.where(fu >= fv, below, above), dtype=np.float64)

    @cached_property
    def _rough(self) -> NDArray[np.bool_]:
        """Which squares of two by two cells differ by more than 25 cm from a plane's two triangles."""
        z = self.z_m
        rows, columns = (z.shape[0] - 1) // 2, (z.shape[1] - 1) // 2
        block = np.stack([z[i : i + 2 * rows : 2, j : j + 2 * columns : 2] for i in (0, 1, 2) for j in (0, 1, 2)])
        share = np.array([(i / 2, j / 2) for i in (0, 1, 2) for j in (0, 1, 2)])
        south_west, south_east, north_west, north_east = block[0], block[2], block[6], block[8]
        up, right = north_west - south_west, south_east - south_west
        plane = south_west + share[:, 0, None, None] * up + share[:, 1, None, None] * right
        twist = north_east - north_west - right
        off = np.abs(block - plane).max(axis=0)
        return np.asarray((off > 0.25) | (np.abs(twist) > 0.25))

    def is_rough(self, column: NDArray[np.intp], row: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return whether the ground is uneven in squares of two by two cells, counted from the south-west; outside it is."""
        rows, columns = self._rough.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found = np.ones(len(row), dtype=bool)
        found[inside] = self._rough[row[inside], column[inside]]
        return found

    def on(self, xy: FloatArray, lift_m: float | NDArray[np.floating] = 0.0) -> NDArray[np.float32]:
        """Return points ``(n, 3)`` lying ``lift_m`` above the drawn surface."""
        return np.column_stack([xy, self.at(xy) + lift_m]).astype(np.float32)


FLAT = Ground(0.0, 0.0, 1.0, np.empty((0, 0), np.float32))


def extent(snapshot: Snapshot) -> Bounds:
    """Return the rectangle (metres) that holds the city, without the farthest thousandth of its things."""
    boxes = []
    for kind in _EXTENT_KINDS:
        frame = snapshot.frames.get(kind)
        if frame is not None and frame.geometry is not None and len(frame):
            boxes.append(_trimmed(shapely.bounds(frame.geometry)))
            if kind in ("link", "building") and len(frame) > 50:  # these say where the city is
                break
    if not boxes:
        return -1000.0, -1000.0, 1000.0, 1000.0
    box = np.array(boxes)
    x0, y0 = box[:, :2].min(axis=0)
    x1, y1 = box[:, 2:].max(axis=0)
    return float(x0), float(y0), float(max(x1, x0 + 10)), float(max(y1, y0 + 10))


def _trimmed(boxes: NDArray[np.float64]) -> tuple[float, float, float, float]:
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return 0.0, 0.0, 0.0, 0.0
    share = (0.1, 99.9) if len(boxes) > 2000 else (0, 100)
    x0, y0 = (float(np.percentile(boxes[:, i], share[0])) for i in (0, 1))
    x1, y1 = (float(np.percentile(boxes[:, i], share[1])) for i in (2, 3))
    return x0, y0, x1, y1


@lru_cache(maxsize=2)
def ground_of(snapshot: Snapshot) -> Ground:
    """Return the surface that is drawn for a city: its terrain around the city, thinned to what software can draw."""
    terrain = snapshot.terrain
    if terrain is None or min(terrain.heights_m.shape) < 2:
        return FLAT
    x0, y0, x1, y1 = extent(snapshot)
    margin = 0.15 * max(x1 - x0, y1 - y0)
    rows, columns = terrain.heights_m.shape
    x0, y0 = max(x0 - margin, terrain.x0_m), max(y0 - margin, terrain.y0_m)
    x1 = min(x1 + margin, terrain.x0_m + (columns - 1) * terrain.step_m)
    y1 = min(y1 + margin, terrain.y0_m + (rows - 1) * terrain.step_m)
    if x1 <= x0 or y1 <= y0:
        return FLAT
    step = max(terrain.step_m, max(x1 - x0, y1 - y0) / MOST_CELLS)
    xs = np.arange(x0, x1 + step, step)
    ys = np.arange(y0, y1 + step, step)
    xy = np.column_stack([np.tile(xs, len(ys)), np.repeat(ys, len(xs))])
    heights = terrain.at(xy).reshape(len(ys), len(xs)).astype(np.float32)
    return Ground(float(x0), float(y0), float(step), heights)
