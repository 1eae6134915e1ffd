"""Trips as linked stops: what local search changes, and the sums that tell at once what a change costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.geo import FloatArray

IntArray = NDArray[np.int32]

NONE = -1
"""No stop: the start of a trip, or its end."""


class Legs(NamedTuple):
    """What driving takes: between places, to a place as the first of a trip, from the last until unloaded; place of each stop."""

    time_s: NDArray[np.float32]
    out_s: FloatArray
    back_s: FloatArray
    place: IntArray


class Rules(NamedTuple):
    """What a trip may carry and take, and what a stop takes."""

    capacity_l: float
    limit_s: float
    service_s: float


class Chains(NamedTuple):
    """The stops ``after`` and ``before`` each stop and its trip; the ``first`` and ``last`` stop of each trip."""

    after: IntArray
    before: IntArray
    first: IntArray
    last: IntArray
    trip: IntArray


class Sums(NamedTuple):
    """Load and duration of each trip; of each stop, load and time up to and with it.

    ``back_to`` adds up the legs up to a stop as driven the other way, ``position`` counts the stops.
    """

    load: FloatArray
    duration: FloatArray
    load_to: FloatArray
    time_to: FloatArray
    back_to: FloatArray
    position: IntArray


@njit(cache=True, nogil=True, inline="always")
def leg(legs: Legs, a: int, b: int) -> float:
    """Return the time from stop ``a`` to stop ``b``; NONE is the start (as a) or the end (as b) of a trip."""
    seconds: float = 0.0
    if a == NONE:
        if b != NONE:
            seconds = legs.out_s[legs.place[b]]
    elif b == NONE:
        seconds = legs.back_s[legs.place[a]]
    else:
        seconds = legs.time_s[legs.place[a], legs.place[b]]
    return seconds


@njit(cache=True, nogil=True)
def link_trips(trip: IntArray) -> Chains:
    """Return the chains of stops that stand in tour order with their trip numbers; NONE is in no trip."""
    n, count = len(trip), trip.max() + 1
    after, before = np.full(n, NONE, np.int32), np.full(n, NONE, np.int32)
    first, last = np.full(count, NONE, np.int32), np.full(count, NONE, np.int32)
    for stop in range(n):
        number = trip[stop]
        if number == NONE:
            continue
        if first[number] == NONE:
            first[number] = stop
        else:
            after[last[number]] = stop
            before[stop] = last[number]
        last[number] = stop
    return Chains(after, before, first, last, trip)


@njit(cache=True, nogil=True)
def measure_trip(number: int, legs: Legs, rules: Rules, load_l: FloatArray, chains: Chains, sums: Sums, kept: int = NONE) -> None:
    """Write the sums of one trip and the trip's number to its stops; up to and with ``kept`` they are right already."""
    carried, along, backwards, count = 0.0, 0.0, 0.0, 0
    stop, previous = chains.first[number], NONE
    if kept != NONE:
        carried, along = sums.load_to[kept], sums.time_to[kept]
        backwards, count = sums.back_to[kept], sums.position[kept] + 1
        stop, previous = chains.after[kept], kept
    while stop != NONE:
        along += leg(legs, previous, stop) + rules.service_s
        carried += load_l[stop]
        if previous != NONE:
            backwards += leg(legs, stop, previous)
        sums.load_to[stop], sums.time_to[stop] = carried, along
        sums.back_to[stop], sums.position[stop] = backwards, count
        chains.trip[stop] = number
        count += 1
        previous = stop
        stop = chains.after[stop]
    sums.load[number] = carried
    sums.duration[number] = along + leg(legs, previous, NONE) if previous != NONE else 0.0


@njit(cache=True, nogil=True)
def measure_all(legs: Legs, rules: Rules, load_l: FloatArray, chains: Chains) -> Sums:
    """Return the sums of all trips."""
    zeros, trips = np.zeros((3, len(load_l))), len(chains.first)
    position = np.zeros(len(load_l), np.int32)
    sums = Sums(np.zeros(trips), np.zeros(trips), zeros[0], zeros[1], zeros[2], position)
    for number in range(trips):
        measure_trip(number, legs, rules, load_l, chains, sums)
    return sums


@njit(cache=True, nogil=True)
def written_out(chains: Chains) -> tuple[IntArray, IntArray]:
    """Return the stops of all trips that have some, one trip after another, and where each begins, with the end."""
    sequence, start = np.empty(len(chains.after), np.int32), np.zeros(len(chains.first) + 1, np.int32)
    count = trips = 0
    for number in range(len(chains.first)):
        stop = chains.first[number]
        if stop == NONE:
            continue
        while stop != NONE:
            sequence[count] = stop
            count += 1
            stop = chains.after[stop]
        trips += 1
        start[trips] = count
    return sequence[:count], start[: trips + 1]


@njit(cache=True, nogil=True)
def take_out(start: int, end: int, number: int, chains: Chains) -> None:
    """Take the part ``start … end`` out of its trip."""
    left, right = chains.before[start], chains.after[end]
    if left == NONE:
        chains.first[number] = right
    else:
        chains.after[left] = right
    if right == NONE:
        chains.last[number] = left
    else:
        chains.before[right] = left


@njit(cache=True, nogil=True)
def put_in(start: int, end: int, left: int, right: int, number: int, chains: Chains) -> None:
    """Put the part ``start … end`` between two neighbours of a trip."""
    chains.before[start], chains.after[end] = left, right
    if left == NONE:
        chains.first[number] = start
    else:
        chains.after[left] = start
    if right == NONE:
        chains.last[number] = end
    else:
        chains.before[right] = end


@njit(cache=True, nogil=True)
def turn_round(start: int, end: int, number: int, chains: Chains) -> None:
    """Drive the part ``start … end`` of a trip the other way."""
    left, right = chains.before[start], chains.after[end]
    stop = start
    while True:
        following = chains.after[stop]
        chains.after[stop], chains.before[stop] = chains.before[stop], following
        if stop == end:
            break
        stop = following
    put_in(end, start, left, right, number, chains)


@njit(cache=True, nogil=True)
def exchange_ends(stop: int, other: int, own: int, theirs: int, chains: Chains) -> None:
    """Let trip ``own`` go on from ``stop`` to ``other``, and the other trip with what came after ``stop``."""
    right, left = chains.after[stop], chains.before[other]
    own_last = chains.last[own]
    chains.after[stop], chains.before[other] = other, stop
    chains.last[own] = chains.last[theirs]
    if left == NONE:
        chains.first[theirs] = right
    else:
        chains.after[left] = right
    if right == NONE:
        chains.last[theirs] = left
    else:
        chains.before[right] = left
        chains.last[theirs] = own_last
