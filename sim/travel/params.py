"""What a planner may set of trips and roads, whatever is simulated on them."""

from __future__ import annotations

from dataclasses import dataclass

from sim.limits import require_limits
from twin.model.entity import attribute

DELAY_FUNCTIONS = ("bpr", "conical", "akcelik")
DISTRIBUTIONS = ("gravity", "radiation")
CALIBRATIONS = ("none", "factor", "matrix")


@dataclass(frozen=True, kw_only=True)
class TravelParams:
    """Demand, delay and accuracy of the equilibrium. Raises ``ScenarioError`` on a value outside its limits."""

    trip_rate: float = attribute(
        "Trips per resident in the peak hour", 0.25, low=0, high=3, definition="All purposes and all means of travel."
    )
    car_share: float = attribute(
        "Share by car", 0.35, low=0, high=1, definition="Vehicles on the road per trip: share of drivers among all trips."
    )
    mean_trip_time_s: float = attribute(
        "Mean trip time", 900.0, unit="s", low=30, high=7200, definition="On empty roads; the gravity model is fitted to it."
    )
    beta_per_s: float = attribute(
        "Deterrence", 0.0, unit="1/s", low=0, high=1, definition="Fixed β of exp(-β t); 0: fitted to the mean trip time."
    )
    distribution: str = attribute(
        "Distribution of trips",
        "gravity",
        choices=DISTRIBUTIONS,
        definition="gravity: fitted to the mean trip time; radiation (Simini 2012): needs none.",
    )
    peak_hour: int = attribute("Hour", -1, unit="h", low=-1, high=23, definition="Local hour that is simulated; -1: the busiest.")
    gate_share: float = attribute(
        "Load of roads out of the city",
        0.15,
        low=0,
        high=1,
        definition="Share of the capacity of main roads that leave the city's extent, in the busiest hour; 0: it is a wall.",
    )
    through_share: float = attribute(
        "Through traffic", 0.2, low=0, high=1, definition="Share of the traffic over the city's edge that does not stop inside."
    )
    feedback_rounds: int = attribute(
        "Rounds of feedback", 0, low=0, high=10, definition="Times that trips are distributed anew by congested travel times."
    )
    calibration: str = attribute(
        "Fit to counts",
        "matrix",
        choices=CALIBRATIONS,
        definition="factor: all trips are scaled alike; matrix: then each pair of zones is moved, too (Spiess 1990).",
    )
    hold: float = attribute(
        "Weight of the matrix before the fit",
        0.05,
        low=0,
        high=1000,
        definition="How much a trip that was moved weighs against one that is missed at a count station.",
    )
    hold_out_every: int = attribute(
        "Every … station left out of the fit", 5, low=0, high=100, definition="They test it; 0: all take part."
    )
    zone_count: int = attribute("Most zones", 500, low=2, high=2000)
    delay_function: str = attribute(
        "Delay function",
        "bpr",
        choices=DELAY_FUNCTIONS,
        definition="How travel time grows with volume: BPR 1964, conical (Spiess 1990) or time-dependent (Akçelik 1991).",
    )
    bpr_b: float = attribute("Delay at capacity", 0.15, low=0, high=10, definition="b of t = t0 (1 + b (v/c)^p).")
    bpr_power: float = attribute("Delay power", 4.0, low=1, high=12, definition="p of t = t0 (1 + b (v/c)^p).")
    conical_alpha: float = attribute(
        "Conical steepness",
        4.0,
        low=1.1,
        high=20,
        definition="α of the conical function; time at capacity is twice the free one.",
    )
    peak_duration_s: float = attribute(
        "Duration of the peak",
        3600.0,
        unit="s",
        low=900,
        high=14400,
        definition="T of Akçelik's function: how long queues build up.",
    )
    signal_cycle_s: float = attribute(
        "Usual signal cycle",
        90.0,
        unit="s",
        low=20,
        high=300,
        definition="Of signals whose cycle is not known; the wait counts in free-flow time too.",
    )
    left_turn_delay_s: float = attribute(
        "Delay of a left turn",
        0.0,
        unit="s",
        low=0,
        high=300,
        definition="Across oncoming traffic on a secondary or larger road.",
    )
    u_turn_delay_s: float = attribute(
        "Delay of a U-turn", 0.0, unit="s", low=0, high=600, definition="Where a turn is banned, and at the next junctions."
    )
    keeps_left: bool = attribute(
        "Traffic keeps left", False, definition="Right turns, not left ones, then cross the oncoming traffic."
    )
    value_of_time: float = attribute(
        "Value of time", 60.0, low=0.01, high=1e6, definition="Money per hour: turns tolls into time."
    )
    truck_share: float = attribute(
        "Share of trucks", 0.0, low=0, high=0.9, definition="Of all vehicles under way; 0: trucks are not told apart from cars."
    )
    truck_pce: float = attribute(
        "Cars per truck", 2.0, low=1, high=6, definition="Passenger-car equivalent of a truck on the road."
    )
    bus_pce: float = attribute("Cars per bus", 2.0, low=1, high=6, definition="Passenger-car equivalent of a bus on its line.")
    relative_gap: float = attribute(
        "Relative gap", 1e-7, low=1e-12, high=0.1, definition="Total time over the time on shortest paths, less 1."
    )

    def __post_init__(self) -> None:
        """Refuse values outside their limits."""
        require_limits(self)
