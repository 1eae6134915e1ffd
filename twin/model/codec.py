"""Entities and edits as JSON and back: what the journal, packages and the command line write down.

A place is little-endian ISO WKB in hexadecimal digits, a time is ISO 8601 in UTC, a tuple is a list;
an edit inside a scenario is an object with its name under ``edit``. Every field is written, also those
that carry their default: a default may change in a later version, what was written may not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import shapely

from twin.errors import DataError
from twin.model.catalogue import KIND_OF
from twin.model.entity import COMMON_FIELDS, Attribute, Entity, attributes
from twin.model.scenario import EDITS, Edit

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
