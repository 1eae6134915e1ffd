"""Results on disk: a folder for each, one Parquet file for each table and the rest as JSON."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from twin.model.codec import (
    Json,
    edit_to_json,
    measures_from_json,
    measures_to_json,
    result_head_from_json,
    result_head_to_json,
    wkb,
)
from twin.model.results import Result, ResultSeries, ResultTable
from twin.model.scenario import Scenario
from twin.store import files
from twin.store.faults import whole


@dataclass(frozen=True)
class ResultSummary:
    """A saved result as a list shows it.

    ``stale`` is true when the city or the scenario was changed after the run.
    """

    name: str
    simulation: str
    scenario: str
    base_version: int
    params: Mapping[str, Any]
    seed: int
    input_hash: str
    saved_at: datetime
    stale: bool


def scenario_hash(scenario: Scenario) -> str:
    """Return the digest of what a scenario does, whatever its name."""
    text = json.dumps([edit_to_json(edit) for edit in scenario.edits], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(folder: Path, db: sqlite3.Connection, result: Result, edits_hash: str, saved_at: datetime) -> str:
    """Write a result and register it as the newest of its simulation and scenario; return its name.

    The same result saved again is the same folder with the same bytes.
    """
    members = _members(result)
    digest = hashlib.sha256()
    for name, content in members.items():
        digest.update(name.encode() + content)
    name = f"{result.simulation}-{digest.hexdigest()[:16]}"
    is_new = not (folder / "results" / name).exists()
    _place(folder / "results" / name, members)
    try:
        _enter(db, name, result, edits_hash, saved_at)
    except BaseException:
        if is_new:
            files.remove(folder / "results" / name)
        raise
    return name


def _enter(db: sqlite3.Connection, name: str, result: Result, edits_hash: str, saved_at: datetime) -> None:
    db.execute("DELETE FROM result WHERE name = ?", (name,))
    row = (
        name, result.simulation, result.scenario, edits_hash, result.base_version,
        json.dumps(dict(result.params), sort_keys=True), result.seed, result.input_hash, saved_at.isoformat(),
    )  # fmt: skip
    db.execute(
        "INSERT INTO result (name, simulation, scenario, scenario_hash, base_version, params, seed, input_hash, saved_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def load(folder: Path, name: str) -> Result:
    """Read a saved result."""
    place = folder / "results" / name
    with whole(place, "Run that simulation again: the result is then written anew."):
        data = json.loads((place / "result.json").read_text(encoding="utf-8"))
        tables = {kind: _table(kind, pq.read_table(place / f"{kind}.parquet"), found) for kind, found in data["tables"].items()}
        # Results of before there were series have none.
        series = {
            kind: _series(kind, pq.read_table(place / f"{kind}.series.parquet"), found)
            for kind, found in data.get("series", {}).items()
        }
        return result_head_from_json(data, tables, series)


def summaries(db: sqlite3.Connection, city_version: int, hashes: Mapping[str, str]) -> list[ResultSummary]:
    """Return all saved results, newest first. ``hashes`` has the digest of each scenario as it is now."""
    rows = db.execute(
        "SELECT name, simulation, scenario, base_version, params, seed, input_hash, saved_at, scenario_hash "
        "FROM result ORDER BY position DESC"
    )
    return [_summary(row, stale=row[3] != city_version or row[8] != hashes.get(row[2])) for row in rows]


def _summary(row: tuple[Any, ...], *, stale: bool) -> ResultSummary:
    name, simulation, scenario, base_version, params, seed, input_hash, saved_at, _ = row
    at = datetime.fromisoformat(saved_at)
    return ResultSummary(name, simulation, scenario, base_version, json.loads(params), seed, input_hash, at, stale)


def _members(result: Result) -> dict[str, bytes]:
    tables = {kind: measures_to_json(table.measures) for kind, table in result.tables.items()}
    series = {
        kind: {
            "measures": measures_to_json(item.measures),
            "t_s": item.t_s.tolist(),
            "step_s": item.step_s,
            "slack_s": item.slack_s,
        }
        for kind, item in result.series.items()
    }
    data: Json = {**result_head_to_json(result), "tables": tables, "series": series}
    members = {"result.json": json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1).encode()}
    for kind, table in sorted(result.tables.items()):
        arrays = {"id": pa.array(table.ids.tolist(), type=pa.string())}
        arrays |= {f"column:{name}": pa.array(np.asarray(column, dtype=np.float64)) for name, column in table.columns.items()}
        if table.geometry is not None:
            arrays["geometry"] = pa.array(wkb(table.geometry).tolist(), type=pa.binary())
        members[f"{kind}.parquet"] = _parquet(arrays)
    for kind, item in sorted(result.series.items()):
        arrays = {"id": pa.array(item.ids.tolist(), type=pa.string())}
        arrays |= {
            f"{name}:{place}": pa.array(row)
            for name, column in item.columns.items()
            for place, row in enumerate(np.asarray(column))
        }
        members[f"{kind}.series.parquet"] = _parquet(arrays)
    return members


def _parquet(arrays: Mapping[str, pa.Array]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(arrays)), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def _place(target: Path, members: Mapping[str, bytes]) -> None:
    """Write a result's folder so that it is there whole or not at all."""
    if all(_is_there(target / name, content) for name, content in members.items()):
        return  # its name is the digest of its content
    files.remove(target)  # what is there is no longer what was written
    partial = target.with_name(target.name + files.PARTIAL)
    files.remove(partial)
    partial.mkdir(parents=True)
    try:
        for name, content in members.items():
            (partial / name).write_bytes(content)
            files.force_to_disk(partial / name)
        files.force_to_disk(partial)
        partial.replace(target)
        files.force_to_disk(target.parent)
    finally:
        files.remove(partial)


def _is_there(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _table(kind: str, stored: Any, measures: list[Json]) -> ResultTable:
    columns = {
        name.removeprefix("column:"): np.array(stored.column(name).to_numpy())
        for name in stored.column_names
        if name.startswith("column:")
    }
    geometry = None
    if "geometry" in stored.column_names:
        geometry = shapely.from_wkb(np.array(stored.column("geometry").to_pylist(), dtype=object))
    ids = np.array(stored.column("id").to_pylist(), dtype=object)
    return ResultTable(kind, ids, columns, measures_from_json(measures), geometry)


def _series(kind: str, stored: Any, found: Json) -> ResultSeries:
    ids, t_s = np.array(stored.column("id").to_pylist(), dtype=object), np.array(found["t_s"], float)
    measures = measures_from_json(found["measures"])
    columns = {
        measure.name: np.array(
            [stored.column(f"{measure.name}:{place}").to_numpy() for place in range(len(t_s))], np.float32
        ).reshape(len(t_s), len(ids))
        for measure in measures
    }
    return ResultSeries(kind, ids, t_s, float(found["step_s"]), columns, measures, float(found.get("slack_s", 0.0)))
