"""Trips put on the vehicles of a fleet, within their shifts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.geo import FloatArray

IntArray = NDArray[np.int32]

NONE = -1


class Ready(NamedTuple):
    """Trips that wait for a truck, each ``(trips,)``.

    From the first stop it takes ``inner_s`` until the truck is unloaded at ``site_place`` and ``span_s`` until the last stop is
    done; the first one is served from ``from_s`` on (seconds since midnight), the last is done ``until_s``.
    ``fits`` ``(depots, trips)`` says from which depots a truck may drive it.
    """

    first_place: IntArray
    site_place: IntArray
    inner_s: FloatArray
    span_s: FloatArray
    from_s: FloatArray
    until_s: FloatArray
    fits: NDArray[np.bool_]


class Shift(NamedTuple):
    """When work begins (seconds since midnight), how much of it there is, with overtime, and the break after so much work."""

    start_s: float
    work_s: float
    longest_s: float
    break_s: float
    break_after_s: float


class Packed(NamedTuple):
    """Truck of each trip (NONE: none), its turn in the truck's day and when the truck leaves for it; depot and work of trucks."""

    truck: IntArray
    turn: IntArray
    leaves_s: FloatArray
    depot: IntArray
    work_s: FloatArray


@njit(cache=True, nogil=True, inline="always")
def clock(shift: Shift, start_s: float, work_s: float) -> float:
    """Return the time of day after so much work from a start on."""
    return start_s + work_s + (shift.break_s if work_s > shift.break_after_s else 0.0)


@njit(cache=True, nogil=True)
def _work(
    ready: Ready,
    time_s: NDArray[np.float32],
    shift: Shift,
    home: int,
    row: IntArray,
    count: int,
    trip: int,
    at: int,
    leaves_s: FloatArray,
) -> float:
    """Return the work of a truck with a trip put in at a turn, infinite where a stop would be made too late.

    ``leaves_s`` gets when it leaves for each trip. Who comes too early waits, which is work, but for the first trip begins later.
    """
    start_s, work_s, stands = shift.start_s, 0.0, home
    for turn in range(count + (trip != NONE)):
        current = trip if (turn == at) & (trip != NONE) else row[turn - ((turn > at) & (trip != NONE))]
        way_s = time_s[stands, ready.first_place[current]]
        wait_s = max(0.0, ready.from_s[current] - clock(shift, start_s, work_s + way_s))
        if turn == 0:
            start_s += wait_s
        else:
            work_s += wait_s
        leaves_s[current] = clock(shift, start_s, work_s)
        work_s += way_s
        if clock(shift, start_s, work_s + ready.span_s[current]) > ready.until_s[current]:
            return np.inf
        work_s += ready.inner_s[current]
        stands = ready.site_place[current]
    return work_s + time_s[stands, home]  # type: ignore[no-any-return]  # numpy knows no scalar type here


@njit(cache=True, nogil=True)
def pack_trips(
    order: NDArray[np.intp], ready: Ready, time_s: NDArray[np.float32], depot_place: IntArray, vehicles: IntArray, shift: Shift
) -> Packed:
    """Give each trip a truck, in the order given.

    A truck drives from its depot to a trip's first stop, on from where it unloaded to the next trip's, and home within the
    shift. A trip is put in at the turn of the truck under way that it makes least work for; a further truck leaves only when it
    fits none. Trips that then have no truck are given one within the longest day, which has overtime in it.
    """
    trips, fleet = len(order), vehicles.sum()
    truck_of, turn_of = np.full(trips, NONE, np.int32), np.zeros(trips, np.int32)
    row = np.empty((fleet, trips), np.int32)
    count, depot_of, spent_s = np.zeros(fleet, np.int32), np.zeros(fleet, np.int32), np.zeros(fleet)
    leaves_s, aside = np.zeros(trips), np.zeros(trips)
    free = vehicles.copy()
    used = 0
    for limit_s in (shift.work_s, shift.longest_s):
        for trip in order:
            if truck_of[trip] != NONE:
                continue
            best, best_s, best_truck, best_at = np.inf, 0.0, NONE, 0
            for truck in range(used):
                if not ready.fits[depot_of[truck], trip]:
                    continue
                home = depot_place[depot_of[truck]]
                for at in range(count[truck] + 1):
                    total_s = _work(ready, time_s, shift, home, row[truck], count[truck], trip, at, aside)
                    if total_s <= limit_s and total_s - spent_s[truck] < best:
                        best, best_s, best_truck, best_at = total_s - spent_s[truck], total_s, truck, at
            if best_truck == NONE:
                for depot in range(len(free)):
                    if free[depot] == 0 or not ready.fits[depot, trip]:
                        continue
                    total_s = _work(ready, time_s, shift, depot_place[depot], row[0], 0, trip, 0, aside)
                    if total_s <= limit_s and total_s < best:
                        best, best_s, best_truck, depot_of[used] = total_s, total_s, used, depot
                if best_truck == NONE:
                    continue
                free[depot_of[used]] -= 1
                used += 1
            for turn in range(count[best_truck], best_at, -1):
                row[best_truck, turn] = row[best_truck, turn - 1]
            row[best_truck, best_at] = trip
            count[best_truck] += 1
            truck_of[trip], spent_s[best_truck] = best_truck, best_s
    for truck in range(used):
        home = depot_place[depot_of[truck]]
        _work(ready, time_s, shift, home, row[truck], count[truck], NONE, 0, leaves_s)
        for turn in range(count[truck]):
            turn_of[row[truck, turn]] = turn
    return Packed(truck_of, turn_of, leaves_s, depot_of[:used], spent_s[:used])
