"""Pairs of alternative segments: two ways between the same two nodes that take equally long."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.assignment.balance import DUST
from sim.assignment.graph import Floats, Graph, Ints, Longs
from twin.task import Progress, Task

MESSAGE = "Finding alternative ways"
FULL = -1

Known = dict[bytes, tuple[Ints, Ints]]


class Segments(NamedTuple):
    """Pairs of segments: of pair p, ``link[first[p] : middle[p]]`` and ``link[middle[p] : last[p]]``.

    The links of each go backwards from the node where the two meet to the one where they part.
    """

    link: Ints
    first: Ints
    middle: Ints
    last: Ints


class Trees(NamedTuple):
    """Of each origin the least cost to every node and the last link on the way ``(n, z)``, by link costs ``(m,)``.

    ``slack`` is the cost by which a way may be longer and still count as equally long.
    """

    label: Floats
    into: Ints
    cost: Floats
    slack: float


def find_segments(graph: Graph, on_link: Floats, trees: Trees, known: Known) -> Task[int]:
    """Add the pairs that some origin could use to those ``known``; return how many are new.

    At each node that an origin passes, the link by which most of its flow comes makes a tree; every other link
    that it uses there, or that is no detour, closes one pair with it. ``on_link (m, z)`` is flow by origin.
    """
    before = len(known)
    pool = np.empty(64 + 8 * len(graph.tail), np.int32)
    bounds = np.empty((len(graph.tail) + 1, 3), np.int64)
    used = on_link.max(axis=1) > DUST
    for origin in range(on_link.shape[1]):
        flow = np.where(used, on_link[:, origin], -1.0)
        label, tree = trees.label[:, origin].copy(), trees.into[:, origin].copy()
        while (count := _pairs(graph, flow, label, tree, trees.cost, trees.slack, pool, bounds)) == FULL:
            pool = np.empty(2 * len(pool), np.int32)
        for first, middle, last in bounds[:count].tolist():
            one, two = pool[first:middle], pool[middle:last]
            if one[0] > two[0]:
                one, two = two, one
            known.setdefault(one.tobytes() + b"|" + two.tobytes(), (one.copy(), two.copy()))
        yield Progress(MESSAGE, origin, on_link.shape[1])
    return len(known) - before


def packed(known: Known) -> Segments:
    """Return the pairs as arrays, in an order that does not depend on how they were found."""
    pairs = [known[key] for key in sorted(known)]
    lengths = np.array([[len(one), len(two)] for one, two in pairs], np.int32).reshape(-1, 2)
    last = np.cumsum(lengths.sum(axis=1), dtype=np.int32)
    first = (last - lengths.sum(axis=1)).astype(np.int32)
    link = np.concatenate([part for pair in pairs for part in pair]) if pairs else np.empty(0, np.int32)
    return Segments(link.astype(np.int32), first, (first + lengths[:, 0]).astype(np.int32), last)


@njit(cache=True, nogil=True)
def _pairs(graph: Graph, flow: Floats, label: Floats, tree: Ints, cost: Floats, slack: float, pool: Ints, bounds: Longs) -> int:
    """Write the pairs of one origin to the pool and their bounds ``(pairs, 3)``; return how many, or that it is full.

    ``flow (m,)`` is that of the origin, -1 on links that nobody uses; ``tree`` becomes the tree of its main ways.
    """
    tail, head = graph.tail, graph.head
    passed = np.zeros(label.shape[0], np.bool_)
    for node in range(label.shape[0]):
        most = DUST
        for link in range(graph.in_start[node], graph.in_start[node + 1]):
            if flow[link] > most and label[tail[link]] < label[node]:
                most = flow[link]
                tree[node] = link
                passed[node] = True
    count, filled = 0, 0
    for link in range(flow.shape[0]):
        node, before = head[link], tail[link]
        if not passed[node] or link == tree[node] or flow[link] < 0.0 or label[before] >= label[node]:
            continue
        if flow[link] <= DUST and label[before] + cost[link] > label[node] + slack:
            continue
        parting = _parting(tail[tree[node]], before, tail, tree, label)
        bounds[count, 0] = filled
        for number in range(2):
            way = tree[node] if number == 0 else link
            while True:
                if filled == pool.shape[0]:
                    return FULL
                pool[filled] = way
                filled += 1
                if tail[way] == parting:
                    break
                way = tree[tail[way]]
            bounds[count, 1 + number] = filled
        count += 1
    return count


@njit(cache=True, nogil=True)
def _parting(one: int, two: int, tail: Ints, tree: Ints, label: Floats) -> int:
    """Return the last node that the ways to two nodes through the tree have in common; labels rise along the tree."""
    while one != two:
        if label[one] < label[two]:
            two = tail[tree[two]]
        else:
            one = tail[tree[one]]
    return one
