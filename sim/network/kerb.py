"""Where trucks stop: the node of the road network for each bin, depot and disposal site."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.network.streets import link_ends
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

IntArray = NDArray[np.int32]

FAR_FROM_ROAD_M = 200.0
POINTS_AT_ONCE = 4000


def largest(component: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which nodes are in the largest part of a network."""
    return np.asarray(component == np.bincount(component).argmax())


class Kerb:
    """Finds the node at which a truck stops for a point: the nearer end of the nearest road of the base city."""

    def __init__(self, base: Snapshot, in_main: NDArray[np.bool_]) -> None:
        self.node_xy = base["node"].xy
        self.in_main = in_main
        tail, head = link_ends(base)
        open_roads = (tail >= 0) & (head >= 0) & ~base["link"]["closed"].astype(bool)
        usable = np.flatnonzero(open_roads & in_main[tail] & in_main[head])
        if not len(usable):
            raise ScenarioError(
                "No two junctions of this city's road network can be reached from each other.",
                "Import a connected road network.",
            )
        lines = base["link"].geometry
        if lines is None:
            raise ScenarioError("The roads of this city have no lines.", "Import the road network again.")
        self.tree = shapely.STRtree(lines[usable])
        self.tail, self.head = tail[usable], head[usable]

    def nearest(self, xy: FloatArray) -> tuple[IntArray, NDArray[np.bool_]]:
        """Return the node row for each point ``(n, 2)`` and whether it is far from every road."""
        points = shapely.points(xy)
        pairs, distance = self.tree.query_nearest(points, return_distance=True, all_matches=False)
        line = pairs[1]
        tail, head = self.tail[line], self.head[line]
        to_tail = np.hypot(*(xy - self.node_xy[tail]).T)
        to_head = np.hypot(*(xy - self.node_xy[head]).T)
        # On equal distance the smaller row: both directions of a street then agree.
        closer_tail = (to_tail < to_head) | ((to_tail == to_head) & (tail < head))
        return np.where(closer_tail, tail, head).astype(np.int32), np.asarray(distance > FAR_FROM_ROAD_M)

    def nearest_of_many(self, xy: FloatArray) -> Task[tuple[IntArray, NDArray[np.bool_]]]:
        """Do as ``nearest`` in parts, so that a cancel is answered at once."""
        parts = [(np.empty(0, np.int32), np.empty(0, np.bool_))]
        for start in range(0, len(xy), POINTS_AT_ONCE):
            parts.append(self.nearest(xy[start : start + POINTS_AT_ONCE]))
            yield Progress("Reading the city", start, len(xy))
        return np.concatenate([node for node, _ in parts]), np.concatenate([far for _, far in parts])

    def node_near(self, xy: FloatArray) -> int:
        """Return the well-connected node nearest to one point ``(2,)``."""
        away = np.hypot(*(self.node_xy - xy).T)
        return int(np.where(self.in_main, away, np.inf).argmin())

    def edge_node(self, xy: FloatArray) -> int:
        """Return the well-connected node farthest from one point ``(2,)``."""
        away = np.hypot(*(self.node_xy - xy).T)
        return int(np.where(self.in_main, away, -1.0).argmax())
