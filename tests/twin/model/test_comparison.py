"""Comparisons: the effect of the edit and nothing else, with an interval where there are seeds."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from twin.errors import ScenarioError
from twin.model.comparison import compare, interval95
from twin.model.results import Indicator, Measure, Result, ResultTable


def result(values, ids=("a", "b"), samples=(), value=10.0, noise=0.5, **facts):
    measures = (Measure("volume", "Volume", "veh/h", noise=noise),)
    table = ResultTable("link", np.array(ids, dtype=object), {"volume": np.array(values, dtype=float)}, measures)
    indicators = (Indicator("delay", "Delay", value, "h", samples=samples),)
    return Result("congestion", "S", 1, {"gap": 1e-6}, 1, "h", indicators, {"link": table}, **facts)


@pytest.mark.parametrize("n", [2, 3, 10, 30, 31])
def test_the_interval_is_students(n):
    samples = tuple(np.random.default_rng(n).normal(5, 2, n))
    low, high = stats.t.interval(0.95, n - 1, loc=np.mean(samples), scale=stats.sem(samples))
    assert interval95(samples) == pytest.approx((low, high), rel=2e-3 if n <= 31 else 1e-2)


def test_one_sample_has_no_interval():
    assert interval95((1.0,)) == (-math.inf, math.inf)


def test_differences_within_the_noise_are_nothing():
    table = compare(result([100, 200]), result([100.5, 201])).tables["link"]
    assert table.columns["volume_difference"].tolist() == [0, 1]
    assert table.columns["volume_after"].tolist() == [100.5, 201]
    assert [measure.name for measure in table.measures] == ["volume_before", "volume_after", "volume_difference"]


def test_the_greater_noise_of_the_two_counts():
    assert compare(result([100, 0]), result([102, 0], noise=5)).tables["link"].columns["volume_difference"].tolist() == [0, 0]


def test_a_thing_that_one_side_lacks_is_unknown_there():
    table = compare(result([1, 2], ("a", "b")), result([3, 4], ("b", "c"))).tables["link"]
    assert table.ids.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(table.columns["volume_before"], [1, 2, np.nan])
    np.testing.assert_array_equal(table.columns["volume_difference"], [np.nan, 1, np.nan])


def test_paired_seeds_find_what_means_alone_would_not():
    before = result([0, 0], samples=(10.0, 20.0, 30.0, 40.0))
    after = result([0, 0], samples=(11.0, 21.1, 30.9, 41.0), value=11.0)
    (difference,) = compare(before, after).differences
    assert difference.is_found
    assert difference.low < 1.0 < difference.high
    assert difference.difference == 1.0
    (noise,) = compare(before, result([0, 0], samples=(9.0, 22.0, 29.0, 41.0), value=10.25)).differences
    assert not noise.is_found


def test_a_number_without_seeds_differs_when_it_differs():
    (same,) = compare(result([0, 0]), result([0, 0])).differences
    (other,) = compare(result([0, 0]), result([0, 0], value=12.0)).differences
    assert (same.is_found, other.is_found, other.relative) == (False, True, 0.2)
    (zero,) = compare(result([0, 0], value=0.0), result([0, 0])).differences
    assert zero.relative is None


@pytest.mark.parametrize(
    ("facts", "word"), [({"params": {"gap": 1}}, "parameters"), ({"seed": 2}, "seeds"), ({"base_version": 2}, "versions")]
)
def test_what_was_run_differently_is_not_compared(facts, word):
    with pytest.raises(ScenarioError, match=f"different {word}"):
        compare(result([1, 2]), replace(result([1, 2]), **facts))


def test_results_of_two_simulations_are_not_compared():
    with pytest.raises(ScenarioError, match="cannot be compared"):
        compare(result([1, 2]), replace(result([1, 2]), simulation="cleanup"))


def test_notes_of_both_are_kept_once():
    one, two = result([1, 2], notes=("made up", "old")), result([1, 2], notes=("made up", "new"))
    assert compare(one, two).notes == ("made up", "old", "new")


@pytest.mark.parametrize(("missing", "worse"), [((0.0, 7.0), "neither"), ((7.0, 0.0), "higher"), ((3.0, 3.0), "higher")])
def test_less_time_because_trips_are_left_out_is_no_gain(missing, worse):
    def run(delay, unserved):
        found = (Indicator("delay", "Delay", delay, "h", left_out="unserved"), Indicator("unserved", "Unserved", unserved))
        return replace(result([1, 2]), indicators=found)

    comparison = compare(run(10.0, missing[0]), run(6.0, missing[1]))
    assert [item.worse for item in comparison.differences] == [worse, "higher"]
    assert bool(comparison.notes) == (worse == "neither")


def test_more_time_though_trips_are_left_out_is_a_loss():
    def run(delay, unserved):
        found = (Indicator("delay", "Delay", delay, "h", left_out="unserved"), Indicator("unserved", "Unserved", unserved))
        return replace(result([1, 2]), indicators=found)

    assert compare(run(10.0, 0.0), run(12.0, 5.0)).differences[0].worse == "higher"
