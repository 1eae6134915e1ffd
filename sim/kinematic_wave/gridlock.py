"""Gridlock: a ring of full links, each waiting for the next to let one vehicle go. Nothing inside can ever move again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.kinematic_wave.network import Ints, Network
from sim.kinematic_wave.node import Table, enter, leave
from sim.kinematic_wave.state import UNKNOWN, State
from sim.kinematic_wave.trip import Trips


@dataclass(frozen=True)
class Gridlock:
    """Links that wait for each other in a ring, and when (s) this was first seen."""

    seen_s: float
    links: tuple[int, ...]


@njit(cache=True, nogil=True)
def waits_for(now_s: float, net: Network, trips: Trips, table: Table, state: State, out: Ints) -> None:
    """Fill ``out (m,)`` with the link that each link's first vehicle waits for someone to leave, or -1."""
    for index in range(len(out)):
        road, now = net.link[index], state.line[index]
        out[index] = -1
        if now.entered == now.left:
            continue
        spot = state.ring[road.first + now.left % road.size]
        trip = trips.trip[spot.vehicle]
        goal = table[trip.table, trip.destination, road.head]
        if goal >= 0 and spot.at_s + road.free_s <= now_s:
            ahead = state.line[goal]
            if ahead.entered - ahead.left >= net.link[goal].whole:
                out[index] = goal


@njit(cache=True, nogil=True)
def turn(ring: Ints, at_s: float, net: Network, state: State) -> None:
    """Let the first vehicle of every link of a ring move on to the next link at once, as they could if all agreed."""
    vehicles = np.empty(len(ring), np.int32)
    for index in range(len(ring)):
        who = ring[index]
        vehicles[index] = leave(net.link[who], state.line[who], state.ring, at_s, net.step_s, state.wake_s)
    for index in range(len(ring)):
        who = ring[(index + 1) % len(ring)]
        enter(net.link[who], state.line[who], state.ring, vehicles[index], at_s, state.wake_s)
        state.line[who].goal = UNKNOWN
        state.wake_s[net.link[who].head] = min(state.wake_s[net.link[who].head], at_s)


def rings(waits: Ints) -> list[tuple[int, ...]]:
    """Return the rings among links that each wait for at most one other, each from its lowest link on."""
    seen = np.zeros(len(waits), np.int64)
    found = []
    for mark, start in enumerate(np.flatnonzero(waits >= 0).tolist(), start=1):
        link = start
        while link >= 0 and seen[link] == 0:
            seen[link] = mark
            link = int(waits[link])
        if link >= 0 and seen[link] == mark:
            found.append(_ring_from(link, waits))
    return found


def _ring_from(link: int, waits: Ints) -> tuple[int, ...]:
    ring = [link]
    while int(waits[ring[-1]]) != link:
        ring.append(int(waits[ring[-1]]))
    lowest = ring.index(min(ring))
    return (*ring[lowest:], *ring[:lowest])
