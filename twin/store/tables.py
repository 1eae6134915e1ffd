"""One table for each kind, made from the data dictionary; entities as rows of it and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np
import shapely

from twin.geo import cells
from twin.model.catalogue import KINDS
from twin.model.codec import Json, to_json, tuple_from_json, wkb
from twin.model.entity import Attribute, Entity, attributes

Row = tuple[Any, ...]

COMMON = ("id", "geometry", "h3", "source", "source_id", "source_hash")
GEOMETRY, CELL = COMMON.index("geometry"), COMMON.index("h3")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Return a time as the store keeps it: whole microseconds since 1970 UTC."""
    return (at - _EPOCH) // _MICROSECOND


def time_of(stored: int) -> datetime:
    """Return the time of stored microseconds."""
    return _EPOCH + timedelta(microseconds=stored)


def tuple_of(stored: str) -> Any:
    """Return the tuple of stored text."""
    return tuple_from_json(json.loads(stored))


def _to_text(value: Any) -> str:
    return json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":"))


_SQL_TYPE = {str: "TEXT", float: "REAL", int: "INTEGER", bool: "INTEGER", datetime: "INTEGER", tuple: "TEXT"}
_TO_CELL: dict[type, Callable[[Any], Any]] = {float: float, int: int, bool: int, datetime: microseconds, tuple: _to_text}
_FROM_CELL: dict[type, Callable[[Any], Any]] = {
    bool: bool,
    datetime: time_of,
    tuple: tuple_of,
}
_JSON_OF_CELL: dict[type, Callable[[Any], Any]] = {
    bool: bool,
    datetime: lambda stored: time_of(stored).isoformat(),
    tuple: json.loads,
}


@dataclass(frozen=True)
class Table:
    """The table of one kind: ``row``, the common columns, a column for each attribute; an R*Tree where it has places."""

    entity_type: type[Entity]

    @property
    def kind(self) -> str:
        """Name of the kind and of its table."""
        return self.entity_type.kind

    @property
    def tree(self) -> str:
        """Name of the R*Tree, '' for a kind without a place."""
        return f"{self.kind}_tree" if self.entity_type.geometry_type else ""

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes by name, in the order of their columns."""
        return dict(attributes(self.entity_type))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every column but ``row``, in order."""
        return (*COMMON, *self.attributes)

    @property
    def columns(self) -> str:
        """Every column but ``row``, as SQL lists them."""
        return ", ".join(f'"{name}"' for name in self.names)

    def definition(self, name: str) -> str:
        """Return a column as SQL defines it, with the default that rows of older versions get."""
        return f'"{name}" {_SQL_TYPE[self.attributes[name].type]} DEFAULT {self.default(name)}'

    def default(self, name: str) -> str:
        """Return the default of a column as SQL writes it."""
        if name not in self.attributes:
            return "''" if name.startswith("source") else "NULL"
        default = self.entity_type.__dataclass_fields__[name].default
        if isinstance(default, str | int | float):
            return _literal(default)
        return "'[]'" if default == () else "NULL"

    def create(self) -> Iterable[str]:
        """Return the statements that make the table, its indices and its R*Tree."""
        kind = self.kind
        columns = ", ".join(self.definition(name) for name in self.attributes)
        yield (
            f'CREATE TABLE "{kind}" (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, geometry BLOB, h3 INTEGER, '
            f"source TEXT NOT NULL, source_id TEXT NOT NULL, source_hash TEXT NOT NULL, {columns})"
        )
        yield f'CREATE UNIQUE INDEX "{kind}_source" ON "{kind}" (source, source_id) WHERE source_id <> \'\''
        if self.tree:
            yield f'CREATE VIRTUAL TABLE "{self.tree}" USING rtree (row, west, east, south, north)'
        if kind == "scenario":
            yield 'CREATE UNIQUE INDEX "scenario_name" ON "scenario" (name)'

    def encode(self, entities: Sequence[Entity]) -> list[Row]:
        """Return entities as rows in the order of ``names``."""
        if not entities:
            return []
        geometries = np.array([entity.geometry for entity in entities], dtype=object)
        own = list(zip(*map(attrgetter("id", "source", "source_id", "source_hash", *self.attributes), entities), strict=True))
        columns = [own[0], wkb(geometries).tolist(), cells(geometries), *own[1:4]]
        columns += [_converted(_TO_CELL.get(a.type), c) for a, c in zip(self.attributes.values(), own[4:], strict=True)]
        return list(zip(*columns, strict=True))

    def decode(self, rows: Sequence[Row]) -> list[Entity]:
        """Return rows in the order of ``names`` as entities."""
        if not rows:
            return []
        columns = [list(column) for column in zip(*rows, strict=True)]
        columns[GEOMETRY] = shapely.from_wkb(np.array(columns[GEOMETRY], dtype=object)).tolist()
        for place, facts in enumerate(self.attributes.values(), len(COMMON)):
            columns[place] = _converted(_FROM_CELL.get(facts.type), columns[place])
        del columns[CELL]
        names = [name for name in self.names if name != "h3"]
        return [self.entity_type(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]

    def from_json(self, data: Sequence[Json]) -> list[Row]:
        """Return JSON as ``json`` writes it as rows; attributes that it lacks have their default.

        Raises ``ValueError``, ``TypeError`` or a shapely error for data that no row can hold.
        """
        if not data:
            return []
        columns: list[Sequence[Any]] = [
            [str(item["id"]) for item in data],
            *self._placed([item.get("geometry") for item in data]),
        ]
        columns += [[str(item.get(name, "")) for item in data] for name in COMMON[3:]]
        for name, facts in self.attributes.items():
            default = self.entity_type.__dataclass_fields__[name].default
            written = to_json(None if default is MISSING else default)
            columns.append([_cell_of_json(facts, item.get(name, written)) for item in data])
        return list(zip(*columns, strict=True))

    def _placed(self, digits: Sequence[str | None]) -> tuple[list[bytes | None], list[int | None]]:
        """Return places in hexadecimal digits as bytes, and their cells."""
        blobs = [None if text is None else bytes.fromhex(text) for text in digits]
        return blobs, cells(shapely.from_wkb(np.array(blobs, dtype=object)))

    def json(self, rows: Sequence[Row]) -> list[Json]:
        """Return rows as ``codec.entity_to_json`` would write their entities, without ``kind``."""
        if not rows:
            return []
        columns = [list(column) for column in zip(*rows, strict=True)]
        columns[GEOMETRY] = [None if blob is None else blob.hex() for blob in columns[GEOMETRY]]
        for place, facts in enumerate(self.attributes.values(), len(COMMON)):
            columns[place] = _converted(_JSON_OF_CELL.get(facts.type), columns[place])
        del columns[CELL]
        names = [name for name in self.names if name != "h3"]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


TABLES = {entity_type.kind: Table(entity_type) for entity_type in KINDS}


def to_cell(facts: Attribute, value: Any) -> Any:
    """Return one attribute's value as its column has it."""
    convert = _TO_CELL.get(facts.type)
    return value if convert is None or value is None else convert(value)


def _cell_of_json(facts: Attribute, value: Any) -> Any:
    """Return an attribute's value in JSON as its column has it. Raises ``ValueError`` or ``TypeError`` for another type."""
    if value is None:
        return None
    if facts.type is datetime:
        return microseconds(datetime.fromisoformat(value))
    if facts.type is tuple:
        return _to_text(tuple_from_json(value))
    if facts.type is float:
        return float(value)
    if type(value) is not facts.type:
        raise TypeError(f"{facts.name} is {value!r}")
    return to_cell(facts, value)


def _converted(convert: Callable[[Any], Any] | None, column: Sequence[Any]) -> list[Any]:
    if convert is None:
        return list(column)
    return [None if value is None else convert(value) for value in column]


def _literal(value: str | float) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(int(value) if isinstance(value, bool) else value)
