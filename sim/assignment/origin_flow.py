"""The flow of every origin on every link, made proportional: the one answer to who drives where.

Equilibrium settles volumes, not who makes them: where two segments take equally long, any exchange of trips
between origins leaves all times as they are. Of these answers the most likely one has the same split at each
pair of alternative segments for all origins: it has the greatest entropy, and it does not depend on the order
in which the equilibrium was found.

H. Bar-Gera (2010), Traffic assignment by paired alternative segments, Transportation Research B 44 (8-9),
1022-1046, doi:10.1016/j.trb.2009.11.004; H. Bar-Gera, D. Boyce, Y. Nie (2012), User-equilibrium route flows
and the condition of proportionality, Transportation Research B 46 (3), 440-462, doi:10.1016/j.trb.2011.10.010.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.linalg import lsmr

from sim.assignment.balance import DUST
from sim.assignment.equilibrium import Problem, Solution
from sim.assignment.graph import CLOSED_TIME_S, Bushes, Floats, Graph
from sim.assignment.proportion import even_out, limit, push, ratios
from sim.assignment.segments import Known, Segments, Trees, find_segments, packed
from sim.assignment.shortest import shortest_tree
from twin.task import Progress, Task

MESSAGE = "Splitting the trips in proportion"
EVEN = 1e-8
"""Trips that still have to move, as a share of the greatest volume, when the split counts as proportional."""
MOST_PASSES = 200
NEGLIGIBLE = 1e-6
"""Pairs with less to move than this share of the largest wait until others have moved."""
MOST_ROUNDS = 20
"""Times that ways which opened up are looked for."""
LOOSE, LEAST_SLACK = 1000.0, 1e-8
"""A way counts as equally long up to this multiple of the relative gap, or this share, of the mean trip's time."""
TIE = 1e-12
"""Added to each link's time, as a share of the mean, so that nodes joined by links of no time have an order."""
CHUNK_VISITS = 4_000_000
"""Flows visited between two chances to cancel: some 30 ms."""


@dataclass(frozen=True, eq=False)
class OriginFlow:
    """Flow by origin of one class: ``on_link (m, z)`` of each link, ``into (n, z)`` all that enters each node.

    ``trips (z, z)`` are those that it carries. All in all it fills 8 (m + n) z bytes. ``uneven`` is the largest number of trips (veh/h) by which an origin's split at a pair of alternative
    segments still differs from that of all origins together.
    """

    on_link: Floats
    into: Floats
    trips: Floats
    uneven: float


def proportional(problem: Problem, solution: Solution, number: int = 0) -> Task[OriginFlow]:
    """Return the flow of each origin at equilibrium, split in the same proportions wherever there is a choice.

    ``number`` says of which class of vehicles, for each has ways of its own.

    Volumes of links and trips of pairs stay what they are in the solution. What is left to chance is little: rings
    of ways that no origin uses whole (on Chicago-Sketch, 40 of 1.1 million trips differ between two ways to solve it,
    before 1,100).
    """
    graph, zones, nodes = problem.graph, problem.zone_count, len(problem.graph.in_start) - 1
    trips = problem.trips[number * zones : (number + 1) * zones]
    on_link, into = np.zeros((len(graph.tail), zones)), np.zeros((nodes, zones))
    cost = solution.time + problem.extras[number]
    is_open = cost < CLOSED_TIME_S
    cost = cost + TIE * float(np.mean(cost[is_open])) if is_open.any() else cost
    vehicles = float(problem.demand.sum())
    slack = max(LOOSE * solution.relative_gap, LEAST_SLACK) * (solution.total_time / vehicles if vehicles > 0.0 else 0.0)
    trees = Trees(np.empty((nodes, zones)), np.empty((nodes, zones), np.int32), cost, slack)
    step = max(1, CHUNK_VISITS // (8 * len(graph.tail)))
    for low in range(0, zones, step):
        _unfold(low, min(low + step, zones), number * zones, graph, solution.bushes, trees, on_link, into)
        yield Progress(MESSAGE, low, 2 * zones)
    known: Known = {}
    target = EVEN * float(solution.volume.max(initial=0.0))
    for _ in range(MOST_ROUNDS):
        found = yield from find_segments(graph, on_link, trees, known)
        segments = packed(known)
        yield from _even_all(segments, graph, trees, on_link, into, target)
        if not found and (yield from _exchange(segments, graph, on_link, into)) <= target:
            break
    uneven = yield from _even_all(segments, graph, trees, on_link, into, target)
    return OriginFlow(on_link, into, trips, uneven)


def _even_all(segments: Segments, graph: Graph, trees: Trees, on_link: Floats, into: Floats, target: float) -> Task[float]:
    """Even out all pairs again and again until none is worth it; return the trips by which the worst is still off."""
    uneven = np.inf
    for number in range(MOST_PASSES):
        uneven = yield from _pass(segments, graph, trees, on_link, into, target)
        yield Progress(MESSAGE, MOST_PASSES + number, 2 * MOST_PASSES, f"{uneven:.1e}")
        if uneven <= target:
            break
    return float(uneven)


def _pass(segments: Segments, graph: Graph, trees: Trees, on_link: Floats, into: Floats, target: float) -> Task[float]:
    """Even out every pair of segments once; return how many trips had to move at the worst."""
    uneven = 0.0
    length = max(1, len(segments.link) // len(segments.first))
    step = max(1, CHUNK_VISITS // (length * on_link.shape[1]))
    for low in range(0, len(segments.first), step):
        high = min(low + step, len(segments.first))
        uneven = max(uneven, even_out(low, high, segments, graph, trees.label, on_link, into, 0.1 * target))
        yield Progress(MESSAGE)
    return uneven


def _exchange(segments: Segments, graph: Graph, on_link: Floats, into: Floats) -> Task[float]:
    """Move flow at several pairs at once where that leaves all volumes; return the most that had to move at one.

    At the greatest entropy each link has a weight, and the ratio of two segments is that of the products of
    their links' weights. The pairs' ratios are fitted to such weights by least squares; what is left moves.
    """
    count = len(segments.first)
    ratio, worth = np.zeros(count), np.zeros(count)
    step = max(1, CHUNK_VISITS // max(1, len(segments.link) // max(1, count) * on_link.shape[1]))
    parts = [(low, min(low + step, count)) for low in range(0, count, step)]
    for low, high in parts:
        ratios(low, high, segments, graph, on_link, into, ratio, worth)
        yield Progress(MESSAGE)
    scale = np.sqrt(np.where(worth > NEGLIGIBLE * worth.max(initial=0.0), worth, 0.0))
    sides = np.repeat(
        np.tile([1.0, -1.0], count), np.column_stack([segments.middle - segments.first, segments.last - segments.middle]).ravel()
    )
    pair = np.repeat(np.arange(count), segments.last - segments.first)
    signs = csr_array((sides * scale[pair], (pair, segments.link)), shape=(count, len(graph.tail)))
    weights = lsmr(signs, scale * ratio, atol=1e-14, btol=1e-14, maxiter=20 * (count + 10))[0]
    rest = np.divide(scale * ratio - signs @ weights, scale, out=np.zeros(count), where=scale > 0.0)
    part = 1.0
    for low, high in parts:
        part = min(part, limit(low, high, segments, graph, on_link, into, rest))
        yield Progress(MESSAGE)
    for low, high in parts:
        push(low, high, segments, graph, on_link, into, part * rest * scale**2)
        yield Progress(MESSAGE)
    return float(np.abs(rest * scale**2).max(initial=0.0))


@njit(cache=True, nogil=True)
def _unfold(low: int, high: int, before: int, graph: Graph, bushes: Bushes, trees: Trees, on_link: Floats, into: Floats) -> None:
    """Fill the flow and the shortest trees of some origins, whose bushes come after ``before`` others."""
    tail, head = graph.tail, graph.head
    nodes = into.shape[0]
    distance = np.empty(nodes)
    tree, settled, place = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    heap = np.empty(nodes + 1, np.int32)
    for origin in range(low, high):
        shortest_tree(origin, graph, trees.cost, distance, tree, settled, heap, place)
        trees.label[:, origin] = distance
        trees.into[:, origin] = tree
        first = bushes.first[before + origin]
        for entry in range(first, first + bushes.links[before + origin]):
            link, flow = bushes.link[entry], bushes.flow[entry]
            if flow > DUST and (tail[link] == origin or into[tail[link], origin] > 0.0):
                on_link[link, origin] = flow
                into[head[link], origin] += flow
