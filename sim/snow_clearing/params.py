"""What a planner may set of snow clearing: which roads come first and by when, with which ploughs, at which cost."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arc_routing.rules import Rules
from sim.limits import require_limits
from twin.errors import ScenarioError
from twin.model.entity import attribute
from twin.model.network import ROAD_CLASS_NAMES

ORDER = "1 is cleared first, then 2, then 3; 0: not cleared."
BY = "After the alarm, all roads of this order; an assumption until the city's own rule is put in."


@dataclass(frozen=True, kw_only=True)
class SnowClearingParams:
    """Order of roads, ploughs and unit costs. Raises ``ScenarioError`` on a number outside its limits."""

    motorway_order: int = attribute("Order of motorways", 1, low=0, high=3, definition=ORDER)
    trunk_order: int = attribute("Order of expressways", 1, low=0, high=3, definition=ORDER)
    primary_order: int = attribute("Order of primary roads", 1, low=0, high=3, definition=ORDER)
    secondary_order: int = attribute("Order of secondary roads", 2, low=0, high=3, definition=ORDER)
    tertiary_order: int = attribute("Order of tertiary roads", 2, low=0, high=3, definition=ORDER)
    residential_order: int = attribute("Order of residential streets", 3, low=0, high=3, definition=ORDER)
    service_order: int = attribute("Order of service roads", 0, low=0, high=3, definition=ORDER)
    first_h: float = attribute("First roads clear within", 3.0, unit="h", low=0.1, high=240, definition=BY)
    second_h: float = attribute("Second roads clear within", 6.0, unit="h", low=0.1, high=240, definition=BY)
    third_h: float = attribute("Third roads clear within", 24.0, unit="h", low=0.1, high=240, definition=BY)
    ploughs: int = attribute("Ploughs", 5, low=1, high=1000, definition="Of each depot.")
    alarm_s: float = attribute(
        "Time to leave", 1800.0, unit="s", low=0, high=86400, definition="From the alarm until ploughs leave their depots."
    )
    ploughing_kmh: float = attribute("Speed while ploughing", 20.0, unit="km/h", low=1, high=80)
    speed_factor: float = attribute("Speed on snow", 0.5, low=0.1, high=1, definition="Between streets, relative to free flow.")
    lanes_per_pass: int = attribute(
        "Lanes of a pass", 1, low=1, high=4, definition="That a plough clears at once, in one direction."
    )
    u_turn_s: float = attribute(
        "Time of a U-turn", 60.0, unit="s", low=0, high=600, definition="Where a plough goes on along the other kerb."
    )
    salt_kg_per_km: float = attribute(
        "Salt per kilometre", 70.0, unit="kg/km", low=0, high=1000, definition="Of one pass: 20 g/m² on 3.5 m."
    )
    salt_kg: float = attribute("Salt on a plough", 5000.0, unit="kg", low=10, high=30000)
    reload_s: float = attribute("Time to load salt", 900.0, unit="s", low=0, high=7200, definition="At the depot.")
    replications: int = attribute(
        "Replications",
        3,
        low=1,
        high=50,
        definition="The same work planned from other starts: how far a difference may be one of the method.",
    )
    cost_per_km: float = attribute("Cost per kilometre", 10.0, unit="CNY/km", low=0, high=1000)
    cost_per_crew_h: float = attribute("Cost per crew hour", 120.0, unit="CNY/h", low=0, high=10000)
    cost_per_salt_kg: float = attribute("Cost per kilogram of salt", 1.0, unit="CNY/kg", low=0, high=1000)

    def __post_init__(self) -> None:
        """Refuse numbers outside their limits, and a city of which nothing is cleared."""
        require_limits(self)
        if not any(self.order_of(name) for name in ROAD_CLASS_NAMES):
            raise ScenarioError("No class of roads is cleared.", "Give at least one class an order of 1, 2 or 3.")

    def order_of(self, road_class: str) -> int:
        """Return when a class of roads has its turn, from 1; 0: never."""
        order: int = getattr(self, f"{road_class}_order")
        return order

    @property
    def within_h(self) -> tuple[float, float, float]:
        """Hours after the alarm within which the roads of each order shall be clear."""
        return self.first_h, self.second_h, self.third_h

    def rules(self, trip_s: float) -> Rules:
        """Return what a plough's trips have to keep: salt, and a share of the work; the storm knows no shift."""
        return Rules(self.salt_kg, float("inf"), self.reload_s, self.u_turn_s, self.replications, trip_s)
