"""Policies side by side: pairs, fronts and verdicts on known numbers, and a small city."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cleanup_city import grid_city

from sim.cleanup.days import SUMS
from sim.cleanup.front import CONTENDERS, Contender, Paired, Standing, at_equal_overflow, paired, run_contenders, tuned, verdict
from sim.cleanup.own_days import own_days
from sim.cleanup.params import CleanupParams
from sim.cleanup.run import prepare_ground
from twin.model.edits import SetPolicy
from twin.model.scenario import baseline
from twin.task import finish

NOISE = np.array([0.0, 10.0, -10.0, 5.0, -5.0])


def standing(overflow, cost, setting="", family="f"):
    means = np.zeros((len(NOISE), len(SUMS)))
    means[:, SUMS.index("overflow_h")] = overflow
    means[:, SUMS.index("cost")] = cost
    return Standing(Contender(family, setting, SetPolicy()), means)


def test_pairs_take_out_what_the_seeds_have_in_common():
    found = paired(standing(50.0, 120.0 + NOISE), standing(50.0, 100.0 + NOISE), "cost")
    assert (found.mean, found.low, found.high) == pytest.approx((20.0, 20.0, 20.0))
    assert found.share == pytest.approx(0.2)


def test_the_front_is_read_at_the_overflow_of_the_reference_of_each_seed():
    family = [standing(80.0, 100.0), standing(20.0, 160.0), standing(140.0, 70.0)]
    found = at_equal_overflow(family, standing(50.0, 150.0 + NOISE))
    assert found.mean == pytest.approx(130.0 - 150.0)
    assert at_equal_overflow(family, standing(10.0, 150.0)) is None
    assert at_equal_overflow(family[:1], standing(80.0, 150.0)) is None


def test_tuning_takes_the_cheapest_that_overflows_no_more_else_the_least():
    family = [standing(80.0, 100.0, "a"), standing(40.0, 130.0, "b"), standing(20.0, 160.0, "c")]
    assert tuned(family, standing(50.0, 0.0)).setting == "b"
    assert tuned(family, standing(10.0, 0.0)).setting == "c"


@pytest.mark.parametrize(
    ("cost", "overflow", "expected"),
    [
        (Paired(-150.0, -160.0, -140.0, -0.15), Paired(70.0, 60.0, 80.0, 1.0), "saves 15.0% of the cost by letting bins overflow: overflow 2.00 times"),
        (Paired(5.0, -5.0, 15.0, 0.01), Paired(1.0, -2.0, 4.0, 0.02), "no difference found"),
        (Paired(-50.0, -60.0, -40.0, -0.05), Paired(1.0, -2.0, 4.0, 0.02), "cheaper by 5.0%, no difference in overflow found"),
        (Paired(-50.0, -60.0, -40.0, -0.05), Paired(-20.0, -22.0, -18.0, -0.5), "better in both: cost -5.0%, overflow 0.50 times"),
        (Paired(50.0, 40.0, 60.0, 0.05), Paired(-20.0, -22.0, -18.0, -0.5), "buys less overflow with 5.0% more cost: overflow 0.50 times"),
    ],
)  # fmt: skip
def test_a_verdict_never_tells_the_cost_alone(cost, overflow, expected):
    assert verdict(cost, overflow) == expected


def test_contenders_meet_the_same_waste_and_the_reference_differs_from_itself_by_nothing():
    snapshot = grid_city(bin_count=80)
    params = CleanupParams(days=6, warm_up_days=3, replications=3, period_days=3)
    ground = finish(prepare_ground(snapshot, baseline(), params, 1))
    contenders = [
        Contender("fixed", "3", SetPolicy(policy="fixed", period_days=3)),
        Contender("fixed", "6", SetPolicy(policy="fixed", period_days=6)),
        Contender("standing", "3", SetPolicy(policy="standing", period_days=3)),
    ]
    every, rare, standing_order = finish(run_contenders(ground, snapshot, 1, 3, contenders))
    again = finish(run_contenders(ground, snapshot, 1, 3, contenders[:1]))[0]
    np.testing.assert_array_equal(every.means, again.means)
    assert paired(rare, every, "overflow_h").low > 0.0
    assert paired(rare, every, "cost").high < 0.0
    # The same bins on the same days: only the ways differ, and planning them anew is no longer.
    np.testing.assert_array_equal(standing_order.of("overflow_h"), every.of("overflow_h"))
    assert paired(standing_order, every, "distance_km").mean >= 0.0


def test_the_planners_own_days_are_as_many_as_a_bin_needs():
    ids, capacity_l = np.array([f"b{row}" for row in range(6)], object), np.full(6, 100.0)
    # Litres a day: 5 fill a bin in 20 days, 60 overflow between two daily visits over the end of the week.
    per_day = np.array([5.0, 5.0, 12.0, 18.0, 30.0, 60.0])
    edits = own_days(ids, capacity_l, 7 * per_day, np.array([0.0, 0.99, 0.0, 0.0, 0.0, 0.0]), level=0.6)
    days = {key: edit.weekdays for edit in edits for key in edit.target_ids}
    assert [sum(days[key]) for key in ids] == [1, 1, 2, 3, 6, 7]
    assert days["b0"] != days["b1"]  # at the other end of the city


def test_every_family_has_a_front_and_names_are_distinct():
    names = [item.name for item in CONTENDERS]
    assert len(set(names)) == len(names)
    families = [item.family for item in CONTENDERS]
    assert all(families.count(family) >= 2 for family in families)


def test_a_contest_is_the_same_on_one_process_or_two_and_goes_on_where_it_was_broken_off(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[3] / "packaging" / "benchmarks"))
    from cities.contest import Case, run

    snapshot = grid_city(bin_count=40)
    params = CleanupParams(days=3, warm_up_days=1, replications=2)
    chosen = [row for row, item in enumerate(CONTENDERS) if item.setting in ("every 2 d", "70%", "below 70%")]
    cases = [Case(contender, 5, number) for number in range(2) for contender in chosen]
    alone, both = tmp_path / "alone", tmp_path / "both"
    found = run(snapshot, params, cases, alone, 1)
    assert len(found) == len(cases) == 2 * len(chosen)
    assert run(snapshot, params, cases, both, 2) == found
    assert both.read_bytes() == alone.read_bytes()
    content = alone.read_bytes()
    alone.write_bytes(content[: len(content) // 2])  # broken off in the middle of a line
    assert run(snapshot, params, cases, alone, 1) == found
    assert alone.read_bytes() == content
