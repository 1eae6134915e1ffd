"""Which of a day's stops are near each other: only moves that bring neighbours together are worth a try."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.chains import NONE

IntArray = NDArray[np.int32]


class Near(NamedTuple):
    """Others near each row ``(n, k)``, nearest first (NONE fills), and the seconds to them by the shorter of both ways."""

    other: IntArray
    apart_s: NDArray[np.float32]


def nearest_columns(apart_s: NDArray[np.float32], k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the ``k`` columns of each row of ``apart_s`` ``(n, m)`` with the least seconds, and these; ties by number."""
    n, m = apart_s.shape
    found = np.argpartition(apart_s, k - 1, axis=1)[:, :k] if k < m else np.tile(np.arange(m), (n, 1))
    found.sort(axis=1)
    order = np.argsort(np.take_along_axis(apart_s, found, axis=1), axis=1, kind="stable")
    found = np.take_along_axis(found, order, axis=1)
    return found, np.take_along_axis(apart_s, found, axis=1)


@njit(cache=True, nogil=True)
def neighbours_of_day(near: Near, place: IntArray, k: int) -> Near:
    """Return up to ``k`` other stops near each of the day's stops.

    ``near`` has the places near each place, itself first; ``place`` is the place of each stop.
    """
    n = len(place)
    first = np.zeros(len(near.other) + 1, np.int32)
    for stop in range(n):
        first[place[stop] + 1] += 1
    for row in range(len(near.other)):
        first[row + 1] += first[row]
    filled = first[:-1].copy()
    stop_at = np.empty(n, np.int32)
    for stop in range(n):
        stop_at[filled[place[stop]]] = stop
        filled[place[stop]] += 1
    found = np.full((n, k), NONE, np.int32)
    apart_s = np.full((n, k), np.inf, np.float32)
    for stop in range(n):
        count = 0
        for column in range(near.other.shape[1]):
            other_place = near.other[place[stop], column]
            if count == k or other_place < 0:
                break
            for row in range(first[other_place], first[other_place + 1]):
                if stop_at[row] != stop and count < k:
                    found[stop, count] = stop_at[row]
                    apart_s[stop, count] = near.apart_s[place[stop], column]
                    count += 1
    return Near(found, apart_s)
