"""What a planner may ask of flows: which road, and how many pairs are listed."""

from __future__ import annotations

from dataclasses import dataclass

from sim.travel.params import TravelParams
from twin.errors import ScenarioError
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

    pair: str = attribute(
        "Paths between", "", definition="Two zones with '>' between them; without any, the pair with the most trips on the road."
    )

    def __post_init__(self) -> None:
        """Refuse a pair that is none."""
        super().__post_init__()
        if self.pair and len(self.zones) != 2:
            raise ScenarioError(f"'{self.pair}' is no pair of zones.", "Give two zones with '>' between them.")

    @property
    def zones(self) -> tuple[str, ...]:
        """The two zones whose paths are asked for; none where it is left open."""
        return tuple(word for word in (part.strip() for part in self.pair.split(">")) if word)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names or keys asked for."""
        return tuple(word for word in (part.strip() for part in self.roads.split(";")) if word)
