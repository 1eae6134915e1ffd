"""The giant tour through all stops of the city before any edit; what a scenario adds is filed beside its neighbours."""

from __future__ import annotations

import numpy as np

from sim.cleanup.distances import Distances, measure_distances, stop_nodes
from sim.cleanup.operation import Operation
from sim.network.kerb import IntArray
from sim.network.streets import Streets
from sim.routing.tour import hilbert_order, or_opt_pass, two_opt_pass
from twin.task import Progress, Task

MAX_PASSES = 20


def measure_and_order(operation: Operation) -> Task[tuple[Distances, IntArray]]:
    """Return the ways between a scenario's stops and the position of each of its places on the giant tour.

    The tour is laid on the city without edits, so that two scenarios differ by their edits and not by
    the luck of two heuristics.
    """
    ways = yield from measure_distances(operation.base_streets, operation.base_node)
    tour = yield from _giant_tour(operation, ways)
    position = np.full(operation.streets.node_count, -1, np.int64)
    position[ways.node[tour]] = np.arange(len(tour))
    node = stop_nodes(operation)
    if not (np.array_equal(node, ways.node) and _are_equal(operation.streets, operation.base_streets)):
        del ways  # two at once would need twice the memory
        ways = yield from measure_distances(operation.streets, node)
    return ways, _ranks(position[ways.node], ways.near.other)


def _are_equal(one: Streets, two: Streets) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(vars(one).values(), vars(two).values(), strict=True))


def _giant_tour(operation: Operation, ways: Distances) -> Task[IntArray]:
    """Return the places in the order of a short closed tour."""
    order = np.argsort(hilbert_order(operation.node_xy[ways.node]), kind="stable").astype(np.int32)
    for _ in range(MAX_PASSES):
        moves = two_opt_pass(ways.time_s, ways.near.other, order) + or_opt_pass(ways.time_s, ways.near.other, order)
        yield Progress("Laying the tour through all stops")
        if not moves:
            break
    return order


def _ranks(position: np.ndarray[tuple[int], np.dtype[np.int64]], near: IntArray) -> IntArray:
    """Return ranks without gaps; a place that is not on the tour (-1) comes right after its nearest that is."""
    filed = position.astype(np.float64)
    for place in np.flatnonzero(position < 0).tolist():
        known = position[near[place][near[place] >= 0]]
        known = known[known >= 0]
        filed[place] = known[0] + 0.5 if len(known) else len(position)
    rank = np.empty(len(position), np.int32)
    rank[np.argsort(filed, kind="stable")] = np.arange(len(position), dtype=np.int32)
    return rank
