"""The network as arrays: what the compiled kernels work on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.uint8]

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
    """The delay function of each link, ``t = free_time (1 + b (v / capacity) ** power)``; all ``(m,)``."""

    free_time: Floats
    b: Floats
    capacity: Floats
    power: Floats


class Bushes(NamedTuple):
    """One acyclic sub-network per origin, and the flow on it.

    ``flow`` and ``member`` are ``(origins, m)``, ``order`` ``(origins, n)`` holds the ``reached`` nodes of
    each bush in topological order, the origin first. The first ``active`` of them are those that the
    origin's trips pass, or could pass within the bush; flow is shifted among these alone.
    """

    flow: Floats
    member: Flags
    order: Ints
    reached: Ints
    active: Ints


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
    links, nodes = len(graph.tail), len(graph.in_start) - 1
    return Bushes(
        np.zeros((origin_count, links)),
        np.zeros((origin_count, links), np.uint8),
        np.zeros((origin_count, nodes), np.int32),
        np.zeros(origin_count, np.int32),
        np.zeros(origin_count, np.int32),
    )


def _starts(sorted_nodes: Ints, node_count: int) -> Ints:
    counts = np.bincount(sorted_nodes, minlength=node_count)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
