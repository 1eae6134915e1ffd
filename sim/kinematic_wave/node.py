"""What happens at a node: vehicles at the ends of links, and those who begin their trip there, move on when there is room.

All times are exact and none is rounded to a step. The step only says how far nodes may be looked at one
after the other: within it no node can feel another, since no link is crossed and no wave comes back sooner.
So neither the length of the step nor the numbering of nodes changes a bit of the outcome.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kinematic_wave.network import Floats, Ints, Network, Records
from sim.kinematic_wave.route import ARRIVED
from sim.kinematic_wave.state import NOBODY, UNKNOWN, State
from sim.kinematic_wave.trip import Trips

NEVER = np.inf
Table = NDArray[np.int32]


# All below ``advance`` is compiled into one function that works on records: to hand arrays from one compiled function
# to another costs more than to move a vehicle. With NumPy's rules of division, nothing has to ask whether a divisor is 0.
@njit(cache=True, nogil=True, error_model="numpy")
def advance(start_s: float, end_s: float, net: Network, trips: Trips, table: Table, state: State) -> None:
    """Move all vehicles from ``start_s`` to ``end_s``; ``table (tables, d, n)`` has the next links."""
    low = start_s
    while low < end_s:
        high = min(low + net.step_s, end_s)
        for node in range(len(state.wake_s)):
            if state.wake_s[node] < high:
                into = net.into[net.into_start[node] : net.into_start[node + 1]]
                _serve(
                    high, state.renewed_s[0], node, into, net.link, net.step_s, len(net.length_m), trips.trip, table,
                    state.line, state.ring, state.wake_s, state.arrival_s,
                )  # fmt: skip
        low = high


@njit(cache=True, nogil=True, error_model="numpy")
def _serve(
    end_s: float,
    since_s: float,
    node: int,
    into: Ints,
    link: Records,
    step_s: float,
    links: int,
    trip: Records,
    table: Table,
    line: Records,
    ring: Records,
    wake_s: Floats,
    arrival_s: Floats,
) -> None:
    """Let the vehicles at a node move on, one at a time in the order of time, as long as one can before ``end_s``."""
    wake_s[node] = NEVER
    for who in into:
        if line[who].goal == UNKNOWN:
            _look(node, who < links, link[who], line[who], ring, trip, table)
        line[who].moment_s = _moment(who, end_s, since_s, link, line, ring)
    while True:
        best_s, chosen, rivals = NEVER, -1, 0
        for who in into:
            at_s = line[who].moment_s
            if at_s < best_s:
                best_s, chosen, rivals = at_s, who, 1
            elif at_s == best_s and at_s < NEVER and line[who].goal == line[chosen].goal:
                rivals += 1
        if best_s >= end_s:
            wake_s[node] = min(wake_s[node], best_s)
            return
        goal = line[chosen].goal
        if rivals > 1 and goal >= 0:
            chosen = _next_in_turn(best_s, goal, into, link, line)
        _move(chosen, best_s, links, link, line, ring, step_s, wake_s, arrival_s)
        _look(node, chosen < links, link[chosen], line[chosen], ring, trip, table)
        for who in into:
            if who == chosen or line[who].goal == goal:
                line[who].moment_s = _moment(who, end_s, since_s, link, line, ring)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _look(node: int, is_link: bool, road: Any, now: Any, ring: Records, trip: Records, table: Table) -> None:
    """Find when the first vehicle of a link or an origin could move on if there were room, and where it wants to go."""
    now.due_s, now.goal = NEVER, -1
    while now.left < now.entered and now.out_factor > 0.0:
        if is_link:
            spot = ring[road.first + now.left % road.size]
            vehicle, ready_s = spot.vehicle, spot.at_s + road.free_s
        else:
            vehicle, ready_s = now.left, trip[now.left].depart_s
        now.goal = table[trip[vehicle].table, trip[vehicle].destination, node]
        if is_link or now.goal != -1:
            now.due_s = _green(max(ready_s, now.out_next_s), road)
            return
        now.left += 1  # a trip without a way never begins


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _green(time_s: float, road: Any) -> float:
    """Return the first moment from ``time_s`` on at which the signal at the end of a link is green."""
    if road.cycle_s <= 0.0:
        return time_s
    since_s = (time_s - road.offset_s) % road.cycle_s
    return time_s if since_s < road.green_s else float(time_s + (road.cycle_s - since_s))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _moment(who: int, end_s: float, since_s: float, link: Records, line: Records, ring: Records) -> float:
    """Return when the first vehicle of a link (or origin) can move on, by what is known now; roughly, if not before ``end_s``.

    Who found another way when the tables were renewed, at ``since_s``, cannot have gone there before.
    """
    goal, at_s = line[who].goal, max(float(line[who].due_s), since_s)
    if goal == ARRIVED or at_s >= end_s:
        return at_s
    at_s = max(at_s, _room(link[goal], line[goal], ring))
    return _green(at_s, link[who]) if at_s < NEVER else at_s


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _room(road: Any, now: Any, ring: Records) -> float:
    """Return from when on a link has room for one more vehicle; never, if that depends on one that has not left yet.

    Newell (1993), doi:10.1016/0191-2615(93)90038-C: the n-th vehicle enters no sooner than a wave after the
    (n - jam storage)-th left. Between two whole vehicles the exit is read off a straight line, on which
    a vehicle takes its headway to pass.
    """
    if now.in_factor == 0.0:
        return NEVER
    behind = now.entered + 1 - road.whole
    if behind <= 0:
        return float(now.in_next_s)
    if now.left < behind:
        now.blocked = True
        return NEVER
    left_s, wave_s = ring[road.first + (behind - 1) % road.size].at_s, road.wave_s
    if road.part > 0.0:
        pass_s = road.headway_s
        if behind > 1:
            pass_s = min(pass_s, left_s - ring[road.first + (behind - 2) % road.size].at_s)
        wave_s -= road.part * pass_s
    return float(max(left_s + wave_s, now.in_next_s))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _next_in_turn(at_s: float, goal: int, into: Ints, link: Records, line: Records) -> int:
    """Return who of those waiting for the same room goes first: shares in proportion to the priorities.

    Each time everybody's credit grows by his share, and who has most pays for the place. Where all wait
    this is the split of Daganzo (1995), doi:10.1016/0191-2615(94)00022-R; what one does not use the others get.
    """
    total, best, chosen = 0.0, -NEVER, -1
    for who in into:
        if line[who].moment_s != at_s or line[who].goal != goal:
            continue
        total += link[who].priority
        line[who].credit += link[who].priority
        if line[who].credit > best:
            best, chosen = line[who].credit, who
    line[chosen].credit -= total
    return chosen


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _move(
    who: int,
    at_s: float,
    links: int,
    link: Records,
    line: Records,
    ring: Records,
    step_s: float,
    wake_s: Floats,
    arrival_s: Floats,
) -> None:
    """Take the first vehicle out of a link or an origin and put it onto the next link, or let it arrive."""
    now, goal = line[who], line[who].goal
    if who < links:
        vehicle = leave(link[who], now, ring, at_s, step_s, wake_s)
    else:
        vehicle = now.left
        now.left += 1
    # A vehicle that had to wait for room ahead may be followed at once by one that the capacity owes since.
    now.out_next_s = max(now.due_s + link[who].out_s / now.out_factor, at_s)
    if goal == ARRIVED:
        arrival_s[vehicle] = at_s
    else:
        enter(link[goal], line[goal], ring, vehicle, at_s, wake_s)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def leave(road: Any, now: Any, ring: Records, at_s: float, step_s: float, wake_s: Floats) -> int:
    """Take the first vehicle off a link and return it."""
    spot = ring[road.first + now.left % road.size]
    now.travel_s += at_s - spot.at_s
    now.exits_s += at_s
    spot.at_s = at_s
    now.left += 1
    if now.blocked:
        now.blocked = False
        wake_s[road.tail] = min(wake_s[road.tail], at_s + step_s)
    vehicle = int(spot.vehicle)
    spot.vehicle = NOBODY
    return vehicle


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def enter(road: Any, now: Any, ring: Records, vehicle: int, at_s: float, wake_s: Floats) -> None:
    """Put a vehicle onto the beginning of a link."""
    spot = ring[road.first + now.entered % road.size]
    spot.at_s = at_s
    spot.vehicle = vehicle
    now.entries_s += at_s
    if now.entered == now.left:
        now.goal = UNKNOWN
        wake_s[road.head] = min(wake_s[road.head], at_s + road.free_s)
    now.entered += 1
    now.in_next_s = at_s + road.in_s / now.in_factor
