"""Contract the vertices of a network in the order of their importance: shortcuts past them keep all fastest times.

Geisberger, R., Sanders, P., Schultes, D., Delling, D. (2008). Contraction hierarchies: faster and simpler hierarchical
routing in road networks. WEA, 319-333. https://doi.org/10.1007/978-3-540-68552-4_24 : the next vertex is the one whose
contraction adds the fewest arcs compared with those it removes, and whose neighbours were contracted least; priorities are
brought up to date when a vertex comes first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.network.shortest import push, sink
from twin.geo import FloatArray

IntArray = NDArray[np.int32]

NONE = -1
ROOM = 4
"""Arcs that there is room for at first, as a multiple of those of the network."""
SETTLED = 60
"""Vertices after which a search for a way round a vertex is given up: a shortcut too many does no harm."""
LEVEL_WEIGHT = 2
COUNT, QUEUED, SEARCH, CONTRACTED = 0, 1, 2, 3
"""Columns of the tally: arcs, vertices in the queue, number of the last search, vertices contracted."""


class Contraction(NamedTuple):
    """A network under contraction: arcs in linked lists by tail and by head, the queue, and room to search.

    ``rank`` ``(n,)`` is NONE until a vertex is contracted; ``level`` how deep what was contracted around it lies;
    ``seen`` is the search in which ``reach`` was set; ``shortcut`` has the pairs of arcs that the vertex last looked at needs.
    """

    tail: IntArray
    head: IntArray
    time_s: FloatArray
    length_m: FloatArray
    next_out: IntArray
    next_in: IntArray
    heap_key: FloatArray
    heap_vertex: IntArray
    shortcut: IntArray
    first_out: IntArray
    first_in: IntArray
    rank: IntArray
    level: IntArray
    queue_key: FloatArray
    queue_vertex: IntArray
    reach: FloatArray
    seen: NDArray[np.int64]
    tally: NDArray[np.int64]

    def with_more_room(self) -> Contraction:
        """Return the same with room for twice as many arcs."""
        return self._replace(**{name: np.concatenate([getattr(self, name)] * 2) for name in self._fields[:9]})

    def arcs(self) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Return tail, head, time and length of all arcs, shortcuts included."""
        count = int(self.tally[COUNT])
        return self.tail[:count], self.head[:count], self.time_s[:count], self.length_m[:count]


def start_contraction(first_arc: IntArray, head: IntArray, time_s: FloatArray, length_m: FloatArray) -> Contraction:
    """Return a network in which nothing is contracted yet; of parallel arcs the fastest is kept."""
    n, room = len(first_arc) - 1, max(16, ROOM * len(head))
    state = Contraction(
        tail=np.empty(room, np.int32),
        head=np.empty(room, np.int32),
        time_s=np.empty(room),
        length_m=np.empty(room),
        next_out=np.empty(room, np.int32),
        next_in=np.empty(room, np.int32),
        heap_key=np.empty(room),
        heap_vertex=np.empty(room, np.int32),
        shortcut=np.empty((room, 2), np.int32),
        first_out=np.full(n, NONE, np.int32),
        first_in=np.full(n, NONE, np.int32),
        rank=np.full(n, NONE, np.int32),
        level=np.zeros(n, np.int32),
        queue_key=np.empty(n + 1),
        queue_vertex=np.empty(n + 1, np.int32),
        reach=np.empty(n),
        seen=np.zeros(n, np.int64),
        tally=np.zeros(4, np.int64),
    )
    _begin(state, first_arc, head, time_s, length_m)
    return state


@njit(cache=True, nogil=True)
def _begin(state: Contraction, first_arc: IntArray, head: IntArray, time_s: FloatArray, length_m: FloatArray) -> None:
    """Enter all arcs, and all vertices into the queue before any priority that is known."""
    n = len(first_arc) - 1
    for vertex in range(n):
        for arc in range(first_arc[vertex], first_arc[vertex + 1]):
            if head[arc] != vertex:
                _add_arc(state, vertex, head[arc], time_s[arc], length_m[arc])
    for vertex in range(n):
        state.tally[QUEUED] = push(state.queue_key, state.queue_vertex, state.tally[QUEUED], -1e9, vertex)


@njit(cache=True, nogil=True)
def _add_arc(state: Contraction, tail: int, head: int, time_s: float, length_m: float) -> None:
    """Add an arc, or make the one that there is faster."""
    arc = state.first_out[tail]
    while arc != NONE:
        if state.head[arc] == head:
            if time_s < state.time_s[arc]:
                state.time_s[arc], state.length_m[arc] = time_s, length_m
            return
        arc = state.next_out[arc]
    arc = state.tally[COUNT]
    state.tally[COUNT] += 1
    state.tail[arc], state.head[arc] = tail, head
    state.time_s[arc], state.length_m[arc] = time_s, length_m
    state.next_out[arc], state.first_out[tail] = state.first_out[tail], arc
    state.next_in[arc], state.first_in[head] = state.first_in[head], arc


@njit(cache=True, nogil=True)
def _search(state: Contraction, source: int, without: int, most_s: float) -> None:
    """Search among vertices not contracted, without one of them, as far as ``most_s``."""
    state.tally[SEARCH] += 1
    mark = state.tally[SEARCH]
    state.reach[source], state.seen[source] = 0.0, mark
    size = push(state.heap_key, state.heap_vertex, 0, 0.0, source)
    settled = 0
    while size > 0 and settled < SETTLED:
        key, vertex = state.heap_key[0], state.heap_vertex[0]
        size -= 1
        sink(state.heap_key, state.heap_vertex, size)
        if key > state.reach[vertex]:
            continue
        if key > most_s:
            break
        settled += 1
        arc = state.first_out[vertex]
        while arc != NONE:
            beyond = state.head[arc]
            arrival = key + state.time_s[arc]
            is_new = state.seen[beyond] != mark or arrival < state.reach[beyond]
            if is_new and state.rank[beyond] == NONE and beyond != without and size < len(state.heap_key) - 1:
                state.reach[beyond], state.seen[beyond] = arrival, mark
                size = push(state.heap_key, state.heap_vertex, size, arrival, beyond)
            arc = state.next_out[arc]


@njit(cache=True, nogil=True)
def _shortcuts(state: Contraction, vertex: int) -> int:
    """Note the shortcuts that the contraction of a vertex needs and return how many."""
    farthest_s, needed = 0.0, 0
    arc = state.first_out[vertex]
    while arc != NONE:
        if state.rank[state.head[arc]] == NONE:
            farthest_s = max(farthest_s, state.time_s[arc])
        arc = state.next_out[arc]
    into = state.first_in[vertex]
    while into != NONE:
        source = state.tail[into]
        if state.rank[source] == NONE:
            _search(state, source, vertex, state.time_s[into] + farthest_s)
            mark = state.tally[SEARCH]
            arc = state.first_out[vertex]
            while arc != NONE:
                target = state.head[arc]
                through_s = state.time_s[into] + state.time_s[arc]
                is_open = state.rank[target] == NONE and target != source
                if is_open and (state.seen[target] != mark or state.reach[target] > through_s):
                    state.shortcut[needed, 0], state.shortcut[needed, 1] = into, arc
                    needed += 1
                arc = state.next_out[arc]
        into = state.next_in[into]
    return needed


@njit(cache=True, nogil=True)
def _look_around(state: Contraction, vertex: int, level: int) -> tuple[int, int]:
    """Return how many arcs lead into a vertex and out of it, and raise the neighbours to a level; contracted ones do not count."""
    into, out = 0, 0
    arc = state.first_in[vertex]
    while arc != NONE:
        other = state.tail[arc]
        if state.rank[other] == NONE:
            into += 1
            state.level[other] = max(state.level[other], level)
        arc = state.next_in[arc]
    arc = state.first_out[vertex]
    while arc != NONE:
        other = state.head[arc]
        if state.rank[other] == NONE:
            out += 1
            state.level[other] = max(state.level[other], level)
        arc = state.next_out[arc]
    return into, out


@njit(cache=True, nogil=True)
def contract(state: Contraction, until: int, most_searches: int) -> bool:
    """Contract vertices until so many are, or about so many searches were made; return False without room for more arcs."""
    last = state.tally[SEARCH] + most_searches
    while state.tally[CONTRACTED] < until and state.tally[SEARCH] < last:
        vertex = state.queue_vertex[0]
        into, out = _look_around(state, vertex, 0)
        if state.tally[COUNT] + into * out > len(state.tail):
            return False
        state.tally[QUEUED] -= 1
        sink(state.queue_key, state.queue_vertex, state.tally[QUEUED])
        needed = _shortcuts(state, vertex)
        priority = float(needed - into - out + LEVEL_WEIGHT * state.level[vertex])
        if state.tally[QUEUED] > 0 and priority > state.queue_key[0]:
            state.tally[QUEUED] = push(state.queue_key, state.queue_vertex, state.tally[QUEUED], priority, vertex)
            continue
        for row in range(needed):
            one, two = state.shortcut[row]
            through_s, through_m = state.time_s[one] + state.time_s[two], state.length_m[one] + state.length_m[two]
            _add_arc(state, state.tail[one], state.head[two], through_s, through_m)
        state.rank[vertex] = state.tally[CONTRACTED]
        state.tally[CONTRACTED] += 1
        _look_around(state, vertex, state.level[vertex] + 1)
    return True
