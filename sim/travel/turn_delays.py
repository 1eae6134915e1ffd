"""What turns cost beside the wait at a signal: left turns that must let the oncoming traffic pass, and turning back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.travel.bearings import entering_deg, leaving_deg, turn_deg
from sim.travel.params import TravelParams
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASSES

Rows = NDArray[np.int64]
BUSY_RANK = 3
"""Oncoming traffic on a road of this rank (secondary) or a higher class is worth waiting for; turns elsewhere are free."""
ONCOMING_DEG = 135.0
"""A road that comes from a direction this different from one's own comes from ahead."""
STRAIGHT_DEG, BACK_DEG = 30.0, 165.0
"""A turn by less than the first is none; one by more than the second, or onto the same road, turns back."""


def turn_delays(
    links: Frame, tail: Rows, head: Rows, banned: set[tuple[int, int]], params: TravelParams
) -> dict[tuple[int, int], float]:
    """Return the time (s) of each turn (from link, to link) that costs any; ``tail`` and ``head`` are node rows ``(n,)``.

    Only junctions where it matters have any, so that the graph stays small: left turns across a busy road,
    and turning back at a junction with a ban or the next one after it.
    """
    delays: dict[tuple[int, int], float] = {}
    if params.left_turn_delay_s > 0.0:
        delays.update(_across(links, tail, head, params))
    if params.u_turn_delay_s > 0.0 and banned:
        barred = {int(head[start]) for start, _ in banned}
        near = barred | set(head[np.isin(tail, list(barred))].tolist())
        delays.update(dict.fromkeys(_backs(links, tail, head, near), params.u_turn_delay_s))
    return delays


def _across(links: Frame, tail: Rows, head: Rows, params: TravelParams) -> Mapping[tuple[int, int], float]:
    """Return the turns across an oncoming busy road: to the left, or to the right where traffic keeps left."""
    enters, leaves = entering_deg(links), leaving_deg(links)
    rank = {item.name: item.rank for item in ROAD_CLASSES}
    busy = np.array([rank[name] <= BUSY_RANK for name in links["road_class"].tolist()], bool) & ~links["closed"].astype(bool)
    side = -1.0 if params.keeps_left else 1.0
    into, out_of = _at(head, set(head[busy].tolist())), _at(tail, set(head[busy].tolist()))
    found: dict[tuple[int, int], float] = {}
    for junction, incoming in into.items():
        for start in incoming:
            oncoming = [other for other in incoming if busy[other] and abs(turn_deg(enters[start], enters[other])) > ONCOMING_DEG]
            if not oncoming:
                continue
            for end in out_of[junction]:
                if STRAIGHT_DEG < side * turn_deg(enters[start], leaves[end]) < BACK_DEG:
                    found[start, end] = params.left_turn_delay_s
    return found


def _backs(links: Frame, tail: Rows, head: Rows, junctions: set[int]) -> list[tuple[int, int]]:
    """Return the pairs of a link into a junction and the link back along the same road."""
    enters, leaves = entering_deg(links), leaving_deg(links)
    into, out_of = _at(head, junctions), _at(tail, junctions)
    return [
        (start, end)
        for junction, incoming in into.items()
        for start in incoming
        for end in out_of[junction]
        if head[end] == tail[start] and abs(turn_deg(enters[start], leaves[end])) > BACK_DEG
    ]


def _at(node: Rows, wanted: set[int]) -> dict[int, list[int]]:
    """Return the links at each wanted node."""
    groups: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.isin(node, list(wanted))).tolist():
        groups[int(node[row])].append(row)
    return groups
