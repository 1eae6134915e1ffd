"""Writing open data: a folder with a GeoPackage, and a GeoParquet and a CSV file for each table; whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyogrio

from twin.access.frame_view import shown_frame
from twin.access.permission import matrix
from twin.access.scope import ANYBODY, Scope
from twin.errors import DataError, StorageError
from twin.model.catalogue import KIND_OF
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from twin.opendata.aggregate import AGGREGATES
from twin.opendata.dictionary import NAME, Edition, data_package, dictionary_csv
from twin.opendata.licence import licence_for
from twin.opendata.resource import Resource, newest, of_frame, of_sums
from twin.task import Progress, Task

DESCRIPTOR, DICTIONARY, GEOPACKAGE = "datapackage.json", "data_dictionary.csv", "open-data.gpkg"
PARTIAL, OLD = ".partial", ".old"
THE_PUBLIC = Scope(ANYBODY)


def export_open_data(
    read: Callable[[str], Snapshot], folder: Path, *, made_at: datetime, licence: str = "", scope: Scope = THE_PUBLIC
) -> Task[list[Resource]]:
    """Write what ``scope`` may see (default: the public) and return the tables.

    ``read`` returns the snapshot of one kind. Raises ``DataError`` when the terms of the data are not clear, ``StorageError``
    when the folder holds something else or cannot be written.
    """
    _require_free(folder)
    partial = folder.with_name(folder.name + PARTIAL)
    snapshots = {kind: read(kind) for kind in KIND_OF if _is_asked_for(scope, kind)}
    one = next(iter(snapshots.values()), None)
    if one is None:
        raise DataError(
            "The role that was asked for may see nothing of the city.", "Look at its row in the matrix of permissions."
        )
    sources = frozenset().union(*(snapshot.sources for snapshot in snapshots.values()))
    terms = licence_for(sources, synthetic=one.synthetic, wanted=licence)
    edition = Edition(one.name, one.synthetic, one.version, made_at, terms, tuple(sorted(sources)))
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        written = []
        for done, (kind, snapshot) in enumerate(snapshots.items()):
            for resource in _resources(scope, snapshot, kind):
                yield Progress("Writing open data", done, len(snapshots), resource.title)
                _write(partial, resource)
                written.append(resource)
        descriptor = json.dumps(data_package(edition, written), ensure_ascii=False, indent=1)
        (partial / DESCRIPTOR).write_text(descriptor + "\n", encoding="utf-8")
        (partial / DICTIONARY).write_text(dictionary_csv(written), encoding="utf-8")
        _swap(partial, folder)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        raise StorageError(
            f"'{folder.name}' could not be written: {error}.", "Check the folder, its rights and the space on the disk."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return written


def _is_asked_for(scope: Scope, kind: str) -> bool:
    return scope.permission(kind).shows_rows or _gives_sums(scope, kind)


def _gives_sums(scope: Scope, kind: str) -> bool:
    if kind not in AGGREGATES:
        return False
    permission = matrix().permission(scope.viewer.role, AGGREGATES[kind][0])
    return permission.reach == "aggregate"


def _resources(scope: Scope, snapshot: Snapshot, kind: str) -> Iterator[Resource]:
    """Yield rows as they may be seen, or sums over all of them where only these may."""
    frame = in_degrees(snapshot, kind)
    shown = shown_frame(scope, frame)
    if len(shown):
        yield of_frame(shown)
    if _gives_sums(scope, kind) and len(frame):
        yield of_sums(AGGREGATES[kind][1](frame), newest(frame))


def in_degrees(snapshot: Snapshot, kind: str) -> Frame:
    """Return the frame of a kind with its places in longitude and latitude."""
    frame = snapshot[kind]
    if frame.geometry is None:
        return frame
    return replace(frame, geometry=snapshot.projection.geometries_to_lon_lat(frame.geometry))


def _write(folder: Path, resource: Resource) -> None:
    table = resource.table
    table.to_parquet(folder / f"{resource.name}.parquet", index=False, compression="zstd")
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    if resource.has_places:
        plain["geometry"] = table.geometry.to_wkt(rounding_precision=7)
    plain.to_csv(
        folder / f"{resource.name}.csv", index=False, encoding="utf-8", date_format="%Y-%m-%dT%H:%M:%SZ", lineterminator="\n"
    )
    several = resource.has_places and table.geom_type.str.endswith("Polygon").any()
    pyogrio.write_dataframe(table, folder / GEOPACKAGE, layer=resource.name, append=False, promote_to_multi=several)


def _swap(partial: Path, folder: Path) -> None:
    """Put what was written in the place of what is there, which goes last."""
    old = folder.with_name(folder.name + OLD)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    partial.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _require_free(folder: Path) -> None:
    old = folder.with_name(folder.name + OLD)
    if all(_is_ours(each) for each in (folder, old) if each.exists()):
        return
    raise StorageError(
        f"'{folder.name}' exists and is no open data that was written before: it is left as it is.",
        "Choose another folder, or an empty one.",
    )


def _is_ours(folder: Path) -> bool:
    """Whether a folder is empty or holds open data of this program and nothing that anybody put beside it."""
    if not folder.is_dir():
        return False
    found = {path.name for path in folder.iterdir()}
    try:
        told = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8")) if found else None
    except (OSError, ValueError):
        return False
    if told is None:
        return True
    if not isinstance(told, dict) or told.get("name") != NAME:
        return False
    tables = {str(item.get("name")) for item in told.get("resources", ())}
    return found <= {DESCRIPTOR, DICTIONARY, GEOPACKAGE} | {f"{t}{end}" for t in tables for end in (".csv", ".parquet")}
