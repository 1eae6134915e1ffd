"""Segments taken into a bush: the order of its nodes is kept as far as it can be."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from sim.assignment.bush import CYCLE, DONE, FULL, make_room
from sim.assignment.graph import Bushes, Floats, Graph, Ints

UNPLACED: Final = -1
AWAITS: Final = -2


class Graft(NamedTuple):
    """Room to take segments into a bush, and for the bush that comes of it.

    Nodes of the bush go by ``number``: by their place in its order, those that come with segments after them.
    ``number (n,)`` is that of each node of the graph, -1 where it has none. By number, ``(2 n,)``: ``fresh`` is the
    node that came, ``into`` the last of the links that came into it and ``next`` the one before each of those, -1 at
    the end; ``link`` and ``tail`` (a number) are theirs, ``position`` the place in the new order, and ``stack`` what
    waits for others before it. ``new`` are the columns of the new bush.
    """

    number: Ints
    fresh: Ints
    into: Ints
    next: Ints
    link: Ints
    tail: Ints
    position: Ints
    stack: Ints
    new_node: Ints
    new_start: Ints
    new_link: Ints
    new_tail: Ints
    new_flow: Floats


def make_graft(nodes: int, links: int) -> Graft:
    """Return room for the grafts of a graph; no node is in a bush yet."""

    def room(size: int) -> Ints:
        return np.empty(size, np.int32)

    # A node that carries nothing any more is left out and may come again, so that there are twice as many numbers.
    number = np.full(nodes, -1, np.int32)
    fresh, into, following, link, tail, position, stack = (room(2 * nodes) for _ in range(7))
    new = room(nodes), room(nodes + 1), room(links), room(links), np.empty(links)
    return Graft(number, fresh, into, following, link, tail, position, stack, *new)


@njit(cache=True, nogil=True)
def take_in(
    position: int, depth: int, nodes: int, links: int, graph: Graph, time: Floats, greatest: Floats, graft: Graft
) -> tuple[int, int]:
    """Note the segment of ``depth`` links on the stack, the last one first, that ends at a node of the bush.

    ``nodes`` and ``links`` came before; returns how many are there now. ``greatest`` becomes the time by the longest
    way to each node that came.
    """
    node_of, number, fresh, into, stack = graph.head, graft.number, graft.fresh, graft.into, graft.stack
    came_by, came_from, following = graft.link, graft.tail, graft.next
    tail = number[graph.tail[stack[depth - 1]]]
    for index in range(depth - 1, -1, -1):
        link, head = stack[index], position
        if index > 0:
            head = nodes
            nodes += 1
            number[node_of[link]] = head
            fresh[head] = node_of[link]
            into[head] = -1
            greatest[head] = greatest[tail] + time[link]
        came_by[links] = link
        came_from[links] = tail
        following[links] = into[head]
        into[head] = links
        links += 1
        tail = head
    return nodes, links


@njit(cache=True, nogil=True)
def put_together(origin: int, nodes: int, bushes: Bushes, greatest: Floats, graft: Graft) -> int:
    """Make the links of a bush that are in use, and those that came, its new bush; return what stops it, if anything.

    Nodes are placed in the old order, each after those that its links come from: only what has to moves forward.
    """
    known, first = bushes.nodes[origin], bushes.first[origin]
    node, start = bushes.node[first:], bushes.start[first:]
    link, tail, flow = bushes.link[first:], bushes.tail[first:], bushes.flow[first:]
    position, stack, into, fresh = graft.position, graft.stack, graft.into, graft.fresh
    new_node, new_start, new_link, new_tail, new_flow = (
        graft.new_node,
        graft.new_start,
        graft.new_link,
        graft.new_tail,
        graft.new_flow,
    )
    position[:nodes] = UNPLACED
    placed, links = 0, 0
    for number in range(known):
        if greatest[number] < 0.0 or position[number] >= 0:
            continue
        stack[0] = number
        depth = 1
        while depth > 0:
            mine, awaited, filled = stack[depth - 1], UNPLACED, links
            if mine < known:
                for entry in range(start[mine], start[mine + 1]):
                    before = tail[entry]
                    if flow[entry] > 0.0 and greatest[before] >= 0.0:
                        if position[before] < 0:
                            awaited = before
                            break
                        new_link[filled] = link[entry]
                        new_tail[filled] = position[before]
                        new_flow[filled] = flow[entry]
                        filled += 1
            if awaited < 0 and into[mine] >= 0:
                awaited, filled = _add(mine, filled, graft)
            if awaited < 0:
                new_node[placed] = node[mine] if mine < known else fresh[mine]
                new_start[placed] = links
                links = filled
                position[mine] = placed
                placed += 1
                depth -= 1
            elif position[awaited] == AWAITS:
                return CYCLE
            else:
                position[mine] = AWAITS
                stack[depth] = awaited
                depth += 1
    new_start[placed] = links
    return _write(origin, placed, links, bushes, graft)


@njit(cache=True, nogil=True)
def _add(mine: int, links: int, graft: Graft) -> tuple[int, int]:
    """Write the links that came into a node after ``links`` others; return a node that has to be placed first, and how many."""
    link, tail, following, position = graft.link, graft.tail, graft.next, graft.position
    came = graft.into[mine]
    while came >= 0:
        before = tail[came]
        if position[before] < 0:
            return before, links
        graft.new_link[links] = link[came]
        graft.new_tail[links] = position[before]
        graft.new_flow[links] = 0.0
        links += 1
        came = following[came]
    return UNPLACED, links


@njit(cache=True, nogil=True)
def _write(origin: int, nodes: int, links: int, bushes: Bushes, graft: Graft) -> int:
    """Write the new bush to the pool, where it has room."""
    if not make_room(origin, bushes, max(nodes + 1, links)):
        return FULL
    first = bushes.first[origin]
    bushes.node[first : first + nodes] = graft.new_node[:nodes]
    bushes.start[first : first + nodes + 1] = graft.new_start[: nodes + 1]
    bushes.link[first : first + links] = graft.new_link[:links]
    bushes.tail[first : first + links] = graft.new_tail[:links]
    bushes.flow[first : first + links] = graft.new_flow[:links]
    bushes.nodes[origin] = nodes
    bushes.links[origin] = links
    return DONE
