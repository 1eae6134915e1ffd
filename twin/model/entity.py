"""What every stored thing has in common, and how a field of it describes itself."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Literal

from shapely.geometry.base import BaseGeometry

GeometryType = Literal["Point", "LineString", "Polygon", ""]

Personal = Literal["", "name", "phone", "id_number", "plate", "email", "bank_card", "address", "text"]
"""What of a person a field holds; 'text' is free text, in which any of it may stand."""

CLOCK_UNIT = "hh:mm"
"""Unit of a time of day: seconds since midnight inside, shown and typed as 07:30."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A thing of the city with a key, a place and a source.

    ``geometry`` is a shapely geometry in longitude, latitude (WGS 84) or None for things without
    a place. ``source`` and ``source_id`` name where the record came from; together they are unique
    within a kind, so that importing twice changes nothing. ``source_hash`` is the digest of the
    imported record: a record whose digest is unchanged is left alone, also when a user edited it.
    """

    kind: ClassVar[str] = ""
    geometry_type: ClassVar[GeometryType] = ""
    label: ClassVar[str] = ""
    label_plural: ClassVar[str] = ""

    id: str
    geometry: BaseGeometry | None = None
    source: str = ""
    source_id: str = ""
    source_hash: str = ""


COMMON_FIELDS = frozenset(f.name for f in dataclasses.fields(Entity))


def attribute(
    label: str,
    default: Any = dataclasses.MISSING,
    *,
    unit: str = "",
    choices: tuple[str, ...] = (),
    low: float | None = None,
    high: float | None = None,
    definition: str = "",
    personal: Personal = "",
    names: str = "",
) -> Any:
    """Declare a field of an entity together with what the data dictionary says of it.

    ``label`` is English and translated by the window; ``unit`` is SI or ''; ``choices``, ``low`` and
    ``high`` are what validation accepts; ``personal`` says what of a person it holds, so that roles may see it only masked; ``names``
    is the kind whose keys a tuple holds.
    """
    facts = Attribute("", label, str, unit, choices, low, high, definition, personal, names=names)
    return field(default=default, metadata={"attribute": facts})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row of the data dictionary: a field's name, type, unit, limits and meaning."""

    name: str
    label: str
    type: type
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    definition: str = ""
    personal: Personal = ""
    optional: bool = False
    names: str = ""


def attributes(entity_type: type[Any]) -> Mapping[str, Attribute]:
    """Return the declared fields of an entity or record type by name, in order, without the common ones.

    The type is one of ``str``, ``float``, ``int``, ``bool``, ``datetime`` or ``tuple`` (stored as JSON).
    """
    return _attributes(entity_type)  # type: ignore[arg-type] # mypy does not take type[Any] for hashable


@cache
def _attributes(entity_type: type[Any]) -> Mapping[str, Attribute]:
    hints = typing.get_type_hints(entity_type)
    found: dict[str, Attribute] = {}
    for item in dataclasses.fields(entity_type):
        if item.name in COMMON_FIELDS:
            continue
        plain, optional = _plain_type(hints[item.name])
        facts: Attribute = item.metadata["attribute"]
        found[item.name] = dataclasses.replace(facts, name=item.name, type=plain, optional=optional)
    return types.MappingProxyType(found)


def _plain_type(hint: Any) -> tuple[type, bool]:
    """Return the bare type of an annotation and whether None is allowed."""
    optional = False
    if isinstance(hint, types.UnionType):
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        hint, optional = members[0], True
    plain = typing.get_origin(hint) or hint
    if plain not in (str, float, int, bool, datetime, tuple):
        raise TypeError(f"{hint!r} is not a type that entities may have")
    return plain, optional
