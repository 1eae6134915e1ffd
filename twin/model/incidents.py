"""What happens in a city: incidents (an accident, a spill) and cases (the work that follows, GB/T 30428)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from twin.model.entity import Entity, GeometryType, attribute

SEVERITIES = ("low", "medium", "high", "critical")
STAGES = (
    "reported",
    "filed",
    "rejected",
    "dispatched",
    "handling",
    "handled",
    "checking",
    "closed",
)


@dataclass(frozen=True, kw_only=True)
class Incident(Entity):
    """Something that happened at a place and a time."""

    kind: ClassVar[str] = "incident"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Incident"
    label_plural: ClassVar[str] = "Incidents"

    name: str = attribute("Name", "")
    category: str = attribute("Category", "other", definition="road_accident, fire, flood, spill, fallen_tree, other.")
    severity: str = attribute("Severity", "medium", choices=SEVERITIES)
    occurred_at: datetime | None = attribute("Occurred", None)
    ended_at: datetime | None = attribute("Ended", None)
    address: str = attribute("Address", "", personal="address")
    description: str = attribute("Description", "", personal="text")


@dataclass(frozen=True, kw_only=True)
class Case(Entity):
    """A case of digital urban management: a problem reported, dispatched, handled, checked and closed."""

    kind: ClassVar[str] = "case"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Case"
    label_plural: ClassVar[str] = "Cases"

    name: str = attribute("Name", "", definition="Case number.")
    class_code: str = attribute("Class", "", definition="GB/T 30428.2 major and minor class, four digits, 'E' or 'C' before it.")
    stage: str = attribute("Stage", "reported", choices=STAGES)
    district: str = attribute("District", "")
    department: str = attribute("Department", "")
    reported_at: datetime | None = attribute("Reported", None)
    due_at: datetime | None = attribute("Due", None)
    closed_at: datetime | None = attribute("Closed", None)
    description: str = attribute("Description", "", personal="text")
    grid: str = attribute("Unit grid", "", definition="Code of the unit grid that it lies in (GB/T 30428.1).")
    address: str = attribute("Address", "", personal="address")
    complainant: str = attribute("Complainant", "", personal="name")
    complainant_phone: str = attribute("Complainant's telephone", "", personal="phone")
    reported_by: str = attribute("Reported by", "", definition="Account of who entered it; '' when it was imported.")
