"""What a planner may set of a congestion run."""

from __future__ import annotations

from dataclasses import dataclass

from sim.travel.params import TravelParams
from twin.model.entity import attribute

INDEX_FAMILIES = ("GB/T_33171", "DB11/T_785", "delay_index")
"""Names of ``sim.travel.indices.FAMILIES``, which is too heavy to be read for a form."""


@dataclass(frozen=True, kw_only=True)
class CongestionParams(TravelParams):
    """Demand, delay, accuracy and family of indices of a congestion run. Raises ``ScenarioError`` outside its limits."""

    index_family: str = attribute(
        "Congestion indices",
        "GB/T_33171",
        choices=INDEX_FAMILIES,
        definition="Standard by which congestion is told; one result is told in one family.",
    )
