"""Elevation rasters (GeoTIFF, HGT, also zipped) become the city's terrain."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from twin.errors import DataError
from twin.geo import Bounds, Projection
from twin.model.snapshot import Terrain
from twin.sources.base import Item, Note, ReadOptions, TerrainGrid
from twin.sources.files import head, is_zip, members, unpacked
from twin.sources.location import parse_crs
from twin.task import Progress

_ENDS = (".tif", ".tiff", ".hgt")
_STEP_M = (30.0, 60.0)  # finest and usual coarsest step of the city's grid
_CELLS = 1500  # along the longer side at most
_MARGIN_M = 3000.0  # beyond the city, so that its edge does not end in a cliff
_READ_CELLS = 40_000_000
_WIDEST_M = 120_000.0
_HEIGHT_LIMITS_M = (-500.0, 9000.0)


class RasterSource:
    """Digital elevation models: heights in metres above the sea."""

    name = "raster"
    label = "Elevation raster"
    extensions = (*_ENDS, ".zip")

    def sniff(self, path: Path) -> bool:
        """Return whether the file is a GeoTIFF or HGT, or an archive with one in it."""
        if path.suffix.lower() in _ENDS or head(path, 4) in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
            return True
        return path.suffix.lower() == ".zip" and is_zip(path) and any(_is_raster(info.filename) for info in _members(path))

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give the terrain around the city, or all of the raster while the city is empty.

        Raises ``DataError`` when the file is damaged, has no coordinate system or does not touch the city.
        """
        import rasterio
        from rasterio.errors import RasterioError

        yield Progress("Reading elevation", 0, 2)
        with _raster_file(path, options) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a raster without a system is told below
            try:
                with rasterio.open(file) as raster:
                    grid, note = _resampled(raster, path, options)
            except (RasterioError, ValueError, OSError, MemoryError) as error:
                raise DataError(
                    f"{path.name} cannot be read as an elevation raster: {error}.",
                    "Get it again, or save it as a GeoTIFF with QGIS.",
                ) from error
        yield grid
        yield Note(note)
        yield Progress("Reading elevation", 2, 2)


def _is_raster(name: str) -> bool:
    return name.lower().endswith(_ENDS)


def _members(path: Path) -> list[Any]:
    try:
        return list(members(path))
    except DataError:
        return []


@contextmanager
def _raster_file(path: Path, options: ReadOptions) -> Iterator[Path]:
    if not is_zip(path):
        yield path
        return
    with unpacked(path, options.size_limit) as folder:
        found = sorted(item for item in folder.iterdir() if _is_raster(item.name))
        if len(found) != 1:
            raise DataError(f"{path.name} holds {len(found)} rasters.", "Unpack it and import them one at a time.")
        yield found[0]


def _resampled(raster: Any, path: Path, options: ReadOptions) -> tuple[TerrainGrid, str]:
    from rasterio.enums import Resampling
    from rasterio.warp import reproject

    crs = options.crs or raster.crs
    if crs is None:
        raise DataError(
            f"{path.name} does not say in which coordinate system it is.", "Name it with --crs, for example EPSG:4326."
        )
    system = parse_crs(crs if isinstance(crs, str) else crs.to_wkt())
    if raster.count < 1 or raster.dtypes[0].startswith("complex"):
        raise DataError(f"{path.name} has no band of heights.", "Give a raster with one band of metres.")
    west, south, east, north = _degrees(raster.bounds, system)
    projection = options.projection or Projection((west + east) / 2, (south + north) / 2)
    x0, y0, x1, y1 = _extent((west, south, east, north), projection, options, path)
    step_m = _step(raster, system, max(x1 - x0, y1 - y0))
    columns, rows = int((x1 - x0) / step_m) + 1, int((y1 - y0) / step_m) + 1
    north_up = np.full((rows, columns), np.nan, dtype=np.float32)
    heights, transform = _part(raster, system, (x0, y0, x1, y1), projection)
    reproject(
        heights,
        north_up,
        src_crs=system.to_wkt(),
        src_transform=transform,
        src_nodata=raster.nodata,
        dst_transform=raster.transform.__class__(step_m, 0, x0 - step_m / 2, 0, -step_m, y0 + (rows - 0.5) * step_m),
        dst_crs=projection.proj4,
        dst_nodata=np.nan,
        resampling=Resampling.average if step_m > 1.5 * _cell_m(raster, system) else Resampling.bilinear,
    )
    heights = north_up[::-1].copy()
    heights[(heights < _HEIGHT_LIMITS_M[0]) | (heights > _HEIGHT_LIMITS_M[1])] = np.nan
    if np.isnan(heights).all():
        raise DataError(f"{path.name} has no heights where the city is.", "Get the tile that covers the city.")
    covered = 100.0 * float(np.isfinite(heights).mean())
    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    note = f"Terrain of {columns} × {rows} cells of {step_m:g} m, {low:.0f}–{high:.0f} m high; {covered:.0f} % has data."
    return TerrainGrid(Terrain(x0, y0, step_m, heights), projection), note


def _part(raster: Any, system: Any, extent: Bounds, projection: Projection) -> tuple[Any, Any]:
    """Return the cells over an area and their transform, thinned where they would not fit in memory."""
    from rasterio.warp import transform_bounds
    from rasterio.windows import Window, from_bounds

    bounds = transform_bounds(projection.proj4, system.to_wkt(), *extent, densify_pts=21)
    asked = from_bounds(*bounds, transform=raster.transform).round_offsets().round_lengths()
    padded = Window(asked.col_off - 3, asked.row_off - 3, asked.width + 6, asked.height + 6)
    window = padded.intersection(Window(0, 0, raster.width, raster.height))
    thin = max(1.0, float(np.sqrt(window.width * window.height / _READ_CELLS)))
    shape = (max(1, int(window.height / thin)), max(1, int(window.width / thin)))
    scale = raster.transform.scale(window.width / shape[1], window.height / shape[0])
    return raster.read(1, window=window, out_shape=shape), raster.window_transform(window) * scale


def _degrees(bounds: Any, system: Any) -> Bounds:
    from rasterio.warp import transform_bounds

    west, south, east, north = transform_bounds(system.to_wkt(), "EPSG:4326", *bounds)
    return float(west), float(south), float(east), float(north)


def _extent(degrees: Bounds, projection: Projection, options: ReadOptions, path: Path) -> Bounds:
    """Return the part to keep in the city's metres: its bounds with a margin, or all of a raster that is not too wide."""
    west, south, east, north = degrees
    raster_xy = _box(degrees, projection)
    if options.bounds is None:
        half = _WIDEST_M / 2
        return max(raster_xy[0], -half), max(raster_xy[1], -half), min(raster_xy[2], half), min(raster_xy[3], half)
    if not (west < options.bounds[2] and options.bounds[0] < east and south < options.bounds[3] and options.bounds[1] < north):
        raise DataError(
            f"{path.name} covers longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f}; the city is elsewhere.",
            "Get the tile that covers the city.",
        )
    x0, y0, x1, y1 = _box(options.bounds, projection)
    return (
        max(raster_xy[0], x0 - _MARGIN_M),
        max(raster_xy[1], y0 - _MARGIN_M),
        min(raster_xy[2], x1 + _MARGIN_M),
        min(raster_xy[3], y1 + _MARGIN_M),
    )


def _box(degrees: Bounds, projection: Projection) -> Bounds:
    west, south, east, north = degrees
    share = np.linspace(0, 1, 9)
    lon, lat = west + (east - west) * share, south + (north - south) * share
    edge = np.concatenate(
        [np.column_stack([lon, np.full(9, side)]) for side in (south, north)]
        + [np.column_stack([np.full(9, side), lat]) for side in (west, east)]
    )
    xy = projection.to_xy(edge)
    return float(xy[:, 0].min()), float(xy[:, 1].min()), float(xy[:, 0].max()), float(xy[:, 1].max())


def _cell_m(raster: Any, system: Any) -> float:
    """Return the size of the raster's own cells in metres, roughly."""
    size = max(abs(raster.transform.a), abs(raster.transform.e))
    return float(size * 111_195.0) if system.is_geographic else float(size)


def _step(raster: Any, system: Any, side_m: float) -> float:
    """Return the grid's step: the raster's own within 30-60 m, wider only where the area is very wide."""
    own = min(max(_cell_m(raster, system), _STEP_M[0]), _STEP_M[1])
    return float(np.ceil(max(own, side_m / _CELLS)))
