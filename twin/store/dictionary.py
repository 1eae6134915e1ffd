"""The data dictionary as a table of a GeoPackage: what each layer and column means, beside the numbers themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlite_utils

from twin.model.entity import Attribute
from twin.store.tables import TABLES

NAME = "data_dictionary"


def column_label(facts: Attribute) -> str:
    """Return the name of an attribute's column in files for people: its label and unit."""
    return f"{facts.label} ({facts.unit})" if facts.unit else facts.label


def add_to(path: Path, written_at: datetime) -> None:
    """Write the dictionary into a finished GeoPackage, registered as a table without places (OGC 12-128r19, 2.4)."""
    with closing(sqlite3.connect(path)) as connection:
        database = sqlite_utils.Database(connection)
        database.table(NAME).insert_all(_rows(), pk="fid")
        database.table("gpkg_contents").insert(
            {
                "table_name": NAME,
                "data_type": "attributes",
                "identifier": "Data dictionary",
                "description": "Meaning, unit and limits of every column",
                "last_change": written_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            }
        )
        connection.commit()


def _rows() -> Iterator[dict[str, object]]:
    number = 0
    for table in TABLES.values():
        if not table.tree:
            continue
        for facts in table.attributes.values():
            number += 1
            yield {
                "fid": number,
                "layer": table.entity_type.label_plural,
                "column": column_label(facts),
                "name": facts.name,
                "unit": facts.unit,
                "definition": facts.definition,
                "choices": ", ".join(facts.choices),
                "low": facts.low,
                "high": facts.high,
            }
