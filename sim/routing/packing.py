"""Trips put one after another on trucks, each truck within its shift; what fits on no truck is left."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.geo import FloatArray

IntArray = NDArray[np.int32]


@njit(cache=True, nogil=True)
def pack_trips(
    order: NDArray[np.int64],
    first_place: IntArray,
    inner_s: FloatArray,
    site_place: IntArray,
    time_s: NDArray[np.float32],
    depot_place: IntArray,
    vehicles: IntArray,
    shift_s: float,
    longest_s: float,
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Give each trip a truck, in the order given, and return its truck (-1: none), turn, the truck's depot and time.

    A trip starts where its truck stands (at the depot or at the site where it last unloaded), takes
    ``inner_s`` from its first stop until it is unloaded at ``site_place``; after its last trip the truck
    returns to its depot within ``shift_s``. The truck that takes the trip with the least extra time is
    chosen among those under way that fit it; a further truck only when none fits. Trips that then have
    no truck are given one within ``longest_s``, which has overtime in it.
    """
    trips, fleet = len(order), vehicles.sum()
    truck_of, turn_of = np.full(trips, -1, np.int32), np.zeros(trips, np.int32)
    depot_of, stands = np.zeros(fleet, np.int32), np.zeros(fleet, np.int32)
    spent_s, turns = np.zeros(fleet), np.zeros(fleet, np.int32)
    free = vehicles.copy()
    used = 0
    for limit_s in (shift_s, longest_s):
        for trip in order:
            if truck_of[trip] >= 0:
                continue
            start, site = first_place[trip], site_place[trip]
            best, best_truck, best_depot = np.inf, -1, -1
            for truck in range(used):
                home = depot_place[depot_of[truck]]
                total = spent_s[truck] + time_s[stands[truck], start] + inner_s[trip] + time_s[site, home]
                extra = total - spent_s[truck] - time_s[stands[truck], home]
                if total <= limit_s and extra < best:
                    best, best_truck = extra, truck
            if best_truck < 0:
                for depot in range(len(free)):
                    home = depot_place[depot]
                    total = time_s[home, start] + inner_s[trip] + time_s[site, home]
                    if free[depot] > 0 and total <= limit_s and total < best:
                        best, best_depot = total, depot
                if best_depot < 0:
                    continue
                best_truck = used
                depot_of[used], stands[used] = best_depot, depot_place[best_depot]
                free[best_depot] -= 1
                used += 1
            spent_s[best_truck] += time_s[stands[best_truck], start] + inner_s[trip]
            stands[best_truck] = site
            truck_of[trip], turn_of[trip] = best_truck, turns[best_truck]
            turns[best_truck] += 1
    for truck in range(used):
        spent_s[truck] += time_s[stands[truck], depot_place[depot_of[truck]]]
    return truck_of, turn_of, depot_of[:used], spent_s[:used]
