"""Gates: where main roads leave the city's extent, and trips from and to the rest of the world with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sim.assignment.graph import Floats

MAIN_RANK = 2
"""Roads of this rank (primary) or a higher class lead out of the city; smaller ones end at its edge."""
EDGE_SHARE, EDGE_M = 0.1, 300.0
"""A road leaves where it ends this near to the edge of all roads: a share of the city's size, and at least so many metres."""
SAME_GATE_M = 120.0
"""Ends as near as this belong to one gate: the two carriageways of one road."""

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Gates:
    """``g`` gates by the ends of roads that they are made of: end k is at ``node[k]`` and belongs to gate ``gate[k]``.

    ``enter_vph`` and ``leave_vph`` ``(k,)`` are the capacities of the roads that begin and end there.
    """

    node: Rows
    gate: Rows
    enter_vph: Floats
    leave_vph: Floats

    def __len__(self) -> int:
        """Return the number of gates."""
        return int(self.gate.max()) + 1 if len(self.gate) else 0

    @property
    def joined(self) -> tuple[Rows, Rows]:
        """Pairs (node where a road ends, node where one begins) of one gate: the world outside joins them."""
        ends, starts = np.flatnonzero(self.leave_vph > 0.0), np.flatnonzero(self.enter_vph > 0.0)
        end, start = (side.ravel() for side in np.meshgrid(ends, starts, indexing="ij"))
        same = self.gate[end] == self.gate[start]
        return self.node[end[same]], self.node[start[same]]

    def kept(self, reached: Mask) -> Gates:
        """Return the gates that can be entered and left by nodes in the network, ``reached (nodes,)``."""
        inside = reached[self.node]
        count = len(self)
        enters = np.bincount(self.gate, np.where(inside, self.enter_vph, 0.0), count) > 0.0
        leaves = np.bincount(self.gate, np.where(inside, self.leave_vph, 0.0), count) > 0.0
        whole = enters & leaves
        rows = inside & whole[self.gate]
        number = np.cumsum(whole) - 1
        return Gates(self.node[rows], number[self.gate[rows]], self.enter_vph[rows], self.leave_vph[rows])


NO_GATES = Gates(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def find_gates(tail: Rows, head: Rows, sound: Mask, rank: Rows, capacity_vph: Floats, node_xy: Floats) -> Gates:
    """Return the gates of a network: main roads that end, with a single neighbour, near the edge of all roads.

    Links ``(n,)`` go from ``tail`` to ``head``; ``sound`` are those that may be driven.
    """
    count = len(node_xy)
    lowest, highest = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    for node, other in ((tail[sound], head[sound]), (head[sound], tail[sound])):
        np.minimum.at(lowest, node, other)
        np.maximum.at(highest, node, other)
    main = sound & (rank <= MAIN_RANK)
    enters = np.bincount(tail[main], capacity_vph[main], count).astype(np.float64)
    leaves = np.bincount(head[main], capacity_vph[main], count).astype(np.float64)
    ends = np.flatnonzero((lowest == highest) & (enters + leaves > 0.0))
    ends = ends[_near_edge(node_xy[highest >= 0], node_xy[ends])] if len(ends) else ends
    return Gates(ends, _clusters(node_xy[ends]), enters[ends], leaves[ends])


def _near_edge(all_xy: Floats, xy: Floats) -> Mask:
    hull = shapely.convex_hull(shapely.multipoints(all_xy))
    reach = max(EDGE_M, EDGE_SHARE * float(np.sqrt(shapely.area(hull))))
    return np.asarray(shapely.distance(shapely.boundary(hull), shapely.points(xy)) <= reach)


def _clusters(xy: Floats) -> Rows:
    """Return a number for each point so that near ones share one."""
    if not len(xy):
        return np.zeros(0, np.int64)
    pairs = cKDTree(xy).query_pairs(SAME_GATE_M, output_type="ndarray")
    matrix = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))
    return np.asarray(connected_components(matrix.tocsr(), directed=False)[1], np.int64)
