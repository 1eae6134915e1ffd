"""Tear strings of neighbouring stops out of the routes around one stop.

Adjacent string removal: Christiaens, J., Vanden Berghe, G. (2020). Slack induction by string removals for
vehicle routing problems. Transportation Science 54(2), 417-433. https://doi.org/10.1287/trsc.2019.0914, section 5.1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.chance import Chance, draw, draw_below
from sim.routing.places import IntArray, Places
from sim.routing.plan import ABSENT, Plan, take_out

MEAN_REMOVED = 10.0
"""Stops taken out in the mean (c-bar of table 1)."""
LONGEST_STRING = 10
SPLIT_CHANCE = 0.5
"""Chance that a string keeps some of its stops (alpha)."""
MORE_KEPT_CHANCE = 0.01
"""Chance that one more is kept (beta)."""


class Work(NamedTuple):
    """Room in which a search works: what is absent, what was changed.

    ``absent`` ``(n,)`` stops out of all routes; ``rank`` their order of return; ``torn, seen`` ``(routes,)`` the
    iteration in which a route was last torn and looked at; ``log`` ``(m, 4)`` changes:
    stop, places before and after it, is it put in.
    """

    absent: IntArray
    rank: NDArray[np.float64]
    torn: NDArray[np.int64]
    seen: NDArray[np.int64]
    log: IntArray


def make_work(stops: int, routes: int) -> Work:
    """Return room for a problem of that size."""
    most = 64 * LONGEST_STRING
    return Work(
        np.empty(stops, np.int32),
        np.empty(stops),
        np.full(routes, -1, np.int64),
        np.full(routes, -1, np.int64),
        np.empty((2 * most, 4), np.int32),
    )


@njit(cache=True, nogil=True)
def ruin(
    places: Places, plan: Plan, work: Work, own: NDArray[np.bool_], mean_size: float, seed: int, turn: int, state: Chance
) -> tuple[int, float]:
    """Tear strings out of routes marked ``own``; return how many stops are absent and the distance added."""
    longest = min(float(LONGEST_STRING), mean_size)  # (5)
    most_strings = 4.0 * MEAN_REMOVED / (1.0 + longest) - 1.0  # (6)
    strings = int(1.0 + draw(state) * most_strings)  # (7)
    count, added = 0, 0.0
    for row in range(-1, places.near.shape[1]):
        if strings == 0:
            break
        stop = seed if row < 0 else places.near[seed, row]
        route = plan.route[stop]
        if route == ABSENT or not own[route] or work.torn[route] == turn:
            continue
        work.torn[route] = turn
        strings -= 1
        size = plan.size[route]
        string = int(1.0 + draw(state) * min(float(size), longest))  # (8), (9)
        string = min(string, size)
        kept = 0
        if 1 < string < size and draw(state) < SPLIT_CHANCE:
            kept = 1
            while string + kept < size and draw(state) < MORE_KEPT_CHANCE:
                kept += 1
        count, saved = _tear(places, plan, work, stop, string, kept, count, state)
        added += saved
    return count, added


@njit(cache=True, nogil=True)
def _tear(
    places: Places, plan: Plan, work: Work, stop: int, string: int, kept: int, count: int, state: Chance
) -> tuple[int, float]:
    """Take ``string`` stops around one out of its route, keeping ``kept`` in their middle."""
    n = len(places.demand)
    span = string + kept
    back, first = 0, stop
    while back < span - 1 and plan.before[first] < n:
        first = plan.before[first]
        back += 1
    ahead, place = 0, stop
    while ahead < span - 1 and plan.after[place] < n:
        place = plan.after[place]
        ahead += 1
    # The string begins anywhere from which it reaches over the stop and ends within the route.
    later = draw_below(state, min(back, span - 1) - max(0, span - 1 - ahead) + 1)
    for _ in range(later):
        first = plan.after[first]
    head = string if kept == 0 else 1 + draw_below(state, string - 1)
    added, place = 0.0, first
    for position in range(span):
        following = plan.after[place]
        if position < head or position >= head + kept:
            log = work.log[count]
            log[0], log[1], log[2], log[3] = place, plan.before[place], following, 0
            work.absent[count] = place
            count += 1
            added += take_out(places, plan, place)
        place = following
    return count, added
