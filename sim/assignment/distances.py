"""Distances from eight places at once, each worked out when it is first asked for.

From a place, paths climb the hierarchy (see ``hierarchy``) and come down to where they lead. Everything above a
node is an ancestor of it in one tree, so that whoever asks for a node has its ancestors worked out and no others:
D. Delling, A. V. Goldberg, A. Nowatzyk, R. F. Werneck (2013), PHAST, Journal of Parallel and Distributed Computing
73 (7), 940-952, doi:10.1016/j.jpdc.2012.02.007, for several origins; D. Delling, A. V. Goldberg, R. F. Werneck
(2011), Faster batched shortest paths in road networks, ATMOS 2011, 52-63, doi:10.4230/OASIcs.ATMOS.2011.52, for
destinations that are few.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.assignment.hierarchy import LANES, UNREACHED, Costs, Floats, Hierarchy, Ints, make_costs
from sim.assignment.lanes import make_rows, pull, push

States = NDArray[np.uint8]
UNSEEN: Final = np.uint8(0)
CLIMBED: Final = np.uint8(1)
ASKED: Final = np.uint8(2)
KNOWN: Final = np.uint8(4)
ANY_ASKED: Final = np.uint64(0x0202020202020202)
"""What is known of a rank: nothing, a distance by paths that climb, that it is asked for (beside that), all."""


class Distances(NamedTuple):
    """Least costs from up to eight places to the nodes of a hierarchy, and the costs of its arcs that they are made of.

    ``row (n, 8)`` is by rank, and valid where ``state (n,)`` is ``KNOWN``. ``source (8,)`` are the ranks of the
    places, -1 beyond the last.
    """

    costs: Costs
    row: Floats
    state: States
    source: Ints


def make_distances(hierarchy: Hierarchy) -> Distances:
    """Return room for distances on a hierarchy."""
    nodes = len(hierarchy.rank)
    padded = -(-nodes // LANES) * LANES  # states are looked at by eights
    return Distances(
        make_costs(hierarchy),
        make_rows(nodes),
        np.empty(padded, np.uint8),
        np.empty(LANES, np.int32),
    )


@njit(cache=True, nogil=True)
def look_from(places: Ints, hierarchy: Hierarchy, distances: Distances) -> None:
    """Forget what was known and find the least costs of paths from up to eight nodes that lead to ever higher ranks.

    Centroids other than the place itself are not passed.
    """
    start, upper, first_through = hierarchy.start, hierarchy.upper, hierarchy.first_through
    row, state, up = distances.row, distances.state, distances.costs.up
    ranks = hierarchy.rank.shape[0]
    state[:] = UNSEEN
    distances.source[:] = -1
    for lane in range(places.shape[0]):
        rank = hierarchy.rank[places[lane]]
        distances.source[lane] = rank
        _see(rank, row, state)
        row[rank, lane] = 0.0
        if rank < first_through:
            for one in range(start[rank], start[rank + 1]):
                _see(upper[one], row, state)
                row[upper[one], lane] = min(row[upper[one], lane], up[one])
    eights = state.view(np.uint64)
    for eight in range(first_through // LANES, eights.shape[0]):
        if eights[eight] == 0:
            continue
        for rank in range(max(LANES * eight, first_through), min(LANES * (eight + 1), ranks)):
            if state[rank] == CLIMBED:
                for one in range(start[rank], start[rank + 1]):
                    above = upper[one]
                    push(row, above, state[above] == CLIMBED, rank, up[one])
                    state[above] = CLIMBED


@njit(cache=True, nogil=True)
def _see(rank: int, row: Floats, state: States) -> None:
    """Make a rank one that is climbed to, if only just."""
    if state[rank] == UNSEEN:
        state[rank] = CLIMBED
        row[rank, :] = UNREACHED


@njit(cache=True, nogil=True)
def know(nodes: Ints, hierarchy: Hierarchy, distances: Distances) -> None:
    """Make sure that the distances to nodes are in the rows of their ranks."""
    start, upper, first_through = hierarchy.start, hierarchy.upper, hierarchy.first_through
    row, state, down, source = distances.row, distances.state, distances.costs.down, distances.source
    lowest, highest = _ask_for(nodes, hierarchy, state)
    eights = state.view(np.uint64)
    for eight in range(highest // LANES, lowest // LANES - 1, -1):
        if eights[eight] & ANY_ASKED == 0:
            continue
        for rank in range(LANES * eight + LANES - 1, LANES * eight - 1, -1):
            if state[rank] & ASKED == 0:
                continue
            if rank < first_through:
                _reach_centroid(rank, start, upper, down, row, state, source, first_through)
                continue
            pull(row, rank, state[rank] & CLIMBED != 0, start[rank], start[rank + 1], upper, down)
            state[rank] = KNOWN


@njit(cache=True, nogil=True)
def _reach_centroid(
    rank: int, start: Ints, upper: Ints, down: Floats, row: Floats, state: States, source: Ints, first_through: int
) -> None:
    """Work out the distances to a centroid; of another one that it is joined to, only trips from there come this way."""
    first_passable = start[rank]
    while first_passable < start[rank + 1] and upper[first_passable] < first_through:
        first_passable += 1
    pull(row, rank, state[rank] & CLIMBED != 0, first_passable, start[rank + 1], upper, down)
    for one in range(start[rank], first_passable):
        for lane in range(LANES):
            if source[lane] == upper[one]:
                row[rank, lane] = min(row[rank, lane], down[one])
    state[rank] = KNOWN


@njit(cache=True, nogil=True)
def _ask_for(nodes: Ints, hierarchy: Hierarchy, state: States) -> tuple[int, int]:
    """Mark nodes that are not known, and all above them that are not; return the lowest and the highest rank of these."""
    rank_of, start, upper, parent = hierarchy.rank, hierarchy.start, hierarchy.upper, hierarchy.parent
    lowest, highest = state.shape[0], -1
    for node in nodes:
        rank = rank_of[node]
        if state[rank] >= ASKED:
            continue
        lowest = min(lowest, rank)
        if rank < hierarchy.first_through:
            state[rank] |= ASKED
            highest = max(highest, rank)
            for one in range(start[rank], start[rank + 1]):
                above = upper[one]
                while above >= hierarchy.first_through and state[above] < ASKED:
                    state[above] |= ASKED
                    highest = max(highest, above)
                    above = parent[above]
        else:
            while rank >= 0 and state[rank] < ASKED:
                state[rank] |= ASKED
                highest = max(highest, rank)
                rank = parent[rank]
    return lowest, highest


@njit(cache=True, nogil=True)
def skim(origins: Ints, hierarchy: Hierarchy, distances: Distances, out: Floats) -> None:
    """Fill ``out (origins, zones)`` with the least costs from nodes to the zones, which are the first nodes."""
    zones = np.arange(out.shape[1], dtype=np.int32)
    for low in range(0, origins.shape[0], LANES):
        batch = origins[low : low + LANES]
        look_from(batch, hierarchy, distances)
        know(zones, hierarchy, distances)
        for zone in zones:
            rank = hierarchy.rank[zone]
            for lane in range(batch.shape[0]):
                out[low + lane, zone] = distances.row[rank, lane]
