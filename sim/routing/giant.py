"""A first plan with few routes: one tour through all stops, cut where that is shortest.

Beasley, J. E. (1983). Route first - cluster second methods for vehicle routing. Omega 11(4), 403-408.
https://doi.org/10.1016/0305-0483(83)90033-6. Where routes are long, one route too many costs more than the
detours of a tour that ignores the capacity: its routes can be filled to the brim.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.routing.places import IntArray, Places, leg
from sim.routing.savings import savings_routes


def giant_routes(places: Places) -> list[list[int]]:
    """Return routes within the capacity, cut from a tour by savings without any."""
    chains = savings_routes(places._replace(capacity=np.inf))
    tour = np.array(_linked(places, chains), np.int32)
    cuts = _cut(places, tour)
    return [[int(stop) for stop in part] for part in np.split(tour, cuts)]


def _linked(places: Places, chains: list[list[int]]) -> list[int]:
    """Return chains one after another, each begun at the end that is nearest to where the last one ended."""
    tour: list[int] = []
    rest = list(chains)
    at = len(places.demand)
    while rest:
        ends = np.array([[leg(places, at, chain[0]), leg(places, at, chain[-1])] for chain in rest])
        number, side = (int(value) for value in np.unravel_index(int(ends.argmin()), ends.shape))
        chain = rest.pop(number)
        tour += chain if side == 0 else chain[::-1]
        at = tour[-1]
    return tour


@njit(cache=True, nogil=True)
def _cut(places: Places, tour: IntArray) -> IntArray:
    """Return where to cut a tour so that the routes are shortest in sum: shortest path over cuts (Beasley's network)."""
    n = len(tour)
    least = np.full(n + 1, np.inf)
    last = np.zeros(n + 1, np.int32)
    least[0] = 0.0
    for start in range(n):
        load, way = 0.0, places.home[tour[start]]
        for end in range(start, n):
            stop = tour[end]
            load += places.demand[stop]
            if load > places.capacity:
                break
            if end > start:
                way += leg(places, tour[end - 1], stop)
            cost = least[start] + way + places.home[stop]
            if cost < least[end + 1]:
                least[end + 1], last[end + 1] = cost, start
    cuts = np.empty(n, np.int32)
    count, at = 0, last[n]
    while at > 0:
        cuts[count] = at
        count += 1
        at = last[at]
    return cuts[:count][::-1].copy()
