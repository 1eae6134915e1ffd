"""The same split for all origins at pairs of alternative segments: how it is measured and made.

H. Bar-Gera (2010), doi:10.1016/j.trb.2009.11.004; see ``origin_flow``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.assignment.balance import DUST
from sim.assignment.graph import Floats, Graph, Ints
from sim.assignment.segments import Segments

HALF = 0.5
"""The part of a segment's flow that one step may move, so that what is used stays used."""
GENTLE = 0.3
"""The same where several pairs move at once: they share links."""


@njit(cache=True, nogil=True)
def _measure(
    low: int, high: int, link: Ints, graph: Graph, on_link: Floats, into: Floats, share: Floats, stiff: Floats, least: Floats
) -> None:
    """Fill, per origin, the flow along a whole segment, the slope of its logarithm by that flow, and its least link flow.

    The links ``link[low:high]`` go from the merge backwards; at each node on the way a trip comes by one of the
    links in proportion to their flows (Bar-Gera 2010).
    """
    for origin in range(share.shape[0]):
        flow = on_link[link[low], origin]
        share[origin] = flow
        least[origin] = flow
        stiff[origin] = 1.0 / flow if flow > DUST else 0.0
    for index in range(low + 1, high):
        node = graph.head[link[index]]
        for origin in range(share.shape[0]):
            if share[origin] > DUST:
                flow, through = on_link[link[index], origin], into[node, origin]
                if flow > DUST and through > DUST:
                    share[origin] *= flow / through
                    stiff[origin] += 1.0 / flow - 1.0 / through
                    least[origin] = min(least[origin], flow)
                else:
                    share[origin] = 0.0
            else:
                share[origin] = 0.0


@njit(cache=True, nogil=True)
def _rises(low: int, high: int, link: Ints, graph: Graph, label: Floats, origin: int) -> bool:
    """Return whether each link of a segment leads away from an origin: then no cycle can close there."""
    for index in range(low, high):  # noqa: SIM110  numba compiles no generator expressions
        if label[graph.tail[link[index]], origin] >= label[graph.head[link[index]], origin]:
            return False
    return True


@njit(cache=True, nogil=True)
def _move(low: int, high: int, link: Ints, graph: Graph, on_link: Floats, into: Floats, change: Floats, sign: float) -> None:
    """Add each origin's change, times the sign, to the links of a segment and the nodes inside it."""
    for index in range(low, high):
        one = link[index]
        for origin in range(change.shape[0]):
            on_link[one, origin] = max(0.0, on_link[one, origin] + sign * change[origin])
        if index > low:
            node = graph.head[one]
            for origin in range(change.shape[0]):
                into[node, origin] = max(0.0, into[node, origin] + sign * change[origin])


@njit(cache=True, nogil=True)
def even_out(
    low: int,
    high: int,
    segments: Segments,
    graph: Graph,
    label: Floats,
    on_link: Floats,
    into: Floats,
    enough: float,
) -> float:
    """Give all origins the same split at pairs ``low`` to ``high``; return the most trips by which one was off."""
    zones = on_link.shape[1]
    one, two, stiff_one, stiff_two = np.empty(zones), np.empty(zones), np.empty(zones), np.empty(zones)
    least_one, least_two, change = np.empty(zones), np.empty(zones), np.empty(zones)
    worst = 0.0
    for pair in range(low, high):
        first, middle, last = segments.first[pair], segments.middle[pair], segments.last[pair]
        _measure(first, middle, segments.link, graph, on_link, into, one, stiff_one, least_one)
        _measure(middle, last, segments.link, graph, on_link, into, two, stiff_two, least_two)
        all_one, all_two, enters = 0.0, 0.0, False
        for origin in range(zones):
            uses_one, uses_two = one[origin] > DUST, two[origin] > DUST
            if uses_one != uses_two:
                begin, end = (middle, last) if uses_one else (first, middle)
                if _rises(begin, end, segments.link, graph, label, origin):
                    enters = True
                else:
                    one[origin], two[origin] = 0.0, 0.0
            all_one += one[origin]
            all_two += two[origin]
        if all_one <= DUST or all_two <= DUST:
            continue
        share = all_one / (all_one + all_two)
        uneven = 0.0
        for origin in range(zones):
            change[origin] = one[origin] - share * (one[origin] + two[origin])
            uneven = max(uneven, abs(change[origin]))
        worst = max(worst, uneven)
        if uneven <= enough:
            continue
        if not enters:
            _newton(one, two, stiff_one, stiff_two, least_one, least_two, change)
        _move(first, middle, segments.link, graph, on_link, into, change, -1.0)
        _move(middle, last, segments.link, graph, on_link, into, change, 1.0)
    return worst


@njit(cache=True, nogil=True)
def _newton(
    one: Floats, two: Floats, stiff_one: Floats, stiff_two: Floats, least_one: Floats, least_two: Floats, change: Floats
) -> None:
    """Fill the changes, of sum 0, after which the logarithm of one : two is the same for all origins, to first order."""
    weight, mean = 0.0, 0.0
    for origin in range(change.shape[0]):
        if one[origin] > DUST:
            give = 1.0 / (stiff_one[origin] + stiff_two[origin])
            weight += give
            mean += give * np.log(one[origin] / two[origin])
    mean /= weight
    up, down = 0.0, 0.0
    for origin in range(change.shape[0]):
        change[origin] = 0.0
        if one[origin] > DUST:
            step = (np.log(one[origin] / two[origin]) - mean) / (stiff_one[origin] + stiff_two[origin])
            step = min(max(step, -HALF * least_two[origin]), HALF * least_one[origin])
            change[origin] = step
            up += max(step, 0.0)
            down += max(-step, 0.0)
    # What one origin leaves another takes: volumes of links stay.
    for origin in range(change.shape[0]):
        if change[origin] > 0.0 and up > down:
            change[origin] *= down / up
        elif change[origin] < 0.0 and down > up:
            change[origin] *= up / down


@njit(cache=True, nogil=True)
def ratios(
    low: int, high: int, segments: Segments, graph: Graph, on_link: Floats, into: Floats, ratio: Floats, worth: Floats
) -> None:
    """Fill, per pair, the mean logarithm of the ratio of its segments, and the trips that move per unit of it ``(pairs,)``."""
    zones = on_link.shape[1]
    one, two, stiff_one, stiff_two = np.empty(zones), np.empty(zones), np.empty(zones), np.empty(zones)
    least = np.empty(zones)
    for pair in range(low, high):
        first, middle, last = segments.first[pair], segments.middle[pair], segments.last[pair]
        _measure(first, middle, segments.link, graph, on_link, into, one, stiff_one, least)
        _measure(middle, last, segments.link, graph, on_link, into, two, stiff_two, least)
        mean, weight = 0.0, 0.0
        for origin in range(zones):
            if one[origin] > DUST and two[origin] > DUST:
                give = 1.0 / (stiff_one[origin] + stiff_two[origin])
                weight += give
                mean += give * np.log(one[origin] / two[origin])
        worth[pair] = weight
        ratio[pair] = mean / weight if weight > 0.0 else 0.0


@njit(cache=True, nogil=True)
def limit(low: int, high: int, segments: Segments, graph: Graph, on_link: Floats, into: Floats, step: Floats) -> float:
    """Return the part of the steps of logarithms ``(pairs,)`` that no origin's flow forbids at some pairs, at most 1."""
    zones = on_link.shape[1]
    one, two, stiff_one, stiff_two = np.empty(zones), np.empty(zones), np.empty(zones), np.empty(zones)
    least_one, least_two = np.empty(zones), np.empty(zones)
    part = 1.0
    for pair in range(low, high):
        first, middle, last = segments.first[pair], segments.middle[pair], segments.last[pair]
        _measure(first, middle, segments.link, graph, on_link, into, one, stiff_one, least_one)
        _measure(middle, last, segments.link, graph, on_link, into, two, stiff_two, least_two)
        for origin in range(zones):
            if one[origin] > DUST and two[origin] > DUST:
                moved = step[pair] / (stiff_one[origin] + stiff_two[origin])
                room = least_one[origin] if moved > 0.0 else least_two[origin]
                if abs(moved) * part > GENTLE * room:
                    part = GENTLE * room / abs(moved)
    return part


@njit(cache=True, nogil=True)
def push(low: int, high: int, segments: Segments, graph: Graph, on_link: Floats, into: Floats, amount: Floats) -> None:
    """Move trips ``(pairs,)`` from the first to the second segment of some pairs, by the origins that use both."""
    zones = on_link.shape[1]
    one, two, stiff_one, stiff_two = np.empty(zones), np.empty(zones), np.empty(zones), np.empty(zones)
    least, change = np.empty(zones), np.empty(zones)
    for pair in range(low, high):
        if amount[pair] == 0.0:
            continue
        first, middle, last = segments.first[pair], segments.middle[pair], segments.last[pair]
        _measure(first, middle, segments.link, graph, on_link, into, one, stiff_one, least)
        _measure(middle, last, segments.link, graph, on_link, into, two, stiff_two, least)
        total = 0.0
        for origin in range(zones):
            uses = one[origin] > DUST and two[origin] > DUST
            change[origin] = 1.0 / (stiff_one[origin] + stiff_two[origin]) if uses else 0.0
            total += change[origin]
        for origin in range(zones):
            change[origin] *= amount[pair] / total if total > 0.0 else 0.0
        _move(first, middle, segments.link, graph, on_link, into, change, -1.0)
        _move(middle, last, segments.link, graph, on_link, into, change, 1.0)
