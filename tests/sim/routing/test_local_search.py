"""Local search on trips: nothing is lost, nothing is overfull, the sums are right, and no move is overlooked."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.routing.chains import NONE, Legs, Rules, leg, link_trips, measure_all, written_out
from sim.routing.local_search import Itinerary, improve_pass, take_along
from sim.routing.neighbours import Near, neighbours_of_day
from sim.routing.split import split_tour


def near_of(time_s):
    """All places near each place, itself first."""
    either = np.minimum(time_s, time_s.T)
    np.fill_diagonal(either, -1.0)
    other = np.argsort(either, axis=1, kind="stable").astype(np.int32)
    return Near(other, np.maximum(np.take_along_axis(either, other, axis=1), 0.0))


def itinerary(seed, count, capacity_l, limit_s, left_out=0):
    """A day on one-way streets: random places, ways that take longer in one direction, a split in random order."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 100, (count, 2))
    time_s = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    time_s = (time_s * rng.uniform(1.0, 1.5, time_s.shape)).astype(np.float32)
    np.fill_diagonal(time_s, 0.0)
    legs = Legs(time_s, rng.uniform(5, 80, count), rng.uniform(5, 80, count), np.arange(count, dtype=np.int32))
    rules, load_l = Rules(capacity_l, limit_s, 3.0), rng.uniform(10, 60, count)
    trip = np.full(count, NONE, np.int32)
    trip[left_out:] = split_tour(legs._replace(place=legs.place[left_out:]), rules, load_l[left_out:])
    chains = link_trips(trip)
    return Itinerary(legs, rules, load_l, chains, measure_all(legs, rules, load_l, chains)), near_of(time_s)


def searched(day, near, awake=None):
    awake = np.ones(len(day.load_l), bool) if awake is None else awake
    while improve_pass(day, near, awake):
        pass


cases = given(
    st.integers(0, 10_000), st.integers(2, 40), st.sampled_from([100.0, 250.0, 1e9]), st.sampled_from([300.0, 500.0, 1e9])
)


@settings(max_examples=60, deadline=None)
@cases
def test_trips_keep_their_stops_capacity_and_limit_and_their_sums_are_right(seed, count, capacity_l, limit_s):
    day, places = itinerary(seed, count, capacity_l, limit_s)
    before = measure_all(day.legs, day.rules, day.load_l, day.chains)
    longest, total = max(limit_s, before.duration.max()), before.duration.sum()
    searched(day, neighbours_of_day(places, day.legs.place, 8))
    stops, start = written_out(day.chains)
    assert sorted(stops.tolist()) == list(range(count))
    assert start[-1] == count
    assert (np.diff(start) > 0).all()
    after = measure_all(day.legs, day.rules, day.load_l, day.chains)
    for kept, anew in zip(day.sums, after, strict=True):
        np.testing.assert_allclose(kept, anew, rtol=1e-6, atol=1e-6)
    assert after.duration.sum() <= total + 1e-6
    assert after.load.max() <= capacity_l
    assert after.duration.max() <= longest + 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 12))
def test_in_one_trip_no_leg_can_be_replaced_by_a_shorter_one_for_less(seed, count):
    """No stop that is put behind a nearer one than the one it follows makes the trip shorter."""
    day, places = itinerary(seed, count, 1e9, 1e9)
    searched(day, neighbours_of_day(places, day.legs.place, count - 1))
    for stops in listed(day):
        for stop, other in product(stops, stops):
            before = stops[stops.index(stop) - 1] if stops.index(stop) else NONE
            if other in (stop, before) or day.legs.time_s[other, stop] >= leg(day.legs, before, stop):
                continue
            rest = [row for row in stops if row != stop]
            at = rest.index(other) + 1
            assert driven(day.legs, [*rest[:at], stop, *rest[at:]]) >= driven(day.legs, stops) - 0.02


def listed(day):
    stops, start = written_out(day.chains)
    return [stops[a:b].tolist() for a, b in pairwise(start.tolist())]


def driven(legs, stops):
    inside = sum(legs.time_s[a, b] for a, b in pairwise(stops))
    return legs.out_s[stops[0]] + inside + legs.back_s[stops[-1]]


def test_a_stop_taken_along_stands_where_it_costs_least():
    day, places = itinerary(3, 12, 1e9, 1e9, left_out=1)
    near = neighbours_of_day(places, day.legs.place, 11)
    before, trips = day.sums.duration.sum(), listed(day)
    awake = np.zeros(12, bool)
    assert take_along(day, near, 1e9, awake) == 1
    assert sorted(written_out(day.chains)[0].tolist()) == list(range(12))
    added = day.sums.duration.sum() - before - day.rules.service_s
    ways = (driven(day.legs, [*old[:at], 0, *old[at:]]) - driven(day.legs, old) for old in trips for at in range(len(old) + 1))
    np.testing.assert_allclose(added, min(ways), rtol=1e-6)
    assert awake[0]
    assert take_along(day, near, 1e9, awake) == 0


def test_neighbours_of_a_day_are_the_nearest_of_its_stops():
    _, places = itinerary(5, 30, 1e9, 1e9)
    place = np.array([4, 9, 9, 20, 3], np.int32)
    near = neighbours_of_day(places, place, 3)
    assert near.other[1, 0] == 2  # at the same place
    assert near.apart_s[1, 0] == 0.0
    for stop in range(5):
        others = near.other[stop]
        assert len(set(others.tolist())) == 3
        assert stop not in others
        assert (np.diff(near.apart_s[stop]) >= 0).all()
    assert neighbours_of_day(places, place[:2], 3).other.tolist() == [[1, NONE, NONE], [0, NONE, NONE]]
