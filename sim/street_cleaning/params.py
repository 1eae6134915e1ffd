"""What a planner may set of street cleaning: how often each class of road, with which sweepers, at which cost."""

from __future__ import annotations

from dataclasses import dataclass

from sim.arc_routing.rules import Rules
from sim.limits import require_limits
from twin.errors import ScenarioError
from twin.model.entity import CLOCK_UNIT, attribute
from twin.model.network import ROAD_CLASS_NAMES

EVERY = "Days between two sweeps; 0: never."


@dataclass(frozen=True, kw_only=True)
class StreetCleaningParams:
    """Frequencies, sweepers and unit costs. Raises ``ScenarioError`` on a number outside its limits."""

    days: int = attribute("Days", 7, unit="d", low=1, high=28, definition="Planned and reported.")
    motorway_days: int = attribute("Motorways every", 0, unit="d", low=0, high=28, definition=EVERY)
    trunk_days: int = attribute("Expressways every", 1, unit="d", low=0, high=28, definition=EVERY)
    primary_days: int = attribute("Primary roads every", 1, unit="d", low=0, high=28, definition=EVERY)
    secondary_days: int = attribute("Secondary roads every", 1, unit="d", low=0, high=28, definition=EVERY)
    tertiary_days: int = attribute("Tertiary roads every", 2, unit="d", low=0, high=28, definition=EVERY)
    residential_days: int = attribute("Residential streets every", 7, unit="d", low=0, high=28, definition=EVERY)
    service_days: int = attribute("Service roads every", 0, unit="d", low=0, high=28, definition=EVERY)
    one_way_passes: int = attribute(
        "Passes on one-way streets", 2, low=1, high=2, definition="Both kerbs are swept in the direction of travel."
    )
    sweepers: int = attribute("Sweepers", 0, low=0, high=1000, definition="Of each depot; 0: as many as the work needs.")
    sweeping_kmh: float = attribute("Speed while sweeping", 7.0, unit="km/h", low=1, high=30)
    speed_factor: float = attribute(
        "Speed between streets", 0.7, low=0.1, high=1, definition="Relative to free flow; stops at junctions are in it."
    )
    u_turn_s: float = attribute(
        "Time of a U-turn", 30.0, unit="s", low=0, high=600, definition="Where a sweeper goes on along the other kerb."
    )
    hopper_l: float = attribute(
        "Hopper", 5000.0, unit="L", low=100, high=20000, definition="What a sweeper holds until it dumps."
    )
    litter_l_per_km: float = attribute(
        "Sweepings per kilometre and day",
        60.0,
        unit="L/km",
        low=0,
        high=10000,
        definition="Of one kerb; it lies until it is swept.",
    )
    dump_s: float = attribute("Time to dump and fill water", 900.0, unit="s", low=0, high=7200)
    shift_s: float = attribute(
        "Shift", 27000.0, unit="s", low=600, high=86400, definition="Working time per day, without breaks."
    )
    shift_start_s: float = attribute("Shift begins", 5 * 3600.0, unit=CLOCK_UNIT, low=0, high=86400)
    break_s: float = attribute("Break", 1800.0, unit="s", low=0, high=7200, definition="Not counted as work.")
    break_after_s: float = attribute("Break after", 4 * 3600.0, unit="s", low=0, high=86400, definition="Work before the break.")
    replications: int = attribute(
        "Replications",
        3,
        low=1,
        high=50,
        definition="The same days planned from other starts: how far a difference may be one of the method.",
    )
    cost_per_km: float = attribute("Cost per kilometre", 8.0, unit="CNY/km", low=0, high=1000)
    cost_per_crew_h: float = attribute("Cost per crew hour", 80.0, unit="CNY/h", low=0, high=10000)
    cost_per_sweeper_day: float = attribute("Cost per sweeper and day", 600.0, unit="CNY/d", low=0, high=100000)

    def __post_init__(self) -> None:
        """Refuse numbers outside their limits, and a city of which nothing is swept."""
        require_limits(self)
        if not any(self.every_days(name) for name in ROAD_CLASS_NAMES):
            raise ScenarioError("No class of roads is swept.", "Give at least one class the days between two sweeps.")

    @property
    def rules(self) -> Rules:
        """What a sweeper's trips have to keep."""
        return Rules(self.hopper_l, self.shift_s, self.dump_s, self.u_turn_s, self.replications)

    def every_days(self, road_class: str) -> int:
        """Return the days between two sweeps of a class of roads; 0: never."""
        days: int = getattr(self, f"{road_class}_days")
        return days
