"""How bushes grow: every origin is looked at, and segments of its shortest paths are taken into its bush.

A segment is taken in where it reaches a node of the bush sooner than any of the bush's own paths, so that
many destinations profit of it at once: H. Bar-Gera (2010), Traffic assignment by paired alternative segments,
Transportation Research B 44 (8-9), 1022-1046, doi:10.1016/j.trb.2009.11.004.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.assignment.bush import DONE, NEVER, Labels
from sim.assignment.distances import KNOWN, Distances, know, look_from
from sim.assignment.graft import Graft, put_together, take_in
from sim.assignment.graph import Bushes, Floats, Graph, Ints
from sim.assignment.hierarchy import LANES, UNREACHED


class Outlay(NamedTuple):
    """What was found when each origin was last looked at, all ``(r,)``.

    ``spent`` is the time that its trips spend, ``least`` what they would on shortest paths, ``farthest`` the time to
    the destination that is farthest.
    """

    spent: Floats
    least: Floats
    farthest: Floats


def make_outlay(origins: int) -> Outlay:
    """Return that nothing is known of any origin."""
    return Outlay(np.zeros(origins), np.zeros(origins), np.zeros(origins))


@njit(cache=True, nogil=True)
def survey(
    origins: Ints,
    graph: Graph,
    bushes: Bushes,
    time: Floats,
    trips: Floats,
    distances: Distances,
    labels: Labels,
    graft: Graft,
    outlay: Outlay,
    worth: float,
    tolerance: float,
) -> tuple[int, int]:
    """Fill in the time that the trips of each origin spend, and the least they could; improve the bush where it is worth it.

    The costs of ``distances`` are those of the same ``time``. A bush is improved when its trips spend more than the
    share ``worth`` beyond the least. Returns how many origins are done and what stopped it, if anything.
    """
    zones = trips.shape[1]
    for low in range(0, origins.shape[0], LANES):
        batch = origins[low : low + LANES]
        look_from(batch % zones, graph.hierarchy, distances)
        know(_destinations(batch, trips), graph.hierarchy, distances)
        for lane in range(batch.shape[0]):
            origin = batch[lane]
            _sum_up(origin, lane, graph, bushes, time, trips, distances, outlay)
            if outlay.spent[origin] > outlay.least[origin] * (1.0 + worth):
                said = _improve(origin, origin % zones, lane, graph, bushes, time, distances, labels, graft, tolerance)
                if said != DONE:
                    return low + lane, said
    return int(origins.shape[0]), DONE


@njit(cache=True, nogil=True)
def _destinations(origins: Ints, trips: Floats) -> Ints:
    """Return the zones that any trips from some origins lead to."""
    zones, count = np.empty(trips.shape[1], np.int32), 0
    for zone in range(trips.shape[1]):
        for origin in origins:
            if trips[origin, zone] > 0.0:
                zones[count] = zone
                count += 1
                break
    return zones[:count]


@njit(cache=True, nogil=True)
def _sum_up(
    origin: int, lane: int, graph: Graph, bushes: Bushes, time: Floats, trips: Floats, distances: Distances, outlay: Outlay
) -> None:
    """Sum up what the trips of one origin spend and could; its distances are those of a lane."""
    rank, row, zones = graph.hierarchy.rank, distances.row, trips.shape[1]
    flow, link, first = bushes.flow, bushes.link, bushes.first[origin]
    least, farthest, spent = 0.0, 0.0, 0.0
    for zone in range(zones):
        if trips[origin, zone] > 0.0 and zone != origin % zones:
            away = row[rank[zone], lane]
            least += trips[origin, zone] * away
            farthest = max(farthest, away)
    for entry in range(first, first + bushes.links[origin]):
        spent += flow[entry] * time[link[entry]]
    outlay.least[origin], outlay.farthest[origin], outlay.spent[origin] = least, farthest, spent


@njit(cache=True, nogil=True)
def _copy_row(lane: int, nodes: Ints, graph: Graph, distances: Distances, at: Floats) -> None:
    """Copy the distances of nodes to a lane's place: what waits for memory stands apart, so that much is waited for at once."""
    know(nodes, graph.hierarchy, distances)
    rank, row = graph.hierarchy.rank, distances.row
    for position in range(nodes.shape[0]):
        at[position] = row[rank[nodes[position]], lane]


@njit(cache=True, nogil=True)
def _label_used(
    origin: int,
    lane: int,
    graph: Graph,
    bushes: Bushes,
    time: Floats,
    distances: Distances,
    labels: Labels,
    tolerance: float,
) -> bool:
    """Label a bush's nodes over the links in use alone; tell whether any of them can be reached sooner by other links.

    Those nodes are marked with 1 in ``labels.by_least``: where a link in use is on the shortest path, what is
    won is won farther up.
    """
    least, greatest, is_sooner, at = labels.least, labels.greatest, labels.by_least, labels.distance
    first = bushes.first[origin]
    node, start = bushes.node[first:], bushes.start[first:]
    link, tail, flow = bushes.link[first:], bushes.tail[first:], bushes.flow[first:]
    least[0] = 0.0
    greatest[0] = 0.0
    _copy_row(lane, node[: bushes.nodes[origin]], graph, distances, at)
    any_sooner = False
    for position in range(1, bushes.nodes[origin]):
        shortest, longest, nearest = NEVER, -1.0, NEVER
        for entry in range(start[position], start[position + 1]):
            before = tail[entry]
            if flow[entry] > 0.0 and greatest[before] >= 0.0:
                cost = time[link[entry]]
                shortest = min(shortest, least[before] + cost)
                longest = max(longest, greatest[before] + cost)
                nearest = min(nearest, at[before] + cost)
        least[position] = shortest
        greatest[position] = longest
        is_sooner[position] = longest >= 0.0 and at[position] < min(shortest, nearest) - tolerance
        any_sooner |= is_sooner[position] == 1
    return any_sooner


@njit(cache=True, nogil=True)
def trace(node: int, source: int, lane: int, graph: Graph, time: Floats, distances: Distances, number: Ints, stack: Ints) -> int:
    """Follow the shortest path from the source of a lane back from a node to one with a number, the links on the stack.

    Returns how many links there are, 0 where nothing leads (or a ring of links without any length).
    """
    in_start, tail, first_through, rank = graph.in_start, graph.tail, graph.first_through, graph.hierarchy.rank
    row, state = distances.row, distances.state
    depth = 0
    while depth == 0 or number[node] < 0:
        best, nearest = -1, UNREACHED
        for link in range(in_start[node], in_start[node + 1]):
            start = tail[link]
            if start >= first_through or start == source:
                if state[rank[start]] != KNOWN:
                    know(tail[link : link + 1], graph.hierarchy, distances)
                reach = row[rank[start], lane] + time[link]
                if reach < nearest:
                    nearest = reach
                    best = link
        if best < 0 or depth == stack.shape[0]:
            return 0
        stack[depth] = best
        depth += 1
        node = tail[best]
    return depth


@njit(cache=True, nogil=True)
def _improve(
    origin: int,
    source: int,
    lane: int,
    graph: Graph,
    bushes: Bushes,
    time: Floats,
    distances: Distances,
    labels: Labels,
    graft: Graft,
    tolerance: float,
) -> int:
    """Take in segments of shortest paths that reach a node sooner, and drop what carries nothing when there are any.

    A segment from node i to node j of the bush may be taken in when longest(i) + its time < longest(j): every
    link of the bush has longest(i) + t <= longest(j), so that no cycle can close (Dial 2006).
    """
    if not _label_used(origin, lane, graph, bushes, time, distances, labels, tolerance):
        return DONE
    greatest, is_sooner, number, stack, fresh = labels.greatest, labels.by_least, graft.number, graft.stack, graft.fresh
    known, node, tail = int(bushes.nodes[origin]), bushes.node[bushes.first[origin] :], graph.tail
    graft.into[:known] = -1
    for position in range(known):
        if greatest[position] >= 0.0:
            number[node[position]] = position
    nodes, links = known, 0
    for position in range(1, known):
        if is_sooner[position] == 0:
            continue
        depth = trace(node[position], source, lane, graph, time, distances, number, stack)
        if depth == 0:
            continue
        reach = greatest[number[tail[stack[depth - 1]]]]
        for index in range(depth):
            reach += time[stack[index]]
        if reach < greatest[position]:
            nodes, links = take_in(position, depth, nodes, links, graph, time, greatest, graft)
    for position in range(known):
        number[node[position]] = -1
    for came in range(known, nodes):
        number[fresh[came]] = -1
    return put_together(origin, nodes, bushes, greatest, graft) if links > 0 else DONE
