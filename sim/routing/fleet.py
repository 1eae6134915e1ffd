"""Tear out and put back on the rounds of a day: first with ever fewer vehicles, then for shorter ways.

Christiaens and Vanden Berghe (2020), section 5.3: while vehicles are saved, stops may be absent, and a plan is taken
over when those absent were absent less often so far. https://doi.org/10.1287/trsc.2019.0914
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.chance import Chance, draw, draw_below
from sim.routing.day import Day, way_ft
from sim.routing.drive import ENDLESS
from sim.routing.places import IntArray
from sim.routing.rounds import (
    ABSENT,
    Rounds,
    copy_labels,
    copy_rounds,
    length_with,
    make_rounds,
    may_fit,
    measure,
    put_in,
    take_out,
)
from twin.geo import FloatArray

MEAN_REMOVED = 10.0
LONGEST_STRING = 10
BLINK_CHANCE = 0.01
TRIED = 6
"""Places of least detour that are tried by driving."""


class Search(NamedTuple):
    """Rounds being changed, those before the change, and the best met.

    ``absent`` ``(n,)`` stops in no round, the first ``tally[0]`` of them; ``before_absent`` those before the change,
    ``tally[1]`` of them; ``missed`` ``(places,)`` how often a stop was absent; ``touched`` ``(vehicles,)`` rounds
    changed now; ``tally`` is (absent, absent before, iterations, vehicles in use).
    """

    rounds: Rounds
    before: Rounds
    best: Rounds
    absent: IntArray
    before_absent: IntArray
    rank: FloatArray
    missed: NDArray[np.int64]
    touched: NDArray[np.bool_]
    tally: NDArray[np.int64]
    length_ft: FloatArray
    detour: FloatArray
    spot: IntArray
    state: Chance


def make_search(day: Day, vehicles: int, state: Chance) -> Search:
    """Return a search with all stops absent."""
    rounds = make_rounds(day, vehicles)
    count = len(day.stops)
    return Search(
        rounds=rounds,
        before=copy_rounds(rounds),
        best=copy_rounds(rounds),
        absent=day.stops.copy(),
        before_absent=day.stops.copy(),
        rank=np.zeros(count),
        missed=np.zeros(len(day.x_ft), np.int64),
        touched=np.zeros(vehicles, bool),
        tally=np.array([count, count, 0, vehicles]),
        length_ft=np.zeros(2),
        detour=np.zeros(TRIED),
        spot=np.zeros((TRIED, 2), np.int32),
        state=state,
    )


@njit(cache=True, nogil=True)
def _copy_round(source: Rounds, target: Rounds, vehicle: int) -> None:
    size = source.size[vehicle]
    target.size[vehicle], target.load[vehicle], target.length_ft[vehicle] = size, source.load[vehicle], source.length_ft[vehicle]
    for at in range(size + 1):
        copy_labels(source.ready[vehicle], source.readies[vehicle], target.ready[vehicle], target.readies[vehicle], at)
    for at in range(size):
        stop = source.stop[vehicle, at]
        target.stop[vehicle, at] = stop
        target.vehicle[stop], target.position[stop] = vehicle, at
        target.early_s[stop], target.late_s[stop] = source.early_s[stop], source.late_s[stop]


@njit(cache=True, nogil=True)
def copy_all(source: Rounds, target: Rounds) -> None:
    """Make the target's rounds those of the source."""
    target.vehicle[:] = ABSENT
    for vehicle in range(len(source.size)):
        _copy_round(source, target, vehicle)


@njit(cache=True, nogil=True)
def tear(day: Day, search: Search) -> None:
    """Take strings of stops out of rounds near a stop chosen by chance."""
    rounds, state = search.rounds, search.state
    used = 0
    for vehicle in range(search.tally[3]):
        used += rounds.size[vehicle] > 0
    present = len(day.stops) - search.tally[0]
    longest = min(float(LONGEST_STRING), present / max(1, used))  # (5)
    strings = int(1.0 + draw(state) * (4.0 * MEAN_REMOVED / (1.0 + longest) - 1.0))  # (6), (7)
    seed = day.stops[draw_below(state, len(day.stops))]
    if search.tally[0] > 0 and draw(state) < 0.5:
        seed = search.absent[draw_below(state, search.tally[0])]
    for row in range(-1, day.near.shape[1]):
        if strings == 0:
            break
        stop = seed if row < 0 else day.near[seed, row]
        vehicle = rounds.vehicle[stop]
        if vehicle == ABSENT or search.touched[vehicle]:
            continue
        search.touched[vehicle] = True
        strings -= 1
        size = rounds.size[vehicle]
        count = min(size, int(1.0 + draw(state) * min(float(size), longest)))  # (8), (9)
        lowest = max(0, rounds.position[stop] - count + 1)
        first = lowest + draw_below(state, min(rounds.position[stop], size - count) - lowest + 1)
        for at in range(first, first + count):
            search.absent[search.tally[0]] = rounds.stop[vehicle, at]
            search.tally[0] += 1
        take_out(rounds, vehicle, first, count)
        measure(day, rounds, vehicle)


@njit(cache=True, nogil=True)
def order_absent(day: Day, search: Search) -> None:
    """Order the absent stops: by chance, by load, by the end of their windows, far or near first; missed ones before all."""
    kind = draw_below(search.state, 12)
    for row in range(search.tally[0]):
        stop = search.absent[row]
        if kind < 4:
            rank = draw(search.state)
        elif kind < 6:
            rank = -day.load[stop]
        elif kind < 8:
            rank = day.closes_s[stop] - day.opens_s[stop]
        elif kind < 10:
            rank = -way_ft(day, stop, day.depot)
        elif kind < 11:
            rank = way_ft(day, stop, day.depot)
        else:
            rank = -float(search.missed[stop])
        place = row
        while place > 0 and search.rank[place - 1] > rank:
            search.rank[place], search.absent[place] = search.rank[place - 1], search.absent[place - 1]
            place -= 1
        search.rank[place], search.absent[place] = rank, stop


@njit(cache=True, nogil=True)
def _note_spot(day: Day, search: Search, number: int, vehicle: int, at: int, stop: int) -> int:
    """Note a place among those of least detour, in order; return how many are noted."""
    rounds = search.rounds
    row, size = rounds.stop[vehicle], rounds.size[vehicle]
    left = row[at - 1] if at > 0 else day.depot
    right = row[at] if at < size else day.landfills[row[size - 1], 0] if size > 0 else day.depot
    detour = way_ft(day, left, stop) + way_ft(day, stop, right) - way_ft(day, left, right)
    if number == TRIED and detour >= search.detour[TRIED - 1]:
        return number
    if draw(search.state) < BLINK_CHANCE or not may_fit(day, rounds, vehicle, at, stop):
        return number
    for place in range(number):
        if search.spot[place, 0] == vehicle and search.spot[place, 1] == at:
            return number
    place = min(number, TRIED - 1)
    while place > 0 and search.detour[place - 1] > detour:
        search.detour[place] = search.detour[place - 1]
        search.spot[place, 0], search.spot[place, 1] = search.spot[place - 1, 0], search.spot[place - 1, 1]
        place -= 1
    search.detour[place], search.spot[place, 0], search.spot[place, 1] = detour, vehicle, at
    return min(number + 1, TRIED)


@njit(cache=True, nogil=True)
def put_back(day: Day, search: Search, stop: int) -> bool:
    """Put a stop where it adds least; return False when no round tried can take it."""
    rounds = search.rounds
    number = 0
    empty = ABSENT
    for vehicle in range(search.tally[3]):
        size = rounds.size[vehicle]
        if size == 0:
            empty = vehicle if empty == ABSENT else empty
        elif size < day.day_stops and rounds.load[vehicle] + day.load[stop] <= day.day_capacity + 1e-9:
            number = _note_spot(day, search, number, vehicle, 0, stop)
            number = _note_spot(day, search, number, vehicle, size, stop)
    for row in range(day.near.shape[1]):
        other = day.near[stop, row]
        vehicle = rounds.vehicle[other]
        if vehicle == ABSENT or rounds.size[vehicle] >= day.day_stops:
            continue
        if rounds.load[vehicle] + day.load[stop] > day.day_capacity + 1e-9:
            continue
        for after in range(2):
            number = _note_spot(day, search, number, vehicle, rounds.position[other] + after, stop)
    best, best_spot = ENDLESS, -1
    for place in range(number):
        if search.detour[place] >= best:
            break
        vehicle = search.spot[place, 0]
        added = length_with(day, rounds, vehicle, search.spot[place, 1], stop)
        if added < ENDLESS and added - rounds.length_ft[vehicle] < best:
            best, best_spot = added - rounds.length_ft[vehicle], place
    vehicle, at = (search.spot[best_spot, 0], search.spot[best_spot, 1]) if best_spot >= 0 else (empty, 0)
    if best_spot < 0:
        if empty == ABSENT:
            return False
        rounds.trial[0] = stop
        if length_with(day, rounds, empty, 0, stop) >= ENDLESS:
            return False
    search.touched[vehicle] = True
    put_in(rounds, vehicle, at, stop)
    measure(day, rounds, vehicle)
    return True


@njit(cache=True, nogil=True)
def put_all_back(day: Day, search: Search, most: int) -> None:
    """Put absent stops back in their order, up to ``most`` of them; those that find no place stay absent."""
    left, total = 0, search.tally[0]
    for row in range(total):
        stop = search.absent[row]
        if row >= most or not put_back(day, search, stop):
            search.absent[left] = stop
            left += 1
    search.tally[0] = left


@njit(cache=True, nogil=True)
def anneal(day: Day, search: Search, iterations: int, temperature_ft: float, until_whole: bool) -> None:
    """Do a number of iterations at one temperature, or until no stop is absent where ``until_whole``."""
    for _ in range(iterations):
        search.tally[2] += 1
        tear(day, search)
        order_absent(day, search)
        put_all_back(day, search, len(day.stops))
        if _is_taken(search, temperature_ft):
            _settle(search, search.rounds, search.before)
            search.tally[1] = search.tally[0]
            search.before_absent[: search.tally[0]] = search.absent[: search.tally[0]]
            if search.tally[0] == 0 and search.length_ft[0] < search.length_ft[1] - 1e-6:
                copy_all(search.rounds, search.best)
                search.length_ft[1] = search.length_ft[0]
                if until_whole:
                    return
        else:
            for row in range(search.tally[0]):
                search.missed[search.absent[row]] += 1
            _settle(search, search.before, search.rounds)
            search.tally[0] = search.tally[1]
            search.absent[: search.tally[1]] = search.before_absent[: search.tally[1]]


@njit(cache=True, nogil=True)
def _is_taken(search: Search, temperature_ft: float) -> bool:
    """Say whether the changed rounds replace those before, and note their length if so."""
    added = 0.0
    for vehicle in range(search.tally[3]):
        if search.touched[vehicle]:
            added += search.rounds.length_ft[vehicle] - search.before.length_ft[vehicle]
    missed, missed_before = 0, 0
    for row in range(search.tally[0]):
        missed += 1 + search.missed[search.absent[row]]
    for row in range(search.tally[1]):
        missed_before += 1 + search.missed[search.before_absent[row]]
    is_shorter = added < -temperature_ft * np.log(1.0 - draw(search.state))
    is_taken = missed < missed_before or (missed == missed_before and is_shorter)
    if is_taken:
        search.length_ft[0] += added
    return is_taken


@njit(cache=True, nogil=True)
def _settle(search: Search, source: Rounds, target: Rounds) -> None:
    """Make the touched rounds of the target those of the source."""
    for vehicle in range(search.tally[3]):
        if search.touched[vehicle]:
            for at in range(target.size[vehicle]):
                if target.vehicle[target.stop[vehicle, at]] == vehicle:
                    target.vehicle[target.stop[vehicle, at]] = ABSENT
    for vehicle in range(search.tally[3]):
        if search.touched[vehicle]:
            _copy_round(source, target, vehicle)
            search.touched[vehicle] = False
