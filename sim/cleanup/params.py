"""What a planner may set for a run of the cleanup simulation."""

from __future__ import annotations

from dataclasses import dataclass

from sim.limits import require_limits
from twin.model.entity import CLOCK_UNIT, attribute

TRAFFIC = ("free_flow", "congested")


@dataclass(frozen=True, kw_only=True)
class CleanupParams:
    """Length of the run, rules of the work and unit costs; every number is stored with the result.

    Raises ``ScenarioError`` at birth when a number is outside its limits.
    """

    days: int = attribute("Days", 14, unit="d", low=1, high=365, definition="Days that are reported.")
    warm_up_days: int = attribute(
        "Warm-up days", 5, unit="d", low=0, high=60, definition="Simulated before the reported days and dropped."
    )
    replications: int = attribute(
        "Replications", 10, low=1, high=200, definition="Runs with other draws of the same city; intervals rest on them."
    )
    period_days: int = attribute(
        "Round every", 3, unit="d", low=1, high=28, definition="Fixed rounds, where the scenario does not set a policy."
    )
    adherence: float = attribute(
        "Advice followed",
        1.0,
        low=0,
        high=1,
        definition="Share of areas and days on which crews follow a fill-driven plan; elsewhere they drive the fixed round.",
    )
    sensor_share: float = attribute(
        "Bins with a sensor", 1.0, low=0, high=1, definition="The others are known from their last visit and what is expected."
    )
    sensor_error: float = attribute("Error of sensors", 0.05, low=0, high=0.5, definition="Standard deviation of the fill level.")
    dead_sensor_share: float = attribute(
        "Dead sensors", 0.02, low=0, high=1, definition="Share of the sensors that tell nothing."
    )
    shift_s: float = attribute(
        "Shift",
        27000.0,
        unit="s",
        low=600,
        high=86400,
        definition="Working time of a truck and its crew per day, without breaks.",
    )
    shift_start_s: float = attribute("Shift begins", 6 * 3600.0, unit=CLOCK_UNIT, low=0, high=86400)
    break_s: float = attribute(
        "Break", 1800.0, unit="s", low=0, high=7200, definition="Not counted as work; it moves what comes after to a later hour."
    )
    break_after_s: float = attribute("Break after", 4 * 3600.0, unit="s", low=0, high=86400, definition="Work before the break.")
    overtime_s: float = attribute(
        "Overtime at most", 3600.0, unit="s", low=0, high=28800, definition="Worked only for what does not fit into any shift."
    )
    service_s: float = attribute("Time per bin", 45.0, unit="s", low=0, high=3600)
    search_iterations: int = attribute(
        "Search for the day that is drawn",
        50,
        low=0,
        high=100000,
        definition="Iterations of PyVRP on each part of its rounds; the days of the simulation are planned quickly.",
    )
    speed_factor: float = attribute(
        "Speed of trucks", 0.7, low=0.1, high=1, definition="Relative to free flow; stops at junctions are in it."
    )
    traffic: str = attribute(
        "Traffic",
        "free_flow",
        choices=TRAFFIC,
        definition="congested: trucks are as slow as the scenario's traffic at user equilibrium, never faster than on empty roads.",
    )
    traffic_hour: int = attribute(
        "Hour of the traffic", -1, unit="h", low=-1, high=23, definition="Of congested roads; -1: the busiest."
    )
    cost_per_km: float = attribute("Cost per kilometre", 6.0, unit="CNY/km", low=0, high=1000)
    cost_per_crew_h: float = attribute("Cost per crew hour", 120.0, unit="CNY/h", low=0, high=10000)
    cost_per_overtime_h: float = attribute(
        "Extra cost per overtime hour", 60.0, unit="CNY/h", low=0, high=10000, definition="On top of the cost per crew hour."
    )
    cost_per_truck_day: float = attribute("Cost per truck and day", 500.0, unit="CNY/d", low=0, high=100000)
    co2_kg_per_km: float = attribute(
        "CO2 per kilometre", 1.1, unit="kg/km", low=0, high=10, definition="About 41 L of diesel per 100 km at 2.68 kg/L."
    )

    complaints_per_overflow_h: float = attribute(
        "Complaints per overflow hour",
        0.005,
        unit="1/h",
        low=0,
        high=10,
        definition="An assumption, in proportion: one complaint for 200 hours in which a bin overflows.",
    )

    def __post_init__(self) -> None:
        """Refuse numbers outside their limits."""
        require_limits(self)
