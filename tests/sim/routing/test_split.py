"""Splitting a tour: never worse than any other way of cutting it."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.routing.chains import Legs, Rules
from sim.routing.split import split_tour


def plane(seed: int, count: int):
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 100, (count + 1, 2))
    time_s = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).astype(np.float32)
    out_s, back_s = time_s[0].astype(float), time_s[:, 0].astype(float) + 5.0
    return time_s, out_s, back_s, np.arange(1, count + 1, dtype=np.int32), rng.uniform(10, 60, count)


def trip_time(legs, trip, service_s):
    time_s, out_s, back_s, place, _ = legs
    total = 0.0
    for number in range(trip.max() + 1):
        stops = place[trip == number]
        total += out_s[stops[0]] + back_s[stops[-1]] + service_s * len(stops)
        total += sum(time_s[a, b] for a, b in pairwise(stops))
    return total


def is_allowed(legs, trip, capacity_l, limit_s, service_s):
    for number in range(trip.max() + 1):
        own = trip == number
        alone = tuple(part[own] if part is legs[3] or part is legs[4] else part for part in legs)
        too_long = trip_time(alone, np.zeros(own.sum(), int), service_s) > limit_s and own.sum() > 1
        if legs[4][own].sum() > capacity_l or too_long:
            return False
    return True


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.sampled_from([100.0, 150.0, 1e9]), st.sampled_from([200.0, 350.0, 1e9]))
def test_split_is_the_best_of_all_cuts(seed, count, capacity_l, limit_s):
    legs, service_s = plane(seed, count), 3.0
    found = split_tour(Legs(*legs[:4]), Rules(capacity_l, limit_s, service_s), legs[4])
    assert is_allowed(legs, found, capacity_l, limit_s, service_s)
    cuts = (np.concatenate([[0], np.cumsum(cut)]).astype(int) for cut in product((0, 1), repeat=count - 1))
    best = min(trip_time(legs, trip, service_s) for trip in cuts if is_allowed(legs, trip, capacity_l, limit_s, service_s))
    assert trip_time(legs, found, service_s) == pytest.approx(best, rel=1e-6)


def test_a_stop_too_far_for_the_shift_gets_a_trip_of_its_own():
    legs = plane(1, 4)
    assert split_tour(Legs(*legs[:4]), Rules(1e9, 1.0, 0.0), legs[4]).tolist() == [0, 1, 2, 3]
