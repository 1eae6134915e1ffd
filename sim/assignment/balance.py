"""Algorithm B: flow moves within each origin's bush until all its used paths take equally long.

At every node, flow moves from the longest used path to the shortest one by one Newton step; the nodes
farthest from the origin come first (Dial 2006; see ``bush``).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.assignment.bush import NEVER, Labels
from sim.assignment.delay import time_and_slope
from sim.assignment.graph import CLOSED_TIME_S, Bushes, Delay, Floats, Ints, Loading

MOST_PARTS = 100
"""Paths by which the flow on a closed link may have come, at most, before the bush is planted anew."""
NOWHERE = -1
DUST = 1e-12
"""Flow (veh/h) below which a link of a bush counts as unused."""


@njit(cache=True, nogil=True)
def _label(origin: int, bushes: Bushes, time: Floats, labels: Labels, begin: int = 1) -> float:
    """Label every node with its shortest path and its longest used path; return the greatest difference.

    Those before ``begin`` have their labels already.
    """
    least, greatest, by_least, by_greatest = labels.least, labels.greatest, labels.by_least, labels.by_greatest
    first = bushes.first[origin]
    start, link, tail, flow = bushes.start[first:], bushes.link[first:], bushes.tail[first:], bushes.flow[first:]
    least[0] = 0.0
    greatest[0] = 0.0
    by_least[0] = -1
    by_greatest[0] = -1
    spread = 0.0
    for position in range(begin, bushes.nodes[origin]):
        shortest, longest = NEVER, -1.0
        by_shortest, by_longest = -1, -1
        for entry in range(start[position], start[position + 1]):
            before = tail[entry]
            cost = time[link[entry]]
            reach = least[before] + cost
            if reach < shortest:
                shortest = reach
                by_shortest = entry
            if flow[entry] > 0.0 and greatest[before] >= 0.0:
                reach = greatest[before] + cost
                if reach > longest:
                    longest = reach
                    by_longest = entry
        least[position] = shortest
        greatest[position] = longest
        by_least[position] = by_shortest
        by_greatest[position] = by_longest
        spread = max(spread, longest - shortest)
    return spread


@njit(cache=True, nogil=True)
def _shift(position: int, delay: Delay, link: Ints, tail: Ints, flow: Floats, loading: Loading, labels: Labels) -> int:
    """Move flow from the longest used to the shortest segment that end at a node (Dial 2006); return where they part.

    The segments part at their last common node; the amount is one Newton step, difference of times over
    the sum of slopes, and never more than the longest segment carries. ``NOWHERE`` when nothing is moved.
    """
    volume, time, slope, extra = loading.volume, loading.time, loading.slope, loading.extra
    by_least, by_greatest = labels.by_least, labels.by_greatest
    long_entry, short_entry = by_greatest[position], by_least[position]
    long_node, short_node = tail[long_entry], tail[short_entry]
    difference = time[link[long_entry]] - time[link[short_entry]]
    slopes = slope[link[long_entry]] + slope[link[short_entry]]
    most = flow[long_entry]
    while long_node != short_node:
        if long_node > short_node:
            entry = by_greatest[long_node]
            if entry < 0:
                return NOWHERE
            difference += time[link[entry]]
            most = min(most, flow[entry])
            long_node = tail[entry]
        else:
            entry = by_least[short_node]
            difference -= time[link[entry]]
            short_node = tail[entry]
        slopes += slope[link[entry]]
    if most <= 0.0 or difference <= 0.0:
        return NOWHERE
    step = most if slopes <= 0.0 else min(most, difference / slopes)
    parting = long_node
    entry = long_entry
    while True:
        left = flow[entry] - step
        if left < DUST:
            left = 0.0
        one = link[entry]
        volume[one] = max(0.0, volume[one] - (flow[entry] - left))
        flow[entry] = left
        time[one], slope[one] = time_and_slope(one, volume[one], delay)
        time[one] += extra[one]
        if tail[entry] == parting:
            break
        entry = by_greatest[tail[entry]]
    entry = short_entry
    while True:
        one = link[entry]
        flow[entry] += step
        volume[one] += step
        time[one], slope[one] = time_and_slope(one, volume[one], delay)
        time[one] += extra[one]
        if tail[entry] == parting:
            return int(parting)
        entry = by_least[tail[entry]]


@njit(cache=True, nogil=True)
def balance(origin: int, delay: Delay, bushes: Bushes, loading: Loading, labels: Labels, tolerance: float) -> float:
    """Shift flow once at every node of a bush, the farthest first; return the spread of times before."""
    spread = _label(origin, bushes, loading.time, labels)
    if spread <= tolerance:
        return spread
    first = bushes.first[origin]
    link, tail, flow = bushes.link[first:], bushes.tail[first:], bushes.flow[first:]
    least, greatest, by_least, by_greatest = labels.least, labels.greatest, labels.by_least, labels.by_greatest
    for position in range(bushes.nodes[origin] - 1, 0, -1):
        longest = by_greatest[position]
        if longest >= 0 and longest != by_least[position] and greatest[position] - least[position] > tolerance:
            _shift(position, delay, link, tail, flow, loading, labels)
    return spread


@njit(cache=True, nogil=True)
def rebalance(
    origins: Ints, delay: Delay, bushes: Bushes, loading: Loading, spreads: Floats, labels: Labels, tolerance: float
) -> None:
    """Balance the bush of each origin as it is."""
    for origin in origins:
        spreads[origin] = balance(origin, delay, bushes, loading, labels, tolerance)


@njit(cache=True, nogil=True)
def add_up(low: int, high: int, bushes: Bushes, volume: Floats) -> None:
    """Add the flow of bushes ``low`` to ``high`` to the volumes of links ``(m,)``; dust that comes from nowhere is taken away."""
    is_reached = np.zeros(bushes.nodes[low:high].max() + 1, np.bool_)
    for origin in range(low, high):
        first = bushes.first[origin]
        is_reached[0] = True
        for position in range(1, bushes.nodes[origin]):
            is_reached[position] = False
            for entry in range(first + bushes.start[first + position], first + bushes.start[first + position + 1]):
                if not is_reached[bushes.tail[entry]]:
                    bushes.flow[entry] = 0.0
                elif bushes.flow[entry] > 0.0:
                    volume[bushes.link[entry]] += bushes.flow[entry]
                    is_reached[position] = True


@njit(cache=True, nogil=True)
def users(origins: Ints, bushes: Bushes, is_marked: NDArray[np.bool_], uses: NDArray[np.bool_]) -> None:
    """Mark in ``uses (origins,)`` those of the origins with flow on one of the marked links ``(m,)``."""
    for origin in origins:
        for entry in range(bushes.first[origin], bushes.first[origin] + bushes.links[origin]):
            if is_marked[bushes.link[entry]] and bushes.flow[entry] > 0.0:
                uses[origin] = True


@njit(cache=True, nogil=True)
def leave(origins: Ints, delay: Delay, bushes: Bushes, loading: Loading, labels: Labels) -> None:
    """Lead the flow of each origin around closed links where its bush has another way.

    Flow is moved at the first node after the closed link that has another path: farther on, detours would
    be the longer the farther, and all would have to come back.
    """
    for origin in origins:
        _go_round(origin, delay, bushes, loading, labels)


@njit(cache=True, nogil=True)
def _go_round(origin: int, delay: Delay, bushes: Bushes, loading: Loading, labels: Labels) -> None:
    """Move flow off paths over closed links, at the first node that has another path."""
    first = bushes.first[origin]
    link, tail, flow = bushes.link[first:], bushes.tail[first:], bushes.flow[first:]
    begin = 1
    for _ in range(MOST_PARTS):
        _label(origin, bushes, loading.time, labels, begin)
        parting = NOWHERE
        for position in range(begin, bushes.nodes[origin]):
            if labels.greatest[position] >= CLOSED_TIME_S > labels.least[position]:
                parting = _shift(position, delay, link, tail, flow, loading, labels)
                if parting != NOWHERE:
                    break
        if parting == NOWHERE:
            break
        begin = parting + 1
