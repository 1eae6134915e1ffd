"""The families of congestion indices: a result is told in one of them, never in two."""

from __future__ import annotations

from typing import ClassVar, Protocol

from sim.assignment.graph import Floats
from sim.travel.db11t785 import Db11T785
from sim.travel.delay_index import DelayIndex
from sim.travel.gbt33171 import GbT33171
from sim.travel.traffic import Areas, Traffic
from twin.model.results import Indicator, Measure


class IndexFamily(Protocol):
    """What congestion is called by one standard: measures of links and of areas, and the network's indicators.

    Every label and definition names the family, for people read numbers beside those of another.
    """

    name: ClassVar[str]
    link_measures: ClassVar[tuple[Measure, ...]]
    area_measures: ClassVar[tuple[Measure, ...]]

    def of_links(self, traffic: Traffic) -> dict[str, Floats]:
        """Return a column ``(n,)`` for each of ``link_measures``."""
        ...

    def of_areas(self, traffic: Traffic, areas: Areas) -> dict[str, Floats]:
        """Return a column ``(areas.count,)`` for each of ``area_measures``."""
        ...

    def of_network(self, traffic: Traffic) -> tuple[Indicator, ...]:
        """Return the network's indicators."""
        ...


FAMILIES: tuple[IndexFamily, ...] = (GbT33171(), Db11T785(), DelayIndex())
"""Every family; ``sim.congestion.params`` offers their names."""


def family_named(name: str) -> IndexFamily:
    """Return one family."""
    return next(item for item in FAMILIES if item.name == name)
