"""The what-ifs that stand ready in the demo city."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.demo.makings import SOURCE, Makings
from twin.demo.network import LANES, Network, Street
from twin.geo import FloatArray
from twin.model.edits import AddEvent, BlockLanes, CloseLinks, ScaleDemand, SetFleet, SetPolicy
from twin.model.entity import Entity
from twin.model.network import ROAD_CLASSES
from twin.model.places import Depot
from twin.model.scenario import Scenario

EXTRA_VEHICLES = 2
AROUND_M = 1500.0
USED, CROWDED = (0.75, 0.85), 0.75
"""Flow as a share of capacity: through the street of the accident, and from where on a street around it is crowded."""
LEAST_LENGTH_M = 100.0


def scenario_entities(makings: Makings, network: Network, depots: Sequence[Depot], flows: FloatArray) -> list[Entity]:
    """Return ``bridge-closed``, ``fill-driven``, ``accident`` and ``match``; ``flows (n, 2)`` are those of the morning peak."""
    bridge = main_bridge(network)
    largest = max(depots, key=lambda depot: depot.vehicle_count)
    hit, direction = busy_street(network, flows)
    keys = makings.keys(4)
    x_m, y_m = makings.warp(np.array([makings.plan.campus]))[0].round().tolist()
    made = (
        (
            "bridge-closed",
            (
                f"The bridge of {bridge.way.name.en} is closed in both directions and demand is 10 % higher. "
                f"{bridge.way.name.zh}跨江大桥双向封闭，出行需求增加10%。"
            ),
            (CloseLinks(target_ids=bridge.link_ids), ScaleDemand(factor=1.1)),
        ),
        (
            "fill-driven",
            (
                f"Bins are emptied from a fill level of 70 % on, with two more vehicles at the {largest.name_en}. "
                f"满溢度达到70%即收运，{largest.name}增加两辆车。"
            ),
            (
                SetPolicy(policy="threshold", threshold=0.7),
                SetFleet(target_ids=(largest.id,), vehicle_count=largest.vehicle_count + EXTRA_VEHICLES),
            ),
        ),
        (
            "accident",
            (
                f"From 08:00 to 08:30 an accident blocks one of two lanes of {hit.way.name.en}. "
                f"8:00至8:30，{hit.way.name.zh}因事故封闭一条车道（共两条）。"
            ),
            (BlockLanes(target_ids=(hit.link_ids[direction],), lanes=1.0),),
        ),
        (
            "match",
            "10,000 cars come to the university for a match that begins at 19:00. 大学体育场19:00开赛，1万辆车前来。",
            (AddEvent(trips=10_000.0, x_m=x_m, y_m=y_m, at_s=19 * 3600.0, spread_s=3600.0),),
        ),
    )
    return [
        Scenario(id=key, source=SOURCE, source_id=f"scenario-{number:05d}", name=name, description=text, edits=edits)
        for number, (key, (name, text, edits)) in enumerate(zip(keys, made, strict=True), start=1)
    ]


def busy_street(network: Network, flows: FloatArray) -> tuple[Street, int]:
    """Return a main street, with its direction, that is well used while all around it is free: the one nearest to the middle.

    What an accident does can be seen there and nowhere else: in a jam, one more queue is lost among others.
    """
    kinds = {item.name: item for item in ROAD_CLASSES}
    streets = network.streets
    used = flows / np.array([kinds[each.way.road_class].capacity_vph * LANES[each.way.road_class] for each in streets])[:, None]
    length = np.array([street.line.length for street in streets])
    middles = np.array([street.line.interpolate(0.5, normalized=True).coords[0] for street in streets])
    crowded = np.maximum(used.max(axis=1) - CROWDED, 0.0) * length
    is_main = np.array([street.way.road_class == "primary" and not street.bridge for street in streets])
    rows, directions = np.nonzero((used > USED[0]) & (used < USED[1]) & (is_main & (length > LEAST_LENGTH_M))[:, None])
    jam = np.array([crowded[np.hypot(*(middles - middles[row]).T) < AROUND_M].sum() for row in rows])
    calm = np.flatnonzero(jam <= 1.5 * jam.min())
    best = calm[np.argmin(np.hypot(*middles[rows[calm]].T))]
    return streets[rows[best]], int(directions[best])


def main_bridge(network: Network) -> Street:
    """Return the bridge of a primary road that is nearest to the middle of the city."""
    bridges = [street for street in network.streets if street.bridge and street.way.road_class == "primary"]
    return min(bridges, key=lambda street: float(np.hypot(*street.line.interpolate(0.5, normalized=True).coords[0])))
