"""Ways from many places to many on one road network: most vertices contracted, a table for the core, one sweep per place.

Bauer, R., Delling, D., Sanders, P., Schieferdecker, D., Schultes, D., Wagner, D. (2010). Combining hierarchical and
goal-directed speed-up techniques for Dijkstra's algorithm. ACM Journal of Experimental Algorithmics 15, 2.3.
https://doi.org/10.1145/1671970.1671976 : the core, whose last vertices cost most to contract, is left as it is.
Delling, D., Goldberg, A. V., Nowatzyk, A., Werneck, R. F. (2013). PHAST: hardware-accelerated shortest path trees. Journal
of Parallel and Distributed Computing 73(7), 940-952. https://doi.org/10.1016/j.jpdc.2012.02.007 : the sweep down, of which only
what lies above the places wanted is made (Delling, Goldberg, Werneck 2011, https://doi.org/10.4230/OASIcs.ATMOS.2011.52).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.abreast import by_rows
from sim.network.contraction import CONTRACTED, NONE, contract, start_contraction
from sim.network.shortest import push, sink, travel_rows
from sim.network.streets import Streets
from twin.geo import FloatArray
from twin.task import Progress, Task

IntArray = NDArray[np.int32]
Table = NDArray[np.float32]

CORE_SHARE = 0.2
LARGEST_CORE = 3000
"""Vertices left in the core: with this many its tables take 72 MB."""
ABREAST = 8
"""Sources that are swept at once."""
SEARCHES_PER_CALL = 3000
SETTLED_PER_CALL = 200_000
SWEPT_PER_CALL = 4_000_000
"""Work of one compiled call: some tens of milliseconds, so that a cancel is answered at once."""


CROSSED = 30
"""Core vertices, roughly, that a search climbs to and crosses the core from."""


class Hierarchy(NamedTuple):
    """Contracted vertices and a core of the others, with the ways inside the core.

    ``core`` ``(n,)`` is the row of a core vertex in ``core_s, core_m``, else NONE. Arcs up of contracted vertices are in
    compressed rows by vertex. ``place`` ``(n,)`` is where a vertex stands in the sweep, the core first, NONE if it need not
    be swept; row i of the arcs down ends at place i.
    """

    core: IntArray
    core_s: Table
    core_m: Table
    up_first: IntArray
    up_head: IntArray
    up_time: FloatArray
    up_length: FloatArray
    place: IntArray
    down_first: IntArray
    down_tail: IntArray
    down_time: FloatArray
    down_length: FloatArray


class Arcs(NamedTuple):
    """Arcs in compressed rows."""

    first: IntArray
    head: IntArray
    time_s: FloatArray
    length_m: FloatArray


class DownArcs(NamedTuple):
    """Arcs from a vertex to one of lower rank, or within the core."""

    tail: IntArray
    head: IntArray
    time_s: FloatArray
    length_m: FloatArray


class Contracted(NamedTuple):
    """A network with most vertices contracted, before anybody says which vertices are wanted.

    ``core``, its tables and ``up`` as in ``Hierarchy``; ``above`` ``(n,)`` is the rank of each vertex, n in the core. ``down`` has
    all arcs down, ``into`` their tails in compressed rows by head, ``upwards`` the vertices from the lowest rank on.
    """

    core: IntArray
    core_s: Table
    core_m: Table
    up: Arcs
    down: DownArcs
    into: Arcs
    upwards: IntArray


def build_hierarchy(streets: Streets, targets: IntArray) -> Task[Hierarchy]:
    """Prepare a network for searches from anywhere to some vertices."""
    return aimed((yield from contract_network(streets)), targets)


def contract_network(streets: Streets) -> Task[Contracted]:
    """Do all of the preparation that does not depend on the vertices wanted."""
    n = streets.vertex_count
    until = n - min(int(CORE_SHARE * n) + 1, LARGEST_CORE)
    state = start_contraction(streets.first_arc, streets.head, streets.time_s, streets.length_m)
    yield Progress("Measuring the ways between stops", 0, n)
    while state.tally[CONTRACTED] < until:
        if not contract(state, until, SEARCHES_PER_CALL):
            state = state.with_more_room()
        yield Progress("Measuring the ways between stops", 0.3 * float(state.tally[CONTRACTED]), n)
    tail, head, time_s, length_m = state.arcs()
    core = np.where(state.rank == NONE, np.cumsum(state.rank == NONE) - 1, NONE).astype(np.int32)
    above = np.where(state.rank == NONE, n, state.rank)
    inner = (core[tail] != NONE) & (core[head] != NONE)
    core_s, core_m = yield from _table(_rows(core[tail], core[head], time_s, length_m, inner, int(core.max()) + 1))
    up = _rows(tail, head, time_s, length_m, above[head] > above[tail], n)
    is_down = above[tail] > above[head]
    down = DownArcs(tail[is_down], head[is_down], time_s[is_down], length_m[is_down])
    into = _rows(head, tail, time_s, length_m, is_down, n)
    return Contracted(core, core_s, core_m, up, down, into, np.argsort(above, kind="stable").astype(np.int32))


def aimed(network: Contracted, targets: IntArray) -> Hierarchy:
    """Return the hierarchy for searches to some vertices: the fewer lie above them, the shorter each sweep."""
    core, down = network.core, network.down
    place, swept = _places(network, targets)
    kept = place[down.head] != NONE
    arcs = _rows(place[down.head], place[down.tail], down.time_s, down.length_m, kept, swept)
    return Hierarchy(core, network.core_s, network.core_m, *network.up, place, *arcs)


def tables_between(
    ways: Hierarchy, sources: IntArray, targets: IntArray, message: str, begun: float = 0.0
) -> Task[tuple[Table, Table]]:
    """Return seconds and metres ``(sources, targets)`` of the fastest ways; unreachable is inf.

    ``targets`` are those that the hierarchy is aimed at; ``begun`` is the share of the work that was done before.
    """
    count = len(sources)
    time_s, length_m = np.empty((count, len(targets)), np.float32), np.empty((count, len(targets)), np.float32)
    step = max(1, SWEPT_PER_CALL // (len(ways.down_tail) + CROSSED * len(ways.core_s)))
    for done in by_rows(lambda part: ways_to_all(ways, sources[part], targets, time_s[part], length_m[part]), count, step):
        yield Progress(message, begun * count + (1.0 - begun) * done, count)
    return time_s, length_m


def _rows(row: IntArray, other: IntArray, time_s: FloatArray, length_m: FloatArray, kept: NDArray[np.bool_], count: int) -> Arcs:
    """Return the arcs kept in compressed rows, with their other ends."""
    arcs = np.flatnonzero(kept)
    arcs = arcs[np.argsort(row[arcs], kind="stable")]
    first = np.searchsorted(row[arcs], np.arange(count + 1)).astype(np.int32)
    return Arcs(first, other[arcs], time_s[arcs], length_m[arcs])


def _table(arcs: Arcs) -> Task[tuple[Table, Table]]:
    """Return times and lengths between all vertices of the core."""
    count = len(arcs.first) - 1
    core_s, core_m = np.empty((count, count), np.float32), np.empty((count, count), np.float32)
    every = np.arange(count, dtype=np.int32)
    step = max(1, SETTLED_PER_CALL // count)
    for done in by_rows(lambda part: travel_rows(*arcs, every[part], every, core_s[part], core_m[part]), count, step):
        yield Progress("Measuring the ways between stops", 0.3 * (count + done), 2 * count)
    return core_s, core_m


def _places(network: Contracted, targets: IntArray) -> tuple[IntArray, int]:
    """Return where each vertex stands in the sweep: the core by its rows, then from the top what lies above the targets."""
    is_swept = np.zeros(len(network.core), np.bool_)
    is_swept[targets] = True
    _mark_above(network.upwards, network.into.first, network.into.head, is_swept)
    place = network.core.copy()
    downwards = network.upwards[::-1]
    lower = downwards[is_swept[downwards] & (network.core[downwards] == NONE)]
    size = int(network.core.max()) + 1
    place[lower] = np.arange(size, size + len(lower), dtype=np.int32)
    return place, size + len(lower)


@njit(cache=True, nogil=True)
def _mark_above(upwards: IntArray, first: IntArray, tail: IntArray, is_marked: NDArray[np.bool_]) -> None:
    """Mark what lies above what is marked."""
    for vertex in upwards:
        if is_marked[vertex]:
            for arc in range(first[vertex], first[vertex + 1]):
                is_marked[tail[arc]] = True


@njit(cache=True, nogil=True)
def ways_to_all(ways: Hierarchy, sources: IntArray, targets: IntArray, time_s: Table, length_m: Table) -> None:
    """Fill ``time_s`` and ``length_m`` ``(sources, targets)`` with the fastest ways; unreachable is inf.

    ``targets`` are those that the hierarchy was built for. Several sources are swept at once, side by side in memory.
    """
    n, swept = len(ways.core), len(ways.down_first) - 1
    reach, along = np.full(n, np.inf), np.zeros(n)
    climbed = np.empty(n, np.int32)
    keys, values = np.empty(len(ways.up_head) + 1), np.empty(len(ways.up_head) + 1, np.int32)
    wide_s, wide_m = np.empty((swept, ABREAST), np.float32), np.zeros((swept, ABREAST), np.float32)
    core_s, core_m = np.empty(len(ways.core_s), np.float32), np.empty(len(ways.core_s), np.float32)
    for start in range(0, len(sources), ABREAST):
        wide_s[:] = np.inf
        lanes = min(ABREAST, len(sources) - start)
        for lane in range(lanes):
            count = _climb(ways, sources[start + lane], reach, along, keys, values, climbed)
            core_s[:] = np.inf
            for row in range(count):
                vertex = climbed[row]
                if ways.core[vertex] != NONE:
                    _cross(ways, ways.core[vertex], reach[vertex], along[vertex], core_s, core_m)
                elif ways.place[vertex] != NONE:
                    wide_s[ways.place[vertex], lane], wide_m[ways.place[vertex], lane] = reach[vertex], along[vertex]
                reach[vertex] = np.inf
            for row in range(len(core_s)):
                wide_s[row, lane], wide_m[row, lane] = core_s[row], core_m[row]
        _sweep(ways, wide_s, wide_m)
        for lane in range(lanes):
            for column in range(len(targets)):
                place = ways.place[targets[column]]
                time_s[start + lane, column] = wide_s[place, lane]
                length_m[start + lane, column] = wide_m[place, lane] if wide_s[place, lane] < np.inf else np.inf


@njit(cache=True, nogil=True)
def _climb(
    ways: Hierarchy, source: int, reach: FloatArray, along: FloatArray, keys: FloatArray, values: IntArray, climbed: IntArray
) -> int:
    """Search from a vertex along arcs up to the core; list the vertices reached and return how many."""
    reach[source], along[source] = 0.0, 0.0
    climbed[0] = source
    count = 1
    size = push(keys, values, 0, 0.0, source)
    while size > 0:
        key, vertex = keys[0], values[0]
        size -= 1
        sink(keys, values, size)
        if key > reach[vertex]:
            continue
        for arc in range(ways.up_first[vertex], ways.up_first[vertex + 1]):
            beyond = ways.up_head[arc]
            arrival = key + ways.up_time[arc]
            if arrival < reach[beyond]:
                if reach[beyond] == np.inf:
                    climbed[count] = beyond
                    count += 1
                reach[beyond], along[beyond] = arrival, along[vertex] + ways.up_length[arc]
                size = push(keys, values, size, arrival, beyond)
    return count


@njit(cache=True, nogil=True)
def _cross(ways: Hierarchy, row: int, reached_s: float, reached_m: float, core_s: Table, core_m: Table) -> None:
    """Go on from a vertex of the core to all others."""
    start_s, start_m = np.float32(reached_s), np.float32(reached_m)
    for column in range(len(core_s)):
        arrival = start_s + ways.core_s[row, column]
        is_faster = arrival < core_s[column]
        core_s[column] = arrival if is_faster else core_s[column]
        core_m[column] = start_m + ways.core_m[row, column] if is_faster else core_m[column]


@njit(cache=True, nogil=True)
def _sweep(ways: Hierarchy, wide_s: Table, wide_m: Table) -> None:
    """Go down from the core, every vertex taking the fastest of the ways from above."""
    for place in range(len(wide_s)):
        for arc in range(ways.down_first[place], ways.down_first[place + 1]):
            above = ways.down_tail[arc]
            added_s, added_m = np.float32(ways.down_time[arc]), np.float32(ways.down_length[arc])
            for lane in range(ABREAST):
                arrival = wide_s[above, lane] + added_s
                is_faster = arrival < wide_s[place, lane]
                wide_s[place, lane] = arrival if is_faster else wide_s[place, lane]
                wide_m[place, lane] = wide_m[above, lane] + added_m if is_faster else wide_m[place, lane]
