"""Standing things: buildings, bins, cameras, depots, disposal sites, districts, unit grids, land use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from twin.model.entity import CLOCK_UNIT, Entity, GeometryType, attribute

WASTE_KINDS = ("residual", "recyclable", "food", "hazardous", "litter")
LAND_USES = ("residential", "commercial", "industrial", "education", "health", "green", "water", "farmland", "other")
DAY_S = 86_400.0
EVERY_KIND = "Waste kinds separated by commas, such as 'residual, food'; empty: every kind."
CAMERA_TYPES = ("fixed", "dome", "ptz", "bullet", "speed", "other")


@dataclass(frozen=True, kw_only=True)
class Building(Entity):
    """A building with its height above ground."""

    kind: ClassVar[str] = "building"
    geometry_type: ClassVar[GeometryType] = "Polygon"
    label: ClassVar[str] = "Building"
    label_plural: ClassVar[str] = "Buildings"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    use: str = attribute("Use", "other", choices=LAND_USES)
    height_m: float = attribute("Height", 9.0, unit="m", low=0, high=1000)
    levels: float | None = attribute("Storeys", None, low=0, high=200)
    height_is_assumed: bool = attribute(
        "Height is assumed", True, definition="True where the source names neither height nor storeys."
    )


@dataclass(frozen=True, kw_only=True)
class Bin(Entity):
    """A waste container or litter bin (GB/T 30428.2 component 0305)."""

    kind: ClassVar[str] = "bin"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Bin"
    label_plural: ClassVar[str] = "Bins"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    waste_kind: str = attribute("Waste kind", "residual", choices=WASTE_KINDS)
    stream: str = attribute("Stream", "", definition="Finer kind as its source names it: glass, paper, batteries.")
    capacity_l: float = attribute("Capacity", 240.0, unit="L", low=1, high=100000)
    fill_level: float | None = attribute(
        "Fill level", None, low=0, high=1.5, definition="Volume held / capacity, newest reading."
    )
    fill_observed_at: datetime | None = attribute("Fill level observed", None)
    full_threshold: float = attribute("Full from", 0.8, low=0, high=1)
    access_from_s: float | None = attribute(
        "Access from", None, unit=CLOCK_UNIT, low=0, high=DAY_S, definition="Trucks may stop here from this time of day on."
    )
    access_until_s: float | None = attribute("Access until", None, unit=CLOCK_UNIT, low=0, high=DAY_S)
    district: str = attribute("District", "")
    department: str = attribute("Department", "", definition="Who keeps it.")


@dataclass(frozen=True, kw_only=True)
class Camera(Entity):
    """A city camera (GB/T 30428.2 component 0136)."""

    kind: ClassVar[str] = "camera"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Camera"
    label_plural: ClassVar[str] = "Cameras"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    camera_type: str = attribute("Type", "fixed", choices=CAMERA_TYPES)
    direction_deg: float | None = attribute(
        "Direction", None, unit="deg", low=0, high=360, definition="Optical axis, clockwise from north."
    )
    view_angle_deg: float = attribute("Angle of view", 60.0, unit="deg", low=1, high=360)
    range_m: float = attribute("Range", 60.0, unit="m", low=1, high=5000)
    height_m: float = attribute("Height", 6.0, unit="m", low=0, high=500)
    online: bool | None = attribute("Online", None)
    operator: str = attribute("Operator", "")


@dataclass(frozen=True, kw_only=True)
class Depot(Entity):
    """Where collection vehicles start and end their shift."""

    kind: ClassVar[str] = "depot"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Depot"
    label_plural: ClassVar[str] = "Depots"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    vehicle_count: int = attribute("Vehicles", 4, low=0, high=1000)
    vehicle_capacity_l: float = attribute(
        "Vehicle capacity",
        18000.0,
        unit="L",
        low=100,
        high=100000,
        definition="Of waste as it lies in the bins; compaction is in it.",
    )
    waste_kinds: str = attribute("Collects", "", definition=EVERY_KIND)


@dataclass(frozen=True, kw_only=True)
class DisposalSite(Entity):
    """A landfill, plant or transfer station where vehicles unload."""

    kind: ClassVar[str] = "disposal_site"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Disposal site"
    label_plural: ClassVar[str] = "Disposal sites"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    unload_duration_s: float = attribute("Time to unload", 900.0, unit="s", low=0, high=14400)
    waste_kinds: str = attribute("Takes", "", definition=EVERY_KIND)


@dataclass(frozen=True, kw_only=True)
class District(Entity):
    """An administrative area."""

    kind: ClassVar[str] = "district"
    geometry_type: ClassVar[GeometryType] = "Polygon"
    label: ClassVar[str] = "District"
    label_plural: ClassVar[str] = "Districts"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    code: str = attribute("Division code", "", definition="GB/T 2260 or the code of the source.")


@dataclass(frozen=True, kw_only=True)
class UnitGrid(Entity):
    """A unit grid of digital urban management (单元网格, GB/T 30428.1)."""

    kind: ClassVar[str] = "unit_grid"
    geometry_type: ClassVar[GeometryType] = "Polygon"
    label: ClassVar[str] = "Unit grid"
    label_plural: ClassVar[str] = "Unit grids"

    name: str = attribute("Name", "")
    code: str = attribute("Grid code", "", definition="15 digits: division 6, street 3, community 3, order 3.")
    district: str = attribute("District", "")


@dataclass(frozen=True, kw_only=True)
class LandUse(Entity):
    """An area of one use: housing, industry, park, water."""

    kind: ClassVar[str] = "land_use"
    geometry_type: ClassVar[GeometryType] = "Polygon"
    label: ClassVar[str] = "Land use"
    label_plural: ClassVar[str] = "Land use"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    use: str = attribute("Use", "other", choices=LAND_USES)


@dataclass(frozen=True, kw_only=True)
class PopulationCell(Entity):
    """A cell of a population grid."""

    kind: ClassVar[str] = "population_cell"
    geometry_type: ClassVar[GeometryType] = "Polygon"
    label: ClassVar[str] = "Population cell"
    label_plural: ClassVar[str] = "Population"

    residents: float = attribute("Residents", 0.0, low=0, high=1e6)
