"""Crews on duty: the nearest idle one goes to the most urgent case that waits, and is never called off.

A queue with several servers and priorities that do not break in: Cobham, A. (1954). Priority assignment in waiting line
problems. Operations Research 2(1), 70-76. https://doi.org/10.1287/opre.2.1.70. Driving makes it one that only a
simulation answers; without it the tests hold it to Cobham and to Erlang.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.network.shortest import push, sink
from twin.geo import FloatArray

IntArray = NDArray[np.int32]
DAY_S = 86_400.0


class Calls(NamedTuple):
    """Cases in the order in which they come, each ``(n,)``: when, how urgent (0 first), at which place, seconds of work."""

    at_s: FloatArray
    urgency: IntArray
    place: IntArray
    work_s: FloatArray


class Served(NamedTuple):
    """What became of each case ``(n,)``: when a crew set out, which one, seconds and metres of its way."""

    start_s: FloatArray
    crew: IntArray
    drive_s: FloatArray
    drive_m: FloatArray


def serve(
    calls: Calls, stand: IntArray, time_s: NDArray[np.float32], length_m: NDArray[np.float32], shift: tuple[float, float]
) -> Served:
    """Let crews that first stand at some places ``(crews,)`` do all cases; the tables ``(places, places)`` are their ways.

    A crew sets out from where it finished, within the ``shift`` (its start in seconds after midnight, and its seconds).
    """
    n = len(calls.at_s)
    served = Served(np.full(n, np.inf), np.full(n, -1, np.int32), np.zeros(n), np.zeros(n))
    if len(stand):
        _serve(*calls, stand.astype(np.int32), time_s, length_m, float(shift[0]), float(shift[1]), *served)
    return served


@njit(cache=True, nogil=True)
def _serve(
    at_s: FloatArray,
    urgency: IntArray,
    place: IntArray,
    work_s: FloatArray,
    stand: IntArray,
    time_s: NDArray[np.float32],
    length_m: NDArray[np.float32],
    opens_s: float,
    shift_s: float,
    start_s: FloatArray,
    crew: IntArray,
    drive_s: FloatArray,
    drive_m: FloatArray,
) -> None:
    """Fill ``start_s, crew, drive_s, drive_m`` ``(n,)``; see ``serve``."""
    n = len(at_s)
    keys, waiting = np.empty(n + 1), np.empty(n + 1, np.int32)
    free_s = np.zeros(len(stand))
    now, coming, size, done = 0.0, 0, 0, 0
    while done < n:
        # The next moment at which something can be decided: a case comes to nobody waiting, or a crew comes free.
        now = max(now, free_s.min()) if size > 0 else max(now, at_s[coming])
        now = _on_duty(now, opens_s, shift_s)
        while coming < n and at_s[coming] <= now:
            size = push(keys, waiting, size, float(urgency[coming]) * n + coming, coming)
            coming += 1
        case = waiting[0]
        nearest = _nearest(free_s, stand, time_s, place[case], now)
        if nearest < 0:
            continue
        size -= 1
        sink(keys, waiting, size)
        start_s[case], crew[case] = now, nearest
        drive_s[case] = time_s[stand[nearest], place[case]]
        drive_m[case] = length_m[stand[nearest], place[case]]
        free_s[nearest] = now + drive_s[case] + work_s[case]
        stand[nearest] = place[case]
        done += 1


@njit(cache=True, nogil=True)
def _nearest(free_s: FloatArray, stand: IntArray, time_s: NDArray[np.float32], place: int, now: float) -> int:
    """Return the idle crew that is there first, of equal ones that which has been idle longest; -1: none is idle."""
    best = -1
    for crew in range(len(stand)):
        if free_s[crew] > now:
            continue
        if best < 0 or (time_s[stand[crew], place], free_s[crew]) < (time_s[stand[best], place], free_s[best]):
            best = crew
    return best


@njit(cache=True, nogil=True)
def _on_duty(now: float, opens_s: float, shift_s: float) -> float:
    """Return the moment itself within a shift, else the beginning of the next."""
    begins = opens_s + np.floor((now - opens_s) / DAY_S) * DAY_S
    return now if now < begins + shift_s else begins + DAY_S
