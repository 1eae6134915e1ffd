"""The gap of the quick rounds: none where they are the best, seen where they are bad."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import bins_at, city, depots_at, grid_city, sites_at, streets
from test_routing import prepared

from sim.cleanup.gap import optimisation_gap
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import only
from sim.cleanup.routing import plan_day
from twin.task import finish


def gap_of(router, count, *, in_order=False, iterations=100):
    waste, load_l = np.zeros(count, np.int32), np.full(count, 200.0)
    plan = finish(plan_day(router, only(np.ones(count, bool), in_order=in_order), load_l, waste))
    return finish(optimisation_gap(router, plan, load_l, waste, iterations))


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
    assert finish(optimisation_gap(router, plan, load_l, waste, 50)) == 0.0
