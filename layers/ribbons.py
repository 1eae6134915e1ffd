"""Ribbons of traffic: bands beside the middle lines of roads, as wide as their volume, each direction on its own side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers import shapes, streets
from layers.base import Legend, LegendEntry, Level, Marks, Rgba
from layers.ground import Ground
from twin.model.frame import Frame

RANGES = ((0.0, 1.6, 1.2), (1.6, 4.0, 2.5), (4.0, 9.0, 6.0), (9.0, np.inf, 13.0))
"""From and to which scale (metres a pixel) a set of bands is drawn, and the scale at which its widths are reckoned."""

MOST_MOVING = 25_000
"""Links that software draws in time while the view moves."""

LEAST_PX, MOST_PX = 1.2, 9.0
"""Width on the screen of a road without traffic and of the busiest ones."""

LEAST_VPH = 1e-3
"""Volumes below count as none."""

_ROUND = np.array([1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0])
_GAP_M, _GAP_PX = 0.3, 0.25


@dataclass(frozen=True)
class Widths:
    """A scale of widths: none for 0, the widest band for ``most`` and above, in proportion between."""

    most: float

    def size(self, volume: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the size of the band of each volume, 0-1."""
        return np.asarray(np.clip(np.abs(volume) / self.most, 0.0, 1.0))

    def legend(self, *, title: str, unit: str, ink: tuple[int, int, int, int]) -> Legend:
        """Return what a quarter, a half and all of the widest band mean."""
        shares = (1.0, 0.5, 0.25)
        entries = tuple(LegendEntry(ink, values=(self.most * share,), width_px=width_px(share)) for share in shares)
        return Legend(title, entries, unit)


def width_px(size: float) -> float:
    """Return how wide a band of a size is on the screen."""
    return LEAST_PX + (MOST_PX - LEAST_PX) * size


def widths(volume: NDArray[np.floating]) -> Widths:
    """Return the scale whose widest band is the round number at or above the 98th percentile of the volumes."""
    known = np.abs(volume[np.isfinite(volume)])
    high = float(np.percentile(known, 98)) if len(known) else 0.0
    if high < LEAST_VPH:
        return Widths(1.0)
    power = 10.0 ** np.floor(np.log10(high))
    return Widths(float(power * _ROUND[np.searchsorted(_ROUND, high / power * (1 - 1e-9))]))


@dataclass(frozen=True, eq=False)
class Ribbons:
    """Links to draw, the most important last: rows of the frame, their size 0-1 and their colours.

    ``side`` is 1 where traffic drives on the right and -1 where it drives on the left.
    """

    links: Frame
    rows: NDArray[np.intp]
    size: NDArray[np.float64]
    rgba: Rgba
    ground: Ground
    side: int = 1

    def levels(self) -> tuple[Level, ...]:
        """Return the bands for each range of scales; in motion far away only the last of a large network."""
        busiest = self.last(MOST_MOVING)
        levels: list[Level] = []
        for low, high, pixel_m in RANGES:
            everything = self.marks(pixel_m)
            if low and busiest is not self:
                levels += [Level(everything, low, high, "resting"), Level(busiest.marks(pixel_m), low, high, "moving")]
            else:
                levels.append(Level(everything, low, high))
        return tuple(levels)

    def last(self, count: int) -> Ribbons:
        """Return the last links, which are the busiest; all where there are no more."""
        if len(self.rows) <= count:
            return self
        return replace(self, rows=self.rows[-count:], size=self.size[-count:], rgba=self.rgba[-count:])

    def marks(self, pixel_m: float) -> tuple[Marks, ...]:
        """Return bands as wide as they must be where a pixel covers ``pixel_m``."""
        width = self.width_m(pixel_m)
        lift = np.full(len(self.rows), 2.6 + pixel_m * 0.4)
        xyz, offsets, row = streets.points(self.links, self.rows, self.ground, lift)
        shift = self.shift_m(width, pixel_m)
        return shapes.chunked(shapes.ribbons(xyz, offsets, row, width_m=width, rgba=self.rgba, shift_m=shift))

    def width_m(self, pixel_m: float) -> NDArray[np.float64]:
        """Return the widths of the bands where a pixel covers ``pixel_m``."""
        return np.asarray(pixel_m * (LEAST_PX + (MOST_PX - LEAST_PX) * self.size))

    def shift_m(self, width_m: NDArray[np.float64], pixel_m: float) -> NDArray[np.float64]:
        """Return how far to the right of its line a band lies.

        The bands of a two-way street touch its middle line. One of a one-way road grows away from the other
        carriageway as far as it does not fit on its own.
        """
        carriageway = streets.width_m(self.links, both_ways=False)[self.rows]
        two_way = self.links["reverse_id"][self.rows] != ""
        beside = width_m / 2 + pixel_m * _GAP_PX + _GAP_M
        return np.asarray(self.side * np.where(two_way, beside, np.maximum(0.0, (width_m - carriageway) / 2)))
