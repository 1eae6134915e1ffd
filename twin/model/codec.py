"""Entities, edits and results as JSON and back: what the journal, packages and the command line write down.

A place is little-endian ISO WKB in hexadecimal digits, a time is ISO 8601 in UTC, a tuple is a list;
an edit inside a scenario is an object with its name under ``edit``. Every field is written, also those
that carry their default: a default may change in a later version, what was written may not. Numbers that
JSON lacks are the texts NaN, Infinity and -Infinity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely

from twin.errors import DataError
from twin.model.catalogue import KIND_OF
from twin.model.edits import EDITS, Edit
from twin.model.entity import COMMON_FIELDS, Attribute, Entity, attributes
from twin.model.results import Indicator, Measure, Result, ResultSeries, ResultTable

EDIT_OF = {edit_type.name: edit_type for edit_type in EDITS}

Json = dict[str, Any]


def wkb(geometries: Any) -> Any:
    """Return the stored bytes of geometries (one, or an object array); None stays None."""
    return shapely.to_wkb(geometries, byte_order=1, flavor="iso")


def entity_to_json(entity: Entity) -> Json:
    """Return an entity as a JSON object with its kind, key, place, source and every attribute."""
    geometry = None if entity.geometry is None else wkb(entity.geometry).hex()
    data: Json = {
        "kind": entity.kind,
        "id": entity.id,
        "geometry": geometry,
        "source": entity.source,
        "source_id": entity.source_id,
        "source_hash": entity.source_hash,
    }
    data.update(_fields_to_json(entity))
    return data


def entity_from_json(data: Mapping[str, Any]) -> Entity:
    """Return the entity that ``entity_to_json`` wrote; fields that it lacks get their default.

    Raises ``DataError`` for a kind or a field that this program does not know.
    """
    kind = data.get("kind")
    entity_type = KIND_OF.get(str(kind))
    if entity_type is None:
        raise DataError(f"The record is of kind '{kind}', which this program does not know.", "Update the program.")
    values = _fields_from_json(entity_type, data, COMMON_FIELDS | {"kind"})
    for name in COMMON_FIELDS & data.keys():
        values[name] = data[name]
    if values.get("geometry") is not None:
        values["geometry"] = shapely.from_wkb(values["geometry"])
    try:
        return entity_type(**values)
    except TypeError as error:
        raise DataError(f"A record of kind '{kind}' is not whole: {error}.", "Fetch it again from where it came.") from error


def edit_to_json(edit: Edit) -> Json:
    """Return an edit as a JSON object with its name under ``edit``."""
    return {"edit": edit.name, **_fields_to_json(edit)}


def edit_from_json(data: Mapping[str, Any]) -> Edit:
    """Return the edit that ``edit_to_json`` wrote.

    Raises ``DataError`` for an edit or a field that this program does not know.
    """
    name = data.get("edit")
    edit_type = EDIT_OF.get(str(name))
    if edit_type is None:
        raise DataError(f"The scenario has an edit '{name}', which this program does not know.", "Update the program.")
    return edit_type(**_fields_from_json(edit_type, data, frozenset({"edit"})))


def to_json(value: Any) -> Any:
    """Return one attribute's value as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple | list):
        return [edit_to_json(item) if isinstance(item, Edit) else to_json(item) for item in value]
    return value


def from_json(facts: Attribute, value: Any) -> Any:
    """Return one attribute's value from what JSON has."""
    if value is None:
        return None
    return _READERS[facts.type](value)


def tuple_from_json(value: Any) -> Any:
    """Return lists as tuples and objects with an ``edit`` as edits."""
    if isinstance(value, list):
        return tuple(tuple_from_json(item) for item in value)
    if isinstance(value, Mapping) and "edit" in value:
        return edit_from_json(value)
    return value


_READERS: dict[type, Callable[[Any], Any]] = {
    str: str,
    float: float,
    int: int,
    bool: bool,
    datetime: datetime.fromisoformat,
    tuple: tuple_from_json,
}


def _fields_to_json(item: Any) -> Json:
    return {name: _normal(facts, getattr(item, name)) for name, facts in attributes(type(item)).items()}


def _normal(facts: Attribute, value: Any) -> Any:
    """Numbers become Python's own, so that 2 and 2.0 and numpy's 2 are written alike."""
    if value is None or facts.type in (str, datetime, tuple):
        return to_json(value)
    return facts.type(value)


def _fields_from_json(item_type: type[Any], data: Mapping[str, Any], besides: frozenset[str]) -> dict[str, Any]:
    known = attributes(item_type)
    unknown = sorted(data.keys() - known.keys() - besides)
    if unknown:
        raise DataError(f"{item_type.__name__} has no field '{unknown[0]}' in this program.", "Update the program.")
    return {name: from_json(facts, data[name]) for name, facts in known.items() if name in data}


def result_to_json(result: Result) -> Json:
    """Return a whole result as a JSON object."""
    return {
        **result_head_to_json(result),
        "tables": {kind: _table_to_json(table) for kind, table in result.tables.items()},
        "series": {kind: _series_to_json(series) for kind, series in result.series.items()},
    }


def result_from_json(data: Mapping[str, Any]) -> Result:
    """Return the result that ``result_to_json`` wrote."""
    tables = {kind: _table_from_json(kind, table) for kind, table in data["tables"].items()}
    return result_head_from_json(data, tables, {kind: _series_from_json(kind, item) for kind, item in data["series"].items()})


def result_head_to_json(result: Result) -> Json:
    """Return a result as a JSON object without the rows of its tables."""
    return {
        "simulation": result.simulation,
        "scenario": result.scenario,
        "base_version": result.base_version,
        "params": dict(result.params),
        "seed": result.seed,
        "input_hash": result.input_hash,
        "indicators": indicators_to_json(result.indicators),
        "diagnostics": _numbers_to_json(dict(result.diagnostics)),
        "notes": list(result.notes),
    }


def result_head_from_json(
    data: Mapping[str, Any], tables: Mapping[str, ResultTable], series: Mapping[str, ResultSeries]
) -> Result:
    """Return the result of a head that ``result_head_to_json`` wrote, its tables and its series."""
    head = {name: data[name] for name in ("simulation", "scenario", "base_version", "seed", "input_hash")}
    return Result(
        **head,
        # JSON makes lists of tuples; a result that was kept has the parameters of one that was just computed.
        params={name: tuple(value) if isinstance(value, list) else value for name, value in data["params"].items()},
        indicators=indicators_from_json(data["indicators"]),
        tables=tables,
        diagnostics={name: float(value) for name, value in data["diagnostics"].items()},
        notes=tuple(data["notes"]),
        series=series,
    )


def indicators_to_json(indicators: tuple[Indicator, ...]) -> list[Json]:
    """Return indicators as JSON objects."""
    return [_numbers_to_json(asdict(item)) for item in indicators]


def indicators_from_json(data: list[Json]) -> tuple[Indicator, ...]:
    """Return the indicators that ``indicators_to_json`` wrote."""
    return tuple(_indicator(item) for item in data)


def measures_to_json(measures: tuple[Measure, ...]) -> list[Json]:
    """Return the descriptions of a table's columns as JSON objects."""
    return [_numbers_to_json(asdict(item)) for item in measures]


def measures_from_json(data: list[Json]) -> tuple[Measure, ...]:
    """Return the measures that ``measures_to_json`` wrote."""
    return tuple(
        Measure(**{**item, "noise": float(item["noise"]), "bands": tuple(map(float, item.get("bands", ())))}) for item in data
    )


def _table_to_json(table: ResultTable) -> Json:
    return {
        "measures": measures_to_json(table.measures),
        "ids": table.ids.tolist(),
        "columns": {name: _number_to_json(column.tolist()) for name, column in table.columns.items()},
        "geometry": None if table.geometry is None else [blob and blob.hex() for blob in wkb(table.geometry).tolist()],
    }


def _table_from_json(kind: str, data: Json) -> ResultTable:
    columns = {name: np.array([float(value) for value in column]) for name, column in data["columns"].items()}
    geometry = None if data["geometry"] is None else shapely.from_wkb(np.array(data["geometry"], dtype=object))
    return ResultTable(kind, np.array(data["ids"], dtype=object), columns, measures_from_json(data["measures"]), geometry)


def _series_to_json(series: ResultSeries) -> Json:
    return {
        "measures": measures_to_json(series.measures),
        "ids": series.ids.tolist(),
        "t_s": series.t_s.tolist(),
        "step_s": series.step_s,
        "slack_s": series.slack_s,
        "columns": {name: _number_to_json(column.tolist()) for name, column in series.columns.items()},
    }


def _series_from_json(kind: str, data: Json) -> ResultSeries:
    columns = {
        name: np.array([[float(value) for value in row] for row in rows], np.float32) for name, rows in data["columns"].items()
    }
    ids, t_s = np.array(data["ids"], dtype=object), np.array(data["t_s"], float)
    spans = (float(data["step_s"]), float(data.get("slack_s", 0.0)))
    return ResultSeries(kind, ids, t_s, spans[0], columns, measures_from_json(data["measures"]), spans[1])


def _indicator(data: Json) -> Indicator:
    numbers = {name: None if data[name] is None else float(data[name]) for name in ("value", "low", "high")}
    return Indicator(**{**data, **numbers, "samples": tuple(float(value) for value in data["samples"])})


def _numbers_to_json(data: Json) -> Json:
    return {name: _number_to_json(value) for name, value in data.items()}


def _number_to_json(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_number_to_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
