"""History: readings and emptyings of bins and counts of vehicles, millions of rows that are never edited.

A history kind is a record type like an entity's, without key and place; its rows live in Parquet
files beside the store and cross every boundary as columns (``Columns``). ``references`` are the columns
that hold keys of things of its ``subject_kind``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from twin.model.entity import attribute


@dataclass(frozen=True, kw_only=True)
class FillReading:
    """How full a bin was at a time."""

    kind: ClassVar[str] = "fill_reading"
    subject_kind: ClassVar[str] = "bin"
    references: ClassVar[tuple[str, ...]] = ("subject_id",)
    label: ClassVar[str] = "Fill reading"
    label_plural: ClassVar[str] = "Fill readings"

    subject_id: str = attribute("Bin")
    at: datetime = attribute("Time")
    fill_level: float = attribute("Fill level", low=0, high=1.5)
    emptied: bool = attribute("Emptied", False, definition="True when the bin was emptied right after this reading.")


@dataclass(frozen=True, kw_only=True)
class Emptying:
    """A bin was emptied by a truck: what comes back from the crews, by tag reader or by hand."""

    kind: ClassVar[str] = "emptying"
    subject_kind: ClassVar[str] = "bin"
    references: ClassVar[tuple[str, ...]] = ("subject_id",)
    label: ClassVar[str] = "Emptying"
    label_plural: ClassVar[str] = "Emptyings"

    subject_id: str = attribute("Bin")
    at: datetime = attribute("Time")
    truck: str = attribute("Truck", "", definition="Number or plate, as the record names it; the same word for the same truck.")
    load_kg: float | None = attribute("Load", None, unit="kg", low=0, high=50000)


@dataclass(frozen=True, kw_only=True)
class TrafficCount:
    """Vehicles that passed a count station in one period."""

    kind: ClassVar[str] = "traffic_count"
    subject_kind: ClassVar[str] = "counter"
    references: ClassVar[tuple[str, ...]] = ("subject_id",)
    label: ClassVar[str] = "Traffic count"
    label_plural: ClassVar[str] = "Traffic counts"

    subject_id: str = attribute("Count station")
    at: datetime = attribute("Start of period", definition="For a typical day of a year: 1 January of that year and the hour.")
    duration_s: float = attribute("Duration", 3600.0, unit="s", low=1, high=31622400)
    direction: str = attribute("Direction", "")
    cars: float | None = attribute("Cars", None, low=0)
    vans: float | None = attribute("Vans", None, low=0)
    trucks: float | None = attribute("Trucks", None, low=0)
    buses: float | None = attribute("Buses", None, low=0)
    total: float = attribute("All vehicles", 0.0, low=0, high=1e6)
