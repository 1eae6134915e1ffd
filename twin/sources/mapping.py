"""An explicit mapping: which column of a file is which attribute, and how its values are turned."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twin.errors import DataError

# Factor and offset into the unit that CityTwin keeps.
UNITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "": (1.0, 0.0),
        "1": (1.0, 0.0),
        "%": (0.01, 0.0),
        "percent": (0.01, 0.0),
        "km/h": (1 / 3.6, 0.0),
        "mph": (0.44704, 0.0),
        "m/s": (1.0, 0.0),
        "m": (1.0, 0.0),
        "cm": (0.01, 0.0),
        "km": (1000.0, 0.0),
        "ft": (0.3048, 0.0),
        "L": (1.0, 0.0),
        "l": (1.0, 0.0),
        "m3": (1000.0, 0.0),
        "m³": (1000.0, 0.0),
        "gal": (3.785411784, 0.0),
        "s": (1.0, 0.0),
        "min": (60.0, 0.0),
        "h": (3600.0, 0.0),
        "deg": (1.0, 0.0),
    }
)


@dataclass(frozen=True)
class Rule:
    """Where an attribute's value comes from: a column or a constant, and what is done to it.

    Numbers become ``value * scale + offset`` after ``unit`` is turned into SI; ``choices`` maps the
    texts of the file to the values of the data dictionary; ``format`` is a ``strptime`` pattern.
    """

    column: str = ""
    constant: Any = None
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    format: str = ""


@dataclass(frozen=True)
class ColumnMapping:
    """The rules of a file by attribute, and what else the mapping file says about it."""

    rules: Mapping[str, Rule]
    kind: str | None = None
    crs: str | None = None
    encoding: str | None = None
    time_zone: str | None = None


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping from a JSON or TOML file.

    The file has ``kind``, ``crs``, ``encoding`` and ``time_zone`` (all optional) and a table
    ``attributes``: each entry is the name of a column, or a table with the fields of ``Rule``.

    Raises ``DataError`` for a file that is not such a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The mapping file {path.name} cannot be read: {error}.", "Give a JSON or TOML file in UTF-8.") from error
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"The mapping file {path.name} is not valid: {error}.", "Correct it at that place.") from error
    if not isinstance(content, dict):
        raise DataError(f"The mapping file {path.name} holds no table.", "Give an 'attributes' table: attribute = column.")
    return mapping_from(content, path.name)


def mapping_from(content: Mapping[str, Any], name: str) -> ColumnMapping:
    """Build a mapping from its JSON-like content; ``name`` is for messages."""
    known = {"attributes", "kind", "crs", "encoding", "time_zone"}
    for key in content:
        if key not in known:
            raise DataError(f"{name} has an entry {key!r}.", f"Entries are {', '.join(sorted(known))}.")
    attributes = content.get("attributes", {})
    if not isinstance(attributes, dict) or not attributes:
        raise DataError(f"{name} maps no attribute.", "Give an 'attributes' table: attribute = column.")
    rules = {attribute: _rule(attribute, value, name) for attribute, value in attributes.items()}
    texts = {key: _text(content.get(key), key, name) for key in ("kind", "crs", "encoding", "time_zone")}
    return ColumnMapping(rules, **texts)


def _text(value: object, key: str, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise DataError(f"{name}: {key} is {value!r}.", "It is a text.")


def _rule(attribute: str, value: object, name: str) -> Rule:
    if isinstance(value, str):
        return Rule(column=value)
    if not isinstance(value, dict):
        raise DataError(
            f"{name}: {attribute} is {value!r}.", "Give the name of a column, or a table with 'column' or 'constant'."
        )
    allowed = {item.name for item in fields(Rule)}
    for key in value:
        if key not in allowed:
            near = difflib.get_close_matches(key, allowed, 1)
            raise DataError(f"{name}: {attribute} has {key!r}.", f"Did you mean {(near or sorted(allowed))[0]!r}?")
    if ("column" in value) == ("constant" in value):
        raise DataError(f"{name}: {attribute} needs a column or a constant.", "Give exactly one of the two.")
    if value.get("unit", "") not in UNITS:
        raise DataError(f"{name}: {attribute} has unit {value['unit']!r}.", f"Units are {', '.join(u for u in UNITS if u)}.")
    try:
        rule = Rule(**value)
        choices = {str(key): str(item) for key, item in dict(rule.choices).items()}
        return Rule(str(rule.column), rule.constant, float(rule.scale), float(rule.offset), rule.unit, choices, str(rule.format))
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: {attribute} cannot be understood: {error}.", "scale and offset are numbers.") from error
