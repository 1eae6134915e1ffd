"""The H3 cell of each of many points."""

from __future__ import annotations

import h3
import numpy as np
from numpy.typing import NDArray

from twin.geo import FloatArray, Projection
from twin.task import Progress, Task

POINTS_AT_ONCE = 10_000


def cells_of(
    projection: Projection, xy: FloatArray, resolution: int, progress: Progress
) -> Task[tuple[NDArray[np.str_], NDArray[np.intp]]]:
    """Return the addresses of the cells that some points ``(n, 2)`` are in, sorted, and the row of its cell for each."""
    addresses: list[str] = []
    for start in range(0, len(xy), POINTS_AT_ONCE):
        lon_lat = projection.to_lon_lat(xy[start : start + POINTS_AT_ONCE]).tolist()
        addresses.extend(h3.latlng_to_cell(lat, lon, resolution) for lon, lat in lon_lat)
        yield progress
    cells, row = np.unique(np.array(addresses, dtype=np.str_), return_inverse=True)
    return cells, row.ravel()
