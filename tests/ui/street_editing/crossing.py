"""A crossing of four two-way streets with a signal, and a one-way lane apart from it, as values."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

from tests.town import frame, points, town
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

ARM_M = 300.0
_ENDS = {"west": (-ARM_M, 0.0), "north": (0.0, ARM_M), "east": (ARM_M, 0.0), "south": (0.0, -ARM_M)}
NAMES = ["middle", *_ENDS, "lane-start", "lane-end"]


def crossing(*, speed_kmh: float = 50.0) -> Snapshot:
    """Return the city; links are called by the side of the world they lie on, '-in' leads to the crossing."""
    places = points((0, 0), *_ENDS.values(), (-200, 200), (-50, 200))
    nodes = frame("node", places, signal=[True] + [False] * 6, cycle_s=[90.0] + [0.0] * 6)
    keys, lines, tails, heads, reverses = [], [], [], [], []
    for side, end in _ENDS.items():
        keys += [f"{side}-in", f"{side}-out"]
        lines += [shapely.LineString([end, (0, 0)]), shapely.LineString([(0, 0), end])]
        tails += [side, "middle"]
        heads += ["middle", side]
        reverses += [f"{side}-out", f"{side}-in"]
    count = len(keys) + 1
    links = frame(
        "link",
        [*lines, shapely.LineString([(-200, 200), (-50, 200)])],
        tail_id=[*tails, "lane-start"],
        head_id=[*heads, "lane-end"],
        reverse_id=[*reverses, ""],
        name=[*(side for side in _ENDS for _ in range(2)), "lane"],
        lanes=[2.0] * count,
        capacity_vph=[1200.0] * count,
        free_flow_speed_mps=[speed_kmh / 3.6] * count,
        length_m=[ARM_M] * (count - 1) + [150.0],
        road_class=["secondary"] * count,
    )
    return town(node=_keyed(nodes, NAMES), link=_keyed(links, [*keys, "lane"]))


def _keyed(made: Frame, keys: list[str]) -> Frame:
    return dataclasses.replace(made, ids=np.array(keys, dtype=object))
