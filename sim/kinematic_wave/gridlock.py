"""Gridlock: a ring of full links, each waiting for the next to let one vehicle go. Nothing inside can ever move again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.kinematic_wave.network import Ints, Network
from sim.kinematic_wave.node import FIRST_WAY, NO_WAY, Table, enter, leave, make_room
from sim.kinematic_wave.state import NOBODY, UNKNOWN, State


@dataclass(frozen=True)
class Gridlock:
    """Links that wait for each other in a ring, and when (s) this was first seen."""

    seen_s: float
    links: tuple[int, ...]


@njit(cache=True, nogil=True)
def waits_for(now_s: float, net: Network, table: Table, state: State, out: Ints) -> None:
    """Fill ``out (m,)`` with the link that each link's first vehicle waits for someone to leave, or -1."""
    for index in range(len(out)):
        head, node = state.heads[state.tails[net.place[index]].head], net.link[index].head
        first = state.ring[head.place]
        out[index] = -1
        if first.vehicle == NOBODY or first.at_s + head.free_s > now_s:
            continue
        way = table[node, first.code]
        if FIRST_WAY <= way < NO_WAY:
            ahead = state.tails[net.out_start[node] + way - FIRST_WAY]
            if ahead.entered - ahead.left >= net.link[ahead.link].whole:
                out[index] = ahead.link


@njit(cache=True, nogil=True)
def turn(ring: Ints, at_s: float, net: Network, state: State) -> None:
    """Let the first vehicle of every link of a ring move on to the next link at once, as they could if all agreed."""
    vehicles, codes = np.empty(len(ring), np.int32), np.empty(len(ring), np.int32)
    for link in ring:
        tail = state.tails[net.place[link]]
        if max(tail.gap_s, state.heads[tail.head].gap_s) == np.inf:
            return  # part of the ring is closed
    for index in range(len(ring)):
        tail = state.tails[net.place[ring[index]]]
        head = state.heads[tail.head]
        spot = state.ring[head.place]
        vehicles[index], codes[index] = spot.vehicle, spot.code
        leave(head, tail, spot, at_s)
        make_room(head, at_s, net.link[ring[index]], state.wake_s)
    for index in range(len(ring)):
        tail = state.tails[net.place[ring[(index + 1) % len(ring)]]]
        enter(tail, state.ring[tail.place], vehicles[index], codes[index], at_s)
        state.heads[tail.head].goal = UNKNOWN
        node = net.link[tail.link].head
        state.wake_s[node] = min(state.wake_s[node], at_s)


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
