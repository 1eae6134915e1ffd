"""Shortest paths from one origin: a tree from nothing, or one repaired after times changed."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.assignment.graph import Bushes, Floats, Graph, Ints

UNREACHED = 1e300


@njit(cache=True, nogil=True)
def _rise(heap: Ints, place: Ints, distance: Floats, node: int, index: int) -> None:
    """Move a node towards the root of the 4-ary heap until its parent is nearer."""
    nearer = distance[node]
    while index > 0:
        parent = (index - 1) >> 2
        other = heap[parent]
        if distance[other] <= nearer:
            break
        heap[index] = other
        place[other] = index
        index = parent
    heap[index] = node
    place[node] = index


@njit(cache=True, nogil=True)
def _sink(heap: Ints, place: Ints, distance: Floats, node: int, size: int) -> None:
    """Put a node at the root of the 4-ary heap and let it sink to where it belongs."""
    key = distance[node]
    index = 0
    while True:
        first = 4 * index + 1
        if first >= size:
            break
        best = first
        nearest = distance[heap[first]]
        for child in range(first + 1, min(first + 4, size)):
            if distance[heap[child]] < nearest:
                nearest = distance[heap[child]]
                best = child
        if nearest >= key:
            break
        heap[index] = heap[best]
        place[heap[index]] = index
        index = best
    heap[index] = node
    place[node] = index


@njit(cache=True, nogil=True)
def shortest_tree(
    origin: int, graph: Graph, cost: Floats, distance: Floats, into: Ints, settled: Ints, heap: Ints, place: Ints
) -> int:
    """Fill ``distance``, the tree's link ``into`` each node and the order ``settled`` (Dijkstra 1959).

    Returns how many nodes are reached. Centroids other than the origin are not passed.
    """
    out_start, out_link, head, first_through = graph.out_start, graph.out_link, graph.head, graph.first_through
    distance[:] = UNREACHED
    into[:] = -1
    place[:] = -1
    distance[origin] = 0.0
    heap[0] = origin
    place[origin] = 0
    size = 1
    count = 0
    while size > 0:
        node = heap[0]
        size -= 1
        if size > 0:
            _sink(heap, place, distance, heap[size], size)
        settled[count] = node
        count += 1
        if node < first_through and node != origin:
            continue
        for index in range(out_start[node], out_start[node + 1]):
            link = out_link[index]
            other = head[link]
            reach = distance[node] + cost[link]
            if reach < distance[other]:
                distance[other] = reach
                into[other] = link
                if place[other] < 0:
                    place[other] = size
                    size += 1
                _rise(heap, place, distance, other, place[other])
    return count


@njit(cache=True, nogil=True)
def _along(origin: int, graph: Graph, into: Ints, cost: Floats, distance: Floats, stack: Ints) -> None:
    """Fill ``distance`` with the cost of the tree ``into`` as it stands."""
    tail = graph.tail
    distance[:] = -1.0
    distance[origin] = 0.0
    for node in range(distance.shape[0]):
        depth = 0
        place = node
        while distance[place] < 0.0:
            if into[place] < 0:
                distance[place] = UNREACHED
                break
            stack[depth] = place
            depth += 1
            place = tail[into[place]]
        reach = distance[place]
        while depth > 0:
            depth -= 1
            reach += cost[into[stack[depth]]]
            distance[stack[depth]] = reach


@njit(cache=True, nogil=True)
def repair(origin: int, graph: Graph, into: Ints, cost: Floats, distance: Floats, queue: Ints, waiting: Ints) -> None:
    """Make ``into`` the tree of shortest paths at the present costs, and fill ``distance`` ``(n,)``.

    Times change little from one look to the next: most of the old tree stands, so that one pass over the
    links and a few corrections replace a whole new tree.
    """
    tail, head, in_start, first_through = graph.tail, graph.head, graph.in_start, graph.first_through
    out_start, out_link = graph.out_start, graph.out_link
    nodes = distance.shape[0]
    _along(origin, graph, into, cost, distance, queue)
    count = 0
    for node in range(nodes):
        here = distance[node]
        best = -1
        for link in range(in_start[node], in_start[node + 1]):
            start = tail[link]
            if distance[start] + cost[link] < here and (start >= first_through or start == origin):
                here = distance[start] + cost[link]
                best = link
        if best >= 0:
            distance[node] = here
            into[node] = best
            waiting[node] = 1
            queue[count] = node
            count += 1
    first = 0
    while count > 0:
        node = queue[first]
        first = first + 1 if first + 1 < nodes else 0
        count -= 1
        waiting[node] = 0
        if node < first_through and node != origin:
            continue
        here = distance[node]
        for index in range(out_start[node], out_start[node + 1]):
            link = out_link[index]
            other = head[link]
            reach = here + cost[link]
            if reach < distance[other]:
                distance[other] = reach
                into[other] = link
                if waiting[other] == 0:
                    waiting[other] = 1
                    last = first + count
                    queue[last if last < nodes else last - nodes] = other
                    count += 1


@njit(cache=True, nogil=True)
def measure(origins: Ints, graph: Graph, bushes: Bushes, cost: Floats, demand: Floats, spent: Floats, least: Floats) -> None:
    """Renew the shortest trees of origins; fill the time that their trips spend and what it would be on shortest paths."""
    nodes = graph.in_start.shape[0] - 1
    distance = np.empty(nodes)
    queue = np.empty(nodes, np.int32)
    waiting = np.zeros(nodes, np.int32)
    for origin in origins:
        repair(origin, graph, bushes.into[origin], cost, distance, queue, waiting)
        total = 0.0
        for destination in range(demand.shape[1]):
            if destination != origin and demand[origin, destination] > 0.0:
                total += demand[origin, destination] * distance[destination]
        least[origin] = total
        total = 0.0
        for index in range(bushes.first[origin], bushes.first[origin] + bushes.links[origin]):
            total += bushes.flow[index] * cost[bushes.link[index]]
        spent[origin] = total


@njit(cache=True, nogil=True)
def skim(low: int, high: int, graph: Graph, cost: Floats, out: Floats) -> None:
    """Fill rows ``low`` to ``high`` of ``out (zones, zones)`` with shortest times between centroids."""
    nodes = graph.in_start.shape[0] - 1
    distance = np.empty(nodes)
    into, settled, place = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    heap = np.empty(nodes + 1, np.int32)
    for origin in range(low, high):
        shortest_tree(origin, graph, cost, distance, into, settled, heap, place)
        for destination in range(out.shape[1]):
            out[origin, destination] = distance[destination]
