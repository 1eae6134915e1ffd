"""Fleets: trucks shared out over depots, idle ones paid for, the cheapest that serves is chosen and compared on other draws."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import bins_at, city, depots_at, sites_at, streets
from hypothesis import given
from hypothesis import strategies as st

from sim.cleanup.fleet import POLICIES, SERVED, advise, fleets_around, shared_out
from sim.cleanup.params import CleanupParams
from sim.cleanup.run import prepare_ground
from twin.errors import ScenarioError
from twin.model.scenario import baseline
from twin.task import finish


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(1, 200))
def test_trucks_are_shared_out_to_the_last_in_proportion(vehicles, total):
    found = shared_out(np.array(vehicles, np.int32), total)
    assert found.sum() == total
    weight = np.array(vehicles) / sum(vehicles) if sum(vehicles) else np.full(len(vehicles), 1 / len(vehicles))
    assert (np.abs(found - total * weight) < 1.0).all()


def test_todays_fleet_is_among_those_tried():
    assert 10 in fleets_around(10)
    assert fleets_around(1) == (1,)
    assert min(fleets_around(0)) == 1


def prepared(vehicles, count=120, seed=3):
    rng = np.random.default_rng(seed)
    nodes, links = streets(8, 8)
    xy = rng.integers(0, 8, (count, 2)) * 100.0
    town = city(nodes, links, bins_at(xy), depots_at([(0.0, 0.0)], vehicles=vehicles), sites_at([(700.0, 700.0)]))
    params = CleanupParams(days=5, warm_up_days=3, replications=2, shift_s=3600.0, overtime_s=0.0)
    return town, finish(prepare_ground(town, baseline(), params, 1))


@pytest.fixture(scope="module")
def advice():
    town, ground = prepared(vehicles=12)
    return ground, finish(advise(ground, town, (1, 2, 6, 12), None, 2))


def test_the_best_serves_and_nothing_that_serves_is_cheaper(advice):
    _, found = advice
    assert len(found.tried) == 4 * len(POLICIES)
    assert found.best is not None
    chosen = next(one for one in found.tried if (one.vehicles, one.contender) == (found.best.vehicles, found.best.contender))
    assert found.serves(chosen)
    assert all(one.mean("cost") >= chosen.mean("cost") for one in found.tried if found.serves(one))
    assert found.best.vehicles < 12
    assert found.cost.high < 0.0


def test_one_truck_that_cannot_do_daily_rounds_does_not_serve(advice):
    _, found = advice
    alone = next(one for one in found.tried if one.vehicles == 1 and one.contender == POLICIES[0])
    assert alone.mean("uncollected_stops") > SERVED
    assert not found.serves(alone)


def test_every_truck_of_the_fleet_is_paid_for(advice):
    """With trucks to spare the same days are driven: each truck more costs its day, and nothing else differs."""
    ground, found = advice
    by_fleet = {one.vehicles: one for one in found.tried if one.contender == POLICIES[2] and one.vehicles in (6, 12)}
    np.testing.assert_allclose(by_fleet[6].of("crew_h"), by_fleet[12].of("crew_h"))
    spare = 6 * ground.world.params.cost_per_truck_day
    np.testing.assert_allclose(by_fleet[12].of("cost") - by_fleet[6].of("cost"), spare)


def test_no_fleet_serves_where_no_overflow_is_accepted():
    town, ground = prepared(vehicles=2, count=40)
    found = finish(advise(ground, town, (1,), 0.0, 2))
    assert found.best is None
    assert found.cost is None


@pytest.mark.parametrize("fleets", [(), (0,), (3, -1)])
def test_a_fleet_that_is_none_is_refused(fleets):
    town, ground = prepared(vehicles=2, count=10)
    with pytest.raises(ScenarioError, match="1 to 10000"):
        finish(advise(ground, town, fleets, None, 2))
