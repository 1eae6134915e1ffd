"""Select link: which trips use a road, and where else they drive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.assignment.graph import Floats, Graph, Ints
from sim.assignment.origin_flow import CHUNK_VISITS, OriginFlow
from twin.errors import DataError
from twin.task import Progress, Task

MESSAGE = "Following the trips"


@dataclass(frozen=True, eq=False)
class Selection:
    """The trips that use a chosen link: how many of each pair ``(z, z)``, and their volume on every link ``(m,)``."""

    trips: Floats
    volume: Floats


def select_link(graph: Graph, flow: OriginFlow, links: NDArray[np.integer]) -> Task[Selection]:
    """Return the trips that pass at least one of ``links``.

    On one link alone their volume there is that of the link. Raises ``DataError`` when a link is not in the graph.
    """
    zones = len(flow.trips)
    if not len(links) or links.min() < 0 or links.max() >= len(graph.tail):
        raise DataError(
            f"{len(links)} links were chosen; at least one of the {len(graph.tail)} of the graph is needed.", "Choose a road."
        )
    chosen = np.zeros(len(graph.tail), np.bool_)
    chosen[links] = True
    trips, volume = np.zeros((zones, zones)), np.zeros(len(graph.tail))
    step = max(1, CHUNK_VISITS // (8 * len(graph.tail)))
    for low in range(0, zones, step):
        _select(low, min(low + step, zones), graph, flow.on_link, flow.into, flow.trips, chosen, trips, volume)
        yield Progress(MESSAGE, low, zones)
    return Selection(trips, volume)


@njit(cache=True, nogil=True)
def in_order(origin: int, graph: Graph, flow: Floats, order: Ints, waiting: Ints) -> int:
    """Fill the nodes that an origin's flow ``(m,)`` reaches in topological order (Kahn 1962); return how many."""
    waiting[:] = -1  # not reached
    order[0] = origin
    waiting[origin] = 0
    done, reached = 0, 1
    while done < reached:
        node = order[done]
        done += 1
        for index in range(graph.out_start[node], graph.out_start[node + 1]):
            other = graph.head[graph.out_link[index]]
            if flow[graph.out_link[index]] > 0.0:
                if waiting[other] < 0:
                    waiting[other] = 0
                    order[reached] = other
                    reached += 1
                waiting[other] += 1
    done, count = 0, 1
    while done < count:
        node = order[done]
        done += 1
        for index in range(graph.out_start[node], graph.out_start[node + 1]):
            other = graph.head[graph.out_link[index]]
            if flow[graph.out_link[index]] > 0.0:
                waiting[other] -= 1
                if waiting[other] == 0:
                    order[count] = other
                    count += 1
    return count


@njit(cache=True, nogil=True)
def _select(
    low: int,
    high: int,
    graph: Graph,
    on_link: Floats,
    into: Floats,
    demand: Floats,
    chosen: NDArray[np.bool_],
    trips: Floats,
    volume: Floats,
) -> None:
    """Fill the trips of some origins that pass a chosen link, and add their volumes."""
    links, nodes = on_link.shape[0], into.shape[0]
    flow, passed, tagged, coming = np.empty(links), np.empty(nodes), np.empty(nodes), np.empty(nodes)
    order, waiting = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    for origin in range(low, high):
        for link in range(links):
            flow[link] = on_link[link, origin]
        count = in_order(origin, graph, flow, order, waiting)
        passed[:] = 0.0
        # Forward: the share of the trips at each node that have passed a chosen link.
        for index in range(1, count):
            node = order[index]
            share = 0.0
            for link in range(graph.in_start[node], graph.in_start[node + 1]):
                if flow[link] > 0.0:
                    share += flow[link] * (1.0 if chosen[link] else passed[graph.tail[link]])
            passed[node] = min(1.0, share / into[node, origin])
        # Backward: those of them that have passed one when they are here, and those that will.
        for index in range(count):
            node = order[index]
            tagged[node], coming[node] = 0.0, 0.0
            if node < demand.shape[1] and node != origin:
                trips[origin, node] = demand[origin, node] * passed[node]
                tagged[node] = trips[origin, node]
        for index in range(count - 1, 0, -1):
            node = order[index]
            for link in range(graph.in_start[node], graph.in_start[node + 1]):
                if flow[link] <= 0.0:
                    continue
                part, before = flow[link] / into[node, origin], graph.tail[link]
                was = passed[before]
                if chosen[link]:
                    here = tagged[node] * part / passed[node]
                    tagged[before] += here * was
                    coming[before] += here * (1.0 - was)
                    volume[link] += here
                    continue
                if passed[node] > 0.0:
                    here = tagged[node] * part * was / passed[node]
                    tagged[before] += here
                    volume[link] += here
                if passed[node] < 1.0:
                    here = coming[node] * part * (1.0 - was) / (1.0 - passed[node])
                    coming[before] += here
                    volume[link] += here
