"""Fastest ways on the road network, in compiled loops.

Dijkstra, E. W. (1959). A note on two problems in connexion with graphs. Numerische Mathematik 1,
269-271. https://doi.org/10.1007/BF01386390 with a binary heap and lazy deletion.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.geo import FloatArray

IntArray = NDArray[np.int32]


@njit(cache=True, nogil=True)
def push(keys: FloatArray, values: IntArray, size: int, key: float, value: int) -> int:
    """Add an item to the heap and return its new size."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if keys[parent] <= key:
            break
        keys[place] = keys[parent]
        values[place] = values[parent]
        place = parent
    keys[place] = key
    values[place] = value
    return size + 1


@njit(cache=True, nogil=True)
def sink(keys: FloatArray, values: IntArray, size: int) -> None:
    """Put the last item (at ``size``) in the place of the first, which was taken."""
    key, value = keys[size], values[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[place] = keys[child]
        values[place] = values[child]
        place = child
    keys[place] = key
    values[place] = value


@njit(cache=True, nogil=True)
def travel_rows(
    first_arc: IntArray,
    head: IntArray,
    arc_time: FloatArray,
    arc_length: FloatArray,
    sources: IntArray,
    targets: IntArray,
    time_s: NDArray[np.float32],
    length_m: NDArray[np.float32],
) -> None:
    """Fill ``time_s`` and ``length_m`` ``(sources, targets)`` with the fastest ways; unreachable is inf.

    Each search ends when every distinct target is settled.
    """
    n = len(first_arc) - 1
    wanted = np.zeros(n, np.bool_)
    for target in targets:
        wanted[target] = True
    want = wanted.sum()
    reach, along = np.empty(n), np.empty(n)
    keys, values = np.empty(len(head) + 1), np.empty(len(head) + 1, np.int32)
    for row in range(len(sources)):
        reach[:] = np.inf
        reach[sources[row]] = 0.0
        along[sources[row]] = 0.0
        size = push(keys, values, 0, 0.0, sources[row])
        found = 0
        while size > 0:
            key, vertex = keys[0], values[0]
            size -= 1
            sink(keys, values, size)
            if key > reach[vertex]:
                continue
            if wanted[vertex]:
                found += 1
                if found == want:
                    break
            for arc in range(first_arc[vertex], first_arc[vertex + 1]):
                beyond = head[arc]
                arrival = key + arc_time[arc]
                if arrival < reach[beyond]:
                    reach[beyond] = arrival
                    along[beyond] = along[vertex] + arc_length[arc]
                    size = push(keys, values, size, arrival, beyond)
        for column in range(len(targets)):
            time_s[row, column] = reach[targets[column]]
            length_m[row, column] = along[targets[column]] if reach[targets[column]] < np.inf else np.inf


@njit(cache=True, nogil=True)
def way_arcs(first_arc: IntArray, head: IntArray, arc_time: FloatArray, source: int, target: int) -> IntArray:
    """Return the arcs of the fastest way from one vertex to another, in driving order; empty when there is none."""
    n = len(first_arc) - 1
    reach = np.full(n, np.inf)
    by_arc = np.full(n, -1, np.int32)
    came_from = np.full(n, -1, np.int32)
    keys, values = np.empty(len(head) + 1), np.empty(len(head) + 1, np.int32)
    reach[source] = 0.0
    size = push(keys, values, 0, 0.0, source)
    while size > 0:
        key, vertex = keys[0], values[0]
        size -= 1
        sink(keys, values, size)
        if vertex == target:
            break
        if key > reach[vertex]:
            continue
        for arc in range(first_arc[vertex], first_arc[vertex + 1]):
            beyond = head[arc]
            if key + arc_time[arc] < reach[beyond]:
                reach[beyond] = key + arc_time[arc]
                by_arc[beyond] = arc
                came_from[beyond] = vertex
                size = push(keys, values, size, reach[beyond], beyond)
    count = 0
    vertex = target
    while by_arc[vertex] >= 0:
        count += 1
        vertex = came_from[vertex]
    arcs = np.empty(count, np.int32)
    vertex = target
    while count > 0:
        count -= 1
        arcs[count] = by_arc[vertex]
        vertex = came_from[vertex]
    return arcs
