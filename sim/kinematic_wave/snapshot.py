"""The state of a moment kept small: only what somebody may still feel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.kinematic_wave.gridlock import Gridlock
from sim.kinematic_wave.network import Floats, Ints, Longs, Network, Records
from sim.kinematic_wave.state import SPOT, State, empty_state
from sim.kinematic_wave.trip import Trips


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Traffic at ``at_s``, from which a run goes on to the last bit.

    Of the ring only the ``spots`` are kept that links hold from their ``oldest``-th vehicle on, link after link. ``times_s
    (tables, m)`` are the times by which each group of drivers last chose its ways; of what had been found by then
    there were ``looks`` looks at the links and ``gridlocks``.
    """

    at_s: float
    heads: Records
    tails: Records
    share: Records
    turns: Records
    oldest: Ints
    spots: Records
    wake_s: Floats
    changes: Longs
    renewed_s: Floats
    times_s: Floats
    looks: int
    gridlocks: tuple[Gridlock, ...]


def take(at_s: float, network: Network, state: State, times_s: Floats, looks: int, gridlocks: tuple[Gridlock, ...]) -> Snapshot:
    """Return a snapshot of the state at ``at_s``."""
    oldest = np.empty(network.links, np.int32)
    spots = np.empty(_felt(at_s, network, state, oldest), SPOT)
    _copy(spots, network, state, oldest, out_of_ring=True)
    same = (state.wake_s.copy(), state.changes.copy(), state.renewed_s.copy(), times_s.copy())
    return Snapshot(
        at_s, state.heads.copy(), state.tails.copy(), state.share.copy(), state.turns.copy(), oldest, spots, *same, looks, gridlocks
    )  # fmt: skip


def restored(snapshot: Snapshot, network: Network, trips: Trips, destinations: int, arrival_s: Floats) -> State:
    """Return the state of a snapshot; who had arrived by then is read off the later ``arrival_s (v,)``."""
    state = empty_state(network, trips, destinations)
    for name in ("heads", "tails", "share", "turns", "wake_s", "changes", "renewed_s"):
        getattr(state, name)[:] = getattr(snapshot, name)
    _copy(snapshot.spots, network, state, snapshot.oldest, out_of_ring=False)
    state.arrival_s[:] = np.where(arrival_s < snapshot.at_s, arrival_s, np.nan)
    return state


@njit(cache=True, nogil=True)
def _felt(at_s: float, network: Network, state: State, oldest: Ints) -> int:
    """Find for each link from which vehicle on its spots are felt: those still there, and those who left so lately that the wave is under way.

    Returns how many spots that are.
    """
    found, ring = 0, state.ring
    for index in range(len(oldest)):
        road, tail = network.link[index], state.tails[network.place[index]]
        since_s = at_s - road.wave_s - road.headway_s
        number, place = tail.left, state.heads[tail.head].place
        first = max(tail.entered - road.size, 0)
        while number > first:
            place = (place if place > tail.first else tail.stop) - 1
            if ring[place].at_s < since_s:
                break
            number -= 1
        oldest[index] = number
        found += tail.entered - number
    return found


@njit(cache=True, nogil=True)
def _copy(spots: Records, network: Network, state: State, oldest: Ints, out_of_ring: bool) -> None:
    """Copy the spots that are felt out of the ring or into it."""
    index, ring = 0, state.ring
    for link in range(len(oldest)):
        tail = state.tails[network.place[link]]
        place = tail.first + oldest[link] % network.link[link].size
        for _ in range(oldest[link], tail.entered):
            if out_of_ring:
                spots[index] = ring[place]
            else:
                ring[place] = spots[index]
            index += 1
            place = place + 1 if place + 1 < tail.stop else tail.first
