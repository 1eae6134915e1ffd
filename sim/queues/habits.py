"""The ways that drivers are used to: equal groups of them, each of which has found its own among those of the others.

By increments: every group takes the quickest ways at the times that the groups before it would make were they
everybody (incremental assignment; Sheffi 1985, Urban Transportation Networks, ch. 5.1). With a handful of groups traffic is
spread about as an equilibrium spreads it, and from day to day nobody has a reason to flit.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.assignment.graph import CLOSED_TIME_S, Floats, Graph
from sim.assignment.shortest import shortest_tree
from sim.kinematic_wave.network import Network
from sim.kinematic_wave.route import make_backwards
from sim.kinematic_wave.run import Problem
from sim.kinematic_wave.trip import Exits, Trips
from twin.task import Progress, Task

HOUR_S = 3600.0
JAM = 0.4
"""Akçelik's delay parameter of a junction; 0 would be a queue only beyond capacity."""
CHUNK = 64
"""Destinations between two chances to cancel."""


def learn(problem: Problem) -> Task[Floats]:
    """Return the times by which each group of drivers chooses its ways ``(tables, m)``, from the trips of the busiest hour."""
    network, tables = problem.network, problem.clock.tables
    wanted = _busiest_hour(problem.trips, len(problem.exits.start) - 1)
    backwards = make_backwards(network, problem.exits)
    cost = np.zeros(len(backwards.link_of))
    cost[backwards.link_of < 0] = _exit_times(backwards.graph, backwards.link_of < 0, problem.exits)
    times_s, volume = np.empty((tables, network.links)), np.zeros(network.links)
    of_road = backwards.link_of >= 0
    for table in range(tables):
        times_s[table] = delayed(network, volume / max(table, 1))
        cost[of_road] = times_s[table][backwards.link_of[of_road]]
        for low in range(0, len(wanted), CHUNK):
            _load(low, min(low + CHUNK, len(wanted)), backwards.graph, backwards.link_of, cost, wanted, volume)
            yield Progress("Finding the usual ways", table * len(wanted) + low, tables * len(wanted))
    return times_s


def delayed(network: Network, volume_vph: Floats) -> Floats:
    """Return the mean time on each link in an hour with these volumes ``(m,)``.

    Akçelik (1991), Travel time functions for transport planning purposes, eq. 4: beyond capacity the mean of a queue that grows
    for an hour.
    """
    link = network.link[: network.links]
    capacity = HOUR_S / link["out_s"]
    beyond = volume_vph / capacity - 1.0
    wait_s = 0.25 * HOUR_S * (beyond + np.sqrt(beyond**2 + 8.0 * JAM * (beyond + 1.0) / capacity))
    return np.where(network.is_open, link["free_s"] + wait_s, CLOSED_TIME_S)


def _busiest_hour(trips: Trips, destinations: int) -> Floats:
    """Return how many vehicles begin at each node for each destination in the busiest hour ``(d, n)``."""
    origin = np.repeat(np.arange(len(trips.start) - 1), np.diff(trips.start))
    hour = (trips.trip["depart_s"] // HOUR_S).astype(np.int64)
    is_then = hour == np.bincount(hour, minlength=1).argmax()
    wanted = np.zeros((destinations, len(trips.start) - 1))
    np.add.at(wanted, (trips.trip["destination"][is_then], origin[is_then]), 1.0)
    return wanted


def _exit_times(graph: Graph, is_exit: NDArray[np.bool_], exits: Exits) -> Floats:
    """Return the time that is left at each exit, in the order of the graph's links."""
    destination = np.repeat(np.arange(len(exits.start) - 1), np.diff(exits.start))
    nodes = len(graph.in_start)
    key = destination * nodes + graph.first_through + exits.node
    order = np.argsort(key, kind="stable")
    asked = graph.tail[is_exit].astype(np.int64) * nodes + graph.head[is_exit]
    return np.asarray(exits.time_s[order][np.searchsorted(key[order], asked)])


@njit(cache=True, nogil=True)
def _load(low: int, high: int, graph: Graph, link_of: NDArray[np.int32], cost: Floats, wanted: Floats, volume: Floats) -> None:
    """Send the trips to destinations ``low`` to ``high`` along the quickest ways and add them to ``volume (m,)``."""
    nodes, destinations = len(graph.in_start) - 1, graph.first_through
    distance, flow = np.empty(nodes), np.empty(nodes)
    into, settled, place = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    heap = np.empty(nodes + 1, np.int32)
    for destination in range(low, high):
        count = shortest_tree(destination, graph, cost, distance, into, settled, heap, place)
        flow[:] = 0.0
        flow[destinations:] = wanted[destination]
        for index in range(count - 1, 0, -1):
            node = settled[index]
            arc = into[node]
            if link_of[arc] >= 0:
                volume[link_of[arc]] += flow[node]
            flow[graph.tail[arc]] += flow[node]
