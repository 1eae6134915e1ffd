"""A first plan: routes that begin one stop each and are joined where that saves most.

Clarke, G., Wright, J. W. (1964). Scheduling of vehicles from a central depot to a number of delivery points.
Operations Research 12(4), 568-581. https://doi.org/10.1287/opre.12.4.568. Only joins of near stops are weighed.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.places import IntArray, Places

NONE = -1


def savings_routes(places: Places) -> list[list[int]]:
    """Return routes within the capacity that serve every stop once."""
    n, k = places.near.shape
    one, other = np.repeat(np.arange(n, dtype=np.int32), k), places.near.ravel()
    saved = places.home[one] + places.home[other] - places.reach.ravel()
    once = ((one < other) | ~_is_mutual(places.near)) & (saved > 0)
    one, other, saved = one[once], other[once], saved[once]
    order = np.argsort(-saved, kind="stable")
    ends = _join(places, one[order], other[order])
    return _chains(ends)


def _is_mutual(near: IntArray) -> NDArray[np.bool_]:
    """Return ``(n * k,)`` whether each is among the near stops of its own near stop."""
    n = len(near)
    pairs = np.repeat(np.arange(n, dtype=np.int64), near.shape[1]) * n + near.ravel()
    turned = near.ravel().astype(np.int64) * n + np.repeat(np.arange(n, dtype=np.int64), near.shape[1])
    return np.isin(turned, pairs)


@njit(cache=True, nogil=True)
def _join(places: Places, one: IntArray, other: IntArray) -> IntArray:
    """Join routes in the order of the pairs; return the up to two stops ``(n, 2)`` beside each stop."""
    n = len(places.demand)
    beside = np.full((n, 2), NONE, np.int32)
    head = np.arange(n).astype(np.int32)
    load = places.demand.copy()
    for row in range(len(one)):
        a, b = one[row], other[row]
        if beside[a, 1] != NONE or beside[b, 1] != NONE:
            continue
        head_a, head_b = _head(head, a), _head(head, b)
        if head_a == head_b or load[head_a] + load[head_b] > places.capacity:
            continue
        beside[a, 0 if beside[a, 0] == NONE else 1] = b
        beside[b, 0 if beside[b, 0] == NONE else 1] = a
        head[head_b] = head_a
        load[head_a] += load[head_b]
    return beside


@njit(cache=True, nogil=True)
def _head(head: IntArray, stop: int) -> int:
    """Return the stop that stands for a route, and shorten the way to it (union-find, path halving)."""
    while head[stop] != stop:
        head[stop] = head[head[stop]]
        stop = head[stop]
    return stop


def _chains(beside: IntArray) -> list[list[int]]:
    """Return the chains of stops, each from one end to the other."""
    seen = np.zeros(len(beside), bool)
    routes = []
    for end in np.flatnonzero(beside[:, 1] == NONE):
        if seen[end]:
            continue
        route, last, stop = [], NONE, int(end)
        while stop != NONE:
            seen[stop] = True
            route.append(stop)
            a, b = (int(place) for place in beside[stop])
            last, stop = stop, (a if a != last else b) if len(route) > 1 else a
        routes.append(route)
    return routes
