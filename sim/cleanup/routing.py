"""The day's stops made into trips and trips put on trucks: tour, split, local search, packing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.abreast import each
from sim.cleanup.policies import Choice
from sim.cleanup.router import Router
from sim.network.kerb import IntArray
from sim.routing.chains import NONE, Legs, Rules, link_trips, measure_all, written_out
from sim.routing.local_search import Itinerary, improve_pass, take_along
from sim.routing.neighbours import Near, neighbours_of_day
from sim.routing.packing import Packed, Ready, pack_trips
from sim.routing.split import split_tour
from twin.geo import FloatArray
from twin.task import Progress, Task

NEIGHBOURS = 12
MAX_PASSES = 10
WORTH_A_PASS = 100
"""Another pass is made while the last one made a move for at least one in so many stops."""


@dataclass(frozen=True, eq=False)
class Trips:
    """Trips as lists of bins: those of trip ``t`` are ``bins[start[t]:start[t + 1]]`` in driving order.

    All of a trip's bins are of one waste kind and access window. From its first stop it takes ``inner_s`` until unloaded at the
    place ``site`` and ``span_s`` until its last stop is done.
    """

    bins: NDArray[np.intp]
    start: NDArray[np.intp]
    kind: IntArray
    window: IntArray
    load_l: FloatArray
    inner_s: FloatArray
    span_s: FloatArray
    site: IntArray


@dataclass(frozen=True, eq=False)
class DayPlan:
    """One day's trips on their trucks.

    ``truck`` ``(trips,)`` is -1 for a trip that fits on no truck; ``turn`` is its place in the truck's day, for which the truck
    leaves at ``leaves_s`` since midnight. ``origin`` and ``site`` are places. Sums are over trips that are driven.
    """

    trips: Trips
    truck: IntArray
    turn: IntArray
    leaves_s: FloatArray
    origin: IntArray
    site: IntArray
    truck_home: IntArray
    served: NDArray[np.intp]
    truck_s: FloatArray
    drive_s: float
    length_m: float


def plan_day(router: Router, choice: Choice, load_l: FloatArray, waste: IntArray) -> Task[DayPlan]:
    """Plan the rounds to the chosen bins; each trip carries one kind of waste and keeps one window of access.

    ``load_l`` is what is taken from each bin. Bins off the network and trips that fit on no truck stay; a kind of which
    no bin is due has no round that another could lie on the way of.
    """
    possible = (router.bin_place >= 0) & np.isin(waste, list(router.work))
    due = choice.due & possible
    chosen = np.flatnonzero((choice.due | choice.on_way) & possible)
    group = waste * len(router.windows) + router.bin_window
    rounds = []
    for number in np.unique(group[due]).tolist():
        stops = chosen[group[chosen] == number]
        kind, window = divmod(number, len(router.windows))
        rounds.append(_begun(router, kind, window, stops, load_l[stops], due[stops]))
    if not choice.in_order:
        yield from _improved(router, sorted(rounds, key=lambda one: -len(one.stops)))
    return put_on_trucks(router, joined([_ended(router, one) for one in rounds]))


def put_on_trucks(router: Router, trips: Trips, weight: FloatArray | None = None) -> DayPlan:
    """Return the day of some trips; those of more ``weight`` ``(trips,)``, by default the long ones, get a truck first."""
    first = router.bin_place[trips.bins[trips.start[:-1]]]
    packed = _packed(router, trips, first, trips.inner_s if weight is None else weight)
    truck, turn, leaves_s, depot, truck_s = packed
    home = router.depot_place[depot]
    origin = _origins(truck, turn, trips.site, home)
    driven = truck >= 0
    served = trips.bins[np.repeat(driven, np.diff(trips.start))]
    last = router.bin_place[trips.bins[trips.start[1:] - 1]]
    metres = router.ways.length_m
    order = np.lexsort((turn, truck))
    order = order[driven[order]]
    final = order[np.append(truck[order][1:] != truck[order][:-1], True)] if len(order) else order
    seconds = router.ways.time_s
    ends = ((origin[driven], first[driven]), (last[driven], trips.site[driven]), (trips.site[final], home[truck[final]]))
    return DayPlan(
        trips,
        truck,
        turn,
        leaves_s,
        origin,
        trips.site,
        home,
        served,
        truck_s,
        _inside(router, trips, driven, seconds) + sum(float(seconds[pair].sum(dtype=np.float64)) for pair in ends),
        _inside(router, trips, driven, metres) + sum(float(metres[pair].sum(dtype=np.float64)) for pair in ends),
    )


@dataclass(frozen=True, eq=False)
class _Round:
    """The stops (bins) of one kind of waste and one window on a day, their trips under way and who lies near whom."""

    kind: int
    window: int
    stops: NDArray[np.intp]
    day: Itinerary
    near: Near
    awake: NDArray[np.bool_]
    all_due: bool


def _begun(router: Router, kind: int, window: int, stops: NDArray[np.intp], load_l: FloatArray, due: NDArray[np.bool_]) -> _Round:
    """Put the stops that are due in the order of the giant tour and split it into trips."""
    order = np.argsort(router.rank[router.bin_place[stops]], kind="stable")
    stops, load_l, due = stops[order], load_l[order], due[order]
    place, work = router.bin_place[stops], router.work[kind]
    legs = Legs(router.ways.time_s, work.out_s, work.back_s, place)
    rules = Rules(work.capacity_l, limit_of(router, kind, window, place), router.service_s)
    trip = np.full(len(stops), NONE, np.int32)
    trip[due] = split_tour(legs._replace(place=place[due]), rules, load_l[due])
    chains = link_trips(trip)
    day = Itinerary(legs, rules, load_l, chains, measure_all(legs, rules, load_l, chains))
    all_due = bool(due.all())
    near = neighbours_of_day(router.ways.near, place, NEIGHBOURS if all_due else 2 * NEIGHBOURS)
    return _Round(kind, window, stops, day, near, np.ones(len(stops), np.bool_), all_due)


def _ended(router: Router, one: _Round) -> Trips:
    """Return the trips of a round as they are now."""
    sequence, start = written_out(one.day.chains)
    return described(router, one.kind, one.window, one.stops[sequence], start.astype(np.intp), one.day.load_l[sequence])


def limit_of(router: Router, kind: int, window: int, place: IntArray) -> float:
    """Return how long a trip to some places may take: within the shift and, between its first and last stop, within the window."""
    work = router.work[kind]
    opens_s, closes_s = router.windows[window]
    if not np.isfinite([opens_s, closes_s]).all():
        return work.limit_s
    return float(min(work.limit_s, closes_s - opens_s + work.out_s[place].min() + work.back_s[place].min()))


def described(
    router: Router, kind: int, window: int, bins: NDArray[np.intp], start: NDArray[np.intp], load_l: FloatArray
) -> Trips:
    """Return trips of one kind and window with what they carry and take."""
    work, place = router.work[kind], router.bin_place[bins]
    leg_s = np.zeros(len(place))
    leg_s[1:] = router.ways.time_s[place[:-1], place[1:]]
    leg_s[start[:-1]] = 0.0  # from one trip to the next is no way
    last = place[start[1:] - 1]
    span_s = np.add.reduceat(leg_s + router.service_s, start[:-1])
    count = len(start) - 1
    return Trips(
        bins,
        start,
        np.full(count, kind, np.int32),
        np.full(count, window, np.int32),
        np.add.reduceat(load_l, start[:-1]),
        span_s + work.back_s[last],
        span_s,
        router.site_place[work.site[last]],
    )


def _improved(router: Router, rounds: list[_Round]) -> Task[None]:
    """Improve trips in place, take along what costs little, and improve again. Rounds do not hear of each other."""
    for _ in range(2):
        yield from _improved_by_passes(rounds)
        rounds = [one for one in rounds if not one.all_due and take_along(one.day, one.near, router.detour_s, one.awake)]


def _improved_by_passes(rounds: list[_Round]) -> Task[None]:
    """Improve all rounds pass by pass, two of them at a time, each until a pass of it is not worth another."""
    for _ in range(MAX_PASSES):
        if not rounds:
            return
        yield Progress("Planning rounds")
        moves = each(lambda one: improve_pass(one.day, one.near, one.awake), rounds)
        rounds = [one for one, made in zip(rounds, moves, strict=True) if made * WORTH_A_PASS >= len(one.stops)]


def joined(parts: list[Trips]) -> Trips:
    """Return the trips of all parts, one part after another."""
    if not parts:
        whole, real = np.empty(0, np.int32), np.empty(0)
        return Trips(np.empty(0, np.intp), np.zeros(1, np.intp), whole, whole, real, real, real, whole)
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])}
    sizes = np.concatenate([np.diff(part.start) for part in parts])
    return Trips(**columns | {"start": np.concatenate([[0], np.cumsum(sizes)])})


def _packed(router: Router, trips: Trips, first: IntArray, weight: FloatArray) -> Packed:
    """Put trips on trucks: those bound to a time first, the others by their weight.

    Where the fleet is too small, those that bring in most per hour come first instead.
    """
    fits = router.collects[:, trips.kind] & (trips.load_l <= router.depot_capacity_l[:, None] + 1e-6)
    from_s, until_s = router.windows[trips.window].T.copy()
    ready = Ready(first, trips.site, trips.inner_s, trips.span_s, from_s, until_s, fits)
    rest = (ready, router.ways.time_s, router.depot_place, router.vehicles, router.shift)
    packed = pack_trips(np.lexsort((-weight, until_s)), *rest)
    if (packed.truck < 0).any():
        gain = trips.load_l / np.maximum(trips.inner_s, 1.0)
        packed = pack_trips(np.lexsort((-gain, until_s)), *rest)
    return packed


def _origins(truck: IntArray, turn: IntArray, site: IntArray, home: IntArray) -> IntArray:
    """Return the place where each trip starts: the truck's depot, then the site of the trip before."""
    origin = np.full(len(truck), -1, np.int32)
    order = np.lexsort((turn, truck))
    order = order[truck[order] >= 0]
    origin[order[1:]] = site[order[:-1]]
    opening = order[turn[order] == 0]
    origin[opening] = home[truck[opening]]
    return origin


def _inside(router: Router, trips: Trips, driven: NDArray[np.bool_], table: NDArray[np.float32]) -> float:
    """Return what the ways between the stops of all driven trips add up to in a table of times or lengths."""
    place = router.bin_place[trips.bins]
    if not len(place):
        return 0.0
    inside = table[place[:-1], place[1:]].astype(np.float64)
    inside[trips.start[1:-1] - 1] = 0.0  # from one trip to the next is no way
    trip_of = np.repeat(np.arange(len(driven)), np.diff(trips.start))
    return float(inside[driven[trip_of[:-1]]].sum())
