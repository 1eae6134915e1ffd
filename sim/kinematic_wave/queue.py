"""How far a queue reaches back on a link, by the two cumulative curves of Newell (1993), doi:10.1016/0191-2615(93)90038-C."""

from __future__ import annotations

from typing import Any

from numba import njit

from sim.kinematic_wave.network import Floats, Network, Records
from sim.kinematic_wave.state import State

SHARPNESS = 40
"""Halvings of the link in search of the end of its queue."""


@njit(cache=True, nogil=True, error_model="numpy")
def queue_lengths(now_s: float, net: Network, state: State, out: Floats) -> None:
    """Fill ``out (m,)`` with the distance (m) from the end of each link to the last vehicle that is held up."""
    for index in range(len(out)):
        road, now = net.link[index], state.line[index]
        out[index] = 0.0
        if now.entered > now.left and _held_up(0.0, now_s, road, now, state.ring) >= 1.0:
            low, high = 0.0, 1.0
            if _held_up(high, now_s, road, now, state.ring) > 0.0:
                low = high
            for _ in range(SHARPNESS):
                middle = 0.5 * (low + high)
                if _held_up(middle, now_s, road, now, state.ring) > 0.0:
                    low = middle
                else:
                    high = middle
            out[index] = low * net.length_m[index]


@njit(cache=True, nogil=True, error_model="numpy")
def _held_up(share: float, now_s: float, road: Any, now: Any, ring: Records) -> float:
    """Return how many vehicles have not passed a point, ``share`` of the link before its end, that would have on an empty road.

    Those who would: entered by now less the way at free flow. Those who did, if there is a queue: left by
    now less the way of the wave, and those who stand in between.
    """
    wished = now.left + _before(now_s - (1.0 - share) * road.free_s, now.left, now.entered, road, ring)
    first = max(now.entered - road.size, 0)
    gone = first + _before(now_s - share * road.wave_s, first, now.left, road, ring)
    return float(wished - gone - share * (road.whole + road.part))


@njit(cache=True, nogil=True, error_model="numpy")
def _before(time_s: float, first: int, end: int, road: Any, ring: Records) -> int:
    """Return how many of a link's vehicles from ``first`` to ``end`` (in the order of entry) have a time before ``time_s``."""
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if ring[road.first + middle % road.size].at_s < time_s:
            low = middle + 1
        else:
            high = middle
    return low - first
