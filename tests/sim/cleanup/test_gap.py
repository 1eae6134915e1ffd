"""Rounds planned at length: shorter, whole, and by how much the quick ones are longer."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import bins_at, city, depots_at, grid_city, sites_at, streets
from test_routing import prepared, replayed

from sim.cleanup.gap import optimisation_gap
from sim.cleanup.long_search import MOST_STOPS, plan_at_length
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import only
from sim.cleanup.routing import plan_day
from twin.task import finish


def gap_of(router, count, *, in_order=False, iterations=100):
    waste, load_l = np.zeros(count, np.int32), np.full(count, 200.0)
    plan = finish(plan_day(router, only(np.ones(count, bool), in_order=in_order), load_l, waste))
    return finish(optimisation_gap(router, plan, load_l, iterations))


def test_one_way_to_drive_has_no_gap():
    nodes, links = streets(6, 1)
    snapshot = city(nodes, links, bins_at([(200.0, 0.0), (500.0, 0.0)]), depots_at([(0.0, 0.0)]), sites_at([(0.0, 0.0)]))
    assert gap_of(prepared(snapshot, CleanupParams())[1], 2) == pytest.approx(0.0, abs=1e-9)


def test_a_standing_order_has_a_larger_gap_than_rounds_that_were_improved():
    snapshot = grid_city(size=14, bin_count=150)
    snapshot = snapshot.with_frame(depots_at([(0.0, 0.0)], vehicles=9, capacity_l=4000.0))
    _, router = prepared(snapshot, CleanupParams())
    improved, standing = gap_of(router, 150), gap_of(router, 150, in_order=True)
    assert 0.0 <= improved < 0.25
    assert standing > improved


def test_a_day_without_rounds_has_none():
    _, router = prepared(grid_city(bin_count=10), CleanupParams())
    waste, load_l = np.zeros(10, np.int32), np.full(10, 1.0)
    plan = finish(plan_day(router, only(np.zeros(10, bool)), load_l, waste))
    assert finish(optimisation_gap(router, plan, load_l, 50)) == 0.0


def test_a_day_planned_at_length_is_whole_and_shorter():
    """More stops than one territory has, two kinds of waste, and bins that are open for an hour only."""
    count = 2 * MOST_STOPS
    snapshot = grid_city(size=20, bin_count=count)
    opens_s = np.where(np.arange(count) % 5 == 0, 8 * 3600.0, np.nan)
    bins = snapshot["bin"].with_values(
        snapshot["bin"].ids.tolist(), {"access_from_s": opens_s, "access_until_s": opens_s + 3600.0}
    )
    snapshot = snapshot.with_frame(bins).with_frame(depots_at([(0.0, 0.0)], vehicles=40, capacity_l=3000.0))
    operation, router = prepared(snapshot, CleanupParams())
    load_l, waste = np.random.default_rng(1).uniform(50.0, 240.0, count), operation.bins.waste
    quick = finish(plan_day(router, only(np.ones(count, bool)), load_l, waste))
    long = finish(plan_at_length(router, quick, load_l, 60, seed=3))
    assert sorted(long.served.tolist()) == sorted(quick.served.tolist()) == list(range(count))
    work, metres = replayed(router, long, load_l)
    assert sum(work.values()) == pytest.approx(long.truck_s.sum(), rel=1e-5)
    assert long.length_m == pytest.approx(metres, rel=1e-5)
    assert long.truck_s.sum() < 0.995 * quick.truck_s.sum()
    again = finish(plan_at_length(router, quick, load_l, 60, seed=3))
    assert again.trips.bins.tolist() == long.trips.bins.tolist()
    assert finish(plan_at_length(router, quick, load_l, 0)) is quick
