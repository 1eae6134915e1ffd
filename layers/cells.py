"""H3 cells in bulk: cells of points, parents by bit operations, outlines in the city's metres, sums and means per cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from twin.geo import Projection

Cells = NDArray[np.uint64]

EDGE_M = {res: 200.786 * 7.0 ** ((9 - res) / 2) for res in range(16)}
"""Mean edge of a hexagon by resolution; at 9 it is 200.8 m and each step is a factor of the square root of 7."""


def cells_of(lon_lat: NDArray[np.float64], resolution: int) -> Cells:
    """Return the cell of each point ``(n, 2)`` in degrees."""
    pairs = lon_lat.tolist()
    return np.fromiter((h3.latlng_to_cell(lat, lon, resolution) for lon, lat in pairs), np.uint64, len(pairs))


def cells_from_text(addresses: Any) -> Cells:
    """Return cells from their addresses in hexadecimal text."""
    return np.array([int(text, 16) for text in addresses], dtype=np.uint64)


def texts(cells: Cells) -> NDArray[Any]:
    """Return the addresses of cells as text."""
    return np.array([f"{cell:x}" for cell in cells.tolist()], dtype=object)


def resolution_of(cells: Cells) -> int:
    """Return the resolution of the first cell."""
    return int(cells[0]) >> 52 & 0xF


def parents(cells: Cells, resolution: int) -> Cells:
    """Return the parent of each cell at a coarser resolution.

    An H3 index keeps its resolution in bits 52-55 and three bits a digit below; unused digits are all ones.
    """
    c = cells.astype(np.uint64)
    spare = np.uint64((1 << (3 * (15 - resolution))) - 1)
    return (c & ~np.uint64(0xF << 52)) | np.uint64(resolution << 52) | spare


def rings(cells: Cells, projection: Projection) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the corners of cells ``(n, k, 2)`` in metres, counter-clockwise, and how many of the k each uses.

    Nearly all cells have six corners; where one has more (an edge of H3's icosahedron) k grows to hold them.
    """
    outlines = [h3.cell_to_boundary(cell) for cell in cells.tolist()]
    counts = np.fromiter((len(ring) for ring in outlines), np.intp, len(outlines))
    widest = int(counts.max()) if len(counts) else 6
    flat = np.array([point for ring in outlines for point in ring], dtype=np.float64).reshape(-1, 2)
    xy = projection.to_xy(flat[:, ::-1])
    out = np.zeros((len(cells), widest, 2))
    used = np.arange(widest)[None, :] < counts[:, None]
    out[used] = xy
    return out, counts


@dataclass(frozen=True, eq=False)
class CellValues:
    """Numbers per cell: ``total`` and ``weight`` are summed to coarser cells; the mean is their quotient."""

    cells: Cells
    total: NDArray[np.float64]
    weight: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Weighted mean of each cell; NaN without weight."""
        return np.asarray(np.divide(self.total, self.weight, out=np.full(len(self.total), np.nan), where=self.weight > 0))

    def at(self, resolution: int) -> CellValues:
        """Return the same numbers gathered into coarser cells."""
        return gathered(parents(self.cells, resolution), self.total, self.weight)


def gathered(cells: Cells, total: NDArray[np.float64], weight: NDArray[np.float64]) -> CellValues:
    """Sum rows that lie in the same cell; rows without a number count for nothing."""
    known = np.isfinite(total)
    unique, place = np.unique(cells[known], return_inverse=True)
    return CellValues(
        unique,
        np.bincount(place, total[known], len(unique)).astype(np.float64),
        np.bincount(place, weight[known], len(unique)).astype(np.float64),
    )
