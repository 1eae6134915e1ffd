"""Two what-ifs that stand ready in the demo city."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.demo.makings import SOURCE, Makings
from twin.demo.network import Network, Street
from twin.model.edits import CloseLinks, ScaleDemand, SetFleet, SetPolicy
from twin.model.entity import Entity
from twin.model.places import Depot
from twin.model.scenario import Scenario

EXTRA_VEHICLES = 2


def scenario_entities(makings: Makings, network: Network, depots: Sequence[Depot]) -> list[Entity]:
    """Return ``bridge-closed`` and ``fill-driven``."""
    bridge = main_bridge(network)
    largest = max(depots, key=lambda depot: depot.vehicle_count)
    one, two = makings.keys(2)
    return [
        Scenario(
            id=one,
            source=SOURCE,
            source_id="scenario-00001",
            name="bridge-closed",
            description=(
                f"The bridge of {bridge.way.name.en} is closed in both directions and demand is 10 % higher. "
                f"{bridge.way.name.zh}跨江大桥双向封闭，出行需求增加10%。"
            ),
            edits=(CloseLinks(target_ids=bridge.link_ids), ScaleDemand(factor=1.1)),
        ),
        Scenario(
            id=two,
            source=SOURCE,
            source_id="scenario-00002",
            name="fill-driven",
            description=(
                f"Bins are emptied from a fill level of 70 % on, with two more vehicles at the {largest.name_en}. "
                f"满溢度达到70%即收运，{largest.name}增加两辆车。"
            ),
            edits=(
                SetPolicy(policy="threshold", threshold=0.7),
                SetFleet(target_ids=(largest.id,), vehicle_count=largest.vehicle_count + EXTRA_VEHICLES),
            ),
        ),
    ]


def main_bridge(network: Network) -> Street:
    """Return the bridge of a primary road that is nearest to the middle of the city."""
    bridges = [street for street in network.streets if street.bridge and street.way.road_class == "primary"]
    return min(bridges, key=lambda street: float(np.hypot(*street.line.interpolate(0.5, normalized=True).coords[0])))
