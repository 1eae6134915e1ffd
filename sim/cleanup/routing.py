"""The day's stops made into trips and trips put on trucks: tour, split, local search, packing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.distances import Distances
from sim.cleanup.draws import key_of, uniform
from sim.cleanup.operation import IntArray, Operation
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import Choice
from sim.routing.chains import NONE, Chains, Legs, Rules, Sums, link_trips, measure_all, written_out
from sim.routing.local_search import Itinerary, improve_pass, take_along
from sim.routing.neighbours import neighbours_of_day
from sim.routing.packing import pack_trips
from sim.routing.split import split_tour
from twin.geo import FloatArray
from twin.task import Progress, Task

NEIGHBOURS = 12
MAX_PASSES = 10
WORTH_A_PASS = 100
"""Another pass is made while the last one made a move for at least one in so many stops."""


@dataclass(frozen=True, eq=False)
class Router:
    """What every day's routing needs, made once per scenario.

    ``out_s``, ``back_s`` ``(places,)``: time from the nearest disposal site, and to the best one with
    unloading; ``site`` is that one's number. ``rank`` is the position of each place on the giant tour.
    ``limit_s``: a trip within it fits a shift from some depot. ``detour_s``: what a stop on the way may cost.
    """

    ways: Distances
    bin_place: IntArray
    depot_place: IntArray
    vehicles: IntArray
    capacity_l: float
    site_place: IntArray
    unload_s: FloatArray
    out_s: FloatArray
    back_s: FloatArray
    site: IntArray
    rank: IntArray
    limit_s: float
    shift_s: float
    overtime_s: float
    service_s: float
    detour_s: float


@dataclass(frozen=True, eq=False)
class Trips:
    """Trips as lists of bins: those of trip ``t`` are ``bins[start[t]:start[t + 1]]`` in driving order."""

    bins: NDArray[np.intp]
    start: NDArray[np.intp]
    load_l: FloatArray
    inner_s: FloatArray


@dataclass(frozen=True, eq=False)
class DayPlan:
    """One day's trips on their trucks.

    ``truck`` ``(trips,)`` is -1 for a trip that fits on no truck; ``turn`` is its place in the truck's
    day. ``origin`` and ``site`` are places. Sums are over trips that are driven.
    """

    trips: Trips
    truck: IntArray
    turn: IntArray
    origin: IntArray
    site: IntArray
    truck_home: IntArray
    served: NDArray[np.intp]
    truck_s: FloatArray
    drive_s: float
    length_m: float


def prepare_router(operation: Operation, ways: Distances, rank: IntArray, params: CleanupParams, detour_s: float = 0.0) -> Router:
    """Find the disposal site of each place; ``rank`` is its position on the giant tour."""
    depots, sites, bins = operation.depots, operation.sites, operation.bins
    depot_place, site_place = ways.place_of_node[depots.node], ways.place_of_node[sites.node]
    to_site = ways.time_s[:, site_place].astype(np.float64) + sites.unload_s
    out_s = ways.time_s[site_place].min(axis=0).astype(np.float64)
    staffed = depots.vehicles > 0
    homes = depot_place[staffed] if staffed.any() else depot_place
    # For each place and site the best depot's detour over a round from site to site; the worst of them is kept free.
    detour = ways.time_s[homes][:, :, None] + ways.time_s[np.ix_(site_place, homes)].T[:, None, :]
    margin_s = max(0.0, float((detour.min(axis=0) - out_s[:, None]).max()))
    return Router(
        ways,
        np.where(bins.reachable, ways.place_of_node[bins.node], -1).astype(np.int32),
        depot_place,
        depots.vehicles,
        float(depots.capacity_l.min()),
        site_place,
        sites.unload_s,
        out_s,
        to_site.min(axis=1),
        to_site.argmin(axis=1).astype(np.int32),
        rank,
        max(0.0, params.shift_s - margin_s),
        params.shift_s,
        params.overtime_s,
        params.service_s,
        detour_s,
    )


def varied(router: Router, replication: int) -> Router:
    """Return the router with the tour begun elsewhere and, every second time, driven the other way.

    A heuristic's own errors then differ between replications instead of being the same in all: the
    intervals of a comparison tell them from an effect of the edit.
    """
    count = len(router.rank)
    shift = int(uniform(key_of(replication), np.uint64(0)) * count)
    rank = (router.rank + shift) % count
    return replace(router, rank=rank if replication % 2 == 0 else count - 1 - rank)


def plan_day(router: Router, choice: Choice, load_l: FloatArray, waste: IntArray) -> Task[DayPlan]:
    """Plan the rounds to the chosen bins; each trip carries one kind of waste.

    ``load_l`` is what is taken from each bin. Bins off the network and trips that fit on no truck stay; a kind of which
    no bin is due has no round that another could lie on the way of.
    """
    parts = []
    possible = (router.bin_place >= 0) & bool(router.vehicles.any())
    due = choice.due & possible
    chosen = np.flatnonzero((choice.due | choice.on_way) & possible)
    for kind in np.unique(waste[due]).tolist():
        stops = chosen[waste[chosen] == kind]
        parts.append((yield from _trips_of(router, stops, load_l[stops], due[stops], choice.in_order)))
    trips = _joined(parts)
    first_place = router.bin_place[trips.bins[trips.start[:-1]]]
    site = router.site_place[router.site[router.bin_place[trips.bins[trips.start[1:] - 1]]]]
    truck, turn, depot, truck_s = _packed(router, trips, first_place, site)
    home = router.depot_place[depot]
    origin = _origins(truck, turn, site, home)
    driven = truck >= 0
    stops_of = np.diff(trips.start)
    served = trips.bins[np.repeat(driven, stops_of)]
    standing_s = router.service_s * len(served) + _unload_s(router, trips)[driven].sum()
    return DayPlan(
        trips,
        truck,
        turn,
        origin,
        site,
        home,
        served,
        truck_s,
        float(truck_s.sum() - standing_s),
        _length_m(router, trips, driven, origin, site, turn, truck, home),
    )


def _unload_s(router: Router, trips: Trips) -> FloatArray:
    last = router.bin_place[trips.bins[trips.start[1:] - 1]]
    return np.asarray(router.unload_s[router.site[last]])


def _trips_of(router: Router, stops: NDArray[np.intp], load_l: FloatArray, due: NDArray[np.bool_], in_order: bool) -> Task[Trips]:
    """Route one kind of waste: giant tour, split, local search pass by pass, then what lies on the way."""
    order = np.argsort(router.rank[router.bin_place[stops]], kind="stable")
    stops, load_l, due = stops[order], load_l[order], due[order]
    place = router.bin_place[stops]
    legs = Legs(router.ways.time_s, router.out_s, router.back_s, place)
    rules = Rules(router.capacity_l, router.limit_s, router.service_s)
    trip = np.full(len(stops), NONE, np.int32)
    trip[due] = split_tour(legs._replace(place=place[due]), rules, load_l[due])
    chains = link_trips(trip)
    day = Itinerary(legs, rules, load_l, chains, measure_all(legs, rules, load_l, chains))
    if not in_order:
        yield from _improved(router, day, bool(due.all()))
    return _listed(legs, stops, chains, day.sums)


def _improved(router: Router, day: Itinerary, all_due: bool) -> Task[None]:
    """Improve trips in place, take along what costs little, and improve again."""
    near = neighbours_of_day(router.ways.near, day.legs.place, NEIGHBOURS if all_due else 2 * NEIGHBOURS)
    awake = np.ones(len(day.load_l), np.bool_)
    for _ in range(1 if all_due else 2):
        for _ in range(MAX_PASSES):
            yield Progress("Planning rounds")
            if improve_pass(day, near, awake) * WORTH_A_PASS < len(day.load_l):
                break
        if all_due or not take_along(day, near, router.detour_s, awake):
            return


def _listed(legs: Legs, stops: NDArray[np.intp], chains: Chains, sums: Sums) -> Trips:
    """Write linked trips out one after another, without the empty ones."""
    sequence, start = written_out(chains)
    kept = chains.first >= 0
    inner_s = sums.duration[kept] - legs.out_s[legs.place[chains.first[kept]]]
    return Trips(stops[sequence], start.astype(np.intp), sums.load[kept], inner_s)


def _joined(parts: list[Trips]) -> Trips:
    if not parts:
        return Trips(np.empty(0, np.intp), np.zeros(1, np.intp), np.empty(0), np.empty(0))
    sizes = np.concatenate([np.diff(part.start) for part in parts])
    return Trips(
        np.concatenate([part.bins for part in parts]),
        np.concatenate([[0], np.cumsum(sizes)]),
        np.concatenate([part.load_l for part in parts]),
        np.concatenate([part.inner_s for part in parts]),
    )


def _packed(
    router: Router, trips: Trips, first_place: IntArray, site: IntArray
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Put trips on trucks, long ones first; where the fleet is too small, those that bring in most per hour first."""
    longest_s = router.shift_s + router.overtime_s
    rest = (first_place, trips.inner_s, site, router.ways.time_s, router.depot_place, router.vehicles, router.shift_s, longest_s)
    packed = pack_trips(np.argsort(-trips.inner_s, kind="stable"), *rest)
    if (packed[0] < 0).any():
        gain = trips.load_l / np.maximum(trips.inner_s, 1.0)
        packed = pack_trips(np.argsort(-gain, kind="stable"), *rest)
    truck, turn, depot, truck_s = packed
    return truck, turn, depot, truck_s


def _origins(truck: IntArray, turn: IntArray, site: IntArray, home: IntArray) -> IntArray:
    """Return the place where each trip starts: the truck's depot, then the site of the trip before."""
    origin = np.full(len(truck), -1, np.int32)
    order = np.lexsort((turn, truck))
    order = order[truck[order] >= 0]
    origin[order[1:]] = site[order[:-1]]
    opening = order[turn[order] == 0]
    origin[opening] = home[truck[opening]]
    return origin


def _length_m(
    router: Router,
    trips: Trips,
    driven: NDArray[np.bool_],
    origin: IntArray,
    site: IntArray,
    turn: IntArray,
    truck: IntArray,
    home: IntArray,
) -> float:
    """Return the metres of all driven trips with the ways back to the depots."""
    metres = router.ways.length_m
    place = router.bin_place[trips.bins]
    inside = metres[place[:-1], place[1:]].astype(np.float64)
    inside[trips.start[1:-1] - 1] = 0.0  # from one trip to the next is no way
    trip_of = np.repeat(np.arange(len(driven)), np.diff(trips.start))
    total = float(inside[driven[trip_of[:-1]]].sum()) if len(place) else 0.0
    first, last = place[trips.start[:-1][driven]], place[trips.start[1:][driven] - 1]
    total += float(metres[origin[driven], first].sum(dtype=np.float64) + metres[last, site[driven]].sum(dtype=np.float64))
    order = np.lexsort((turn, truck))
    order = order[truck[order] >= 0]
    final = order[np.append(truck[order][1:] != truck[order][:-1], True)] if len(order) else order
    return total + float(metres[site[final], home[truck[final]]].sum(dtype=np.float64))
