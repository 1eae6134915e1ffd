"""The city as a GeoPackage for QGIS and GDAL: derived, never read back as the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors

from twin.errors import StorageError
from twin.model.frame import Column, Frame
from twin.model.snapshot import Snapshot
from twin.store import dictionary, files
from twin.store.tables import TABLES
from twin.task import Progress, Task

LOT = 50_000
_REFUSALS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)


def export(read: Callable[[str], Snapshot], path: Path, written_at: datetime) -> Task[Path]:
    """Write a layer for each kind that has places, and the data dictionary; the file is there whole or not at all.

    ``read`` returns the snapshot of one kind. Layers carry the kinds' names, columns the attributes' labels.
    Raises ``StorageError`` when the file cannot be written.
    """
    kinds = [kind for kind, table in TABLES.items() if table.tree]
    partial = path.with_name(path.stem + files.PARTIAL + ".gpkg")  # GDAL chooses the format by the ending
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": written_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        partial.unlink(missing_ok=True)
        for done, kind in enumerate(kinds):
            yield Progress("Writing layers for QGIS", done, len(kinds), TABLES[kind].entity_type.label_plural)
            snapshot = read(kind)
            for start in range(0, len(snapshot[kind]), LOT):
                rows = np.arange(start, min(start + LOT, len(snapshot[kind])))
                _append(partial, snapshot, snapshot[kind].take(rows))
                yield Progress("Writing layers for QGIS", done, len(kinds), TABLES[kind].entity_type.label_plural)
        if not partial.exists():
            pyogrio.write_dataframe(geopandas.GeoDataFrame({"geometry": []}, crs="EPSG:4326"), partial, layer="Empty city")
        dictionary.add_to(partial, written_at)
        files.force_to_disk(partial)
        partial.replace(path)
    except _REFUSALS as error:
        raise StorageError(
            f"'{path.name}' could not be written: {error}.", "Check the folder, its rights and the space on the disk."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return path


def _append(path: Path, snapshot: Snapshot, frame: Frame) -> None:
    entity_type = TABLES[frame.kind].entity_type
    columns: dict[str, Any] = {"Key": frame.ids}
    for name, facts in TABLES[frame.kind].attributes.items():
        label = dictionary.column_label(facts)
        columns[label if label not in columns else name] = _column(frame[name])
    assert frame.geometry is not None  # noqa: S101  only kinds with a tree come here
    geometry = snapshot.projection.geometries_to_lon_lat(frame.geometry)
    table = geopandas.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")
    several = entity_type.geometry_type == "Polygon"
    pyogrio.write_dataframe(
        table,
        path,
        layer=entity_type.label_plural,
        append=path.exists() and _has(path, entity_type.label_plural),
        promote_to_multi=several,
    )


def _has(path: Path, layer: str) -> bool:
    return layer in [name for name, _ in pyogrio.list_layers(path).tolist()]


def _column(column: Column) -> Any:
    if column.dtype.kind == "M":
        return pd.Series(column.astype("datetime64[ms]")).dt.tz_localize("UTC")
    return column
