from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.travel.radiation import emission, radiation
from twin.task import finish

LINE = np.abs(np.subtract.outer([0.0, 1.0, 3.0], [0.0, 1.0, 3.0]))
NONE = np.zeros(3, dtype=bool)


def test_three_towns_by_hand():
    # From the first: m = 10, n = 30 with nobody nearer: 10·30 / (10·40); then n = 60 with s = 30: 10·60 / (40·100).
    share = emission(LINE[0], np.array([10.0, 30.0, 60.0]), 0)
    assert share == pytest.approx([0.0, 0.75, 0.15])
    trips = finish(radiation(LINE, np.array([90.0, 0.0, 0.0]), np.array([10.0, 30.0, 60.0]), NONE))
    assert trips[0] == pytest.approx([0.0, 75.0, 15.0])
    assert not trips[1:].any()


@given(st.lists(st.floats(0.1, 1e4), min_size=2, max_size=30), st.randoms(use_true_random=False))
def test_shares_of_an_origin_sum_to_one_less_its_own_part_of_all(opportunities, random):
    # The sum telescopes: m (1 / m - 1 / M) = 1 - m / M.
    many = np.array(opportunities)
    cost = np.array([random.random() for _ in opportunities])
    assert emission(cost, many, 0).sum() == pytest.approx(1.0 - many[0] / many.sum(), rel=1e-9, abs=1e-12)


def test_rows_are_the_productions_and_nobody_stays():
    rng = np.random.default_rng(1)
    cost, production, attraction = rng.random((20, 20)), rng.random(20) * 100, rng.random(20) * 100
    trips = finish(radiation(cost, production, attraction, np.zeros(20, dtype=bool)))
    assert trips.sum(axis=1) == pytest.approx(production)
    assert not np.diagonal(trips).any()
    assert np.all(trips >= 0.0)


def test_an_origin_without_opportunities_takes_the_nearest_place_that_has_any():
    share = emission(LINE[0], np.array([0.0, 30.0, 60.0]), 0)
    assert share == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)


def test_gates_exchange_no_trips_here():
    gates = np.array([False, True, True])
    trips = finish(radiation(LINE, np.full(3, 10.0), np.full(3, 10.0), gates))
    assert trips[1, 2] == trips[2, 1] == 0.0
    assert trips[1, 0] == pytest.approx(10.0)


def test_nowhere_to_go_is_no_trip():
    assert not finish(radiation(LINE, np.full(3, 10.0), np.zeros(3), NONE)).any()
