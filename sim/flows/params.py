"""What a planner may ask of flows: which road, and how many pairs are listed."""

from __future__ import annotations

from dataclasses import dataclass

from sim.travel.params import TravelParams
from twin.model.entity import attribute


@dataclass(frozen=True, kw_only=True)
class FlowsParams(TravelParams):
    """The road, and the roads and trips of the peak hour. Raises ``ScenarioError`` on a value outside its limits."""

    roads: str = attribute(
        "On road", "", definition="Names or keys of roads, with ';' between them; without any, the road with the most traffic."
    )
    pair_count: int = attribute(
        "Pairs listed", 100, low=1, high=10000, definition="From where to where, those with the most trips on the road."
    )

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names or keys asked for."""
        return tuple(word for word in (part.strip() for part in self.roads.split(";")) if word)
