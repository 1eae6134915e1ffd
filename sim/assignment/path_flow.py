"""The paths between two zones, the most used first, with the trips on each."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from sim.assignment.graph import Graph, Ints
from sim.assignment.origin_flow import OriginFlow
from twin.errors import DataError


@dataclass(frozen=True, eq=False)
class PathFlow:
    """Links of the graph from origin to destination, the trips (veh/h) that take them, and their share of the pair's."""

    links: Ints
    trips: float
    share: float


def path_flows(graph: Graph, flow: OriginFlow, origin: int, destination: int, *, most: int = 20) -> tuple[PathFlow, ...]:
    """Return the ``most`` used paths of a pair of zones in the order of their use; fewer where there are fewer.

    At each node a trip has come by one of the links in proportion to the origin's flow on them; a path's share is
    the product along it. Raises ``DataError`` when one of the zones does not exist.
    """
    zones = len(flow.trips)
    if not (0 <= origin < zones and 0 <= destination < zones):
        raise DataError(
            f"There is no pair of zones {origin} and {destination}; zones are numbered from 0 to {zones - 1}.", "Choose others."
        )
    demand = float(flow.trips[origin, destination])
    on_link, into = flow.on_link[:, origin], flow.into[:, origin]
    found: list[PathFlow] = []
    # Shares only fall on the way back from the destination: the first to arrive is the most used.
    heap: list[tuple[float, int, tuple[int, ...]]] = [(-1.0, destination, ())]
    while heap and len(found) < most and demand > 0.0 and origin != destination:
        share, node, links = heapq.heappop(heap)
        if node == origin:
            found.append(PathFlow(np.array(links, np.int32), -share * demand, -share))
            continue
        for link in range(int(graph.in_start[node]), int(graph.in_start[node + 1])):
            if on_link[link] > 0.0:
                part = float(on_link[link] / into[node])
                heapq.heappush(heap, (share * part, int(graph.tail[link]), (link, *links)))
    return tuple(found)
