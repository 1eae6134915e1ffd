"""What an incident can reach: news travels forwards with vehicles, backwards with waves, and at once with tables of ways."""

from __future__ import annotations

import dataclasses
import heapq

import numpy as np
import pytest

from sim.kinematic_wave import route
from sim.kinematic_wave.capacity import Windows
from sim.kinematic_wave.closed_form import problem, streets
from sim.kinematic_wave.network import make_network
from sim.kinematic_wave.node import NO_WAY
from sim.kinematic_wave.run import Clock, Habits, simulate, simulate_again
from twin.task import finish

SIDE, RENEW_S, START_S = 7, 240.0, 960.0
CLOCK = Clock(3600.0, series_s=20.0, renew_s=RENEW_S, snapshot_s=RENEW_S, tables=2)


def grid():
    near = [(a, b) for a in range(SIDE**2) for b in range(SIDE**2) if abs(a // SIDE - b // SIDE) + abs(a % SIDE - b % SIDE) == 1]
    return make_network(streets(*((*pair, 700.0 + 13.7 * row) for row, pair in enumerate(near))), SIDE**2)


def traffic(count):
    rng = np.random.default_rng(7)
    origin, destination = rng.integers(0, SIDE**2, (2, count))
    return origin, destination, np.sort(rng.uniform(0.0, 2400.0, count))


def tables(what, times_s):
    """Return the ways of all groups of drivers ``(n, codes)``."""
    count = what.network.nodes
    table = np.full((count, len(times_s) * count), NO_WAY, np.uint8)
    backwards = route.make_backwards(what.network, what.exits)
    for group, own_s in enumerate(times_s):
        route.renew(0, count, backwards, route.priced(own_s, backwards, what.network), what.network, group * count, table)
    return table


def reached_s(what, base, outcome, link):
    """Return when each node can first hear of what happens on a link from ``START_S`` on, directly or by a changed way ``(n,)``."""
    roads = what.network.link[: what.network.links]
    first_s = np.full(what.network.nodes, np.inf)
    news = [(START_S, int(roads[end][link])) for end in ("tail", "head")]
    for one, other in zip(base.snapshots, outcome.snapshots, strict=True):
        changed = (tables(what, one.times_s) != tables(what, other.times_s)).any(axis=1)
        news += [(one.at_s, int(node)) for node in np.flatnonzero(changed)]
    heapq.heapify(news)
    while news:
        at_s, node = heapq.heappop(news)
        if at_s < first_s[node]:
            first_s[node] = at_s
            for road in roads[roads["tail"] == node]:
                heapq.heappush(news, (at_s + road["free_s"], int(road["head"])))
            for road in roads[roads["head"] == node]:
                heapq.heappush(news, (at_s + road["wave_s"] - road["part"] * road["headway_s"], int(road["tail"])))
    return first_s


@pytest.mark.parametrize("knows_present_times", [True, False])
def test_beyond_its_reach_an_incident_changes_no_bit(knows_present_times):
    what = problem(grid(), traffic(6000), CLOCK)
    if not knows_present_times:
        free_s = what.network.link["free_s"][: what.network.links]
        what = dataclasses.replace(what, habits=Habits(np.array([free_s, free_s * np.linspace(1.0, 1.3, len(free_s))])))
    base = finish(simulate(what))
    link = int(np.argmax(base.looks.entered[-1]))
    blocked = Windows(np.array([link]), np.array([START_S]), np.array([START_S + 1800.0]), np.zeros(1), np.zeros(1))
    outcome = finish(simulate_again(dataclasses.replace(what, windows=blocked), what, base))
    first_s, at_s = reached_s(what, base, outcome, link), base.looks.at_s[:, None]
    roads = what.network.link[: what.network.links]
    differs = np.zeros((len(at_s), what.network.nodes), bool)
    for end, columns in (("tail", ("entered", "entries_s")), ("head", ("left", "exits_s", "travel_s"))):
        for name in columns:
            ours, theirs = getattr(base.looks, name), getattr(outcome.looks, name)
            unreached = at_s <= first_s[roads[end]]
            assert np.array_equal(ours[unreached], theirs[unreached]), name
            np.logical_or.at(differs, (slice(None), roads[end]), ours != theirs)
    late = (at_s > START_S) & (at_s <= START_S + 600.0)
    assert (late & (at_s <= first_s)).sum() > 100  # there was something to be wrong about
    assert differs[:, roads["head"][link]].any()
    assert differs[-1].sum() > 10
    gone = np.isfinite(base.arrival_s) & (base.arrival_s < first_s[what.exits.node[what.trips.trip["destination"]]])
    assert gone.sum() > 1000
    assert np.array_equal(base.arrival_s[gone], outcome.arrival_s[gone])
