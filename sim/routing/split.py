"""A giant tour cut into trips at the least time, each within a truck's capacity and its shift.

Beasley, J. E. (1983). Route first - cluster second methods for vehicle routing. Omega 11(4), 403-408.
https://doi.org/10.1016/0305-0483(83)90033-6
Prins, C. (2004). A simple and effective evolutionary algorithm for the vehicle routing problem.
Computers & Operations Research 31(12), 1985-2002. https://doi.org/10.1016/S0305-0548(03)00158-8
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.chains import Legs, Rules
from twin.geo import FloatArray

IntArray = NDArray[np.int32]


@njit(cache=True, nogil=True)
def split_tour(legs: Legs, rules: Rules, load_l: FloatArray) -> IntArray:
    """Return the trip number of each stop ``(n,)``, counting from 0 along the tour.

    The stops stand in the order of the tour. The sum of all trips' times is least among all ways of
    cutting this tour (Prins 2004, Bellman's equation on the auxiliary graph of section 3.2). A stop too
    far for the limit gets a trip of its own.
    """
    time_s, out_s, back_s, place = legs
    capacity_l, limit_s, service_s = rules
    n = len(place)
    best = np.full(n + 1, np.inf)
    cut = np.zeros(n + 1, np.int32)
    best[0] = 0.0
    for first in range(n):
        load, along = 0.0, out_s[place[first]]
        for last in range(first, n):
            load += load_l[last]
            if last > first:
                along += time_s[place[last - 1], place[last]]
                if load > capacity_l:
                    break
            along += service_s
            if along > limit_s and last > first:
                break
            duration = along + back_s[place[last]]
            if duration > limit_s and last > first:
                continue  # a later stop may lie nearer to the disposal site
            if best[first] + duration < best[last + 1]:
                best[last + 1] = best[first] + duration
                cut[last + 1] = first
    trip = np.empty(n, np.int32)
    end, count = n, 0
    while end > 0:
        trip[cut[end] : end] = count
        count += 1
        end = cut[end]
    for stop in range(n):
        trip[stop] = count - 1 - trip[stop]
    return trip
