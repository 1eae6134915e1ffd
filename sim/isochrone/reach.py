"""How soon each road, cell and resident is reached from one place at given times of the roads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.assignment.graph import Floats, make_graph
from sim.assignment.hierarchy import UNREACHED
from sim.assignment.shortest import shortest_tree
from sim.travel.cells import Pieces
from sim.travel.network import split_city
from sim.travel.params import TravelParams
from sim.travel.road_delay import shut
from sim.travel.zones import ACCESS_SPEED_MPS, Zones
from twin.errors import ScenarioError
from twin.model.snapshot import Snapshot

AT_END = 1.0 - 1e-4
FARTHEST_M = 1000.0
"""A place farther than this from every open road is not on the network."""


@dataclass(frozen=True, eq=False)
class Start:
    """Where a trip enters the roads: ``link (k,)`` are the directions of one road, ``share (k,)`` how far along each."""

    link: NDArray[np.int64]
    share: Floats
    access_s: float


@dataclass(frozen=True, eq=False)
class Arrival:
    """Seconds from the start to each junction ``(nodes,)`` and to the beginning of each link ``(n,)``; inf: never.

    ``link_time_s (n,)`` is the time along each link, inf where nobody may drive.
    """

    node_s: Floats
    begin_s: Floats
    link_time_s: Floats
    start: Start

    @property
    def link_s(self) -> Floats:
        """Seconds to the end of each link; for those that the trip begins on, to their end as well."""
        end = self.begin_s + self.link_time_s
        # Who begins at the very end of a road has not driven along it.
        begun, share = (column[self.start.share < AT_END] for column in (self.start.link, self.start.share))
        end[begun] = np.minimum(end[begun], self.start.access_s + (1.0 - share) * self.link_time_s[begun])
        return end

    def cell_s(self, pieces: Pieces) -> Floats:
        """Return the seconds to the first piece of road in each cell ``(c,)``."""
        along = self.begin_s[pieces.link] + pieces.place * self.link_time_s[pieces.link]
        for link, share in zip(self.start.link, self.start.share, strict=True):
            ahead = (pieces.link == link) & (pieces.place >= share)
            on_own = self.start.access_s + (pieces.place[ahead] - share) * self.link_time_s[link]
            along[ahead] = np.minimum(along[ahead], on_own)
        first = np.full(len(pieces.cells), np.inf)
        np.minimum.at(first, pieces.cell, along)
        return first


def entered(city: Snapshot, xy: Floats) -> Start:
    """Return where a trip from ``xy (2,)`` enters the roads: the nearest open road, in both its directions.

    Raises ``ScenarioError`` when there is none within a kilometre.
    """
    links = city["link"]
    is_open = np.flatnonzero(~shut(links))
    if not len(is_open) or links.geometry is None:
        raise ScenarioError("This city has no open road to start from.", "Import roads, or open some of them.")
    point = shapely.Point(xy)
    nearest, away = shapely.STRtree(links.geometry[is_open]).query_nearest(point, return_distance=True, all_matches=False)
    if away[0] > FARTHEST_M:
        raise ScenarioError(
            f"The place is {away[0] / 1000:.1f} km from the nearest open road; at most {FARTHEST_M / 1000:.0f} km will do.",
            "Choose a place in the city, and check that longitude comes first.",
        )
    row = int(is_open[nearest[0]])
    back = links.row_of.get(str(links["reverse_id"][row]), -1)
    rows = [row, back] if back >= 0 and not shut(links)[back] else [row]
    lines = links.geometry[rows]
    share = shapely.line_locate_point(lines, point) / np.maximum(shapely.length(lines), 1e-9)
    return Start(np.array(rows, np.int64), share, float(away[0]) / ACCESS_SPEED_MPS)


def arrivals(city: Snapshot, link_time_s: Floats, start: Start, params: TravelParams) -> Arrival:
    """Return the shortest times (Dijkstra 1959) from a start at ``link_time_s (n,)``, turns heeded."""
    split, is_known = split_city(city, params)
    time = np.where(shut(city["link"]) | ~is_known, np.inf, link_time_s)
    costs = np.concatenate([time, split.turn_s])
    used = np.isfinite(costs)
    # One more node for the start: from it the ends of the road that it lies on are reached.
    origin = len(split.node_of)
    tail = np.concatenate([split.tail[used], np.full(len(start.link), origin)])
    head = np.concatenate([split.head[used], split.head[start.link]])
    begun = start.access_s + (1.0 - start.share) * link_time_s[start.link]
    distance = _distances(tail, head, np.concatenate([costs[used], begun]), origin)
    at_node = np.full(int(split.node_of.max()) + 1, np.inf)
    np.minimum.at(at_node, split.node_of, distance)
    return Arrival(at_node, distance[split.tail[: split.link_count]], time, start)


def _distances(tail: NDArray[np.int64], head: NDArray[np.int64], cost: Floats, origin: int) -> Floats:
    """Return the shortest times from the node ``origin``, the last one, to all before it; inf: none."""
    graph, place = make_graph(tail, head, origin + 1, 0)
    costs = np.empty(len(cost))
    costs[place] = cost
    distance = np.empty(origin + 1)
    into, settled, heap_place = (np.empty(origin + 1, np.int32) for _ in range(3))
    heap = np.empty(origin + 2, np.int32)
    shortest_tree(origin, graph, costs, distance, into, settled, heap, heap_place)
    return np.where(distance >= UNREACHED, np.inf, distance)[:origin]


def residents_within(residents: Floats, zones: Zones, city: Snapshot, arrival: Arrival, within_s: float) -> float:
    """Return how many of the residents of each zone ``(z,)`` are reached: spread evenly over the zone's junctions."""
    _, node = cKDTree(city["node"].xy).query(zones.member_xy)
    members = np.bincount(zones.member_zone, minlength=len(zones))
    each = (residents / np.maximum(members, 1))[zones.member_zone]
    return float(each[arrival.node_s[node] <= within_s].sum())
