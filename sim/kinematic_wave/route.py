"""Route choice: tables that tell a driver the next link, from the times on the roads when last looked at.

Drivers follow the quickest way by present times (dynamic user optimum). Were all to look at once, all
would turn to the same street; so there are several tables, renewed by turns, and each driver keeps to one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.assignment.graph import CLOSED_TIME_S, Graph, make_graph
from sim.assignment.shortest import shortest_tree
from sim.kinematic_wave.network import Floats, Ints, Network
from sim.kinematic_wave.state import State
from sim.kinematic_wave.trip import Exits

ARRIVED = -2
"""In a table ``(tables, d, n)`` of next links: the trip leaves the network here. -1: there is no way."""


class Backwards(NamedTuple):
    """The network run backwards from the destinations: nodes 0 to d - 1 are destinations, those after them the network's.

    ``link_of (m,)`` is the network's link of each of the graph's, ``ARRIVED`` for an exit; ``cost_s (m,)`` has the
    time of the exits.
    """

    graph: Graph
    link_of: Ints
    cost_s: Floats


def make_backwards(network: Network, exits: Exits) -> Backwards:
    """Return the graph on which trees from the destinations are grown."""
    destinations = len(exits.start) - 1
    links = np.flatnonzero(network.is_open)
    to = np.repeat(np.arange(destinations), np.diff(exits.start))
    tail = np.concatenate([destinations + network.link["head"][links], to])
    head = np.concatenate([destinations + network.link["tail"][links], destinations + exits.node])
    graph, place = make_graph(tail, head, destinations + network.nodes, destinations)
    link_of = np.empty(len(tail), np.int32)
    link_of[place] = np.concatenate([links, np.full(len(to), ARRIVED)])
    cost_s = np.empty(len(tail))
    cost_s[place] = np.concatenate([network.link["free_s"][links], exits.time_s])
    return Backwards(graph, link_of, cost_s)


@njit(cache=True, nogil=True)
def present_times(now_s: float, net: Network, state: State, out: Floats) -> None:
    """Fill ``out (m,)`` with what each link takes by what can be seen now.

    The longest of: the empty road; its vehicles leaving at capacity; and the time that its first vehicle
    has already spent, which tells of a queue held up from beyond.
    """
    for index in range(len(out)):
        road, now = net.link[index], state.line[index]
        factor = min(now.out_factor, now.in_factor)
        if factor == 0.0:
            out[index] = CLOSED_TIME_S
            continue
        seen_s = max(road.free_s, (now.entered - now.left) * road.out_s / factor)
        if now.entered > now.left:
            seen_s = max(seen_s, now_s - state.ring[road.first + now.left % road.size].at_s)
        out[index] = seen_s


@njit(cache=True, nogil=True)
def renew(low: int, high: int, backwards: Backwards, times_s: Floats, out: NDArray[np.int32]) -> None:
    """Fill rows ``low`` to ``high`` of one table ``(d, n)`` with the quickest ways at times ``(m,)``."""
    graph = backwards.graph
    destinations, nodes = graph.first_through, len(graph.in_start) - 1
    cost = backwards.cost_s.copy()
    for index in range(len(cost)):
        if backwards.link_of[index] >= 0:
            cost[index] = times_s[backwards.link_of[index]]
    distance = np.empty(nodes)
    into, settled, place = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    heap = np.empty(nodes + 1, np.int32)
    for destination in range(low, high):
        shortest_tree(destination, graph, cost, distance, into, settled, heap, place)
        for node in range(nodes - destinations):
            arc = into[destinations + node]
            out[destination, node] = backwards.link_of[arc] if arc >= 0 else -1
