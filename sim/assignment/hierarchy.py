"""The hierarchy of a graph, fitted to any link costs: what shortest paths are found by (see ``distances``).

Nodes are taken out one after the other, those with few neighbours first; arcs between the neighbours of a
node that is gone keep all shortest paths. The order and the arcs depend on the graph alone and are made
once; new costs are filled in by one pass over the arcs, after which a shortest tree is two passes over
them, without a queue: J. Dibbelt, B. Strasser, D. Wagner (2016), Customizable contraction hierarchies,
ACM Journal of Experimental Algorithmics 21, 1.5, doi:10.1145/2886843.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import splu

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Row = tuple[float, float, float, float, float, float, float, float]
"""Distances of one node from eight places."""

UNREACHED = 1e300
LANES = 8
"""Places whose distances are found together: those of one node fill one vector register of the processor."""


class Hierarchy(NamedTuple):
    """Arcs between nodes that go by their rank ``(n,)``, the order in which they are taken out.

    ``upper[start[v] : start[v + 1]]`` are the higher ranks that v is joined to, in ascending order; each
    arc may be driven both ways. All of them are above each other, so that the lowest, ``parent (n,)`` (-1: none), leads
    to all of them. ``arc (m,)`` is the arc of each link, -1 for a link from a node to itself, and
    ``climbs (m,)`` whether the link leads to the higher rank. The ranks below ``first_through`` may not be passed.
    """

    rank: Ints
    start: Ints
    upper: Ints
    parent: Ints
    arc: Ints
    climbs: NDArray[np.bool_]
    first_through: int


class Costs(NamedTuple):
    """The least cost along each arc to its higher rank and down from it ``(arcs,)``."""

    up: Floats
    down: Floats


def make_hierarchy(tail: Ints, head: Ints, nodes: int, first_through: int) -> Hierarchy:
    """Return the hierarchy of a graph; nodes below ``first_through`` are centroids and rank lowest."""
    rank = _ranks(tail, head, nodes, first_through)
    one, other = rank[tail], rank[head]
    low, high = np.minimum(one, other), np.maximum(one, other)
    pairs = np.unique(low.astype(np.int64) * nodes + high)
    pair_low, pair_high = np.divmod(pairs, max(nodes, 1))
    own_start = np.searchsorted(pair_low, np.arange(nodes + 1)).astype(np.int32)
    start, upper = _fill_in(own_start, pair_high.astype(np.int32), first_through)
    arc = _arcs(start, upper, low, high)
    parent = np.full(nodes, -1, np.int32)
    has_any = start[1:] > start[:-1]
    parent[has_any] = upper[start[:-1][has_any]]
    return Hierarchy(rank, start, upper, parent, arc, one < other, first_through)


def _ranks(tail: Ints, head: Ints, nodes: int, first_through: int) -> Ints:
    """Return the rank of each node ``(n,)``: centroids first, then by minimum degree (that of SuperLU)."""
    rank = np.arange(nodes, dtype=np.int32)
    passable = (tail >= first_through) & (head >= first_through) & (tail != head)
    count = nodes - first_through
    if count < 2 or not passable.any():
        return rank
    one, other = tail[passable] - first_through, head[passable] - first_through
    joined = coo_array((np.ones(len(one)), (one, other)), shape=(count, count)).tocsr()
    joined.data[:] = 1.0
    both = joined + joined.T
    dominant = both + diags_array(np.asarray(both.sum(axis=1)).ravel() + 1.0)
    factors = splu(dominant.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    rank[first_through:] = first_through + factors.perm_c
    return rank


@njit(cache=True, nogil=True)
def _fill_in(own_start: Ints, own_upper: Ints, first_through: int) -> tuple[Ints, Ints]:
    """Join all higher neighbours of every rank that is taken out; return the arcs (symbolic elimination)."""
    ranks = own_start.shape[0] - 1
    start = np.zeros(ranks + 1, np.int32)
    upper = np.empty(2 * own_upper.shape[0] + 16, np.int32)
    first_child = np.full(ranks, -1, np.int32)
    next_child = np.full(ranks, -1, np.int32)
    seen = np.full(ranks, -1, np.int32)
    count = 0
    for rank in range(ranks):
        begin = count
        if upper.shape[0] < begin + ranks:
            longer = np.empty(2 * upper.shape[0] + ranks, np.int32)
            longer[:begin] = upper[:begin]
            upper = longer
        for index in range(own_start[rank], own_start[rank + 1]):
            if own_upper[index] != rank:
                upper[count] = own_upper[index]
                seen[own_upper[index]] = rank
                count += 1
        child = first_child[rank]
        while child >= 0:
            for index in range(start[child] + 1, start[child + 1]):  # the first is this rank itself
                if seen[upper[index]] != rank:
                    upper[count] = upper[index]
                    seen[upper[index]] = rank
                    count += 1
            child = next_child[child]
        upper[begin:count].sort()
        start[rank + 1] = count
        if rank >= first_through and count > begin:
            parent = upper[begin]
            next_child[rank] = first_child[parent]
            first_child[parent] = rank
    return start, upper[:count].copy()


@njit(cache=True, nogil=True)
def _arcs(start: Ints, upper: Ints, low: Ints, high: Ints) -> Ints:
    """Return the arc between two ranks for each link ``(m,)``."""
    arc = np.full(low.shape[0], -1, np.int32)
    for link in range(low.shape[0]):
        if low[link] != high[link]:
            begin = start[low[link]]
            arc[link] = begin + np.searchsorted(upper[begin : start[low[link] + 1]], high[link])
    return arc


def make_costs(hierarchy: Hierarchy) -> Costs:
    """Return room for the costs of arcs."""
    return Costs(np.empty(len(hierarchy.upper)), np.empty(len(hierarchy.upper)))


@njit(cache=True, nogil=True)
def fit(hierarchy: Hierarchy, link_cost: Floats, costs: Costs) -> None:
    """Fill in the costs of all arcs for the costs of links ``(m,)``: the lower triangles, from the lowest rank up."""
    start, upper, arc, climbs = hierarchy.start, hierarchy.upper, hierarchy.arc, hierarchy.climbs
    up, down = costs.up, costs.down
    up[:] = UNREACHED
    down[:] = UNREACHED
    for link in range(arc.shape[0]):
        if arc[link] >= 0:
            if climbs[link]:
                up[arc[link]] = min(up[arc[link]], link_cost[link])
            else:
                down[arc[link]] = min(down[arc[link]], link_cost[link])
    for rank in range(hierarchy.first_through, start.shape[0] - 1):
        end = start[rank + 1]
        for one in range(start[rank], end):
            spot = start[upper[one]]
            from_one, to_one = down[one], up[one]
            for other in range(one + 1, end):
                while upper[spot] != upper[other]:
                    spot += 1
                up[spot] = min(up[spot], from_one + up[other])
                down[spot] = min(down[spot], down[other] + to_one)


@njit(cache=True, nogil=True)
def trees(sources: Ints, hierarchy: Hierarchy, costs: Costs, distance: Floats) -> None:
    """Fill ``distance (n, 8)``, by rank, with the least cost from each of up to eight nodes to everywhere.

    Centroids other than the source itself are not passed.
    """
    distance[:] = UNREACHED
    _climb(sources, hierarchy, costs.up, distance)
    start, upper, down, first_through = hierarchy.start, hierarchy.upper, costs.down, hierarchy.first_through
    for rank in range(start.shape[0] - 2, -1, -1):
        here = lanes_of(distance, rank)
        for one in range(start[rank], start[rank + 1]):
            there = lanes_of(distance, upper[one])
            if upper[one] < first_through:
                there = _sources_alone(there)
            here = nearer(here, there, down[one])
        write(here, distance, rank)


@njit(cache=True, nogil=True)
def _climb(sources: Ints, hierarchy: Hierarchy, up: Floats, distance: Floats) -> None:
    """Fill in the least costs of paths that lead to ever higher ranks."""
    start, upper, first_through = hierarchy.start, hierarchy.upper, hierarchy.first_through
    is_reached = np.zeros(start.shape[0] - 1, np.bool_)
    for lane in range(sources.shape[0]):
        rank = hierarchy.rank[sources[lane]]
        is_reached[rank] = True
        distance[rank, lane] = 0.0
        if rank < first_through:
            for one in range(start[rank], start[rank + 1]):
                is_reached[upper[one]] = True
                distance[upper[one], lane] = up[one]
    for rank in range(first_through, start.shape[0] - 1):
        if is_reached[rank]:
            here = lanes_of(distance, rank)
            for one in range(start[rank], start[rank + 1]):
                is_reached[upper[one]] = True
                write(nearer(lanes_of(distance, upper[one]), here, up[one]), distance, upper[one])


# Eight numbers are named one by one: the compiler keeps them in registers, which it does not do with an array.


@njit(cache=True, inline="always")
def lanes_of(distance: Floats, rank: int) -> Row:
    """Return the distances of a rank."""
    row = distance[rank]
    return row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]


@njit(cache=True, inline="always")
def write(row: Row, distance: Floats, rank: int) -> None:
    """Make these the distances of a rank."""
    into = distance[rank]
    into[0], into[1], into[2], into[3], into[4], into[5], into[6], into[7] = row


@njit(cache=True, inline="always")
def nearer(known: Row, start: Row, cost: float) -> Row:
    """Return the distances that are known, or those by an arc from another rank where they are less."""
    k, s = known, start
    return (
        min(k[0], s[0] + cost),
        min(k[1], s[1] + cost),
        min(k[2], s[2] + cost),
        min(k[3], s[3] + cost),
        min(k[4], s[4] + cost),
        min(k[5], s[5] + cost),
        min(k[6], s[6] + cost),
        min(k[7], s[7] + cost),
    )


@njit(cache=True)
def _sources_alone(row: Row) -> Row:
    """Return a centroid's distances as seen from beyond it: 0 from itself, nothing from elsewhere."""
    r = row
    return _own(r[0]), _own(r[1]), _own(r[2]), _own(r[3]), _own(r[4]), _own(r[5]), _own(r[6]), _own(r[7])


@njit(cache=True, inline="always")
def _own(distance: float) -> float:
    return distance if distance == 0.0 else UNREACHED


@njit(cache=True, nogil=True)
def skim(sources: Ints, hierarchy: Hierarchy, costs: Costs, out: Floats) -> None:
    """Fill ``out (sources, zones)`` with the least costs from nodes to the zones, which are the first nodes."""
    distance = np.empty((hierarchy.rank.shape[0], LANES))
    for low in range(0, sources.shape[0], LANES):
        batch = sources[low : low + LANES]
        trees(batch, hierarchy, costs, distance)
        for lane in range(batch.shape[0]):
            for zone in range(out.shape[1]):
                out[low + lane, zone] = distance[hierarchy.rank[zone], lane]
