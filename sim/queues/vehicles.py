"""From trips per hour between zones to individual vehicles, the same ones in every scenario.

What a vehicle draws hangs on its pair of zones, hour and number alone. So half as many trips are half of the
same vehicles, and a difference between two scenarios is the edit's and no other luck's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.kinematic_wave.network import Network
from sim.kinematic_wave.trip import Exits, Trips, draw, make_exits, make_trips, mix
from sim.queues.params import QueuesParams
from sim.travel.baseline import Baseline
from sim.travel.edited_demand import edited_demand
from sim.travel.profile import HOUR_S, HOURS
from sim.travel.zones import BOTH, Zones
from twin.model.edits import AddEvent
from twin.model.scenario import Scenario
from twin.task import Progress, Task

COUNT, MOMENT, PLACE, ROUTE = range(4)
"""Streams of luck: how many vehicles, when each departs, by which junction of its zone, by which route table."""
EVENTS = 1_000
"""Numbers of slices from here on are events, those below are hours."""
MESSAGE = "Sending vehicles off"

Slice = tuple[int, Floats, float, float]
"""Trips ``(z, z)`` that begin evenly between two times (s of the day), with a number of their own."""


def make_vehicles(baseline: Baseline, scenario: Scenario, network: Network, params: QueuesParams, seed: int) -> Task[Trips]:
    """Return the vehicles of a scenario's trips that begin within the period; times count from its start."""
    zones = baseline.network.zones
    parts = []
    for number, trips, from_s, to_s in _slices(baseline, scenario, params):
        parts.append(_drawn(number, trips, from_s - params.start_s, to_s - params.start_s, seed))
        yield Progress(MESSAGE)
    origin, destination, depart_s, key = (np.concatenate(column) for column in zip(*parts, strict=True))
    node = _origins(zones, origin, key, seed)
    yield Progress(MESSAGE)
    luck = (seed << 2) + ROUTE
    return make_trips(
        node, destination, depart_s, key, node_count=network.nodes, destination_count=len(zones), tables=params.groups, seed=luck
    )


def zone_exits(zones: Zones) -> Exits:
    """Return the junctions by which trips reach their zone, with the way that is left from there."""
    into = zones.connector_way <= BOTH
    return make_exits(zones.connector_zone[into], zones.connector_node[into], zones.connector_time_s[into], len(zones))


def _slices(baseline: Baseline, scenario: Scenario, params: QueuesParams) -> Iterator[Slice]:
    """Yield the trips of each hour of the period, edited, and those of each event before it begins."""
    demand, zones = baseline.demand, baseline.network.zones
    daily = replace(scenario, edits=tuple(edit for edit in scenario.edits if not isinstance(edit, AddEvent)))
    for hour in range(int(params.start_s // HOUR_S), int(np.ceil(params.end_s / HOUR_S))):
        from_s, to_s = max(hour * HOUR_S, params.start_s), min((hour + 1) * HOUR_S, params.end_s)
        trips = demand.profile.turned(baseline.problem.demand, demand.hour, hour % HOURS)
        trips = edited_demand(trips, zones, daily).trips * ((to_s - from_s) / HOUR_S)
        yield hour, trips, from_s, to_s
    for index, event in enumerate(scenario.edits_of(AddEvent)):
        coming = edited_demand(baseline.problem.demand, zones, replace(scenario, edits=(event,))).to_events
        # They arrive over the spread before it begins, and set out the usual time of a trip sooner.
        to_s = event.at_s - params.mean_trip_time_s
        whole_s = (to_s - event.spread_s, to_s)
        from_s, to_s = max(whole_s[0], params.start_s), min(whole_s[1], params.end_s)
        if from_s < to_s and coming.sum() > 0.0:
            share = (to_s - from_s) / event.spread_s
            yield EVENTS + index, coming * (share * event.trips / coming.sum()), from_s, to_s


def _drawn(
    number: int, trips: Floats, from_s: float, to_s: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.uint64]]:
    """Return origin zone, destination zone, departure and key of the vehicles of one slice."""
    origin, destination = np.nonzero(trips > 0.0)
    pair = ((origin * len(trips) + destination) * 2 * EVENTS + number).astype(np.uint64)
    count = np.floor(trips[origin, destination] + draw(pair, (seed << 2) + COUNT)).astype(np.int64)
    ordinal = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    key = mix(np.repeat(pair, count), 0) + ordinal.astype(np.uint64)
    depart_s = from_s + (to_s - from_s) * draw(key, (seed << 2) + MOMENT)
    return np.repeat(origin, count), np.repeat(destination, count), depart_s, key


def _origins(zones: Zones, origin: NDArray[np.int64], key: NDArray[np.uint64], seed: int) -> NDArray[np.int64]:
    """Return the junction at which each vehicle enters the roads: one of its zone's, drawn evenly."""
    out = np.flatnonzero(zones.connector_way >= BOTH)
    out = out[np.argsort(zones.connector_zone[out], kind="stable")]
    ways = np.bincount(zones.connector_zone[out], minlength=len(zones))
    first = np.cumsum(ways) - ways
    which = np.minimum((draw(key, (seed << 2) + PLACE) * ways[origin]).astype(np.int64), ways[origin] - 1)
    return np.asarray(zones.connector_node[out[first[origin] + which]])
