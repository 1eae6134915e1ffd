"""Vector files that GDAL reads: GeoPackage, GeoJSON, Shapefile, also a Shapefile packed with zip."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.errors import DataError
from twin.sources.base import ReadOptions
from twin.sources.files import is_zip, unpacked
from twin.sources.table import Table
from twin.sources.text import require_code_page

ENDS = (".gpkg", ".geojson", ".json", ".shp")
ADVICE = "Get the file again, or open it in QGIS and save it as a GeoPackage."

_CRS_BYTES = 65536  # of the head and of the end of a GeoJSON, where its "crs" member stands
_CRS_MEMBER = re.compile(rb'"crs"\s*:\s*\{\s*"type"\s*:\s*"name"\s*,\s*"properties"\s*:\s*\{\s*"name"\s*:\s*"([^"]+)"')


@contextmanager
def vector_file(path: Path, options: ReadOptions) -> Iterator[Path]:
    """Give the vector file itself: the one in the archive where ``path`` is a zip."""
    if not is_zip(path):
        yield path
        return
    with unpacked(path, options.size_limit) as folder:
        found = sorted(item for item in folder.iterdir() if item.suffix.lower() in ENDS)
        if not found:
            raise DataError(f"{path.name} holds no .shp, .gpkg or .geojson file.", "Unpack it and import the file you mean.")
        if len(found) > 1:
            names = ", ".join(item.name for item in found)
            raise DataError(f"{path.name} holds several layers: {names}.", "Unpack it and import them one at a time.")
        yield found[0]


def read_vector(path: Path, options: ReadOptions) -> Table:
    """Read one layer with its attributes and geometries.

    Raises ``DataError`` when the file is damaged or holds several layers and none was named.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    if options.encoding is not None:
        require_code_page(options.encoding)
    with vector_file(path, options) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL warns of what is checked here row by row
        try:
            layer = _layer(pyogrio.list_layers(file), path, options)
            meta, _, wkb, data = pyogrio.raw.read(
                file, layer=layer, encoding=options.encoding, return_fids=False, datetime_as_string=True
            )
        except (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, UnicodeError, ValueError) as error:
            raise DataError(f"{path.name} cannot be read: {error}.", ADVICE) from error
        unknown_crs = _unknown_crs(file)
    columns = {str(name): _plain(values) for name, values in zip(meta["fields"], data, strict=True)}
    count = len(wkb) if wkb is not None else len(data[0]) if len(data) else 0
    geometry = None if wkb is None else np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    return Table(path.name, columns, range(1, count + 1), geometry, unknown_crs or meta["crs"] or "")


def _unknown_crs(file: Path) -> str:
    """Return the coordinate system that a GeoJSON names and nobody knows; GDAL would take its places for degrees."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if file.suffix.lower() not in (".geojson", ".json"):
        return ""
    with file.open("rb") as content:
        ends = content.read(_CRS_BYTES)
        content.seek(max(0, file.stat().st_size - _CRS_BYTES))
        ends += content.read()
    named = _CRS_MEMBER.search(ends)
    if named is None:
        return ""
    name = named[1].decode("utf-8", "replace")
    try:
        CRS.from_user_input(name)
    except CRSError:
        return name
    return ""


def _layer(layers: Any, path: Path, options: ReadOptions) -> str:
    names = [str(name) for name, _ in layers]
    with_place = [str(name) for name, geometry in layers if geometry is not None]
    if options.layer is not None:
        if options.layer not in names:
            raise DataError(f"{path.name} has no layer {options.layer!r}.", f"Its layers are {', '.join(names)}.")
        return options.layer
    choice = with_place or names
    if not choice:
        raise DataError(f"{path.name} has no layer.", ADVICE)
    if len(choice) > 1:
        raise DataError(f"{path.name} has several layers: {', '.join(choice)}.", "Export the one you mean to a file of its own.")
    return choice[0]


def _plain(values: Any) -> list[Any]:
    """Return a column as Python values, missing ones as None."""
    if values.dtype.kind == "f":
        return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124  NaN differs from itself
    return list(values.tolist())
