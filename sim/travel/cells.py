"""Roads shared out among H3 cells, so that numbers of roads can be told by cell."""

from __future__ import annotations

from dataclasses import dataclass

import h3
import numpy as np
import shapely
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from twin.geo import Projection
from twin.model.frame import Frame
from twin.task import Progress, Task

CELL_RESOLUTION = 9
SAMPLE_M = 100.0
"""Roads are cut into pieces of about this length to share them out among cells."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Roads shared out among H3 cells: piece k is ``length_m[k]`` of link ``link[k]`` in cell ``cell[k]`` of ``cells``.

    Its middle is ``place[k]`` of the link's length from the link's beginning.
    """

    cells: NDArray[np.object_]
    cell: NDArray[np.int64]
    link: NDArray[np.int64]
    length_m: Floats
    place: Floats


def cut_into_cells(links: Frame, length_m: Floats, projection: Projection) -> Task[Pieces]:
    """Share the roads out among cells of resolution 9, piece by piece."""
    count = np.maximum(1, np.ceil(length_m / SAMPLE_M)).astype(np.int64)
    link = np.repeat(np.arange(len(links)), count)
    first = np.cumsum(count) - count
    place = (np.arange(len(link)) - np.repeat(first, count) + 0.5) / count[link]
    addresses: list[str] = []
    for low in range(0, len(link), 10_000):
        part = slice(low, low + 10_000)
        assert links.geometry is not None  # noqa: S101  roads have lines
        points = shapely.line_interpolate_point(links.geometry[link[part]], place[part], normalized=True)
        lon_lat = projection.to_lon_lat(shapely.get_coordinates(points))
        addresses += [h3.latlng_to_cell(lat, lon, CELL_RESOLUTION) for lon, lat in lon_lat.tolist()]
        yield Progress("Sharing roads out among cells", low, len(link))
    cells = sorted(set(addresses))
    row_of = {address: row for row, address in enumerate(cells)}
    cell = np.array([row_of[address] for address in addresses], np.int64)
    return Pieces(np.array(cells, dtype=object), cell, link, (length_m / count)[link], place)
