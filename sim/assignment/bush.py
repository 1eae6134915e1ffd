"""Bushes: how each origin's acyclic sub-network is planted and put in order.

A bush holds the links that carry flow of its origin, and those that soon may (see ``growth``).

R. B. Dial (2006), A path-based user-equilibrium traffic assignment algorithm that obviates path storage
and enumeration, Transportation Research B 40 (10), 917-936, doi:10.1016/j.trb.2006.02.008.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.assignment.delay import time_and_slope
from sim.assignment.graph import Bushes, Delay, Floats, Graph, Ints, Loading
from sim.assignment.share import take
from sim.assignment.shortest import shortest_tree

NEVER = 1e300
FULL, CYCLE, DONE = -1, -2, 0
"""What a kernel on a bush may say: the pool has no room for it, it has lost its order (a bug), done."""


class Labels(NamedTuple):
    """Room for one bush's labels ``(n,)``: least and greatest time from the origin, and the entries they come by.

    ``distance`` is the least time over all links of the graph. ``greatest (2 n,)`` has room for nodes that come (see ``graft``).
    """

    least: Floats
    greatest: Floats
    by_least: Ints
    by_greatest: Ints
    distance: Floats


class Draft(NamedTuple):
    """Room to put a bush together: its links and flows ``(m,)``, and what is known of the graph's nodes ``(n,)``.

    ``place`` is a node's number in the bush, -1 outside it.
    """

    link: Ints
    flow: Floats
    place: Ints
    open_count: Ints
    out_start: Ints
    out_entry: Ints
    order: Ints
    fresh: Ints


@njit(cache=True, nogil=True)
def make_labels(nodes: int) -> Labels:
    """Return room for the labels of one bush."""
    return Labels(np.empty(nodes), np.empty(2 * nodes), np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes))


@njit(cache=True, nogil=True)
def make_draft(nodes: int, links: int) -> Draft:
    """Return room to put a bush together; no node is in it yet."""
    return Draft(
        np.empty(links, np.int32),
        np.empty(links),
        np.full(nodes, -1, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes + 1, np.int32),
        np.empty(links, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
    )


@njit(cache=True, nogil=True)
def make_room(origin: int, bushes: Bushes, size: int) -> bool:
    """Give a bush at least ``size`` places of the pool; false when the pool has too few. What it held is lost.

    Two threads may ask at once: where a bush lies differs then, and what is in it does not.
    """
    if bushes.room[origin] >= size:
        return True
    wanted = size + size // 4 + 4
    first = take(bushes.filled, wanted)
    if first + wanted > bushes.node.shape[0]:
        return False
    bushes.first[origin] = first
    bushes.room[origin] = wanted
    return True


@njit(cache=True, nogil=True)
def plant(origins: Ints, graph: Graph, delay: Delay, demand: Floats, bushes: Bushes, loading: Loading) -> tuple[int, int]:
    """Give each origin a new bush, the tree of shortest paths at the present times, and load its demand on it.

    Flow that the origins had before is taken away. Times follow at once, so that later origins avoid
    what earlier ones filled. Returns how many origins are done and what stopped it, if anything.
    """
    volume, time, slope, extra = loading.volume, loading.time, loading.slope, loading.extra
    tail = graph.tail
    nodes = graph.in_start.shape[0] - 1
    distance, through = np.empty(nodes), np.empty(nodes)
    settled, spot = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    place, into = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    heap = np.empty(nodes + 1, np.int32)
    for done in range(origins.shape[0]):
        origin = origins[done]
        first = bushes.first[origin]
        for entry in range(first, first + bushes.links[origin]):
            if bushes.flow[entry] > 0.0:
                link = bushes.link[entry]
                volume[link] = max(0.0, volume[link] - bushes.flow[entry])
                time[link], slope[link] = time_and_slope(link, volume[link], delay)
                time[link] += extra[link]
        bushes.links[origin] = 0
        bushes.nodes[origin] = 0
        zone = origin % demand.shape[1]
        reached = shortest_tree(zone, graph, time, distance, into, settled, heap, spot)
        through[:] = 0.0
        for destination in range(demand.shape[1]):
            if destination != zone:
                through[destination] += demand[origin, destination]
        size = 1
        for index in range(reached - 1, 0, -1):
            node = settled[index]
            if through[node] > 0.0:
                through[tail[into[node]]] += through[node]
                size += 1
        if not make_room(origin, bushes, size + 1):
            return done, FULL
        first = bushes.first[origin]
        place[zone] = 0
        bushes.node[first] = zone
        bushes.start[first] = 0
        count = 1
        for index in range(1, reached):
            node = settled[index]
            if through[node] > 0.0:
                link = into[node]
                entry = first + count - 1
                bushes.start[first + count] = count - 1
                bushes.node[first + count] = node
                bushes.link[entry] = link
                bushes.tail[entry] = place[tail[link]]
                bushes.flow[entry] = through[node]
                place[node] = count
                count += 1
                volume[link] += through[node]
                time[link], slope[link] = time_and_slope(link, volume[link], delay)
                time[link] += extra[link]
        bushes.start[first + count] = count - 1
        bushes.nodes[origin] = count
        bushes.links[origin] = count - 1
    return int(origins.shape[0]), DONE


@njit(cache=True, nogil=True)
def put(origin: int, zone: int, count: int, graph: Graph, bushes: Bushes, draft: Draft) -> int:
    """Make the ``count`` links of the draft the bush of an origin in a zone, its nodes in topological order (Kahn 1962)."""
    tail, head = graph.tail, graph.head
    place, open_count, out_start, out_entry = draft.place, draft.open_count, draft.out_start, draft.out_entry
    order = draft.order
    found = draft.fresh
    found[0] = zone
    place[zone] = 0
    nodes = 1
    for index in range(count):
        for node in (tail[draft.link[index]], head[draft.link[index]]):
            if place[node] < 0:
                place[node] = nodes
                found[nodes] = node
                nodes += 1
    for spot in range(nodes):
        open_count[spot] = 0
        out_start[spot + 1] = 0
    out_start[0] = 0
    for index in range(count):
        open_count[place[head[draft.link[index]]]] += 1
        out_start[place[tail[draft.link[index]]] + 1] += 1
    for spot in range(nodes):
        out_start[spot + 1] += out_start[spot]
    cursor = order  # its places are free until nodes are ordered
    for spot in range(nodes):
        cursor[spot] = out_start[spot]
    for index in range(count):
        spot = place[tail[draft.link[index]]]
        out_entry[cursor[spot]] = index
        cursor[spot] += 1
    if not make_room(origin, bushes, max(nodes + 1, count)):
        for spot in range(nodes):
            place[found[spot]] = -1
        return FULL
    # Nodes that nothing leads to carry no more than dust: only the origin begins.
    first_node, last_node = 0, 1
    order[0] = 0
    while first_node < last_node:
        spot = order[first_node]
        first_node += 1
        for index in range(out_start[spot], out_start[spot + 1]):
            other = place[head[draft.link[out_entry[index]]]]
            open_count[other] -= 1
            if open_count[other] == 0:
                order[last_node] = other
                last_node += 1
    return _write(origin, count, nodes, last_node, graph, bushes, draft)


@njit(cache=True, nogil=True)
def put_list(origin: int, count: int, bushes: Bushes, draft: Draft) -> int:
    """Keep the ``count`` links of the draft as flow that the origin is about to lose: it has no bush until it is planted."""
    if not make_room(origin, bushes, count):
        return FULL
    first = bushes.first[origin]
    bushes.link[first : first + count] = draft.link[:count]
    bushes.flow[first : first + count] = draft.flow[:count]
    bushes.nodes[origin] = 0
    bushes.links[origin] = count
    return DONE


@njit(cache=True, nogil=True)
def _write(origin: int, count: int, nodes: int, ordered: int, graph: Graph, bushes: Bushes, draft: Draft) -> int:
    """Write the draft's links to the pool by the order found for its nodes, and clear the draft."""
    tail, head = graph.tail, graph.head
    place, open_count, found, order = draft.place, draft.open_count, draft.fresh, draft.order
    first = bushes.first[origin]
    sound = ordered == nodes
    if sound:
        for position in range(nodes):
            node = found[order[position]]
            bushes.node[first + position] = node
            place[node] = position
            open_count[position] = 0
        for index in range(count):
            open_count[place[head[draft.link[index]]]] += 1
        total = 0
        for position in range(nodes):
            bushes.start[first + position] = total
            total += open_count[position]
            open_count[position] = bushes.start[first + position]
        bushes.start[first + nodes] = total
        for index in range(count):
            link = draft.link[index]
            position = place[head[link]]
            entry = first + open_count[position]
            open_count[position] += 1
            bushes.link[entry] = link
            bushes.tail[entry] = place[tail[link]]
            bushes.flow[entry] = draft.flow[index]
        bushes.nodes[origin] = nodes
        bushes.links[origin] = count
    for spot in range(nodes):
        place[found[spot]] = -1
    return DONE if sound else CYCLE
