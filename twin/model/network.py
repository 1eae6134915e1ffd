"""The road network: nodes, directed links, movements at junctions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twin.model.entity import Entity, GeometryType, attribute


@dataclass(frozen=True, slots=True)
class RoadClass:
    """What a class of road has when its record does not say.

    ``rank`` orders classes from the most to the least important, for levels of detail.
    ``capacity_vph`` is per lane.
    """

    name: str
    label: str
    rank: int
    lanes: float
    speed_mps: float
    capacity_vph: float


# Capacities per lane: Highway Capacity Manual 6th edition, rounded; urban streets reduced for the share of green.
ROAD_CLASSES: tuple[RoadClass, ...] = (
    RoadClass("motorway", "Motorway", 0, 2, 100 / 3.6, 2000),
    RoadClass("trunk", "Expressway", 1, 2, 80 / 3.6, 1800),
    RoadClass("primary", "Primary road", 2, 2, 60 / 3.6, 1000),
    RoadClass("secondary", "Secondary road", 3, 1, 50 / 3.6, 900),
    RoadClass("tertiary", "Tertiary road", 4, 1, 40 / 3.6, 800),
    RoadClass("residential", "Residential street", 5, 1, 30 / 3.6, 600),
    RoadClass("service", "Service road", 6, 1, 20 / 3.6, 300),
)
ROAD_CLASS_NAMES = tuple(item.name for item in ROAD_CLASSES)


@dataclass(frozen=True, kw_only=True)
class Node(Entity):
    """A junction or an end of a road."""

    kind: ClassVar[str] = "node"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Node"
    label_plural: ClassVar[str] = "Nodes"

    signal: bool = attribute("Traffic signal", False)
    cycle_s: float = attribute("Signal cycle", 0.0, unit="s", low=0, high=600, definition="Of the signal here; 0: not known.")


@dataclass(frozen=True, kw_only=True)
class Link(Entity):
    """One direction of a road between two nodes; its line runs in the direction of travel."""

    kind: ClassVar[str] = "link"
    geometry_type: ClassVar[GeometryType] = "LineString"
    label: ClassVar[str] = "Road"
    label_plural: ClassVar[str] = "Roads"

    tail_id: str = attribute("From node", "")
    head_id: str = attribute("To node", "")
    reverse_id: str = attribute("Opposite direction", "", definition="Key of the link of the other direction; '' if one-way.")
    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    road_class: str = attribute("Road class", "residential", choices=ROAD_CLASS_NAMES)
    lanes: float = attribute("Lanes", 1.0, low=0, high=16)
    free_flow_speed_mps: float = attribute("Free-flow speed", 30 / 3.6, unit="m/s", low=0.5, high=60)
    capacity_vph: float = attribute("Capacity", 600.0, unit="veh/h", low=0, high=1e6, definition="Of all lanes together.")
    length_m: float = attribute("Length", 0.0, unit="m", low=0, high=1e6)
    closed: bool = attribute("Closed", False)
    bridge: bool = attribute("Bridge", False)
    tunnel: bool = attribute("Tunnel", False)
    way_id: str = attribute("Way", "", definition="Key of the road that this link is a piece of, in its source.")
    toll: float = attribute("Toll", 0.0, low=0, high=1e6, definition="Money that each car pays for one passage.")
    green_share: float = attribute(
        "Share of green", 0.0, low=0, high=1, definition="Of the cycle of the signal at the link's end; 0: not known."
    )
    bus_vph: float = attribute("Buses", 0.0, unit="veh/h", low=0, high=2000, definition="They keep to their line.")
    truck_banned: bool = attribute("Closed to trucks", False)
    bpr_b: float = attribute(
        "Delay at capacity", 0.0, low=0, high=1e9, definition="b of t = t0 (1 + b (v/c)^p); 0: as set for the run."
    )
    bpr_power: float = attribute(
        "Delay power", 0.0, low=0, high=12, definition="p of t = t0 (1 + b (v/c)^p); 0: as set for the run."
    )


@dataclass(frozen=True, kw_only=True)
class Movement(Entity):
    """A turn restriction: from one link through a node to another link."""

    kind: ClassVar[str] = "movement"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Turn restriction"
    label_plural: ClassVar[str] = "Turn restrictions"

    from_link_id: str = attribute("From road", "")
    via_node_id: str = attribute("At node", "")
    to_link_id: str = attribute("To road", "")
    rule: str = attribute("Rule", "no", choices=("no", "only"), definition="'no': banned; 'only': every other turn is banned.")


@dataclass(frozen=True, kw_only=True)
class Counter(Entity):
    """A place where vehicles are counted; its counts are history."""

    kind: ClassVar[str] = "counter"
    geometry_type: ClassVar[GeometryType] = "Point"
    label: ClassVar[str] = "Count station"
    label_plural: ClassVar[str] = "Count stations"

    name: str = attribute("Name", "")
    name_en: str = attribute("English name", "")
    link_id: str = attribute("Road", "", definition="The link that is counted; '' until matched.")
