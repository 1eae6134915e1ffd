"""A smaller network with the same equilibrium: dead ends cut off, links in a row joined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


def without_dead_ends(tail: Ids, head: Ids, used: Mask, protected: Mask) -> Mask:
    """Return which links are left when streets that lead nowhere are cut off again and again.

    ``used (m,)`` says which links count at all; a node in ``protected (n,)`` is somebody's destination and
    stays. A node with a single neighbour is a dead end: no shortest path goes through it.
    """
    used = used.copy()
    while True:
        lowest = np.full(len(protected), np.iinfo(np.int64).max)
        highest = np.full(len(protected), -1)
        for node, other in ((tail[used], head[used]), (head[used], tail[used])):
            np.minimum.at(lowest, node, other)
            np.maximum.at(highest, node, other)
        dead = (lowest == highest) & ~protected
        cut = used & (dead[tail] | dead[head] | (tail == head))
        if not cut.any():
            return used
        used &= ~cut


def chains(tail: Ids, head: Ids, used: Mask, protected: Mask) -> tuple[Ids, Ids, Ids]:
    """Join links that can only be driven one after the other.

    Returns the chain of each link ``(m,)`` (-1: in none) and the tail and head of each chain. A node is
    inside a chain when it is not ``protected`` and has one way in and out, or two neighbours with one link
    each way; turning back inside a chain never shortens a path.
    """
    rows = np.flatnonzero(used)
    count = len(protected)
    ways_in, ways_out = np.bincount(head[rows], minlength=count), np.bincount(tail[rows], minlength=count)
    onward = np.full(len(tail), -1)
    inside = np.zeros(count, dtype=bool)
    out_of: dict[int, list[int]] = {}
    into: dict[int, list[int]] = {}
    candidates = ~protected & (ways_in == ways_out) & ((ways_in == 1) | (ways_in == 2))
    for link in rows.tolist():
        if candidates[tail[link]]:
            out_of.setdefault(int(tail[link]), []).append(link)
        if candidates[head[link]]:
            into.setdefault(int(head[link]), []).append(link)
    for node in np.flatnonzero(candidates):
        incoming, outgoing = into[int(node)], out_of[int(node)]
        sources, targets = {int(tail[link]) for link in incoming}, {int(head[link]) for link in outgoing}
        if len(incoming) == 1:
            if sources != targets:
                onward[incoming[0]] = outgoing[0]
                inside[node] = True
        elif len(sources) == 2 and sources == targets:
            for link in incoming:
                onward[link] = next(other for other in outgoing if head[other] != tail[link])
            inside[node] = True
    chain_of = np.full(len(tail), -1)
    first: list[int] = []
    last: list[int] = []
    for link in rows.tolist():
        if inside[tail[link]]:
            continue
        step = link
        while True:
            chain_of[step] = len(first)
            if onward[step] < 0:
                break
            step = int(onward[step])
        first.append(int(tail[link]))
        last.append(int(head[step]))
    return chain_of, np.array(first, np.int64), np.array(last, np.int64)
