"""What a planner may set of a run of queues over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.travel.params import TravelParams
from twin.errors import ScenarioError
from twin.model.edits import AddEvent, BlockLanes
from twin.model.entity import CLOCK_UNIT, attribute
from twin.model.scenario import Scenario

DAY_S = 86400.0
HOUR_S, QUARTER_S = 3600.0, 900.0
LEAD_S = 1800.0
"""Roads fill so long before anything happens."""


@dataclass(frozen=True, kw_only=True)
class QueuesParams(TravelParams):
    """The period and how drivers choose their way. Raises ``ScenarioError`` on a value outside its limits."""

    start_s: float = attribute("From", 7 * 3600.0, unit=CLOCK_UNIT, low=0, high=DAY_S, definition="Roads are empty then.")
    end_s: float = attribute("Until", 9 * 3600.0, unit=CLOCK_UNIT, low=0, high=DAY_S, definition="The last trip begins.")
    clearing_s: float = attribute(
        "Time to clear", 3600.0, unit="s", low=0, high=6 * 3600.0, definition="After the last trip began, for queues to go."
    )
    groups: int = attribute(
        "Groups of drivers",
        8,
        low=1,
        high=16,
        definition="Each is used to its own ways: the more groups, the finer traffic spreads.",
    )
    informed: float = attribute(
        "Drivers who hear of the traffic",
        0.25,
        unit="ratio",
        low=0,
        high=1,
        definition="They leave their usual way where a road takes a minute longer than on an ordinary day.",
    )
    renew_s: float = attribute(
        "Drivers hear of the traffic every",
        120.0,
        unit="s",
        low=60,
        high=3600,
        definition="By turns, one group of drivers each time.",
    )
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

    def holds(self, from_s: float, to_s: float) -> bool:
        """Return whether a span lies within the period and the time to clear."""
        return self.start_s <= from_s and to_s <= self.start_s + self.horizon_s

    @property
    def horizon_s(self) -> float:
        """Simulated time (s)."""
        return self.end_s - self.start_s + self.clearing_s


def period_of(scenarios: Iterable[Scenario]) -> QueuesParams:
    """Return the usual period, or a later or earlier one that holds the incidents and events of some scenarios."""
    usual = QueuesParams()
    spans = [span for scenario in scenarios for span in spans_of(scenario)]
    if all(usual.holds(*span) for span in spans):
        return usual
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    start_s = max((first - LEAD_S) // QUARTER_S * QUARTER_S, 0.0)
    return QueuesParams(start_s=start_s, end_s=min(max(last, start_s + HOUR_S), DAY_S))


def spans_of(scenario: Scenario) -> list[tuple[float, float]]:
    """Return from when to when each incident and each way to an event lasts (s of the day)."""
    blocks = [(edit.start_s, edit.end_s) for edit in scenario.edits_of(BlockLanes)]
    return blocks + [(max(edit.at_s - edit.spread_s, 0.0), edit.at_s) for edit in scenario.edits_of(AddEvent)]
