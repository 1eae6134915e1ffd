"""Local search on a day's trips: stops change place, parts turn round, trips exchange their ends.

Only moves that bring a stop beside one of its neighbours are tried, as in Toth, P., Vigo, D. (2003).
The granular tabu search and its application to the vehicle-routing problem. INFORMS Journal on
Computing 15(4), 333-346. https://doi.org/10.1287/ijoc.15.4.333.24890
And of these only the ones whose new leg is shorter than the leg of the stop that it stands for, from stops near which
something changed (don't-look bits): Bentley, J. L. (1992). Fast algorithms for geometric traveling salesman problems. ORSA
Journal on Computing 4(4), 387-411. https://doi.org/10.1287/ijoc.4.4.387
A part of a trip is turned round at what it costs the other way, so one-way streets are honoured.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.chains import NONE, Chains, Legs, Rules, Sums, exchange_ends, leg, measure_trip, put_in, take_out, turn_round
from sim.routing.neighbours import Near
from twin.geo import FloatArray

GAIN_S = 0.01
"""Moves that save less than this are rounding."""
LONGEST_PART = 3

STAY, PART, TURN, EXCHANGE = 0, 1, 2, 3


class Move(NamedTuple):
    """A change and the seconds it adds (negative: saves).

    PART puts the stops ``first … last`` between ``left`` and ``right``; TURN turns ``first … last`` round, which lie between
    them; EXCHANGE lets the trip of ``first`` go on at ``last``, and what came before that at ``right``, after ``left``.
    """

    added_s: float
    kind: int
    first: int
    last: int
    left: int
    right: int


class Itinerary(NamedTuple):
    """A day's trips under way: what driving takes, what a trip may, what lies in the bins, and the trips with their sums."""

    legs: Legs
    rules: Rules
    load_l: FloatArray
    chains: Chains
    sums: Sums


@njit(cache=True, nogil=True, inline="always")
def _move(added_s: float, kind: int, first: int, last: int, left: int, right: int) -> Move:
    """Return a move with numbers of one width, as compiled code wants them."""
    return Move(added_s, 0 + kind, 0 + first, 0 + last, 0 + left, 0 + right)  # 0 is 64 bits wide


@njit(cache=True, nogil=True, inline="always")
def _part(day: Itinerary, first: int, last: int, left: int, right: int, best: Move) -> Move:
    """Return the better of ``best`` and putting the stops ``first … last`` between two neighbours of a trip."""
    legs, rules, load_l, chains, sums = day
    before, after = chains.before[first], chains.after[last]
    put_s = leg(legs, left, first) + leg(legs, last, right) - leg(legs, left, right)
    added_s = put_s + leg(legs, before, after) - leg(legs, before, first) - leg(legs, last, after)
    if added_s >= best.added_s:
        return best
    own, theirs = chains.trip[first], chains.trip[left if left != NONE else right]
    if theirs != own:
        part_l = sums.load_to[last] - sums.load_to[first] + load_l[first]
        part_s = sums.time_to[last] - sums.time_to[first] + rules.service_s
        if sums.load[theirs] + part_l > rules.capacity_l or sums.duration[theirs] + put_s + part_s > rules.limit_s:
            return best
    return _move(added_s, PART, first, last, left, right)


@njit(cache=True, nogil=True, inline="always")
def _parts_from(day: Itinerary, first: int, end: int, left: int, right: int, best: Move) -> Move:
    """Return the better of ``best`` and moving one to three stops from ``first`` on, but not ``end``."""
    last = first
    for _ in range(LONGEST_PART):
        if (last == NONE) | (last == end):
            break
        best = _part(day, first, last, left, right, best)
        last = day.chains.after[last]
    return best


@njit(cache=True, nogil=True, inline="always")
def _parts_to(day: Itinerary, last: int, end: int, left: int, right: int, best: Move) -> Move:
    """Return the better of ``best`` and moving one to three stops up to ``last``, but not ``end``."""
    first = last
    for _ in range(LONGEST_PART):
        if (first == NONE) | (first == end):
            break
        best = _part(day, first, last, left, right, best)
        first = day.chains.before[first]
    return best


@njit(cache=True, nogil=True, inline="always")
def _turn(day: Itinerary, first: int, last: int, best: Move) -> Move:
    """Return the better of ``best`` and driving the part ``first … last`` of a trip the other way."""
    legs, rules, _, chains, sums = day
    left, right = chains.before[first], chains.after[last]
    standing_s = rules.service_s * (sums.position[last] - sums.position[first])
    forwards_s = sums.time_to[last] - sums.time_to[first] - standing_s
    added_s = sums.back_to[last] - sums.back_to[first] - forwards_s
    added_s += leg(legs, left, last) + leg(legs, first, right) - leg(legs, left, first) - leg(legs, last, right)
    if added_s < best.added_s:
        best = _move(added_s, TURN, first, last, left, right)
    return best


@njit(cache=True, nogil=True, inline="always")
def _exchange(day: Itinerary, stop: int, other: int, best: Move) -> Move:
    """Return the better of ``best`` and two trips exchanging their ends, so that ``other`` follows ``stop``."""
    legs, rules, load_l, chains, sums = day
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
        best = _move(added_s, EXCHANGE, stop, other, left, right)
    return best


@njit(cache=True, nogil=True)
def _best_move(day: Itinerary, near: Near, stop: int) -> Move:
    """Return the move that saves most among those that bring a stop beside a neighbour."""
    legs, _, _, chains, sums = day
    best = _move(-GAIN_S, STAY, NONE, NONE, NONE, NONE)
    own, left, right = chains.trip[stop], chains.before[stop], chains.after[stop]
    in_s, on_s = leg(legs, left, stop), leg(legs, stop, right)
    for column in range(near.other.shape[1]):
        other = near.other[stop, column]
        if other == NONE or near.apart_s[stop, column] >= max(in_s, on_s):
            break
        theirs = chains.trip[other]
        if theirs == NONE:
            continue
        if other != right and leg(legs, stop, other) < on_s:
            best = _parts_from(day, other, stop, stop, right, best)
            best = _parts_to(day, stop, other, chains.before[other], other, best)
            if theirs != own:
                best = _exchange(day, stop, other, best)
        if other != left and leg(legs, other, stop) < in_s:
            best = _parts_to(day, other, stop, left, stop, best)
            best = _parts_from(day, stop, other, other, chains.after[other], best)
            if theirs != own:
                best = _exchange(day, other, stop, best)
        if theirs == own:
            is_ahead = sums.position[other] > sums.position[stop]
            one, two = (stop, other) if is_ahead else (other, stop)
            if chains.after[one] != two:
                best = _turn(day, chains.after[one], two, best)
                best = _turn(day, one, chains.before[two], best)
    return best


@njit(cache=True, nogil=True, inline="always")
def _wake(stop: int, awake: NDArray[np.bool_]) -> None:
    if stop != NONE:
        awake[stop] = True


@njit(cache=True, nogil=True)
def _make(day: Itinerary, move: Move, awake: NDArray[np.bool_]) -> None:
    """Change the trips by a move; the stops at the legs that it changes are to be tried again."""
    legs, rules, load_l, chains, sums = day
    own = chains.trip[move.first]
    for stop in (move.first, move.last, move.left, move.right):
        _wake(stop, awake)
    if move.kind == EXCHANGE:
        theirs = chains.trip[move.last]
        exchange_ends(move.first, move.last, own, theirs, chains)
        measure_trip(own, legs, rules, load_l, chains, sums, move.first)
        measure_trip(theirs, legs, rules, load_l, chains, sums, move.left)
    elif move.kind == TURN:
        turn_round(move.first, move.last, own, chains)
        measure_trip(own, legs, rules, load_l, chains, sums, move.left)
    else:
        _put(day, move, awake)


@njit(cache=True, nogil=True)
def _put(day: Itinerary, move: Move, awake: NDArray[np.bool_]) -> None:
    """Put the part of a move where it shall be."""
    legs, rules, load_l, chains, sums = day
    own, theirs = chains.trip[move.first], chains.trip[move.left if move.left != NONE else move.right]
    before, after = chains.before[move.first], chains.after[move.last]
    _wake(before, awake)
    _wake(after, awake)
    take_out(move.first, move.last, own, chains)
    put_in(move.first, move.last, move.left, move.right, theirs, chains)
    kept = before
    if theirs != own:
        measure_trip(theirs, legs, rules, load_l, chains, sums, move.left)
    elif before != NONE and (move.left == NONE or sums.position[move.left] < sums.position[before]):
        kept = move.left
    measure_trip(own, legs, rules, load_l, chains, sums, kept)


@njit(cache=True, nogil=True)
def improve_pass(day: Itinerary, near: Near, awake: NDArray[np.bool_]) -> int:
    """Make the best move of every stop that is ``awake`` while it saves time, and return how many were made.

    A stop sleeps when no move of it saves time, until a leg beside it changes. Capacity and limit hold after every move if
    they held before. Stops in no trip stay so.
    """
    moves = 0
    for stop in range(len(day.load_l)):
        if not awake[stop] or day.chains.trip[stop] == NONE:
            continue
        while True:
            best = _best_move(day, near, stop)
            if best.kind == STAY:
                break
            _make(day, best, awake)
            moves += 1
        awake[stop] = False
    return moves


@njit(cache=True, nogil=True)
def take_along(day: Itinerary, near: Near, most_s: float, awake: NDArray[np.bool_]) -> int:
    """Put stops in no trip beside a neighbour in one where that costs at most ``most_s`` of driving; return how many."""
    legs, rules, load_l, chains, sums = day
    taken = 0
    for stop in range(len(load_l)):
        if chains.trip[stop] != NONE:
            continue
        best_s, best_left, best_trip = most_s, NONE, NONE
        for other in near.other[stop]:
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
        measure_trip(best_trip, legs, rules, load_l, chains, sums, best_left)
        awake[stop] = True
        _wake(best_left, awake)
        _wake(right, awake)
        taken += 1
    return taken
