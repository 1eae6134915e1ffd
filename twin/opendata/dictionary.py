"""The data dictionary beside the data: a Frictionless Data Package (``datapackage.json``) and the same as CSV for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twin.model.entity import Attribute
from twin.opendata.licence import Licence
from twin.opendata.resource import Resource

NAME = "citytwin-open-data"  # of every data package that is written here
_TYPES = {str: "string", float: "number", int: "integer", bool: "boolean", datetime: "datetime", tuple: "array"}


@dataclass(frozen=True)
class Edition:
    """What all tables of one export have in common."""

    city: str
    synthetic: bool
    version: int
    made_at: datetime
    licence: Licence
    sources: tuple[str, ...]


def data_package(edition: Edition, resources: Sequence[Resource]) -> dict[str, Any]:
    """Return the descriptor: Data Package and Table Schema, version 1."""
    return {
        "profile": "data-package",
        "name": NAME,
        "title": edition.city,
        "description": "Synthetic data: this city is made up." if edition.synthetic else "",
        "version": str(edition.version),
        "created": edition.made_at.isoformat(),
        "licenses": [{"name": edition.licence.name, "title": edition.licence.title, "path": edition.licence.path}],
        "sources": [{"title": source} for source in edition.sources],
        "resources": [_resource(item) for item in resources],
    }


def dictionary_csv(resources: Sequence[Resource]) -> str:
    """Return every column of every table as CSV: its meaning, unit and limits."""
    sink = io.StringIO()
    out = csv.writer(sink, lineterminator="\n")
    out.writerow(("table", "column", "title", "type", "unit", "definition", "choices", "low", "high"))
    for item in resources:
        for facts in item.fields:
            row = (item.name, facts.name, facts.label, _TYPES[facts.type], facts.unit, facts.definition)
            out.writerow((*row, " ".join(facts.choices), facts.low, facts.high))
    return sink.getvalue()


def _resource(item: Resource) -> dict[str, Any]:
    fields = [_field(facts) for facts in item.fields]
    if item.has_places:
        fields.append({"name": "geometry", "type": "string", "description": "Well-known text, longitude latitude, WGS 84."})
    found: dict[str, Any] = {
        "profile": "tabular-data-resource",
        "name": item.name,
        "title": item.title,
        "description": item.definition,
        "path": f"{item.name}.csv",
        "encoding": "utf-8",
        "rows": len(item.table),
        "schema": {"fields": fields, "missingValues": [""]},
    }
    if item.newest is not None:
        found["modified"] = item.newest.isoformat()
    if item.left_out:
        found["left_out"] = item.left_out
    return found


def _field(facts: Attribute) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if facts.choices:
        limits["enum"] = list(facts.choices)
    if facts.low is not None:
        limits["minimum"] = facts.low
    if facts.high is not None:
        limits["maximum"] = facts.high
    found: dict[str, Any] = {"name": facts.name, "title": facts.label, "type": _TYPES[facts.type]}
    if facts.unit:
        found["unit"] = facts.unit
    if facts.definition:
        found["description"] = facts.definition
    if limits:
        found["constraints"] = limits
    return found
