"""Algorithm B: equilibrium flow, one origin's bush at a time.

A bush is an acyclic sub-network that reaches every node from one origin. Within it, flow moves from the
longest used path to the shortest one until both take equally long; then the bush takes in links that
offer a shorter path and drops those without flow; and so on, origin after origin.

R. B. Dial (2006), A path-based user-equilibrium traffic assignment algorithm that obviates path storage
and enumeration, Transportation Research B 40 (10), 917-936, doi:10.1016/j.trb.2006.02.008.
Y. Nie (2010), A class of bush-based algorithms for the traffic assignment problem, Transportation
Research B 44 (1), 73-89, doi:10.1016/j.trb.2009.06.005, whose rule for taking in links (maximal labels
first, all links that keep the bush acyclic when none improves the minimal labels) is used here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.congestion.delay import time_and_slope
from sim.congestion.graph import Bushes, Delay, Floats, Graph, Ints, Loading
from sim.congestion.shortest import shortest_tree

NEVER = 1e300
DUST = 1e-12
"""Flow (veh/h) below which a link of a bush counts as unused."""


class Labels(NamedTuple):
    """Room for one origin's labels, ``(n,)``: least and greatest time from the origin and the links they come by."""

    least: Floats
    greatest: Floats
    least_link: Ints
    greatest_link: Ints
    position: Ints
    open_count: Ints


@njit(cache=True)
def make_labels(nodes: int) -> Labels:
    """Return room for the labels of one origin."""
    return Labels(
        np.empty(nodes),
        np.empty(nodes),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
    )


@njit(cache=True)
def plant(origins: Ints, graph: Graph, delay: Delay, demand: Floats, bushes: Bushes, loading: Loading) -> None:
    """Give each origin a new bush, the tree of shortest paths at the present times, and load its demand on it.

    Flow that the origins had before is taken away. Times follow at once, so that later origins avoid
    what earlier ones filled.
    """
    free_time, b, capacity, power = delay.free_time, delay.b, delay.capacity, delay.power
    volume, time, slope = loading.volume, loading.time, loading.slope
    tail = graph.tail
    nodes = graph.in_start.shape[0] - 1
    distance, through = np.empty(nodes), np.empty(nodes)
    into, place = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    heap = np.empty(nodes + 1, np.int32)
    for origin in origins:
        flow, member, order = bushes.flow[origin], bushes.member[origin], bushes.order[origin]
        for link in range(flow.shape[0]):
            member[link] = 0
            if flow[link] > 0.0:
                volume[link] = max(0.0, volume[link] - flow[link])
                flow[link] = 0.0
                time[link], slope[link] = time_and_slope(link, volume[link], free_time, b, capacity, power)
        reached = shortest_tree(origin, graph, time, distance, into, order, heap, place)
        bushes.reached[origin] = reached
        bushes.active[origin] = reached
        through[:] = 0.0
        for destination in range(demand.shape[1]):
            if destination != origin:
                through[destination] += demand[origin, destination]
        for index in range(reached - 1, 0, -1):
            node = order[index]
            link = into[node]
            member[link] = 1
            if through[node] > 0.0:
                flow[link] = through[node]
                volume[link] += through[node]
                through[tail[link]] += through[node]
                time[link], slope[link] = time_and_slope(link, volume[link], free_time, b, capacity, power)


@njit(cache=True)
def _label_and_prune(origin: int, graph: Graph, bushes: Bushes, time: Floats, labels: Labels) -> None:
    """Label all nodes and drop links that carry nothing, save those of the shortest tree."""
    tail, in_start = graph.tail, graph.in_start
    least, greatest, position = labels.least, labels.greatest, labels.position
    flow, member, order = bushes.flow[origin], bushes.member[origin], bushes.order[origin]
    position[:] = -1
    position[origin] = 0
    least[origin] = 0.0
    greatest[origin] = 0.0
    for index in range(1, bushes.reached[origin]):
        node = order[index]
        position[node] = index
        shortest = NEVER
        best = -1
        for link in range(in_start[node], in_start[node + 1]):
            if member[link] and least[tail[link]] + time[link] < shortest:
                shortest = least[tail[link]] + time[link]
                best = link
        longest = -1.0
        for link in range(in_start[node], in_start[node + 1]):
            if member[link]:
                if flow[link] <= 0.0 and link != best:
                    member[link] = 0
                else:
                    longest = max(longest, greatest[tail[link]] + time[link])
        least[node] = shortest
        greatest[node] = longest


@njit(cache=True)
def _take_in(origin: int, graph: Graph, bushes: Bushes, time: Floats, labels: Labels, tolerance: float) -> int:
    """Add links that improve the bush and keep it acyclic; return how many.

    A link i-j may be added when max(i) + t < max(j): every link of the bush has max(i) + t <= max(j), so
    that no cycle can close. First those that also shorten (Dial 2006); if a shorter path exists
    but none of its links qualifies, all that keep the order (Nie 2010).
    """
    tail, in_start, first_through = graph.tail, graph.in_start, graph.first_through
    least, greatest, position = labels.least, labels.greatest, labels.position
    member, order = bushes.member[origin], bushes.order[origin]
    added = 0
    worst = 0.0
    for must_shorten in (True, False):
        for index in range(1, bushes.reached[origin]):
            node = order[index]
            for link in range(in_start[node], in_start[node + 1]):
                start = tail[link]
                if member[link] or position[start] < 0 or (start < first_through and start != origin):
                    continue
                keeps_order = greatest[start] + time[link] < greatest[node] - tolerance
                if must_shorten:
                    gain = least[node] - (least[start] + time[link])
                    worst = max(worst, gain)
                    if gain <= tolerance or greatest[start] + time[link] >= greatest[node]:
                        continue
                elif not keeps_order:
                    continue
                member[link] = 1
                added += 1
        if added > 0 or worst <= tolerance:
            break
    return added


@njit(cache=True)
def _sort(origin: int, graph: Graph, bushes: Bushes, open_count: Ints) -> bool:
    """Bring the nodes of a bush into topological order (Kahn 1962); false when it has a cycle."""
    in_start, out_start, out_link, head = graph.in_start, graph.out_start, graph.out_link, graph.head
    member, order = bushes.member[origin], bushes.order[origin]
    reached = bushes.reached[origin]
    for index in range(reached):
        node = order[index]
        count = 0
        for link in range(in_start[node], in_start[node + 1]):
            count += member[link]
        open_count[node] = count
    first, last = 0, 1
    order[0] = origin
    while first < last:
        node = order[first]
        first += 1
        for index in range(out_start[node], out_start[node + 1]):
            link = out_link[index]
            if member[link]:
                open_count[head[link]] -= 1
                if open_count[head[link]] == 0:
                    order[last] = head[link]
                    last += 1
    return bool(last == reached)


@njit(cache=True)
def _bring_forward(origin: int, graph: Graph, bushes: Bushes, labels: Labels) -> None:
    """Put the nodes that trips pass, and all their forerunners in the bush, first in its order.

    The order stays topological: with a node, all nodes before it in the bush are brought forward too.
    """
    tail, in_start = graph.tail, graph.in_start
    flow, member, order = bushes.flow[origin], bushes.member[origin], bushes.order[origin]
    wanted, rest = labels.open_count, labels.position
    reached = bushes.reached[origin]
    for index in range(reached):
        wanted[order[index]] = 0
    for index in range(reached - 1, 0, -1):
        node = order[index]
        if wanted[node] == 0:
            for link in range(in_start[node], in_start[node + 1]):
                if flow[link] > 0.0:
                    wanted[node] = 1
        if wanted[node] == 1:
            for link in range(in_start[node], in_start[node + 1]):
                if member[link]:
                    wanted[tail[link]] = 1
    active, others = 1, 0
    for index in range(1, reached):
        node = order[index]
        if wanted[node] == 1:
            order[active] = node
            active += 1
        else:
            rest[others] = node
            others += 1
    for index in range(others):
        order[active + index] = rest[index]
    bushes.active[origin] = active


@njit(cache=True)
def improve(origin: int, graph: Graph, bushes: Bushes, time: Floats, labels: Labels, tolerance: float) -> bool:
    """Drop what carries nothing, take in what shortens; false when the bush is no longer acyclic (a bug)."""
    _label_and_prune(origin, graph, bushes, time, labels)
    if _take_in(origin, graph, bushes, time, labels, tolerance) > 0 and not _sort(origin, graph, bushes, labels.open_count):
        return False
    _bring_forward(origin, graph, bushes, labels)
    return True


@njit(cache=True)
def _label_used(origin: int, graph: Graph, bushes: Bushes, time: Floats, labels: Labels) -> float:
    """Label every active node with its shortest path and its longest used path; return the greatest difference."""
    tail, in_start = graph.tail, graph.in_start
    least, greatest, position = labels.least, labels.greatest, labels.position
    least_link, greatest_link = labels.least_link, labels.greatest_link
    flow, member, order = bushes.flow[origin], bushes.member[origin], bushes.order[origin]
    least[origin] = 0.0
    greatest[origin] = 0.0
    least_link[origin] = -1
    greatest_link[origin] = -1
    position[origin] = 0
    spread = 0.0
    for index in range(1, bushes.active[origin]):
        node = order[index]
        position[node] = index
        shortest, longest = NEVER, -1.0
        by_shortest, by_longest = -1, -1
        for link in range(in_start[node], in_start[node + 1]):
            if member[link]:
                start = tail[link]
                if least[start] + time[link] < shortest:
                    shortest = least[start] + time[link]
                    by_shortest = link
                if flow[link] > 0.0 and greatest[start] >= 0.0 and greatest[start] + time[link] > longest:
                    longest = greatest[start] + time[link]
                    by_longest = link
        least[node] = shortest
        greatest[node] = longest
        least_link[node] = by_shortest
        greatest_link[node] = by_longest
        spread = max(spread, longest - shortest)
    return spread


@njit(cache=True)
def _shift(node: int, graph: Graph, delay: Delay, flow: Floats, loading: Loading, labels: Labels) -> None:
    """Move flow from the longest used to the shortest segment that end at ``node`` (Dial 2006).

    The segments part at their last common node; the amount is one Newton step, difference of times over
    the sum of slopes, and never more than the longest segment carries.
    """
    free_time, b, capacity, power = delay.free_time, delay.b, delay.capacity, delay.power
    volume, time, slope = loading.volume, loading.time, loading.slope
    tail = graph.tail
    least_link, greatest_link, position = labels.least_link, labels.greatest_link, labels.position
    long_link, short_link = greatest_link[node], least_link[node]
    long_node, short_node = tail[long_link], tail[short_link]
    difference = time[long_link] - time[short_link]
    slopes = slope[long_link] + slope[short_link]
    most = flow[long_link]
    while long_node != short_node:
        if position[long_node] > position[short_node]:
            link = greatest_link[long_node]
            if link < 0:
                return
            difference += time[link]
            most = min(most, flow[link])
            long_node = tail[link]
        else:
            link = least_link[short_node]
            difference -= time[link]
            short_node = tail[link]
        slopes += slope[link]
    if most <= 0.0 or difference <= 0.0:
        return
    step = most if slopes <= 0.0 else min(most, difference / slopes)
    parting = long_node
    link = long_link
    while True:
        left = flow[link] - step
        if left < DUST:
            left = 0.0
        volume[link] = max(0.0, volume[link] - (flow[link] - left))
        flow[link] = left
        time[link], slope[link] = time_and_slope(link, volume[link], free_time, b, capacity, power)
        if tail[link] == parting:
            break
        link = greatest_link[tail[link]]
    link = short_link
    while True:
        flow[link] += step
        volume[link] += step
        time[link], slope[link] = time_and_slope(link, volume[link], free_time, b, capacity, power)
        if tail[link] == parting:
            break
        link = least_link[tail[link]]


@njit(cache=True)
def balance(origin: int, graph: Graph, delay: Delay, bushes: Bushes, loading: Loading, labels: Labels, tolerance: float) -> float:
    """Shift flow once at every node of a bush, the farthest first; return the spread of times before."""
    order, flow = bushes.order[origin], bushes.flow[origin]
    spread = _label_used(origin, graph, bushes, loading.time, labels)
    if spread <= tolerance:
        return spread
    for index in range(bushes.active[origin] - 1, 0, -1):
        node = order[index]
        by_longest = labels.greatest_link[node]
        if by_longest < 0 or by_longest == labels.least_link[node]:
            continue
        if labels.greatest[node] - labels.least[node] > tolerance:
            _shift(node, graph, delay, flow, loading, labels)
    return spread


@njit(cache=True)
def sweep(origins: Ints, graph: Graph, delay: Delay, bushes: Bushes, loading: Loading, spreads: Floats, tolerance: float) -> bool:
    """Improve and balance the bush of each origin; false when one lost its order (a bug)."""
    labels = make_labels(graph.in_start.shape[0] - 1)
    sound = True
    for origin in origins:
        if not improve(origin, graph, bushes, loading.time, labels, tolerance):
            sound = False
        spreads[origin] = balance(origin, graph, delay, bushes, loading, labels, tolerance)
    return sound


@njit(cache=True)
def rebalance(
    origins: Ints, graph: Graph, delay: Delay, bushes: Bushes, loading: Loading, spreads: Floats, tolerance: float
) -> None:
    """Balance the bush of each origin as it is."""
    labels = make_labels(graph.in_start.shape[0] - 1)
    for origin in origins:
        spreads[origin] = balance(origin, graph, delay, bushes, loading, labels, tolerance)


@njit(cache=True)
def reload(origins: Ints, graph: Graph, demand: Floats, bushes: Bushes, time: Floats) -> None:
    """Carry another demand on the same bushes, split at every node in the same proportions as before."""
    tail, in_start = graph.tail, graph.in_start
    nodes = in_start.shape[0] - 1
    labels = make_labels(nodes)
    through = np.empty(nodes)
    for origin in origins:
        flow, member, order = bushes.flow[origin], bushes.member[origin], bushes.order[origin]
        bushes.active[origin] = bushes.reached[origin]  # trips may now end where none did
        _label_used(origin, graph, bushes, time, labels)
        through[:] = 0.0
        for destination in range(demand.shape[1]):
            if destination != origin:
                through[destination] += demand[origin, destination]
        for index in range(bushes.reached[origin] - 1, 0, -1):
            node = order[index]
            before = 0.0
            for link in range(in_start[node], in_start[node + 1]):
                if member[link]:
                    before += flow[link]
            for link in range(in_start[node], in_start[node + 1]):
                if member[link] and flow[link] > 0.0:
                    flow[link] *= through[node] / before
                    through[tail[link]] += flow[link]
            if before <= 0.0 and through[node] > 0.0:
                link = labels.least_link[node]
                flow[link] = through[node]
                through[tail[link]] += through[node]
