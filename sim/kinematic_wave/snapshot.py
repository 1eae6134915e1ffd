"""The state of a moment kept small: only what somebody may still feel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.kinematic_wave.gridlock import Gridlock
from sim.kinematic_wave.network import Floats, Longs, Network, Records
from sim.kinematic_wave.state import NOBODY, State, empty_state
from sim.kinematic_wave.trip import Trips


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Traffic at ``at_s``, from which a run goes on to the last bit.

    Of the ring only the spots ``index`` are kept. ``times_s (tables, m)`` are the times by which each route table was last
    made; of what had been found by then there were ``looks`` looks at the links and ``gridlocks``.
    """

    at_s: float
    line: Records
    index: Longs
    spots: Records
    wake_s: Floats
    changes: Longs
    renewed_s: Floats
    times_s: Floats
    looks: int
    gridlocks: tuple[Gridlock, ...]


def take(at_s: float, network: Network, state: State, times_s: Floats, looks: int, gridlocks: tuple[Gridlock, ...]) -> Snapshot:
    """Return a snapshot of the state at ``at_s``."""
    index = np.empty(_felt(at_s, network, state, np.empty(0, np.int64)), np.int64)
    _felt(at_s, network, state, index)
    own = (state.wake_s.copy(), state.changes.copy(), state.renewed_s.copy(), times_s.copy())
    return Snapshot(at_s, state.line.copy(), index, state.ring[index], *own, looks, gridlocks)


def restored(snapshot: Snapshot, network: Network, trips: Trips, arrival_s: Floats) -> State:
    """Return the state of a snapshot; who had arrived by then is read off the later ``arrival_s (v,)``."""
    state = empty_state(network, trips)
    state.line[:], state.wake_s[:] = snapshot.line, snapshot.wake_s
    state.changes[:], state.renewed_s[:] = snapshot.changes, snapshot.renewed_s
    state.ring["vehicle"] = NOBODY
    state.ring[snapshot.index] = snapshot.spots
    state.arrival_s[:] = np.where(arrival_s < snapshot.at_s, arrival_s, np.nan)
    return state


@njit(cache=True, nogil=True)
def _felt(at_s: float, network: Network, state: State, out: Longs) -> int:
    """Find the spots with a vehicle, or left so lately that the wave is still on its way; write them to ``out`` if it has room.

    Returns how many there are.
    """
    found = 0
    for index in range(len(network.length_m)):
        road, now = network.link[index], state.line[index]
        since_s = at_s - road.wave_s - road.headway_s
        number, oldest = now.entered - 1, max(now.entered - road.size, 0)
        while number >= oldest:
            place = road.first + number % road.size
            if number < now.left and state.ring[place].at_s < since_s:
                break
            if found < len(out):
                out[found] = place
            found += 1
            number -= 1
    return found
