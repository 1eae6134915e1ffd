"""How far a queue reaches back on a link, by the two cumulative curves of Newell (1993), doi:10.1016/0191-2615(93)90038-C."""

from __future__ import annotations

from typing import Any

from sim.kinematic_wave.compiled import bare, kernel
from sim.kinematic_wave.network import Floats, Network, Records
from sim.kinematic_wave.state import NOBODY, State

SHARPNESS_M = 0.1
"""How well the end of a queue is told."""


@kernel
def queue_lengths(now_s: float, net: Network, state: State, out: Floats) -> None:
    """Fill ``out (m,)`` with the distance (m) from the end of each link to the last vehicle that is held up."""
    for index in range(len(out)):
        road, now = net.link[index], state.tails[net.place[index]]
        first = state.ring[state.heads[now.head].place]
        out[index] = 0.0
        if first.vehicle != NOBODY and first.at_s < now_s - road.free_s:
            low_m, high_m = 0.0, net.length_m[index]
            if _held_up(1.0, now_s, road, now, state.ring) > 0.0:
                low_m = high_m
            while high_m - low_m > SHARPNESS_M:
                middle_m = 0.5 * (low_m + high_m)
                if _held_up(middle_m / net.length_m[index], now_s, road, now, state.ring) > 0.0:
                    low_m = middle_m
                else:
                    high_m = middle_m
            out[index] = low_m


@bare
def _held_up(share: float, now_s: float, road: Any, now: Any, ring: Records) -> float:
    """Return how many vehicles have not passed a point, ``share`` of the link before its end, that would have on an empty road.

    Those who would: entered by now less the way at free flow. Those who did, if there is a queue: left by
    now less the way of the wave, and those who stand in between.
    """
    wished = _before(now_s - (1.0 - share) * road.free_s, now.left, now.entered, now, ring)
    first = max(now.entered - road.size, 0)
    gone = _before(now_s - share * road.wave_s, first, now.left, now, ring)
    return float(wished - gone - share * (road.whole + road.part))


@bare
def _before(time_s: float, first: int, end: int, now: Any, ring: Records) -> int:
    """Return the first of a link's vehicles from ``first`` to ``end`` (in the order of entry) whose time is not before ``time_s``."""
    size = now.stop - now.first
    past = first - first % size  # vehicles of earlier rounds of the ring
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        place = middle - past
        if ring[now.first + (place - size if place >= size else place)].at_s < time_s:
            low = middle + 1
        else:
            high = middle
    return low
