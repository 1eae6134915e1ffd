"""How bushes grow: every origin is looked at, and segments of its shortest paths are taken into its bush.

A segment is taken in where it reaches a node of the bush sooner than any of the bush's own paths, so that
many destinations profit of it at once: H. Bar-Gera (2010), Traffic assignment by paired alternative segments,
Transportation Research B 44 (8-9), 1022-1046, doi:10.1016/j.trb.2009.11.004.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.assignment.bush import DONE, FULL, NEVER, Draft, Labels, put
from sim.assignment.graph import Bushes, Floats, Graph, Ints
from sim.assignment.hierarchy import LANES, UNREACHED, Costs, trees


@njit(cache=True, nogil=True)
def survey(
    origins: Ints,
    graph: Graph,
    bushes: Bushes,
    time: Floats,
    trips: Floats,
    costs: Costs,
    labels: Labels,
    draft: Draft,
    spent: Floats,
    least: Floats,
    worth: float,
    tolerance: float,
) -> tuple[int, int]:
    """Fill in the time that the trips of each origin spend, and the least they could; improve the bush where it is worth it.

    ``costs`` are those of the same ``time``. A bush is improved when its trips spend more than the share
    ``worth`` beyond the least. Returns how many origins are done and what stopped it, if anything.
    """
    rank, zones = graph.hierarchy.rank, trips.shape[1]
    distance, of_origin = np.empty((rank.shape[0], LANES)), np.empty((LANES, rank.shape[0]))
    for low in range(0, origins.shape[0], LANES):
        batch = origins[low : low + LANES]
        trees(batch % zones, graph.hierarchy, costs, distance)
        is_spread = False
        for lane in range(batch.shape[0]):
            origin = batch[lane]
            total = 0.0
            for zone in range(zones):
                if trips[origin, zone] > 0.0 and zone != origin % zones:
                    total += trips[origin, zone] * distance[rank[zone], lane]
            least[origin] = total
            total = 0.0
            for index in range(bushes.first[origin], bushes.first[origin] + bushes.links[origin]):
                total += bushes.flow[index] * time[bushes.link[index]]
            spent[origin] = total
            if total > least[origin] * (1.0 + worth):
                if not is_spread:
                    _spread(distance, rank, of_origin)
                    is_spread = True
                said = _improve(origin, origin % zones, graph, bushes, time, of_origin[lane], labels, draft, tolerance)
                if said != DONE:
                    return low + lane, said
    return int(origins.shape[0]), DONE


@njit(cache=True, nogil=True)
def _spread(distance: Floats, rank: Ints, of_origin: Floats) -> None:
    """Copy distances by rank ``(n, 8)`` to rows by node ``(8, n)``: one origin's are then near each other in memory."""
    for node in range(rank.shape[0]):
        row = rank[node]
        for lane in range(LANES):
            of_origin[lane, node] = distance[row, lane]


@njit(cache=True, nogil=True)
def _link_into(node: int, source: int, graph: Graph, time: Floats, distance: Floats) -> int:
    """Return the link by which the shortest path from the source reaches a node, -1 where nothing leads."""
    best, nearest = -1, UNREACHED
    for link in range(graph.in_start[node], graph.in_start[node + 1]):
        start = graph.tail[link]
        if start >= graph.first_through or start == source:
            reach = distance[start] + time[link]
            if reach < nearest:
                nearest = reach
                best = link
    return best


@njit(cache=True, nogil=True)
def _label_used(origin: int, bushes: Bushes, time: Floats, distance: Floats, labels: Labels, tolerance: float) -> bool:
    """Label a bush's nodes over the links in use alone; tell whether any of them can be reached sooner by other links.

    Those nodes are marked with 1 in ``labels.by_least``: where a link in use is on the shortest path, what is
    won is won farther up.
    """
    least, greatest, is_sooner, at = labels.least, labels.greatest, labels.by_least, labels.distance
    first = bushes.first[origin]
    least[0] = 0.0
    greatest[0] = 0.0
    at[0] = 0.0
    any_sooner = False
    for position in range(1, bushes.nodes[origin]):
        shortest, longest, nearest = NEVER, -1.0, NEVER
        for entry in range(first + bushes.start[first + position], first + bushes.start[first + position + 1]):
            before = bushes.tail[entry]
            if bushes.flow[entry] > 0.0 and greatest[before] >= 0.0:
                cost = time[bushes.link[entry]]
                shortest = min(shortest, least[before] + cost)
                longest = max(longest, greatest[before] + cost)
                nearest = min(nearest, at[before] + cost)
        least[position] = shortest
        greatest[position] = longest
        at[position] = distance[bushes.node[first + position]]
        is_sooner[position] = longest >= 0.0 and at[position] < min(shortest, nearest) - tolerance
        any_sooner |= is_sooner[position] == 1
    return any_sooner


@njit(cache=True, nogil=True)
def _trace(node: int, source: int, graph: Graph, time: Floats, distance: Floats, draft: Draft) -> int:
    """Follow the shortest path back from a node to one whose longest time is known, the links on top of the draft's stack.

    Returns how many links there are, 0 where nothing leads (or a ring of links without any length).
    """
    depth = 0
    while depth == 0 or draft.longest[node] < 0.0:
        link = _link_into(node, source, graph, time, distance)
        if link < 0 or depth == draft.stack.shape[0]:
            return 0
        draft.stack[depth] = link
        depth += 1
        node = graph.tail[link]
    return depth


@njit(cache=True, nogil=True)
def _improve(
    origin: int,
    source: int,
    graph: Graph,
    bushes: Bushes,
    time: Floats,
    distance: Floats,
    labels: Labels,
    draft: Draft,
    tolerance: float,
) -> int:
    """Take in segments of shortest paths that reach a node sooner, and drop what carries nothing when there are any.

    A segment from node i to node j of the bush may be taken in when longest(i) + its time < longest(j): every
    link of the bush has longest(i) + t <= longest(j), so that no cycle can close (Dial 2006).
    """
    greatest, longest = labels.greatest, draft.longest
    first, nodes = bushes.first[origin], bushes.nodes[origin]
    if not _label_used(origin, bushes, time, distance, labels, tolerance):
        return DONE
    for position in range(nodes):
        if greatest[position] >= 0.0:
            longest[bushes.node[first + position]] = greatest[position]
    count = 0
    for position in range(1, nodes):
        node = bushes.node[first + position]
        if labels.by_least[position] == 0:
            continue
        depth = _trace(node, source, graph, time, distance, draft)
        if depth == 0:
            continue
        reach = longest[graph.tail[draft.stack[depth - 1]]]
        for index in range(depth):
            reach += time[draft.stack[index]]
        if reach >= greatest[position]:
            continue
        for index in range(depth - 1, -1, -1):
            link = draft.stack[index]
            draft.link[count] = link
            draft.flow[count] = 0.0
            count += 1
            if index > 0:
                longest[graph.head[link]] = longest[graph.tail[link]] + time[link]
    for index in range(count):
        longest[graph.head[draft.link[index]]] = -1.0
    for position in range(nodes):
        longest[bushes.node[first + position]] = -1.0
    if count == 0:
        return DONE
    for position in range(1, nodes):
        for entry in range(first + bushes.start[first + position], first + bushes.start[first + position + 1]):
            if bushes.flow[entry] > 0.0 and greatest[bushes.tail[entry]] >= 0.0:
                draft.link[count] = bushes.link[entry]
                draft.flow[count] = bushes.flow[entry]
                count += 1
    return put(origin, source, count, graph, bushes, draft)


@njit(cache=True, nogil=True)
def reload(
    origins: Ints, graph: Graph, time: Floats, trips: Floats, costs: Costs, bushes: Bushes, draft: Draft
) -> tuple[int, int]:
    """Carry other trips on the same bushes, split at every node in the same proportions as before.

    Trips to where none went leave the bush by the shortest path. Returns how many origins are done and
    what stopped it, if anything.
    """
    zones, nodes = trips.shape[1], graph.in_start.shape[0] - 1
    through, distance, of_origin = np.empty(nodes), np.empty((nodes, LANES)), np.empty((LANES, nodes))
    for low in range(0, origins.shape[0], LANES):
        batch = origins[low : low + LANES]
        trees(batch % zones, graph.hierarchy, costs, distance)
        _spread(distance, graph.hierarchy.rank, of_origin)
        for lane in range(batch.shape[0]):
            if not _reach(batch[lane], graph, time, trips, of_origin[lane], bushes, draft):
                return low + lane, FULL
            _pass_on(batch[lane], trips, bushes, through)
    return int(origins.shape[0]), DONE


@njit(cache=True, nogil=True)
def _pass_on(origin: int, trips: Floats, bushes: Bushes, through: Floats) -> None:
    """Spread the trips of an origin over its bush as its flow was spread."""
    zones, first = trips.shape[1], bushes.first[origin]
    for position in range(bushes.nodes[origin]):
        node = bushes.node[first + position]
        through[position] = trips[origin, node] if position > 0 and node < zones else 0.0
    for position in range(bushes.nodes[origin] - 1, 0, -1):
        low, high = first + bushes.start[first + position], first + bushes.start[first + position + 1]
        before = 0.0
        for entry in range(low, high):
            before += bushes.flow[entry]
        for entry in range(low, high):
            share = bushes.flow[entry] / before if before > 0.0 else 1.0 / (high - low)
            bushes.flow[entry] = share * through[position]
            through[bushes.tail[entry]] += bushes.flow[entry]


@njit(cache=True, nogil=True)
def _reach(origin: int, graph: Graph, time: Floats, trips: Floats, distance: Floats, bushes: Bushes, draft: Draft) -> bool:
    """Let a bush grow branches of the shortest paths to all destinations; false when the pool is full."""
    first, nodes = bushes.first[origin], bushes.nodes[origin]
    place, source = draft.place, bushes.node[first]
    for position in range(nodes):
        place[bushes.node[first + position]] = -2
    count = 0
    for destination in range(trips.shape[1]):
        node = destination
        while trips[origin, destination] > 0.0 and place[node] == -1:
            link = _link_into(node, source, graph, time, distance)
            if link < 0:
                break
            place[node] = -2
            draft.link[count] = link
            draft.flow[count] = 0.0
            count += 1
            node = graph.tail[link]
    added = count
    for entry in range(first, first + bushes.links[origin]):
        draft.link[count] = bushes.link[entry]
        draft.flow[count] = bushes.flow[entry]
        count += 1
    for index in range(count):
        place[graph.tail[draft.link[index]]] = -1
        place[graph.head[draft.link[index]]] = -1
    place[source] = -1
    return added == 0 or put(origin, source, count, graph, bushes, draft) == DONE
