"""Route choice: a table that tells drivers the next link, from the times on the roads when last looked at.

Drivers follow the quickest way by present times (dynamic user optimum). Were all to look at once, all
would turn to the same street; so there are several groups of drivers, who look by turns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.assignment.graph import CLOSED_TIME_S, Graph, make_graph
from sim.assignment.hierarchy import LANES, UNREACHED, Costs, fit, lanes_of, make_costs, nearer, trees, write
from sim.kinematic_wave.network import Floats, Ints, Network
from sim.kinematic_wave.node import FIRST_WAY, LEAVE, NO_WAY, Table
from sim.kinematic_wave.state import NOBODY, State
from sim.kinematic_wave.trip import Exits
from twin.errors import DataError

MOST_WAYS = NO_WAY - FIRST_WAY
"""Links that may leave one node."""
TICKS_PER_S = 2.0**16
FIRST_FREE = 256
"""Times are whole numbers of ticks times this, so that the number of a way has room below; sums of ten years are exact."""


class Backwards(NamedTuple):
    """The network run backwards from the destinations: nodes 0 to d - 1 are destinations, those after them the network's.

    ``link_of (l,)`` is the network's link of each of the graph's, -1 for an exit; ``cost (l,)`` has the
    costs of the exits. ``exits`` are where the network is left.
    """

    graph: Graph
    link_of: Ints
    cost: Floats
    exits: Exits


def make_backwards(network: Network, exits: Exits) -> Backwards:
    """Return the graph on which trees from the destinations are grown. Raises ``DataError`` where too many links leave a node."""
    ways = np.diff(network.out_start)
    if ways.max(initial=0) > MOST_WAYS:
        node = int(ways.argmax())
        raise DataError(f"{ways[node]} links leave node {node}; expected {MOST_WAYS} at most.", "Split the node.")
    destinations = len(exits.start) - 1
    links = np.flatnonzero(network.is_open)
    to = np.repeat(np.arange(destinations), np.diff(exits.start))
    tail = np.concatenate([destinations + network.link["head"][links], to])
    head = np.concatenate([destinations + network.link["tail"][links], destinations + exits.node])
    graph, place = make_graph(tail, head, destinations + network.nodes, destinations)
    link_of = np.empty(len(tail), np.int32)
    link_of[place] = np.concatenate([links, np.full(len(to), -1)])
    cost = np.empty(len(tail))
    cost[place] = np.concatenate([np.zeros(len(links)), _ticks(exits.time_s)])
    return Backwards(graph, link_of, cost, exits)


def _ticks(time_s: Floats) -> Floats:
    return np.asarray(np.rint(time_s * TICKS_PER_S) * FIRST_FREE)


@njit(cache=True, nogil=True)
def present_times(now_s: float, net: Network, state: State, out: Floats) -> None:
    """Fill ``out (m,)`` with what each link takes by what can be seen now.

    The longest of: the empty road; its vehicles leaving at capacity; and the time that its first vehicle
    has already spent, which tells of a queue held up from beyond.
    """
    for index in range(len(out)):
        road, tail, share = net.link[index], state.tails[net.place[index]], state.share[index]
        factor = min(share.out, share.into)
        if factor == 0.0:
            out[index] = CLOSED_TIME_S
            continue
        seen_s = max(road.free_s, (tail.entered - tail.left) * road.out_s / factor)
        first = state.ring[state.heads[tail.head].place]
        if first.vehicle != NOBODY:
            seen_s = max(seen_s, now_s - first.at_s)
        out[index] = seen_s


class Prices(NamedTuple):
    """What a renewal goes by: the costs of the hierarchy's arcs, and of each link in the order of ``Network.out``."""

    costs: Costs
    of_way: Floats


def priced(times_s: Floats, backwards: Backwards, net: Network) -> Prices:
    """Return the prices that follow from the times on the links ``(m,)``."""
    ticks = _ticks(times_s)
    cost = np.where(backwards.link_of >= 0, ticks[backwards.link_of], backwards.cost)
    costs = make_costs(backwards.graph.hierarchy)
    fit(backwards.graph.hierarchy, cost, costs)
    return Prices(costs, np.where(net.is_open, ticks, UNREACHED)[net.out])


@njit(cache=True, nogil=True)
def renew(low: int, high: int, backwards: Backwards, prices: Prices, net: Network, first_code: int, table: Table) -> None:
    """Let drivers to the destinations ``low`` to ``high`` go the quickest ways; which of two equal ones is drawn for each node.

    ``first_code`` is the code of their group to destination 0. ``table`` is ``(n, codes)``.
    """
    hierarchy, exits, destinations = backwards.graph.hierarchy, backwards.exits, backwards.graph.first_through
    distance = np.empty((len(hierarchy.rank), LANES))
    least = np.empty((len(table), LANES))
    for base in range(low, high, LANES):
        lanes = min(LANES, high - base)
        trees(np.arange(base, base + lanes).astype(np.int32), hierarchy, prices.costs, distance)
        least[:] = UNREACHED
        for lane in range(lanes):
            for index in range(exits.start[base + lane], exits.start[base + lane + 1]):
                node = exits.node[index]
                least[node, lane] = min(least[node, lane], np.rint(exits.time_s[index] * TICKS_PER_S) * FIRST_FREE + LEAVE)
        for node in range(len(table)):
            first, ways = net.out_start[node], net.out_start[node + 1] - net.out_start[node]
            turn = _drawn(node, base, ways)
            best = lanes_of(least, node)
            for ordinal in range(ways):
                ahead = hierarchy.rank[destinations + net.link[net.out[first + ordinal]].head]
                number = FIRST_WAY + (ordinal + turn if ordinal + turn < ways else ordinal + turn - ways)
                best = nearer(best, lanes_of(distance, ahead), prices.of_way[first + ordinal] + number)
            write(best, least, node)
            for lane in range(lanes):
                cost, way = least[node, lane], np.int64(NO_WAY)
                if cost < UNREACHED:
                    way = np.int64(cost) & (FIRST_FREE - 1)
                    if way != LEAVE:
                        way -= turn
                        way += ways if way < FIRST_WAY else 0
                table[node, first_code + base + lane] = way


@njit(cache=True, nogil=True)
def _drawn(node: int, destination: int, ways: int) -> int:
    """Return which way out of a node comes first for eight destinations: were it always the first, all would turn alike."""
    mixed = (node * 0x9E3779B1 + destination * 0x85EBCA6B) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    return int((mixed ^ (mixed >> 12)) % max(ways, 1))
