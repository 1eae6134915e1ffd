"""Vehicles that move along the roads of a result: as many as it says, as fast as it says, the same ones at the same time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from layers import streets
from layers.ribbons import RANGES, Ribbons

LEAST_SPEED_MPS = 0.3
"""A slower road is taken to move at this speed: vehicles that stand forever would look like dirt."""

_GOLDEN = 0.6180339887498949
_LIFT_M = 4.5


@dataclass(frozen=True, eq=False)
class Motion:
    """Traffic on the links of some ribbons: ``vehicles (k,)`` on each at a time, and ``speed_mps (k,)``."""

    ribbons: Ribbons
    vehicles: NDArray[np.float64]
    speed_mps: NDArray[np.float64]

    def near(self, bounds: tuple[float, float, float, float], most_links: int) -> Motion:
        """Return the links whose middle lies in a rectangle (metres), the busiest of them where there are too many."""
        x0, y0, x1, y1 = bounds
        xy = self.ribbons.links.xy[self.ribbons.rows]
        inside = np.flatnonzero((xy[:, 0] >= x0) & (xy[:, 0] <= x1) & (xy[:, 1] >= y0) & (xy[:, 1] <= y1) & (self.vehicles > 0))
        return self._take(inside[-most_links:])  # ribbons have the busiest last

    def _take(self, chosen: NDArray[np.intp]) -> Motion:
        kept = self.ribbons
        kept = replace(kept, rows=kept.rows[chosen], size=kept.size[chosen], rgba=kept.rgba[chosen])
        return Motion(kept, self.vehicles[chosen], self.speed_mps[chosen])

    def fleet(self, pixel_m: float, most: int) -> Fleet:
        """Return the vehicles of these links as a view of this scale shows them; one of so many where they are too many."""
        links, rows = self.ribbons.links, self.ribbons.rows
        share = min(1.0, most / max(float(self.vehicles.sum()), 1.0))
        # A road with 0.4 vehicles has one on four of ten such roads: the remainder is settled by the road's own number.
        count = np.floor(self.vehicles * share + _spread(rows)).astype(np.intp)
        xyz, offsets, row = streets.points(links, rows, self.ribbons.ground, np.full(len(rows), _LIFT_M))
        reckoned_m = next(at for low, high, at in RANGES if low <= pixel_m < high)
        shift = self.ribbons.shift_m(self.ribbons.width_m(reckoned_m), reckoned_m)
        owner = np.repeat(np.arange(len(rows)), count)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        phase = (place / np.maximum(count, 1)[owner] + _spread(rows[owner]) + 0.35 * _spread(owner + 7 * place)) % 1.0
        return Fleet(xyz, offsets, row, shift, owner, phase, np.maximum(self.speed_mps, LEAST_SPEED_MPS)[owner])


def _spread(number: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each whole number, evenly spread and always the same (golden ratio sequence)."""
    return np.asarray((number * _GOLDEN) % 1.0)


@dataclass(frozen=True, eq=False)
class Fleet:
    """Vehicles on lines: ``owner (n,)`` is each one's line, ``phase (n,)`` where on it it is at time 0, as a share."""

    xyz: NDArray[np.float64]
    offsets: NDArray[np.intp]
    row: NDArray[np.intp]
    shift_m: NDArray[np.float64]
    owner: NDArray[np.intp]
    phase: NDArray[np.float64]
    speed_mps: NDArray[np.float64]

    @cached_property
    def run_m(self) -> NDArray[np.float64]:
        """How far each point lies along all lines together ``(n,)``; what lies between two lines is never asked for."""
        return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(self.xyz[:, :2], axis=0).T))])

    def __len__(self) -> int:
        """Return the number of vehicles."""
        return len(self.owner)

    def at(self, t_s: float) -> NDArray[np.float64]:
        """Return where the vehicles are ``(n, 3)`` after some seconds: at the end of a line the next one begins."""
        if not len(self):
            return np.empty((0, 3))
        start, last = self.run_m[self.offsets[:-1]], self.run_m[self.offsets[1:] - 1]
        length = np.maximum(last - start, 1e-6)[self.owner]
        along = start[self.owner] + (self.phase + self.speed_mps * t_s / length) % 1.0 * length
        piece = np.clip(
            np.searchsorted(self.run_m, along, side="right") - 1, self.offsets[self.owner], self.offsets[self.owner + 1] - 2
        )
        step = self.xyz[piece + 1] - self.xyz[piece]
        flat = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)
        place = self.xyz[piece] + ((along - self.run_m[piece]) / flat)[:, None] * step
        place[:, :2] += (self.shift_m[self.owner] / flat)[:, None] * np.column_stack([step[:, 1], -step[:, 0]])
        return place
