"""Shortest paths from one origin whose times change before the next one is asked."""

from __future__ import annotations

from numba import njit

from sim.assignment.graph import Floats, Graph, Ints
from sim.assignment.hierarchy import UNREACHED


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
