"""Trips: zones where they begin and end, and matrices of how many go from zone to zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from twin.model.entity import Entity, GeometryType, attribute


@dataclass(frozen=True, kw_only=True)
class Zone(Entity):
    """A traffic zone at its centroid; its source key is its name in matrices.

    Without nodes of its own, trips enter and leave the roads at the nearest junctions. Where the two nodes
    differ, no trip of other zones passes between them.
    """

    kind: ClassVar[str] = "zone"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Zone"
    label_plural: ClassVar[str] = "Zones"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    out_node_id: str = attribute("Node where trips begin", "", definition="'' for the nearest junctions.")
    in_node_id: str = attribute("Node where trips end", "", definition="'' for the nearest junctions.")


@dataclass(frozen=True, kw_only=True)
class OdTrips:
    """Trips from one zone to another in one period: a cell of a matrix."""

    kind: ClassVar[str] = "od_matrix"
    subject_kind: ClassVar[str] = "zone"
    references: ClassVar[tuple[str, ...]] = ("subject_id", "destination_id")
    label: ClassVar[str] = "Trip table entry"
    label_plural: ClassVar[str] = "Trip table entries"

    subject_id: str = attribute("Origin")
    destination_id: str = attribute("Destination")
    at: datetime = attribute(
        "Start of period", definition="For a typical day: 1 January 1970 and the local hour; midnight where no hour is told."
    )
    duration_s: float = attribute("Duration", 3600.0, unit="s", low=1, high=31622400)
    vehicle_class: str = attribute("Vehicle class", "")
    matrix: str = attribute("Matrix", "", definition="Which import it is of: the newest one counts.")
    trips: float = attribute("Trips", 0.0, low=0, high=1e7)
