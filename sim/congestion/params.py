"""What a planner may set of a congestion run."""

from __future__ import annotations

from dataclasses import dataclass

from sim.travel.params import TravelParams


@dataclass(frozen=True, kw_only=True)
class CongestionParams(TravelParams):
    """Demand, delay and accuracy of a congestion run. Raises ``ScenarioError`` on a value outside its limits."""
