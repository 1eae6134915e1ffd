"""Local search on a day's trips: stops change place, parts turn round, trips exchange their ends.

Only moves that bring a stop beside one of its neighbours are tried, as in Toth, P., Vigo, D. (2003).
The granular tabu search and its application to the vehicle-routing problem. INFORMS Journal on
Computing 15(4), 333-346. https://doi.org/10.1287/ijoc.15.4.333.24890
A part of a trip is turned round at what it costs the other way, so one-way streets are honoured.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.chains import (
    NONE,
    Chains,
    Legs,
    Rules,
    Sums,
    exchange_ends,
    leg,
    measure_trip,
    put_in,
    take_out,
    turn_round,
)
from twin.geo import FloatArray

IntArray = NDArray[np.int32]

GAIN_S = 0.01
"""Moves that save less than this are rounding."""
LONGEST_PART = 3

STAY, AFTER, BEFORE, TURN, EXCHANGE = 0, 1, 2, 3, 4


class Move(NamedTuple):
    """A change and the seconds it adds (negative: saves).

    AFTER and BEFORE put the part from the stop to ``end`` beside ``at``; TURN turns ``at … end`` round;
    EXCHANGE lets the stop's trip go on at ``at``.
    """

    added_s: float
    kind: int
    at: int
    end: int


@njit(cache=True, nogil=True)
def neighbours_of_day(near: IntArray, place: IntArray, k: int) -> IntArray:
    """Return up to ``k`` other stops ``(n, k)`` near each of the day's stops, -1 where there are fewer.

    ``near`` has the places near each place, itself first; ``place`` is the place of each stop.
    """
    n = len(place)
    first = np.zeros(len(near) + 1, np.int32)
    for stop in range(n):
        first[place[stop] + 1] += 1
    for row in range(len(near)):
        first[row + 1] += first[row]
    filled = first[:-1].copy()
    stop_at = np.empty(n, np.int32)
    for stop in range(n):
        stop_at[filled[place[stop]]] = stop
        filled[place[stop]] += 1
    found = np.full((n, k), NONE, np.int32)
    for stop in range(n):
        count = 0
        for other_place in near[place[stop]]:
            if count == k or other_place < 0:
                break
            for row in range(first[other_place], first[other_place + 1]):
                if stop_at[row] != stop and count < k:
                    found[stop, count] = stop_at[row]
                    count += 1
    return found


@njit(cache=True, nogil=True, inline="always")
def _move(added_s: float, kind: int, at: int, end: int) -> Move:
    """Return a move with numbers of one width, as compiled code wants them."""
    return Move(added_s, 0 + kind, 0 + at, 0 + end)  # 0 is 64 bits wide


@njit(cache=True, nogil=True, inline="always")
def _insertion(
    stop: int, other: int, best: Move, legs: Legs, rules: Rules, load_l: FloatArray, chains: Chains, sums: Sums
) -> Move:
    """Return the better of ``best`` and putting one to three stops from ``stop`` on right after or before ``other``."""
    own, theirs = chains.trip[stop], chains.trip[other]
    left, end = chains.before[stop], stop
    for length in range(LONGEST_PART):
        if length > 0:
            end = chains.after[end]
        if (end == NONE) | (end == other):
            break
        right = chains.after[end]
        taken_s = leg(legs, left, right) - leg(legs, left, stop) - leg(legs, end, right)
        part_l = sums.load_to[end] - sums.load_to[stop] + load_l[stop]
        part_s = sums.time_to[end] - sums.time_to[stop] + rules.service_s
        if theirs != own and sums.load[theirs] + part_l > rules.capacity_l:
            break
        for kind in (AFTER, BEFORE):
            a = other if kind == AFTER else chains.before[other]
            b = chains.after[other] if kind == AFTER else other
            if theirs == own and (b == stop or a == end):
                continue
            put_s = leg(legs, a, stop) + leg(legs, end, b) - leg(legs, a, b)
            fits = theirs == own or sums.duration[theirs] + put_s + part_s <= rules.limit_s
            if taken_s + put_s < best.added_s and fits:
                best = _move(taken_s + put_s, kind, other, end)
    return best


@njit(cache=True, nogil=True, inline="always")
def _turn(stop: int, other: int, best: Move, legs: Legs, rules: Rules, chains: Chains, sums: Sums) -> Move:
    """Return the better of ``best`` and turning round what lies between a stop and a later one of its trip."""
    for side in range(2):
        start = chains.after[stop] if side == 0 else stop
        end = other if side == 0 else chains.before[other]
        left, right = chains.before[start], chains.after[end]
        standing_s = rules.service_s * (sums.position[end] - sums.position[start])
        forwards_s = sums.time_to[end] - sums.time_to[start] - standing_s
        added_s = sums.back_to[end] - sums.back_to[start] - forwards_s
        added_s += leg(legs, left, end) + leg(legs, start, right) - leg(legs, left, start) - leg(legs, end, right)
        if added_s < best.added_s:
            best = _move(added_s, TURN, start, end)
    return best


@njit(cache=True, nogil=True, inline="always")
def _exchange(
    stop: int, other: int, best: Move, legs: Legs, rules: Rules, load_l: FloatArray, chains: Chains, sums: Sums
) -> Move:
    """Return the better of ``best`` and the two trips exchanging their ends, so that ``other`` follows ``stop``."""
    own, theirs = chains.trip[stop], chains.trip[other]
    right, left = chains.after[stop], chains.before[other]
    join_s, rejoin_s = leg(legs, stop, other), leg(legs, left, right)
    added_s = join_s + rejoin_s - leg(legs, stop, right) - leg(legs, left, other)
    if added_s >= best.added_s:
        return best
    their_head_l = sums.load_to[other] - load_l[other]
    one_l = sums.load_to[stop] + sums.load[theirs] - their_head_l
    two_l = their_head_l + sums.load[own] - sums.load_to[stop]
    one_s = sums.time_to[stop] + join_s + sums.duration[theirs] - sums.time_to[other] + rules.service_s
    their_head_s = sums.time_to[left] if left != NONE else 0.0
    two_s = their_head_s + rejoin_s + sums.duration[own] - sums.time_to[stop] - leg(legs, stop, right)
    if max(one_l, two_l) <= rules.capacity_l and max(one_s, two_s) <= rules.limit_s:
        best = _move(added_s, EXCHANGE, other, NONE)
    return best


@njit(cache=True, nogil=True)
def _make(stop: int, move: Move, chains: Chains) -> None:
    """Change the trips by a move of a stop."""
    own, theirs = chains.trip[stop], chains.trip[move.at]
    if move.kind == EXCHANGE:
        exchange_ends(stop, move.at, own, theirs, chains)
    elif move.kind == TURN:
        turn_round(move.at, move.end, own, chains)
    else:
        take_out(stop, move.end, own, chains)
        left = move.at if move.kind == AFTER else chains.before[move.at]
        right = chains.after[move.at] if move.kind == AFTER else move.at
        put_in(stop, move.end, left, right, theirs, chains)


@njit(cache=True, nogil=True)
def improve_pass(
    legs: Legs, rules: Rules, load_l: FloatArray, near: IntArray, chains: Chains, sums: Sums, fresh: NDArray[np.bool_]
) -> int:
    """Try the moves of every stop once, make the best of each that saves time, and return how many were made.

    ``fresh`` marks trips that changed since their stops were last tried; pairs of unchanged trips are
    not tried again. Capacity and limit hold after every move if they held before. Stops in no trip stay so.
    """
    moves = 0
    changed = fresh.copy()
    fresh[:] = False
    for stop in range(len(legs.place)):
        own = chains.trip[stop]
        if own == NONE:
            continue
        best = _move(-GAIN_S, STAY, NONE, NONE)
        for other in near[stop]:
            if other == NONE:
                break
            theirs = chains.trip[other]
            if theirs == NONE or not (changed[own] or changed[theirs]):
                continue
            best = _insertion(stop, other, best, legs, rules, load_l, chains, sums)
            if theirs != own:
                best = _exchange(stop, other, best, legs, rules, load_l, chains, sums)
            elif sums.position[other] > sums.position[stop] + 1:
                best = _turn(stop, other, best, legs, rules, chains, sums)
        if best.kind == STAY:
            continue
        theirs = chains.trip[best.at]
        _make(stop, best, chains)
        moves += 1
        for number in (own, theirs):
            changed[number] = fresh[number] = True
            measure_trip(number, legs, rules, load_l, chains, sums)
    return moves


@njit(cache=True, nogil=True)
def take_along(legs: Legs, rules: Rules, load_l: FloatArray, near: IntArray, chains: Chains, sums: Sums, most_s: float) -> int:
    """Put stops in no trip beside a neighbour in one where that costs at most ``most_s`` of driving; return how many."""
    taken = 0
    for stop in range(len(legs.place)):
        if chains.trip[stop] != NONE:
            continue
        best_s, best_left, best_trip = most_s, NONE, NONE
        for other in near[stop]:
            if other == NONE:
                break
            number = chains.trip[other]
            if number == NONE or sums.load[number] + load_l[stop] > rules.capacity_l:
                continue
            for left in (other, chains.before[other]):
                right = chains.after[other] if left == other else other
                added_s = leg(legs, left, stop) + leg(legs, stop, right) - leg(legs, left, right)
                if added_s <= best_s and sums.duration[number] + added_s + rules.service_s <= rules.limit_s:
                    best_s, best_left, best_trip = added_s, left, number
        if best_trip == NONE:
            continue
        right = chains.first[best_trip] if best_left == NONE else chains.after[best_left]
        put_in(stop, stop, best_left, right, best_trip, chains)
        measure_trip(best_trip, legs, rules, load_l, chains, sums)
        taken += 1
    return taken
