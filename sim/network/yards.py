"""Depots and other yards on the roads: where they are, what is assumed, and what closures cut off."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.network.kerb import FAR_FROM_ROAD_M, IntArray, Kerb
from twin.errors import ScenarioError
from twin.model.frame import Frame

NAMED = 5
"""Things that a note names; of more it tells the number."""


def some(ids: NDArray[Any]) -> str:
    """Return the first few keys."""
    return ", ".join(ids[:NAMED].tolist()) + (" …" if len(ids) > NAMED else "")


def yard_nodes(kerb: Kerb, yards: Frame, what: str, notes: list[str]) -> IntArray:
    """Return the node row of each yard, and note those that are far from every road."""
    node, far = kerb.nearest(yards.xy)
    if far.any():
        names = some(yards.ids[far])
        notes.append(f"{far.sum()} {what} are more than {FAR_FROM_ROAD_M:.0f} m from a road; the nearest road counts: {names}.")
    return node


def depot_nodes(kerb: Kerb, depots: Frame, notes: list[str]) -> IntArray:
    """Return the node row of each depot; without any, one in the middle of the roads is assumed and noted."""
    if len(depots):
        return yard_nodes(kerb, depots, "depots", notes)
    notes.append("This city has no depot; one is assumed in the middle of its roads.")
    return np.array([kerb.node_near(kerb.node_xy[kerb.in_main].mean(axis=0))], np.int32)


def not_cut_off(in_main: NDArray[np.bool_], what: str, ids: NDArray[Any], notes: list[str]) -> NDArray[np.bool_]:
    """Return which yards are on the main part of the roads, as ``in_main`` says, and note the others.

    Raises ``ScenarioError`` when none is left.
    """
    if not in_main.any():
        raise ScenarioError(
            f"The closed roads cut every one of the {len(in_main)} {what} off from the other roads.",
            "Open one of the closed roads around them in the scenario.",
        )
    if not in_main.all():
        lost = ids[~in_main]
        notes.append(f"{len(lost)} of {len(in_main)} {what} are cut off by closed roads and not used: {some(lost)}.")
    return in_main
