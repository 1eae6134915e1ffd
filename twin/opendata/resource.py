"""One table of open data: its columns under the data dictionary's names, whatever the format of its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas
import numpy as np
import pandas as pd

from twin.access.mask import IDENTIFYING
from twin.access.scope import OWNERS
from twin.model.catalogue import KIND_OF
from twin.model.codec import to_json
from twin.model.entity import Attribute, attributes
from twin.model.frame import Frame
from twin.opendata.aggregate import Sums

KEY = Attribute("id", "Key", str, definition="Stays the same from export to export.")


@dataclass(frozen=True)
class Resource:
    """A table with what its reader must know of it. ``newest`` is the newest moment that it tells of."""

    name: str
    title: str
    definition: str
    fields: tuple[Attribute, ...]
    table: pd.DataFrame
    newest: datetime | None = None
    left_out: int = 0

    @property
    def has_places(self) -> bool:
        """Whether rows have a place."""
        return isinstance(self.table, geopandas.GeoDataFrame)


def of_frame(frame: Frame) -> Resource:
    """Return the rows of a kind (degrees), without what says who somebody is or whose account wrote it."""
    entity_type = KIND_OF[frame.kind]
    fields = tuple(
        facts for name, facts in attributes(entity_type).items() if facts.personal not in IDENTIFYING and name not in OWNERS
    )
    columns: dict[str, Any] = {"id": frame.ids}
    columns |= {facts.name: _column(facts, frame[facts.name]) for facts in fields}
    table = _table(columns, None if frame.geometry is None else list(frame.geometry))
    doc = (entity_type.__doc__ or "").strip().splitlines()[0]
    return Resource(frame.kind, entity_type.label_plural, doc, (KEY, *fields), table, newest(frame))


def of_sums(sums: Sums, at: datetime | None) -> Resource:
    """Return sums as a table."""
    table = _table(dict(sums.columns), sums.geometry)
    return Resource(sums.name, sums.title, sums.definition, sums.fields, table, at, sums.left_out)


def newest(frame: Frame) -> datetime | None:
    """Return the newest moment that any row of a frame tells of that is not only planned."""
    found = [column for name, column in frame.columns.items() if column.dtype.kind == "M" and name != "due_at"]
    known = [column[~np.isnat(column)].max() for column in found if (~np.isnat(column)).any()]
    return pd.Timestamp(max(known)).tz_localize("UTC").to_pydatetime() if known else None


def _table(columns: dict[str, Any], geometry: list[Any] | None) -> pd.DataFrame:
    if geometry is None:
        return pd.DataFrame(columns)
    found: pd.DataFrame = geopandas.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")
    return found


def _column(facts: Attribute, column: Any) -> Any:
    if column.dtype.kind == "M":
        return pd.Series(column.astype("datetime64[ms]")).dt.tz_localize("UTC")
    if facts.type is tuple:
        return [json_text(value) for value in column.tolist()]
    if facts.type is bool and column.dtype.kind == "f":
        return pd.array([None if value != value else bool(value) for value in column.tolist()], dtype="boolean")  # noqa: PLR0124  NaN is unlike itself
    return column


def json_text(value: Any) -> str:
    """Return a list as JSON text."""
    import json

    return json.dumps(to_json(value), ensure_ascii=False)
