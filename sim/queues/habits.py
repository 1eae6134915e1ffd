"""The ways that drivers are used to: equal groups of them, each of which has found its own among those of the others.

By increments: every group takes the quickest ways at the times that the groups before it would make were they
everybody (incremental assignment; Sheffi 1985, Urban Transportation Networks, ch. 5.1). With a handful of groups traffic is
spread about as an equilibrium spreads it, and from day to day nobody has a reason to flit.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.assignment.graph import CLOSED_TIME_S, Floats
from sim.kinematic_wave.network import Network
from sim.kinematic_wave.node import FIRST_WAY, NO_WAY, Table
from sim.kinematic_wave.route import make_backwards, priced, renew
from sim.kinematic_wave.run import Problem
from sim.kinematic_wave.trip import Trips
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
    ways = np.full((network.nodes, len(wanted)), NO_WAY, np.uint8)
    times_s, volume = np.empty((tables, network.links)), np.zeros(network.links)
    for table in range(tables):
        times_s[table] = delayed(network, volume / max(table, 1))
        prices = priced(times_s[table], backwards, network)
        for low in range(0, len(wanted), CHUNK):
            high = min(low + CHUNK, len(wanted))
            renew(low, high, backwards, prices, network, 0, ways)
            _load(low, high, ways, network, wanted, volume)
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


@njit(cache=True, nogil=True)
def _load(low: int, high: int, ways: Table, network: Network, wanted: Floats, volume: Floats) -> None:
    """Send the trips to destinations ``low`` to ``high`` along the ways ``(n, d)`` and add them to ``volume (m,)``."""
    nodes = len(ways)
    link_of, behind, ready = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    for destination in range(low, high):
        behind[:] = 0
        for node in range(nodes):
            way = ways[node, destination]
            link_of[node] = -1
            if FIRST_WAY <= way < NO_WAY:
                link_of[node] = network.out[network.out_start[node] + way - FIRST_WAY]
                behind[network.link[link_of[node]].head] += 1
        flow, count = wanted[destination].copy(), 0
        for node in range(nodes):
            if behind[node] == 0:
                ready[count] = node
                count += 1
        while count > 0:
            count -= 1
            node = ready[count]
            link = link_of[node]
            if link < 0:
                continue
            head = network.link[link].head
            volume[link] += flow[node]
            flow[head] += flow[node]
            behind[head] -= 1
            if behind[head] == 0:
                ready[count] = head
                count += 1
