"""What happens at a node: vehicles at the ends of links, and those who begin their trip there, move on when there is room.

All times are exact and none is rounded to a step. A node is looked at as far ahead as nothing from a neighbour can reach
it: no vehicle crosses a link sooner, and no wave comes back (conservative simulation: Chandy and Misra 1979,
doi:10.1109/TSE.1979.230182). So neither how far that is nor the numbering of nodes changes a bit of the outcome.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kinematic_wave.compiled import LINE_BYTES, bare, inner, kernel, prefetch
from sim.kinematic_wave.network import Floats, Ints, Network, Records
from sim.kinematic_wave.state import ARRIVED, NOBODY, NOWHERE, SPOT, UNKNOWN, State

NEVER = np.inf
Table = NDArray[np.uint8]
"""Where each node ``(n,)`` sends drivers of each code: ``LEAVE``, ``FIRST_WAY`` plus the number of the link among those
that leave the node, or ``NO_WAY``."""
LEAVE, FIRST_WAY, NO_WAY = 0, 1, 255

LINE_SPOTS = LINE_BYTES // SPOT.itemsize


@kernel
def advance(start_s: float, end_s: float, net: Network, table: Table, state: State) -> None:
    """Move all vehicles from ``start_s`` to ``end_s``."""
    rounds, flat = net.rounds, table.reshape(-1)
    moment_s = np.empty(np.diff(net.into_start).max())
    number, low_s = 0, start_s
    while low_s < end_s:
        done, doubling = 0, 0
        while doubling < len(rounds.end) and number % (1 << doubling) == 0:
            high_s = min(start_s + (number + (1 << doubling)) * rounds.step_s, end_s)
            for index in range(done, rounds.end[doubling]):
                if index + 2 < len(rounds.node):
                    _fetch_ends(rounds.node[index + 2], net.into_start, net.out_start, state.heads, state.tails)
                    _fetch_ways(rounds.node[index + 2], table.shape[1], flat)
                    _fetch_spots(rounds.node[index + 1], net.into_start, net.out_start, state.heads, state.tails, state.ring)
                node = rounds.node[index]
                if state.wake_s[node] < high_s:
                    _serve(
                        node, high_s, state.renewed_s[0], net.into_start[node], net.into_start[node + 1], net.out_start[node],
                        table[node], net.link, state.heads, state.tails, state.turns, state.ring, state.wake_s, state.arrival_s, moment_s,
                    )  # fmt: skip
            done = rounds.end[doubling]
            doubling += 1
        number += 1
        low_s = start_s + number * rounds.step_s


@inner
def _fetch_ends(node: int, into_start: Ints, out_start: Ints, heads: Records, tails: Records) -> None:
    """Fetch the ends of the links at a node."""
    for row in range(into_start[node], into_start[node + 1]):
        prefetch(heads, row)
    for row in range(out_start[node], out_start[node + 1]):
        prefetch(tails, row)


@inner
def _fetch_ways(node: int, codes: int, flat: NDArray[np.uint8]) -> None:
    """Fetch where a node sends drivers."""
    for code in range(0, codes, LINE_BYTES):
        prefetch(flat, node * codes + code)


@inner
def _fetch_spots(node: int, into_start: Ints, out_start: Ints, heads: Records, tails: Records, ring: Records) -> None:
    """Fetch the spots where the next vehicles at a node are and will be."""
    for row in range(into_start[node], into_start[node + 1]):
        prefetch(tails, heads[row].tail)
        prefetch(ring, heads[row].place)
        prefetch(ring, heads[row].place + LINE_SPOTS)
    for row in range(out_start[node], out_start[node + 1]):
        prefetch(ring, tails[row].place)
        prefetch(ring, tails[row].place + LINE_SPOTS)


@bare
def _serve(
    node: int,
    end_s: float,
    since_s: float,
    first: int,
    last: int,
    out_start: int,
    ways: NDArray[np.uint8],
    link: Records,
    heads: Records,
    tails: Records,
    turns: Records,
    ring: Records,
    wake_s: Floats,
    arrival_s: Floats,
    moment_s: Floats,
) -> None:
    """Let the vehicles at a node move on, one at a time in the order of time, as long as one can before ``end_s``.

    ``moment_s`` is when the first of each link into the node can move at the soonest; what stands in the way on the road
    ahead is only looked at when nobody else comes before. Tables were last renewed at ``since_s``.
    """
    wake_s[node] = NEVER
    for index in range(first, last):
        if heads[index].goal == UNKNOWN:
            _look(heads[index], out_start, ways, link, tails, ring)
        moment_s[index - first] = _soonest(heads[index], since_s, link, tails)
    while True:
        best_s, chosen = moment_s[0], first
        for index in range(first + 1, last):
            if moment_s[index - first] < best_s:
                best_s, chosen = moment_s[index - first], index
        if best_s >= end_s:
            wake_s[node] = min(wake_s[node], best_s)
            return
        goal = heads[chosen].goal
        if goal >= 0:
            at_s = _moment(best_s, heads[chosen], tails[goal], link, heads, tails, ring)
            if at_s > best_s:
                moment_s[chosen - first] = at_s
                continue
            for index in range(chosen + 1, last):
                if moment_s[index - first] == best_s and heads[index].goal == goal:
                    chosen = _next_in_turn(best_s, goal, first, last, moment_s, heads, turns)
                    break
        head = heads[chosen]
        _move(head, goal, best_s, link, heads, tails, ring, wake_s, arrival_s)
        _look(head, out_start, ways, link, tails, ring)
        moment_s[chosen - first] = _soonest(head, since_s, link, tails)


@inner
def _look(head: Any, out_start: int, ways: NDArray[np.uint8], link: Records, tails: Records, ring: Records) -> None:
    """Find when the first vehicle of a link or an origin could move on if there were room, and where it wants to go."""
    spot = ring[head.place]
    while spot.vehicle != NOBODY and ways[spot.code] == NO_WAY:
        tails[head.tail].left += 1  # a trip without a way never begins
        head.place += 1
        spot = ring[head.place]
    if spot.vehicle == NOBODY or head.gap_s == NEVER:
        head.due_s, head.goal = NEVER, NOWHERE
        return
    way = ways[spot.code]
    head.due_s = max(spot.at_s + head.free_s, head.next_s)
    head.goal = ARRIVED if way == LEAVE else out_start + way - FIRST_WAY
    if head.is_signal:
        head.due_s = _green(head.due_s, link[tails[head.tail].link])


@inner
def _soonest(head: Any, since_s: float, link: Records, tails: Records) -> float:
    """Return when the first vehicle can move on if there is room: if its table was renewed at ``since_s``, not before."""
    if head.due_s >= since_s:
        return float(head.due_s)
    return _green(since_s, link[tails[head.tail].link]) if head.is_signal else since_s


@inner
def _green(time_s: float, road: Any) -> float:
    """Return the first moment from ``time_s`` on at which the signal at the end of a link is green."""
    since_s = (time_s - road.offset_s) % road.cycle_s
    return time_s if since_s < road.green_s else float(time_s + (road.cycle_s - since_s))


@inner
def _moment(now_s: float, head: Any, ahead: Any, link: Records, heads: Records, tails: Records, ring: Records) -> float:
    """Return when the first vehicle of a link or an origin, which is due by now, can go to the link ahead."""
    at_s = max(now_s, ahead.next_s)
    if ahead.entered >= ahead.sure:
        at_s = max(at_s, _room(ahead, link, heads, ring))
    if head.is_signal and now_s < at_s < NEVER:
        at_s = _green(at_s, link[tails[head.tail].link])
    return float(at_s)


@inner
def _move(
    head: Any,
    goal: int,
    at_s: float,
    link: Records,
    heads: Records,
    tails: Records,
    ring: Records,
    wake_s: Floats,
    arrival_s: Floats,
) -> None:
    """Take the first vehicle out of a link or an origin and put it onto the next link, or let it arrive."""
    spot, tail = ring[head.place], tails[head.tail]
    vehicle, code = spot.vehicle, spot.code
    prefetch(ring, head.place + 2 * LINE_SPOTS)
    leave(head, tail, spot, at_s)
    if head.blocked:
        make_room(head, at_s, link[tail.link], wake_s)
    # A vehicle that had to wait for room ahead may be followed at once by one that the capacity owes since.
    head.next_s = max(head.due_s + head.gap_s, at_s)
    if goal == ARRIVED:
        arrival_s[vehicle - 1] = at_s
        return
    ahead = tails[goal]
    prefetch(ring, ahead.place + 2 * LINE_SPOTS)
    if ahead.entered == ahead.left:
        be_first(heads[ahead.head], at_s, link[ahead.link], wake_s)
    enter(ahead, ring[ahead.place], vehicle, code, at_s)


@bare
def _room(tail: Any, link: Records, heads: Records, ring: Records) -> float:
    """Return from when on a link has a place for one more vehicle; never, if that depends on one that has not left yet.

    Newell (1993), doi:10.1016/0191-2615(93)90038-C: the n-th vehicle enters no sooner than a wave after the
    (n - jam storage)-th left. Between two whole vehicles the exit is read off a straight line, on which
    a vehicle takes its headway to pass.
    """
    if tail.gap_s == NEVER:
        return NEVER
    road = link[tail.link]
    behind = tail.entered + 1 - road.whole
    if behind <= 0:
        tail.sure = road.whole
        return -NEVER
    if tail.left < behind:
        heads[tail.head].blocked = True
        return NEVER
    place = _on(tail.place, 2, tail)
    left_s, wave_s = ring[place].at_s, road.wave_s
    if road.part > 0.0:
        pass_s = road.headway_s
        if behind > 1:
            pass_s = min(pass_s, left_s - ring[_on(tail.place, 1, tail)].at_s)
        wave_s -= road.part * pass_s
    room_s = float(left_s + wave_s)
    # Nobody enters before ``next_s``: who has left a wave before that has made room, and so many may enter unasked.
    stride = 1
    while behind + stride <= tail.left and ring[_on(place, stride, tail)].at_s + road.wave_s <= tail.next_s:
        tail.sure = tail.entered + 1 + stride
        stride *= 2
    return room_s


@inner
def _on(place: int, steps: int, of: Any) -> int:
    """Return the place of a link's part of the ring some steps on, fewer than it has."""
    place += steps
    return place - (of.stop - of.first) if place >= of.stop else place


@inner
def _next_in_turn(at_s: float, goal: int, first: int, last: int, moment_s: Floats, heads: Records, turns: Records) -> int:
    """Return who of those waiting for the same room goes first: shares in proportion to the priorities.

    Each time everybody's credit grows by his share, and who has most pays for the place. Where all wait
    this is the split of Daganzo (1995), doi:10.1016/0191-2615(94)00022-R; what one does not use the others get.
    """
    total, most, chosen = 0.0, -NEVER, first
    for index in range(first, last):
        if moment_s[index - first] == at_s and heads[index].goal == goal:
            turn = turns[index]
            turn.credit += turn.priority
            total += turn.priority
            if turn.credit > most:
                most, chosen = turn.credit, index
    turns[chosen].credit -= total
    return chosen


@inner
def leave(head: Any, tail: Any, spot: Any, at_s: float) -> None:
    """Take the first vehicle, which has a spot, off a link or an origin."""
    tail.travel_s += at_s - spot.at_s
    tail.left += 1
    head.exits_s += at_s
    head.goal = UNKNOWN
    head.place = _on(head.place, 1, head)
    spot.at_s, spot.vehicle = at_s, NOBODY


@inner
def make_room(head: Any, at_s: float, road: Any, wake_s: Floats) -> None:
    """Let those who wait to enter a link hear that somebody left: a wave later there may be room."""
    head.blocked = False
    wake_s[road.tail] = min(wake_s[road.tail], at_s + road.wave_s - road.part * road.headway_s)


@inner
def be_first(head: Any, at_s: float, road: Any, wake_s: Floats) -> None:
    """Let the end of an empty link hear that a vehicle comes."""
    head.goal = UNKNOWN
    wake_s[road.head] = min(wake_s[road.head], at_s + road.free_s)


@inner
def enter(tail: Any, spot: Any, vehicle: int, code: int, at_s: float) -> None:
    """Put a vehicle onto the beginning of a link, where it gets a spot."""
    spot.at_s, spot.vehicle, spot.code = at_s, vehicle, code
    tail.entries_s += at_s
    tail.entered += 1
    tail.place = _on(tail.place, 1, tail)
    tail.next_s = at_s + tail.gap_s
