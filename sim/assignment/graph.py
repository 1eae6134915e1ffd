"""The network as arrays: what the compiled kernels work on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.assignment.hierarchy import Hierarchy, make_hierarchy
from twin.task import Progress, Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.int8]

MESSAGE = "Finding the equilibrium"
CLOSED_TIME_S = 1e7
"""Time of a closed link: finite, so that labels stay finite, and beyond every real path."""
CHUNK_LINKS = 1_000_000
"""Link visits between two chances to cancel: some 30 ms."""
PACKED = 2_000_000
"""Links of bushes copied between two chances to cancel."""


class Graph(NamedTuple):
    """A directed graph of ``n`` nodes and ``m`` links, links sorted by their head (reverse star).

    ``tail`` and ``head`` are ``(m,)``. The links into node j are ``in_start[j]`` to ``in_start[j + 1]``;
    those out of it are ``out_link[out_start[j] : out_start[j + 1]]``. Nodes below ``first_through`` are
    centroids: a path may start or end there but never pass. ``hierarchy`` finds shortest paths on it.
    """

    tail: Ints
    head: Ints
    in_start: Ints
    out_start: Ints
    out_link: Ints
    first_through: int
    hierarchy: Hierarchy


class Delay(NamedTuple):
    """The delay function of each link, ``t = free_time (1 + b g(v / capacity))``; all ``(m,)``.

    ``form`` says which g (see ``delay``), ``power`` is its parameter: the exponent of the usual one.
    """

    free_time: Floats
    b: Floats
    capacity: Floats
    power: Floats
    form: Bytes


class Bushes(NamedTuple):
    """One acyclic sub-network per origin with the flow on it; an origin is a zone as a class of vehicles leaves it.

    A bush holds only what trips of its origin pass, or soon may. All bushes share a pool: that of
    origin r begins at ``first[r]`` and has ``room[r]`` places there. Of these, ``node`` holds its
    ``nodes[r]`` nodes in topological order, the origin first. The links into the p-th node are
    ``start[p]`` to ``start[p + 1]`` of its ``links[r]`` entries of ``link`` (which of the graph), ``tail``
    (which node of the bush) and ``flow``. ``filled (1,)`` is the part of the pool that is given away.
    """

    node: Ints
    start: Ints
    link: Ints
    tail: Ints
    flow: Floats
    first: Longs
    room: Longs
    nodes: Longs
    links: Longs
    filled: Longs

    @property
    def mean_links(self) -> float:
        """How many links a bush has on average."""
        return float(self.links.mean()) if len(self.links) else 0.0

    def flow_of(self, origin: int, graph: Graph) -> Floats:
        """Return the flow of one origin on every link of the graph ``(m,)``."""
        mine = slice(int(self.first[origin]), int(self.first[origin] + self.links[origin]))
        flow = np.zeros(len(graph.tail))
        flow[self.link[mine]] = self.flow[mine]
        return flow


class Loading(NamedTuple):
    """Volume, travel time and its slope on every link, kept in step while flow is shifted; all ``(m,)``.

    ``time`` contains ``extra``, what the vehicles under way pay beside time.
    """

    volume: Floats
    time: Floats
    slope: Floats
    extra: Floats


def chunks(count: int, visits: float, *, multiple: int = 1) -> Iterator[tuple[int, int]]:
    """Cut origins so that a chunk stays short when each takes that many visits of links; a ``multiple`` of origins each."""
    step = max(1, int(CHUNK_LINKS / (visits + 1.0)) // multiple) * multiple
    for low in range(0, count, step):
        yield low, min(low + step, count)


def make_graph(tail: NDArray[np.integer], head: NDArray[np.integer], node_count: int, first_through: int) -> tuple[Graph, Ints]:
    """Return the graph and, for each link given, its number in the graph."""
    by_head = np.argsort(head, kind="stable")
    sorted_tail, sorted_head = tail[by_head].astype(np.int32), head[by_head].astype(np.int32)
    place = np.empty(len(tail), np.int32)
    place[by_head] = np.arange(len(tail), dtype=np.int32)
    graph = Graph(
        sorted_tail,
        sorted_head,
        _starts(sorted_head, node_count),
        _starts(sorted_tail, node_count),
        np.argsort(sorted_tail, kind="stable").astype(np.int32),
        int(first_through),
        make_hierarchy(sorted_tail, sorted_head, node_count, int(first_through)),
    )
    return graph, place


def empty_bushes(origin_count: int) -> Bushes:
    """Return bushes without links or flow."""

    def none() -> Ints:
        return np.empty(0, np.int32)

    def zeros() -> Longs:
        return np.zeros(origin_count, np.int64)

    none_filled = np.zeros(1, np.int64)
    return Bushes(none(), none(), none(), none(), np.empty(0), zeros(), zeros(), zeros(), zeros(), none_filled)


def larger(bushes: Bushes, graph: Graph) -> Task[Bushes]:
    """Return the same bushes with at least half as much room again, and always enough for one more bush."""
    used = min(int(bushes.filled[0]), len(bushes.node))  # whoever found too little room has counted it all the same
    bushes.filled[0] = used
    room = len(bushes.node) + len(bushes.node) // 2 + 2 * (len(graph.tail) + len(graph.in_start))

    def more(column: Ints) -> Ints:
        longer = np.empty(room, np.int32)
        longer[:used] = column[:used]
        return longer

    # A large city's bushes fill hundreds of megabytes: a cancel is heard between the columns.
    node = more(bushes.node)
    yield Progress(MESSAGE)
    start = more(bushes.start)
    yield Progress(MESSAGE)
    link = more(bushes.link)
    yield Progress(MESSAGE)
    tail = more(bushes.tail)
    yield Progress(MESSAGE)
    flow = np.empty(room)
    flow[:used] = bushes.flow[:used]
    yield Progress(MESSAGE)
    return bushes._replace(node=node, start=start, link=link, tail=tail, flow=flow)


def copied(bushes: Bushes, graph: Graph) -> Task[Bushes]:
    """Return the same bushes in a pool of their own, each with a quarter more room: most grow where they are."""
    size = np.maximum(bushes.nodes + 1, bushes.links)
    size += size // 4 + 4
    filled = np.array([size.sum()])
    room = int(filled[0]) + int(filled[0]) // 4 + 2 * (len(graph.tail) + len(graph.in_start))
    node, start, link, tail = (np.empty(room, np.int32) for _ in range(4))
    first = np.cumsum(size) - size
    packed = Bushes(node, start, link, tail, np.empty(room), first, size, bushes.nodes.copy(), bushes.links.copy(), filled)
    step = max(1, PACKED * len(size) // max(1, int(filled[0])))
    for low in range(0, len(size), step):
        _pack(low, min(low + step, len(size)), bushes, packed)
        yield Progress(MESSAGE)
    return packed


@njit(cache=True, nogil=True)
def _pack(low: int, high: int, bushes: Bushes, packed: Bushes) -> None:
    """Copy the bushes ``low`` to ``high`` to where they have their place in another pool."""
    for origin in range(low, high):
        old, new = bushes.first[origin], packed.first[origin]
        nodes, links = bushes.nodes[origin], bushes.links[origin]
        packed.node[new : new + nodes] = bushes.node[old : old + nodes]
        packed.start[new : new + nodes + 1] = bushes.start[old : old + nodes + 1]
        packed.link[new : new + links] = bushes.link[old : old + links]
        packed.tail[new : new + links] = bushes.tail[old : old + links]
        packed.flow[new : new + links] = bushes.flow[old : old + links]


def _starts(sorted_nodes: Ints, node_count: int) -> Ints:
    counts = np.bincount(sorted_nodes, minlength=node_count)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
