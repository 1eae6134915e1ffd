"""Put absent stops back, each where it costs least, now and then overlooking a place.

Greedy insertion with blinks: Christiaens and Vanden Berghe (2020), section 5.2, algorithm 3, among near stops only.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.chance import Chance, draw, draw_below
from sim.routing.places import Places, leg
from sim.routing.plan import ABSENT, Plan, put_in
from sim.routing.ruin import Work

BLINK_CHANCE = 0.01
"""Chance that a place is overlooked (gamma)."""
NOWHERE = -1


@njit(cache=True, nogil=True)
def arrange(places: Places, work: Work, count: int, state: Chance) -> None:
    """Order the absent stops: by chance (4 of 11), by demand (4), far from (2) or close to the depot (1) first."""
    kind = draw_below(state, 11)
    for row in range(count):
        stop = work.absent[row]
        if kind < 4:
            rank = draw(state)
        elif kind < 8:
            rank = -places.demand[stop]
        elif kind < 10:
            rank = -places.home[stop]
        else:
            rank = places.home[stop]
        place = row
        while place > 0 and work.rank[place - 1] > rank:
            work.rank[place], work.absent[place] = work.rank[place - 1], work.absent[place - 1]
            place -= 1
        work.rank[place], work.absent[place] = rank, stop


@njit(cache=True, nogil=True)
def recreate(
    places: Places, plan: Plan, work: Work, own: NDArray[np.bool_], count: int, logged: int, mark: int, state: Chance
) -> tuple[int, float]:
    """Put the absent stops back into routes marked ``own``.

    Returns the changes logged so far and the distance added, infinite when a stop finds no place.
    """
    added = 0.0
    for row in range(count):
        stop = work.absent[row]
        best, left = _best_place(places, plan, work, own, stop, mark + row, state)
        if 2.0 * places.home[stop] < best:
            fresh = _unused(plan, own)
            if fresh != NOWHERE:
                best, left = 2.0 * places.home[stop], len(places.demand) + fresh
        if left == NOWHERE:
            return logged, np.inf
        log = work.log[logged]
        log[0], log[1], log[2], log[3] = stop, left, plan.after[left], 1
        put_in(places, plan, stop, left)
        logged += 1
        added += best
    return logged, added


@njit(cache=True, nogil=True)
def _best_place(
    places: Places, plan: Plan, work: Work, own: NDArray[np.bool_], stop: int, mark: int, state: Chance
) -> tuple[float, int]:
    """Return the least added distance among used routes and the place to go in after."""
    n = len(places.demand)
    best, left = np.inf, NOWHERE
    room = places.capacity - places.demand[stop]
    until_blink = _next_blink(state)
    for row in range(places.near.shape[1]):
        other = places.near[stop, row]
        route = plan.route[other]
        if route == ABSENT or not own[route] or plan.load[route] > room:
            continue
        reach = places.reach[stop, row]
        if work.seen[route] != mark:  # the depot's two sides, once a route
            work.seen[route] = mark
            depot = n + route
            for side in range(2):
                before = depot if side == 0 else plan.before[depot]
                a = plan.after[before]
                cost = leg(places, before, stop) + leg(places, stop, a) - plan.onward[before]
                if cost < best:
                    best, left = cost, before
        # The other end of a leg is no nearer than this one, or the leg was seen from there.
        for side in range(2):
            before = other if side == 0 else plan.before[other]
            if 2.0 * reach - plan.onward[before] >= best:
                continue
            until_blink -= 1
            if until_blink == 0:
                until_blink = _next_blink(state)
                continue
            end = plan.after[other] if side == 0 else before
            cost = reach + leg(places, stop, end) - plan.onward[before]
            if cost < best:
                best, left = cost, before
    return best, left


@njit(cache=True, nogil=True, inline="always")
def _next_blink(state: Chance) -> int:
    """Return after how many places one is overlooked (geometric)."""
    return 1 + int(np.log(1.0 - draw(state)) * (1.0 / np.log(1.0 - BLINK_CHANCE)))


@njit(cache=True, nogil=True)
def _unused(plan: Plan, own: NDArray[np.bool_]) -> int:
    """Return a route of one's own without stops, or NOWHERE."""
    for route in range(len(plan.size)):
        if own[route] and plan.size[route] == 0:
            return route
    return NOWHERE
