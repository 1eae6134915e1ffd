"""The data dictionary: every kind there is. A new kind is one class and one line here."""

from __future__ import annotations

from typing import Any

from twin.model.comment import Comment
from twin.model.demand import OdTrips, Zone
from twin.model.entity import Entity
from twin.model.incidents import Case, Incident
from twin.model.network import Counter, Link, Movement, Node
from twin.model.observations import Emptying, FillReading, TrafficCount
from twin.model.places import Bin, Building, Camera, Depot, DisposalSite, District, LandUse, PopulationCell, UnitGrid
from twin.model.scenario import Scenario

KINDS: tuple[type[Entity], ...] = (
    Node,
    Link,
    Movement,
    Counter,
    Building,
    Bin,
    Camera,
    Incident,
    Case,
    Depot,
    DisposalSite,
    District,
    UnitGrid,
    LandUse,
    PopulationCell,
    Zone,
    Scenario,
    Comment,
)

HISTORIES: tuple[type[Any], ...] = (FillReading, Emptying, TrafficCount, OdTrips)

WHAT_IF_KINDS = frozenset({Scenario.kind, Comment.kind})
"""Kinds that are about the city and no part of it: changing them leaves every result comparable."""

KIND_OF = {entity_type.kind: entity_type for entity_type in KINDS}
HISTORY_OF = {record_type.kind: record_type for record_type in HISTORIES}
