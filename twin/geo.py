"""Where things are: the city's flat metres, the Chinese datums and H3 cells.

Inside CityTwin ``x, y`` are metres east and north of the city's origin (transverse Mercator on
WGS 84 through that origin, scale 1), so float32 is exact enough for drawing. ``lon, lat`` exist
only at the edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

FloatArray = NDArray[np.float64]
Bounds = tuple[float, float, float, float]  # west, south, east, north (degrees) or x0, y0, x1, y1 (metres)

CELL_RESOLUTION = 10
"""Of the H3 cell that each stored thing lies in."""


@dataclass(frozen=True)
class Projection:
    """The city's plane: metres around ``lon``, ``lat`` (degrees, WGS 84)."""

    lon: float
    lat: float

    @cached_property
    def _forward(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.proj4, always_xy=True)

    @property
    def proj4(self) -> str:
        """Definition of the plane for GIS tools."""
        return f"+proj=tmerc +lat_0={self.lat!r} +lon_0={self.lon!r} +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m"

    def to_xy(self, lon_lat: FloatArray) -> FloatArray:
        """Project ``(n, 2)`` longitude, latitude to ``(n, 2)`` metres."""
        x, y = self._forward.transform(lon_lat[:, 0], lon_lat[:, 1])
        return np.column_stack([x, y])

    def to_lon_lat(self, xy: FloatArray) -> FloatArray:
        """Unproject ``(n, 2)`` metres to ``(n, 2)`` longitude, latitude."""
        lon, lat = self._forward.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
        return np.column_stack([lon, lat])

    def geometries_to_xy(self, geometries: NDArray[Any]) -> NDArray[Any]:
        """Project shapely geometries (object array, degrees) to metres; None stays None."""
        return np.asarray(shapely.transform(geometries, self.to_xy), dtype=object)

    def geometries_to_lon_lat(self, geometries: NDArray[Any]) -> NDArray[Any]:
        """Unproject shapely geometries (object array, metres) to degrees; None stays None."""
        return np.asarray(shapely.transform(geometries, self.to_lon_lat), dtype=object)


def cells(geometries: NDArray[Any]) -> list[int | None]:
    """Return the H3 cell (resolution 10) of a point inside each place; None without a place."""
    found: list[int | None] = [None] * len(geometries)
    rows = np.flatnonzero(~shapely.is_missing(geometries))
    lon_lat = shapely.get_coordinates(representative_points(geometries[rows]))
    for row, lon, lat in zip(rows.tolist(), lon_lat[:, 0].tolist(), lon_lat[:, 1].tolist(), strict=True):
        found[row] = int(h3.latlng_to_cell(lat, lon, CELL_RESOLUTION))
    return found


def representative_points(geometries: NDArray[Any]) -> NDArray[Any]:
    """Return a point for each place: itself, the middle of a line, the inside of an area."""
    points = geometries.copy()
    dimensions = shapely.get_dimensions(points)
    lines, areas = dimensions == 1, dimensions > 1
    points[lines] = shapely.line_interpolate_point(points[lines], 0.5, normalized=True)
    points[areas] = shapely.point_on_surface(points[areas])
    return points
