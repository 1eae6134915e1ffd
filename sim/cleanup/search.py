"""Local search on a day's trips: stops and chains of stops change place, trips exchange their ends.

Moves as in Toth, P., Vigo, D. (2003). The granular tabu search and its application to the
vehicle-routing problem. INFORMS Journal on Computing 15(4), 333-346.
https://doi.org/10.1287/ijoc.15.4.333.24890: only insertions that put a stop beside one of its
neighbours are tried. Nothing is reversed, so one-way streets cost nothing extra.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.geo import FloatArray

IntArray = NDArray[np.int32]

NONE = -1
GAIN_S = 0.01
"""Moves that save less than this are rounding."""
LONGEST_CHAIN = 3


@njit(cache=True, nogil=True)
def neighbours_of_day(near: IntArray, place: IntArray, place_count: int, k: int) -> IntArray:
    """Return up to ``k`` other stops ``(n, k)`` near each of the day's stops, -1 where there are fewer.

    ``near`` has the places near each place, itself first; ``place`` is the place of each stop.
    """
    n = len(place)
    first = np.zeros(place_count + 1, np.int32)
    for stop in range(n):
        first[place[stop] + 1] += 1
    for row in range(place_count):
        first[row + 1] += first[row]
    filled = first[:-1].copy()
    stop_at = np.empty(n, np.int32)
    for stop in range(n):
        stop_at[filled[place[stop]]] = stop
        filled[place[stop]] += 1
    found = np.full((n, k), NONE, np.int32)
    for stop in range(n):
        count = 0
        for column in range(near.shape[1]):
            other_place = near[place[stop], column]
            if count == k:
                break
            for row in range(first[other_place], first[other_place + 1]):
                if stop_at[row] != stop and count < k:
                    found[stop, count] = stop_at[row]
                    count += 1
    return found


@njit(cache=True, nogil=True)
def _leg(time_s: NDArray[np.float32], out_s: FloatArray, back_s: FloatArray, place: IntArray, a: int, b: int) -> float:
    """Return the time from stop ``a`` to stop ``b``; NONE is the start (as a) or the end (as b) of a trip."""
    seconds: float = 0.0
    if a == NONE:
        if b != NONE:
            seconds = out_s[place[b]]
    elif b == NONE:
        seconds = back_s[place[a]]
    else:
        seconds = time_s[place[a], place[b]]
    return seconds


@njit(cache=True, nogil=True)
def link_trips(trip: IntArray, trip_count: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return for stops in tour order with their trip numbers: next and previous stop, first and last of each trip."""
    n = len(trip)
    after, before = np.full(n, NONE, np.int32), np.full(n, NONE, np.int32)
    first, last = np.full(trip_count, NONE, np.int32), np.full(trip_count, NONE, np.int32)
    for stop in range(n):
        number = trip[stop]
        if first[number] == NONE:
            first[number] = stop
        else:
            after[last[number]] = stop
            before[stop] = last[number]
        last[number] = stop
    return after, before, first, last


@njit(cache=True, nogil=True)
def measure_trip(
    number: int,
    time_s: NDArray[np.float32],
    out_s: FloatArray,
    back_s: FloatArray,
    place: IntArray,
    load_l: FloatArray,
    service_s: float,
    after: IntArray,
    first: IntArray,
    trip: IntArray,
    load: FloatArray,
    duration: FloatArray,
    load_to: FloatArray,
    time_to: FloatArray,
) -> None:
    """Write load and duration of a trip, and of its part up to and with each stop."""
    carried, along, stop, previous = 0.0, 0.0, first[number], NONE
    while stop != NONE:
        along += _leg(time_s, out_s, back_s, place, previous, stop) + service_s
        carried += load_l[stop]
        load_to[stop], time_to[stop], trip[stop] = carried, along, number
        previous = stop
        stop = after[stop]
    load[number] = carried
    duration[number] = along + _leg(time_s, out_s, back_s, place, previous, NONE) if previous != NONE else 0.0


@njit(cache=True, nogil=True)
def _chain_away(start: int, end: int, number: int, after: IntArray, before: IntArray, first: IntArray, last: IntArray) -> None:
    """Take the chain ``start … end`` out of its trip."""
    left, right = before[start], after[end]
    if left == NONE:
        first[number] = right
    else:
        after[left] = right
    if right == NONE:
        last[number] = left
    else:
        before[right] = left


@njit(cache=True, nogil=True)
def _chain_in(
    start: int, end: int, left: int, right: int, number: int, after: IntArray, before: IntArray, first: IntArray, last: IntArray
) -> None:
    """Put the chain ``start … end`` between two neighbours of a trip."""
    before[start], after[end] = left, right
    if left == NONE:
        first[number] = start
    else:
        after[left] = start
    if right == NONE:
        last[number] = end
    else:
        before[right] = end


@njit(cache=True, nogil=True)
def improve_pass(
    time_s: NDArray[np.float32],
    out_s: FloatArray,
    back_s: FloatArray,
    place: IntArray,
    load_l: FloatArray,
    capacity_l: float,
    limit_s: float,
    service_s: float,
    near: IntArray,
    after: IntArray,
    before: IntArray,
    first: IntArray,
    last: IntArray,
    trip: IntArray,
    load: FloatArray,
    duration: FloatArray,
    load_to: FloatArray,
    time_to: FloatArray,
    fresh: NDArray[np.bool_],
) -> int:
    """Try the moves of every stop once, make the best of each that saves time, and return how many were made.

    ``fresh`` marks trips that changed since their stops were last tried; pairs of unchanged trips are
    not tried again. Capacity and limit hold after every move if they held before.
    """
    n = len(place)
    moves = 0
    changed = np.zeros(len(first), np.bool_)
    for stop in range(n):
        own = trip[stop]
        best, best_kind, best_at, best_end = -GAIN_S, 0, NONE, NONE
        for column in range(near.shape[1]):
            other = near[stop, column]
            if other == NONE:
                break
            theirs = trip[other]
            if not (fresh[own] or fresh[theirs] or changed[own] or changed[theirs]):
                continue
            # Chains of one to three stops from here on, put right after or right before the neighbour.
            end, inside = stop, other == stop
            for length in range(1, LONGEST_CHAIN + 1):
                if length > 1:
                    end = after[end]
                    if end == NONE:
                        break
                    inside = inside or end == other
                if inside:
                    break
                left, right = before[stop], after[end]
                taken = (
                    _leg(time_s, out_s, back_s, place, left, right)
                    - _leg(time_s, out_s, back_s, place, left, stop)
                    - _leg(time_s, out_s, back_s, place, end, right)
                )
                moved_l = load_to[end] - load_to[stop] + load_l[stop]
                if theirs != own and load[theirs] + moved_l > capacity_l:
                    break
                chain_s = time_to[end] - time_to[stop] + service_s
                for side in range(2):
                    a = other if side == 0 else before[other]
                    b = after[other] if side == 0 else other
                    if theirs == own and (b == stop or a == end):
                        continue
                    put = (
                        _leg(time_s, out_s, back_s, place, a, stop)
                        + _leg(time_s, out_s, back_s, place, end, b)
                        - _leg(time_s, out_s, back_s, place, a, b)
                    )
                    if taken + put >= best:
                        continue
                    if theirs != own and duration[theirs] + put + chain_s > limit_s:
                        continue
                    best, best_kind, best_at, best_end = taken + put, 1 + side, other, end
            # The two trips exchange their ends: stop -> other, and what came before other -> what came after stop.
            if theirs != own:
                right, left = after[stop], before[other]
                gain = (
                    _leg(time_s, out_s, back_s, place, stop, other)
                    + _leg(time_s, out_s, back_s, place, left, right)
                    - _leg(time_s, out_s, back_s, place, stop, right)
                    - _leg(time_s, out_s, back_s, place, left, other)
                )
                if gain < best:
                    tail_l = load[theirs] - load_to[other] + load_l[other]
                    head_l = load[theirs] - tail_l
                    one_l, two_l = load_to[stop] + tail_l, head_l + load[own] - load_to[stop]
                    tail_s = duration[theirs] - time_to[other] + service_s
                    one_s = time_to[stop] + _leg(time_s, out_s, back_s, place, stop, other) + tail_s
                    head_s = time_to[left] if left != NONE else 0.0
                    rest_s = duration[own] - time_to[stop] - _leg(time_s, out_s, back_s, place, stop, right)
                    two_s = head_s + _leg(time_s, out_s, back_s, place, left, right) + rest_s
                    if one_l <= capacity_l and two_l <= capacity_l and one_s <= limit_s and two_s <= limit_s:
                        best, best_kind, best_at = gain, 3, other
        if best_kind == 0:
            continue
        theirs = trip[best_at]
        if best_kind == 3:
            right, left = after[stop], before[best_at]
            own_last, their_last = last[own], last[theirs]
            after[stop], before[best_at] = best_at, stop
            last[own] = their_last
            if left == NONE:
                first[theirs] = right
            else:
                after[left] = right
            if right == NONE:
                last[theirs] = left
            else:
                before[right] = left
                last[theirs] = own_last
        else:
            _chain_away(stop, best_end, own, after, before, first, last)
            a = best_at if best_kind == 1 else before[best_at]
            b = after[best_at] if best_kind == 1 else best_at
            _chain_in(stop, best_end, a, b, theirs, after, before, first, last)
        moves += 1
        changed[own] = changed[theirs] = True
        measure_trip(own, time_s, out_s, back_s, place, load_l, service_s, after, first, trip, load, duration, load_to, time_to)
        if theirs != own:
            measure_trip(
                theirs, time_s, out_s, back_s, place, load_l, service_s, after, first, trip, load, duration, load_to, time_to
            )
    fresh[:] = changed
    return moves
