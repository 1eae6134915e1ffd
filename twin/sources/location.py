"""Where the records of a table are: geometry, longitude and latitude, or X and Y in a named system."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from twin import datum
from twin.errors import DataError
from twin.geo import FloatArray
from twin.sources.base import ReadOptions
from twin.sources.columns import Found
from twin.sources.table import Table
from twin.sources.values import is_empty, number

Columns = dict[str, list[Found]]

_DATUMS = {
    "gcj02": datum.gcj02_to_wgs84,
    "gcj-02": datum.gcj02_to_wgs84,
    "bd09": datum.bd09_to_wgs84,
    "bd-09": datum.bd09_to_wgs84,
}
# What the name of an X column gives away about its system.
_NAME_HINTS = (
    (re.compile(r"gk25"), "EPSG:3879"),
    (re.compile(r"tm35fin|euref"), "EPSG:3067"),
    (re.compile(r"lv95"), "EPSG:2056"),
    (re.compile(r"epsg(\d{4,5})"), ""),
)


@dataclass(frozen=True, eq=False)
class Located:
    """Geometries in longitude, latitude (object array ``(n,)``, None where there is none) and why by row."""

    geometry: NDArray[Any]
    reasons: dict[int, str]


def locate(table: Table, columns: Columns, options: ReadOptions) -> Located | None:
    """Return where each record is, or None when the table has no place at all.

    Raises ``DataError`` when places are in an unknown system.
    """
    crs = options.crs or (options.mapping.crs if options.mapping else None)
    reasons: dict[int, str] = {}
    if table.geometry is not None:
        return _converted(table.geometry, crs or table.crs, table.where, reasons)
    if "wkt" in columns:
        found = _from_wkt(table.columns[columns["wkt"][0].column], reasons)
        if found is not None:
            return _converted(found, crs or "", table.where, reasons)
    return _from_pairs(table, columns, crs, options, reasons)


def _from_pairs(table: Table, columns: Columns, crs: str | None, options: ReadOptions, reasons: dict[int, str]) -> Located | None:
    has_degrees, has_metres = {"lon", "lat"} <= columns.keys(), {"x", "y"} <= columns.keys()
    if not has_degrees and not has_metres:
        return None
    use_degrees = has_degrees and not (crs and has_metres and not _is_degrees(crs))
    names = [columns[key][0].column for key in (("lon", "lat") if use_degrees else ("x", "y"))]
    xy = np.column_stack([_numbers(table, name, reasons) for name in names])
    if use_degrees:
        crs = crs or "EPSG:4326"
    crs = crs or _hint(names[0]) or _degrees_near(xy, options)
    if not crs:
        raise DataError(
            f"{table.where} has coordinates in the columns {names[0]} and {names[1]}, and nothing says in which system.",
            "Name it with --crs, for example --crs EPSG:3067, --crs EPSG:4326, --crs gcj02 or --crs bd09.",
        )
    missing = np.isnan(xy).any(axis=1)
    for row in np.flatnonzero(missing).tolist():
        reasons.setdefault(row, "has no coordinates")
    geometry = np.full(len(xy), None, dtype=object)
    geometry[~missing] = shapely.points(xy[~missing])
    return _converted(geometry, crs, table.where, reasons)


def _numbers(table: Table, name: str, reasons: dict[int, str]) -> FloatArray:
    values = np.full(len(table), np.nan)
    for row, value in enumerate(table.columns[name]):
        if is_empty(value):
            continue
        try:
            values[row] = number(value, decimal_comma=table.decimal_comma)
        except ValueError as error:
            reasons[row] = f"{name} {error}"
    values[~np.isfinite(values)] = np.nan
    return values


def _from_wkt(values: Sequence[Any], reasons: dict[int, str]) -> NDArray[Any] | None:
    """Return geometries from text; None when the column holds none at all."""
    texts = ["" if is_empty(value) else str(value).strip() for value in values]
    if not any(re.match(r"^(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)", text, re.IGNORECASE) for text in texts):
        return None
    bare = [re.sub(r"^SRID=\d+;\s*", "", text) or None for text in texts]
    geometry = np.asarray(shapely.from_wkt(np.array(bare, dtype=object), on_invalid="ignore"), dtype=object)
    for row, (text, place) in enumerate(zip(texts, geometry, strict=True)):
        if place is None:
            reasons[row] = f"'{text[:40]}' is not a geometry" if text else "has no coordinates"
    return geometry


def _hint(name: str) -> str:
    for pattern, crs in _NAME_HINTS:
        if match := pattern.search(name.lower()):
            return crs or f"EPSG:{match[1]}"
    return ""


def _degrees_near(xy: FloatArray, options: ReadOptions) -> str:
    """Return WGS 84 when X and Y are degrees of the city that is already there; otherwise nothing is certain."""
    if options.bounds is None or not np.isfinite(xy).any():
        return ""
    west, south, east, north = options.bounds
    lon, lat = np.nanmedian(xy, axis=0)
    return "EPSG:4326" if west - 1 <= lon <= east + 1 and south - 1 <= lat <= north + 1 else ""


def _is_degrees(crs: str) -> bool:
    return crs.lower() in _DATUMS or parse_crs(crs).is_geographic


def parse_crs(text: str) -> CRS:
    """Return a coordinate system from 'EPSG:3067', '3067' or its definition in a file.

    Raises ``DataError`` for one that does not exist.
    """
    try:
        return CRS.from_user_input(int(text) if text.strip().isdigit() else text)
    except (CRSError, ValueError, OverflowError) as error:
        raise DataError(
            f"There is no coordinate system {text!r}.", "Name one with --crs: an EPSG code such as EPSG:3067, or gcj02 or bd09."
        ) from error


def _converted(geometry: NDArray[Any], crs: str, where: str, reasons: dict[int, str]) -> Located:
    """Turn geometries into longitude, latitude."""
    if not crs:
        raise DataError(
            f"{where} does not say in which coordinate system its places are.", "Name it with --crs, for example --crs EPSG:2056."
        )
    geometry = np.asarray(shapely.force_2d(geometry), dtype=object)
    if convert := _DATUMS.get(crs.lower()):
        return Located(np.asarray(shapely.transform(geometry, convert), dtype=object), reasons)
    system = parse_crs(crs)
    if system.to_epsg() not in {4326, 4490}:  # CGCS2000 equals WGS 84 to about 1 m (DOMAIN 2.7)
        geometry = _projected(geometry, system, where)
    coordinates, rows = shapely.get_coordinates(geometry, return_index=True)
    wrong = ~(np.isfinite(coordinates).all(axis=1) & (np.abs(coordinates[:, 0]) <= 180) & (np.abs(coordinates[:, 1]) <= 90))
    for row in np.unique(rows[wrong]).tolist():
        reasons[row] = f"its coordinates are not in {crs}"
        geometry[row] = None
    return Located(geometry, reasons)


def _projected(geometry: NDArray[Any], system: CRS, where: str) -> NDArray[Any]:
    try:
        transformer = Transformer.from_crs(system, "EPSG:4326", always_xy=True)

        def to_degrees(xy: FloatArray) -> FloatArray:
            lon, lat = transformer.transform(xy[:, 0], xy[:, 1])
            return np.column_stack([lon, lat])

        return np.asarray(shapely.transform(geometry, to_degrees), dtype=object)
    except ProjError as error:
        raise DataError(f"{where}: {system.name} cannot be turned into degrees: {error}.", "Give another --crs.") from error
