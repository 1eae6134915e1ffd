"""Edits of trips: no entity carries them, simulations read them from the scenario.

A place is ``x_m, y_m`` in the city's metres; times are seconds since midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twin.model.edits.base import Edit
from twin.model.entity import CLOCK_UNIT, attribute

DAY_S = 86400.0


@dataclass(frozen=True, kw_only=True)
class ScaleDemand(Edit):
    """Multiply all trips, or those that start or end within ``radius_m`` of ``x_m, y_m`` (radius 0: everywhere)."""

    name: ClassVar[str] = "demand"
    label: ClassVar[str] = "Scale demand"

    factor: float = attribute("Factor", 1.2, low=0, high=10)
    x_m: float = attribute("East", 0.0, unit="m")
    y_m: float = attribute("North", 0.0, unit="m")
    radius_m: float = attribute("Radius", 0.0, unit="m", low=0, high=1e5)


@dataclass(frozen=True, kw_only=True)
class SetZoneDemand(Edit):
    """Say how many trips leave or reach the zones within ``radius_m`` of ``x_m, y_m``: new housing, a new office park."""

    name: ClassVar[str] = "zone_demand"
    label: ClassVar[str] = "Trips of an area"

    trips_vph: float = attribute("Trips", 1000.0, unit="veh/h", low=0, high=1e6)
    end: str = attribute("Trips that", "leave", choices=("leave", "arrive"))
    x_m: float = attribute("East", 0.0, unit="m")
    y_m: float = attribute("North", 0.0, unit="m")
    radius_m: float = attribute("Radius", 500.0, unit="m", low=1, high=1e5)


@dataclass(frozen=True, kw_only=True)
class AddEvent(Edit):
    """People drive to an event at ``x_m, y_m``: they arrive evenly over the ``spread_s`` before ``at_s``."""

    name: ClassVar[str] = "event"
    label: ClassVar[str] = "Add event"

    trips: float = attribute("Trips", 10000.0, low=0, high=1e6, definition="Vehicles that arrive, all together.")
    x_m: float = attribute("East", 0.0, unit="m")
    y_m: float = attribute("North", 0.0, unit="m")
    at_s: float = attribute("Begins at", 19 * 3600.0, unit=CLOCK_UNIT, low=0, high=DAY_S)
    spread_s: float = attribute("Arrivals over", 3600.0, unit="s", low=300, high=6 * 3600.0)
