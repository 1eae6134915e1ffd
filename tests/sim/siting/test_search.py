"""The search and its bound against every choice there is: never above the best, and the bound never below it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.siting.bound import upper_bound
from sim.siting.gains import Gains, find_gains, walk_to
from sim.siting.params import GOALS, BinSitingParams
from sim.siting.search import greedy, had, improve
from twin.task import finish


def instance(seed, goal, places=11, demands=25, standing=2):
    rng = np.random.default_rng(seed)
    params = BinSitingParams(goal=goal, walk_m=150.0, farthest_m=400.0, detour=1.2)
    xy, place_xy, stand_xy = (rng.uniform(0, 800, (count, 2)) for count in (demands, places, standing))
    residents = rng.uniform(1, 100, demands)
    before_m, _ = walk_to(xy, stand_xy, params.detour)
    gains = finish(find_gains(xy, residents, place_xy, before_m, params))
    return gains, xy, residents, place_xy, before_m, params


def by_hand(xy, residents, place_xy, before_m, params, chosen):
    """Return the gain of a choice, from the definition of the goal."""
    walks = np.hypot(*(xy[:, None] - place_xy[list(chosen)][None]).transpose(2, 0, 1)) * params.detour
    after = np.minimum(before_m, walks.min(axis=1))
    if params.goal == GOALS[0]:
        return float(residents @ (np.minimum(before_m, params.farthest_m) - np.minimum(after, params.farthest_m)))
    return float(residents @ ((after <= params.walk_m).astype(float) - (before_m <= params.walk_m)))


def solved(gains, count):
    begun, brought = finish(greedy(gains, count))
    chosen = finish(improve(gains, begun))
    found = float(had(gains, chosen).sum())
    return begun, brought, chosen, found, finish(upper_bound(gains, count, found, np.zeros(gains.demands)))


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [1, 3])
def test_found_is_at_most_the_best_and_the_bound_at_least(goal, seed, count):
    gains, *city = instance(seed, goal)
    best = max(by_hand(*city, chosen) for chosen in combinations(range(gains.places), count))
    begun, _, chosen, found, bound = solved(gains, count)
    assert found == pytest.approx(by_hand(*city, chosen.tolist()))
    assert float(had(gains, begun).sum()) - 1e-6 <= found <= best + 1e-6
    assert best <= bound + 1e-6
    assert found >= (0.999 if count == 1 else 0.95) * best
    assert bound <= 1.1 * best


@pytest.mark.parametrize("goal", GOALS)
def test_the_best_is_nearly_always_found(goal):
    hits = 0
    for seed in range(20):
        gains, *city = instance(seed, goal, places=9)
        best = max(by_hand(*city, chosen) for chosen in combinations(range(9), 3))
        hits += solved(gains, 3)[3] >= best - 1e-6
    assert hits >= 17


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), goal=st.sampled_from(GOALS), count=st.integers(1, 6), places=st.integers(6, 40))
def test_no_exchange_is_left_that_is_better(seed, goal, count, places):
    gains, *_ = instance(seed, goal, places=places)
    _, brought, chosen, found, bound = solved(gains, count)
    assert found <= bound + 1e-6
    assert len(set(chosen.tolist())) == len(chosen) <= count
    assert (np.diff(brought) <= 1e-6).all()
    for slot in range(len(chosen)):
        for coming in set(range(places)) - set(chosen.tolist()):
            other = chosen.copy()
            other[slot] = coming
            assert float(had(gains, other).sum()) <= found * (1 + 1e-8) + 1e-6


def test_what_brings_nothing_is_not_chosen():
    empty = np.empty(0, np.int32)
    gains = Gains.of(np.zeros(1, np.int32), np.ones(1, np.int32), np.ones(1), 2, 3)
    assert finish(greedy(gains, 3))[0].tolist() == [1]
    nothing = Gains.of(empty, empty, np.empty(0), 2, 3)
    assert finish(greedy(nothing, 3))[0].tolist() == []
    assert finish(upper_bound(nothing, 3, 0.0, np.zeros(2))) == 0.0
