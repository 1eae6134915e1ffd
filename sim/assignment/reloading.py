"""Other trips on the same bushes: how the flow of before is carried over to them."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.assignment.bush import DONE, FULL, Draft, put
from sim.assignment.distances import Distances, look_from
from sim.assignment.graph import Bushes, Floats, Graph, Ints
from sim.assignment.growth import trace
from sim.assignment.hierarchy import LANES


@njit(cache=True, nogil=True)
def reload(
    origins: Ints, graph: Graph, time: Floats, trips: Floats, distances: Distances, bushes: Bushes, draft: Draft
) -> tuple[int, int]:
    """Carry other trips on the same bushes, split at every node in the same proportions as before.

    Trips to where none went leave the bush by the shortest path. Returns how many origins are done and
    what stopped it, if anything.
    """
    zones, through = trips.shape[1], np.empty(graph.in_start.shape[0] - 1)
    for low in range(0, origins.shape[0], LANES):
        batch = origins[low : low + LANES]
        look_from(batch % zones, graph.hierarchy, distances)
        for lane in range(batch.shape[0]):
            if not _reach(batch[lane], lane, graph, time, trips, distances, bushes, draft):
                return low + lane, FULL
            _pass_on(batch[lane], trips, bushes, through)
    return int(origins.shape[0]), DONE


@njit(cache=True, nogil=True)
def _pass_on(origin: int, trips: Floats, bushes: Bushes, through: Floats) -> None:
    """Spread the trips of an origin over its bush as its flow was spread."""
    zones, first = trips.shape[1], bushes.first[origin]
    for position in range(bushes.nodes[origin]):
        node = bushes.node[first + position]
        through[position] = trips[origin, node] if position > 0 and node < zones else 0.0
    for position in range(bushes.nodes[origin] - 1, 0, -1):
        low, high = first + bushes.start[first + position], first + bushes.start[first + position + 1]
        before = 0.0
        for entry in range(low, high):
            before += bushes.flow[entry]
        for entry in range(low, high):
            share = bushes.flow[entry] / before if before > 0.0 else 1.0 / (high - low)
            bushes.flow[entry] = share * through[position]
            through[bushes.tail[entry]] += bushes.flow[entry]


@njit(cache=True, nogil=True)
def _reach(
    origin: int, lane: int, graph: Graph, time: Floats, trips: Floats, distances: Distances, bushes: Bushes, draft: Draft
) -> bool:
    """Let a bush grow branches of the shortest paths to all destinations; false when the pool is full."""
    first, nodes = bushes.first[origin], bushes.nodes[origin]
    place, source, stack = draft.place, bushes.node[first], draft.order
    for position in range(nodes):
        place[bushes.node[first + position]] = 0
    count = 0
    for destination in range(trips.shape[1]):
        if trips[origin, destination] > 0.0 and place[destination] == -1:
            for index in range(trace(destination, source, lane, graph, time, distances, place, stack)):
                draft.link[count] = stack[index]
                draft.flow[count] = 0.0
                count += 1
                place[graph.head[stack[index]]] = 0
    added = count
    for entry in range(first, first + bushes.links[origin]):
        draft.link[count] = bushes.link[entry]
        draft.flow[count] = bushes.flow[entry]
        count += 1
    for index in range(count):
        place[graph.tail[draft.link[index]]] = -1
        place[graph.head[draft.link[index]]] = -1
    place[source] = -1
    return added == 0 or put(origin, source, count, graph, bushes, draft) == DONE
