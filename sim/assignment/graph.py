"""The network as arrays: what the compiled kernels work on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.task import Progress, Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.int8]

MESSAGE = "Finding the equilibrium"
CLOSED_TIME_S = 1e7
"""Time of a closed link: finite, so that labels stay finite, and beyond every real path."""


class Graph(NamedTuple):
    """A directed graph of ``n`` nodes and ``m`` links, links sorted by their head (reverse star).

    ``tail`` and ``head`` are ``(m,)``. The links into node j are ``in_start[j]`` to ``in_start[j + 1]``;
    those out of it are ``out_link[out_start[j] : out_start[j + 1]]``. Nodes below ``first_through`` are
    centroids: a path may start or end there but never pass.
    """

    tail: Ints
    head: Ints
    in_start: Ints
    out_start: Ints
    out_link: Ints
    first_through: int


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
    """One acyclic sub-network per origin with the flow on it, and the tree of shortest paths when last looked.

    A bush holds only what trips of its origin pass, or soon may. All bushes share a pool: that of
    origin r begins at ``first[r]`` and has ``room[r]`` places there. Of these, ``node`` holds its
    ``nodes[r]`` nodes in topological order, the origin first. The links into the p-th node are
    ``start[p]`` to ``start[p + 1]`` of its ``links[r]`` entries of ``link`` (which of the graph), ``tail``
    (which node of the bush) and ``flow``. ``filled (1,)`` is the part of the pool that is given away.
    ``into (origins, n)`` is the link by which the shortest path reaches each node, -1 at the origin and
    where nothing leads.
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
    into: Ints

    def flow_of(self, origin: int, graph: Graph) -> Floats:
        """Return the flow of one origin on every link of the graph ``(m,)``."""
        mine = slice(int(self.first[origin]), int(self.first[origin] + self.links[origin]))
        flow = np.zeros(len(graph.tail))
        flow[self.link[mine]] = self.flow[mine]
        return flow


class Loading(NamedTuple):
    """Volume, travel time and its slope on every link, kept in step while flow is shifted; all ``(m,)``."""

    volume: Floats
    time: Floats
    slope: Floats


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
    )
    return graph, place


def empty_bushes(graph: Graph, origin_count: int) -> Bushes:
    """Return bushes without links or flow."""

    def none() -> Ints:
        return np.empty(0, np.int32)

    def zeros() -> Longs:
        return np.zeros(origin_count, np.int64)

    into = np.full((origin_count, len(graph.in_start) - 1), -1, np.int32)
    none_filled = np.zeros(1, np.int64)
    return Bushes(none(), none(), none(), none(), np.empty(0), zeros(), zeros(), zeros(), zeros(), none_filled, into)


def larger(bushes: Bushes, graph: Graph) -> Task[Bushes]:
    """Return the same bushes with at least half as much room again, and always enough for one more bush."""
    used = int(bushes.filled[0])
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


def copied(bushes: Bushes) -> Task[Bushes]:
    """Return bushes of their own."""
    columns = []
    for column in bushes:
        columns.append(column.copy())
        yield Progress(MESSAGE)
    return Bushes._make(columns)


def _starts(sorted_nodes: Ints, node_count: int) -> Ints:
    counts = np.bincount(sorted_nodes, minlength=node_count)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
