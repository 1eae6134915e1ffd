"""What a planner may set of a run of queues over time."""

from __future__ import annotations

from dataclasses import dataclass

from sim.travel.params import TravelParams
from twin.errors import ScenarioError
from twin.model.entity import CLOCK_UNIT, attribute

DAY_S = 86400.0


@dataclass(frozen=True, kw_only=True)
class QueuesParams(TravelParams):
    """The period and how drivers choose their way. Raises ``ScenarioError`` on a value outside its limits."""

    start_s: float = attribute("From", 7 * 3600.0, unit=CLOCK_UNIT, low=0, high=DAY_S, definition="Roads are empty then.")
    end_s: float = attribute("Until", 9 * 3600.0, unit=CLOCK_UNIT, low=0, high=DAY_S, definition="The last trip begins.")
    clearing_s: float = attribute(
        "Time to clear", 3600.0, unit="s", low=0, high=6 * 3600.0, definition="After the last trip began, for queues to go."
    )
    renew_s: float = attribute(
        "Drivers hear of the traffic every",
        120.0,
        unit="s",
        low=60,
        high=3600,
        definition="By turns, one group of drivers each time.",
    )
    groups: int = attribute("Groups of drivers", 3, low=1, high=8, definition="1: all change their way at once.")
    relief: bool = attribute(
        "Relieve gridlock",
        False,
        definition="A ring of full roads turns by one vehicle every 5 minutes; otherwise it stands still.",
    )

    def __post_init__(self) -> None:
        """Refuse values outside their limits, and a period that ends before it begins."""
        super().__post_init__()
        if self.start_s >= self.end_s:
            raise ScenarioError("The period ends before it begins.", "Give an end later than the start.")

    @property
    def horizon_s(self) -> float:
        """Simulated time (s)."""
        return self.end_s - self.start_s + self.clearing_s
