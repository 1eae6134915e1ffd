"""Drive a vehicle's stops in a given order: where it unloads and when its crew has lunch, found by labels.

A label says when a vehicle is ready at a stop, how far it drove, what it carries and whether lunch is over. From
stop to stop it drives straight on or by a landfill, with lunch before, after unloading, or later. A label that is
later, fuller and hungrier than another is dropped, as in the labelling algorithms for constrained shortest paths:
Feillet, D., Dejax, P., Gendreau, M., Gueguen, C. (2004). Networks 44(3), 216-229. https://doi.org/10.1002/net.20033
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.day import LUNCH_FROM_S, LUNCH_UNTIL_S, Day, way_ft
from sim.routing.places import IntArray
from twin.geo import FloatArray

LABELS = 6
"""Most labels kept at a stop."""
LEAST_FILL = 0.4
"""Share of its capacity from which on a vehicle may unload though more would fit."""
NO_LANDFILL = -1
STRAIGHT, LUNCH_FIRST, LUNCH_AT_LANDFILL = 0, 1, 2
ENDLESS = 1e18

READY, DRIVEN, CARRIED, EATEN = 0, 1, 2, 3
"""Columns of a label."""


class Labels(NamedTuple):
    """Labels at every stop of a drive, the start before them and the return after them.

    ``value`` ``(positions, labels, 4)``; ``trace`` ``(positions, labels, 3)`` the label before, the landfill on the
    way and when lunch was; ``number`` ``(positions,)`` how many there are.
    """

    value: FloatArray
    trace: IntArray
    number: IntArray


def make_labels(positions: int) -> Labels:
    """Return room for drives of that many stops."""
    return Labels(
        np.zeros((positions + 2, LABELS, 4)),
        np.zeros((positions + 2, LABELS, 3), np.int32),
        np.zeros(positions + 2, np.int32),
    )


@njit(cache=True, nogil=True)
def _keep(
    labels: Labels, at: int, ready_s: float, driven: float, carried: float, eaten: float, last: int, landfill: int, lunch: int
) -> None:
    """Keep a label unless one at this stop is no worse in everything; drop those that are."""
    if eaten == 0.0 and ready_s > LUNCH_UNTIL_S:
        return
    value, trace = labels.value[at], labels.trace[at]
    number = labels.number[at]
    for row in range(number):
        if value[row, READY] <= ready_s + 1e-9 and value[row, CARRIED] <= carried + 1e-9 and value[row, EATEN] >= eaten:
            return
    kept = 0
    for row in range(number):
        if ready_s <= value[row, READY] and carried <= value[row, CARRIED] and eaten >= value[row, EATEN]:
            continue
        if kept != row:
            for column in range(4):
                value[kept, column] = value[row, column]
            for column in range(3):
                trace[kept, column] = trace[row, column]
        kept += 1
    if kept == LABELS:
        kept = 0
        for row in range(1, LABELS):
            if value[row, READY] > value[kept, READY]:
                kept = row
        labels.number[at] = LABELS
        if value[kept, READY] <= ready_s:
            return
    else:
        labels.number[at] = kept + 1
    value[kept, READY], value[kept, DRIVEN], value[kept, CARRIED], value[kept, EATEN] = ready_s, driven, carried, eaten
    trace[kept, 0], trace[kept, 1], trace[kept, 2] = last, landfill, lunch


@njit(cache=True, nogil=True)
def _serve(day: Day, ready_s: float, here: int, there: int) -> float:
    """Return when a vehicle that leaves ``here`` is ready at ``there``; ENDLESS when it comes too late."""
    start_s = max(ready_s + way_ft(day, here, there) * day.s_per_ft, day.opens_s[there])
    return start_s + day.service_s[there] if start_s <= day.closes_s[there] else ENDLESS


@njit(cache=True, nogil=True)
def _landfill_between(day: Day, here: int, there: int) -> int:
    """Return the landfill with the least detour, among those near either end."""
    best, best_ft = NO_LANDFILL, np.inf
    for side in range(2):
        end = here if side == 0 else there
        for row in range(day.landfills.shape[1]):
            landfill = day.landfills[end, row]
            ft = way_ft(day, here, landfill) + way_ft(day, landfill, there)
            if ft < best_ft:
                best, best_ft = landfill, ft
    return best


@njit(cache=True, nogil=True)
def _go_on(day: Day, labels: Labels, at: int, here: int, there: int, home: bool) -> None:
    """Make the labels at position ``at + 1`` from those at ``at``; ``home`` is the way back, which is by a landfill."""
    labels.number[at + 1] = 0
    picked = 0.0 if home else day.load[there]
    straight_ft = way_ft(day, here, there)
    landfill = NO_LANDFILL
    by_ft = 0.0
    for row in range(labels.number[at]):
        label = labels.value[at, row]
        ready_s, driven, carried, eaten = label[READY], label[DRIVEN], label[CARRIED], label[EATEN]
        fits = not home and carried + picked <= day.capacity + 1e-9
        unloads = at > 0 and (home or not fits or carried >= LEAST_FILL * day.capacity)
        if unloads and landfill == NO_LANDFILL:
            landfill = _landfill_between(day, here, there)
            by_ft = way_ft(day, here, landfill) + way_ft(day, landfill, there)
        for lunch in range(2):
            left_s = ready_s
            if lunch == LUNCH_FIRST:
                left_s = max(ready_s, LUNCH_FROM_S) + day.lunch_s
            ate = max(eaten, float(lunch))
            soonest_s = ENDLESS
            if fits:
                soonest_s = _serve(day, left_s, here, there)
                if soonest_s < ENDLESS:
                    _keep(labels, at + 1, soonest_s, driven + straight_ft, carried + picked, ate, row, NO_LANDFILL, lunch)
            if unloads:
                emptied_s = _serve(day, left_s, here, landfill)
                on_s = _serve(day, emptied_s, landfill, there) if emptied_s < ENDLESS else ENDLESS
                if on_s < ENDLESS:
                    _keep(labels, at + 1, on_s, driven + by_ft, picked, ate, row, landfill, lunch)
                    soonest_s = min(soonest_s, on_s)
                if ate == 0.0 and emptied_s <= LUNCH_UNTIL_S:
                    fed_s = _serve(day, max(emptied_s, LUNCH_FROM_S) + day.lunch_s, landfill, there)
                    if fed_s < ENDLESS:
                        _keep(labels, at + 1, fed_s, driven + by_ft, picked, 1.0, row, landfill, LUNCH_AT_LANDFILL)
            # Lunch before leaving is of use only where it cannot be had at the next stop at 11:00.
            if eaten == 1.0 or ready_s > LUNCH_UNTIL_S or (soonest_s <= LUNCH_FROM_S and not home):
                break


@njit(cache=True, nogil=True)
def drive(day: Day, stops: IntArray, first: int, size: int, labels: Labels) -> float:
    """Return the feet driven for the first ``size`` stops in this order, ENDLESS if they cannot be served so.

    The vehicle leaves the depot when it opens, unloads after its last stop and is back before it closes.
    ``labels`` are filled; those of the first stops, up to position ``first``, are there already (0: none).
    """
    if first == 0:
        labels.number[0] = 1
        start = labels.value[0, 0]
        start[READY], start[DRIVEN], start[CARRIED], start[EATEN] = day.opens_s[day.depot], 0.0, 0.0, 0.0
    here = stops[first - 1] if first > 0 else day.depot
    for at in range(first, size):
        _go_on(day, labels, at, here, stops[at], False)
        if labels.number[at + 1] == 0:
            return ENDLESS
        here = stops[at]
    _go_on(day, labels, size, here, day.depot, True)
    least = ENDLESS
    for row in range(labels.number[size + 1]):
        if labels.value[size + 1, row, EATEN] == 1.0:
            least = min(least, labels.value[size + 1, row, DRIVEN])
    return least


def way_of(labels: Labels, stops: NDArray[np.int32]) -> list[int]:
    """Return the stops of the drive last made, with the landfills on its way."""
    last = labels.value[len(stops) + 1, : labels.number[len(stops) + 1]]
    row = int(np.lexsort((last[:, READY], np.where(last[:, EATEN] == 1.0, last[:, DRIVEN], np.inf)))[0])
    way: list[int] = []
    for at in range(len(stops) + 1, 0, -1):
        row, landfill, _ = (int(value) for value in labels.trace[at, row])
        if landfill != NO_LANDFILL:
            way.append(landfill)
        if at > 1:
            way.append(int(stops[at - 2]))
    return way[::-1]
