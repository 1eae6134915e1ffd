"""What a planner may set of new bins: how many, for what, how far people walk, and how much they throw away."""

from __future__ import annotations

from dataclasses import dataclass

from sim.limits import require_limits
from twin.model.entity import attribute
from twin.model.places import WASTE_KINDS

GOALS = ("least walk", "most within reach")


@dataclass(frozen=True, kw_only=True)
class BinSitingParams:
    """Bins, goal, distances and waste. Raises ``ScenarioError`` on a value outside its limits."""

    new_bins: int = attribute("New bins", 10, low=1, high=1000)
    waste_kind: str = attribute(
        "Waste kind", "residual", choices=WASTE_KINDS, definition="Bins of this kind that are there stay."
    )
    goal: str = attribute(
        "Goal",
        "least walk",
        choices=GOALS,
        definition="The least walk of all residents together (p-median), or as many as can be within the walk (covering).",
    )
    walk_m: float = attribute("Walk within reach", 70.0, unit="m", low=1, high=5000)
    farthest_m: float = attribute(
        "Farthest walk", 500.0, unit="m", low=10, high=5000, definition="Longer walks count as this: few go farther."
    )
    detour: float = attribute("Detour", 1.3, low=1, high=3, definition="Walking distance divided by that of the straight line.")
    spacing_m: float = attribute("Space between places", 60.0, unit="m", low=10, high=1000, definition="Along the streets.")
    litres: float = attribute(
        "Waste per resident and day", 2.0, unit="L/d", low=0, high=100, definition="Of this kind of waste, as it lies in the bin."
    )
    capacity_l: float = attribute("Capacity of a new bin", 660.0, unit="L", low=1, high=100000)
    every_days: float = attribute(
        "Emptied every", 2.0, unit="d", low=0.1, high=60, definition="A bin that is full sooner overflows."
    )

    def __post_init__(self) -> None:
        """Refuse values outside their limits, and words that there are not."""
        require_limits(self)
