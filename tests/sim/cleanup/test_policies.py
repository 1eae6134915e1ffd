"""Who is collected when: fixed rounds, thresholds, and advice that is followed in part."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import grid_city

from sim.cleanup.draws import key_of
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import FixedRounds, PartlyFollowed, Threshold, choose_policy
from twin.errors import ScenarioError
from twin.model.edits import MoveBins, SetPolicy
from twin.model.scenario import baseline

FILL = np.linspace(0.0, 1.0, 1000)
KEY = key_of(1)


def test_fixed_rounds_visit_every_bin_once_in_a_period_in_even_parts():
    rounds = FixedRounds(3, np.random.default_rng(1).permutation(1000) / 1000)
    visits = np.array([rounds.select(day, FILL, KEY) for day in range(3)])
    assert (visits.sum(axis=0) == 1).all()
    assert visits.sum(axis=1).max() - visits.sum(axis=1).min() <= 1


def test_a_threshold_takes_what_reads_at_least_that():
    assert (FILL[Threshold(0.7).select(0, FILL, KEY)] >= 0.7).all()
    assert Threshold(0.7).select(0, FILL, KEY).sum() == (FILL >= 0.7).sum()


@pytest.mark.parametrize("adherence", [0.0, 0.3, 1.0])
def test_adherence_is_the_share_of_areas_and_days_that_follow(adherence):
    nobody, everybody = Threshold(2.0), Threshold(0.0)
    area = np.array([key_of(number) for number in range(1000)], dtype=np.uint64)
    plan = PartlyFollowed(everybody, nobody, adherence, area)
    share = np.mean([plan.select(day, FILL, key_of(5, day)) for day in range(20)])
    assert share == pytest.approx(adherence, abs=0.02)


def test_a_scenario_sets_the_policy_and_the_last_one_counts():
    snapshot = grid_city()
    bins = snapshot["bin"]
    params = CleanupParams(period_days=4)
    plain = choose_policy(baseline(), params, bins, bins.ids)
    assert isinstance(plain, FixedRounds)
    assert plain.period_days == 4
    scenario = baseline().with_edit(SetPolicy(policy="threshold")).with_edit(SetPolicy(policy="fixed", period_days=2))
    assert choose_policy(scenario, params, bins, bins.ids).period_days == 2


def test_moving_a_bin_changes_no_bins_day():
    snapshot = grid_city()
    moved = baseline().with_edit(MoveBins(target_ids=("bin-00000",), dx_m=500.0)).apply(snapshot)
    before = choose_policy(baseline(), CleanupParams(), snapshot["bin"], snapshot["bin"].ids)
    after = choose_policy(baseline(), CleanupParams(), snapshot["bin"], moved["bin"].ids)
    np.testing.assert_array_equal(before.position, after.position)


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"adherence": 1.5}, {"cost_per_km": -1.0}, {"replications": 0}, {"shift_s": float("nan")}]
)
def test_parameters_refuse_nonsense_at_birth(wrong):
    with pytest.raises(ScenarioError, match="expected"):
        CleanupParams(**wrong)
