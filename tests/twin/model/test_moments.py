"""Moments of a simulated day, and what differs between two days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import ScenarioError
from twin.model.moments import at_moment, difference, row_at
from twin.model.results import Measure, ResultSeries


def day(values, ids=("a", "b"), noise=0.0, start=0.0):
    column = np.array(values, np.float32)
    t_s = start + 300.0 * np.arange(len(column))
    measure = Measure("queue_m", "Queue", "m", noise=noise)
    return ResultSeries("link", np.array(ids, dtype=object), t_s, 300.0, {"queue_m": column}, (measure,))


@given(st.floats(-1e5, 1e5), st.integers(1, 40), st.sampled_from([0.0, 25200.0]))
def test_the_row_of_a_time_is_the_step_in_which_it_lies(t_s, steps, start):
    series = day(np.zeros((steps, 2)), start=start)
    row = row_at(series, t_s)
    inside = start <= t_s < start + 300.0 * steps
    if inside:
        assert series.t_s[row] <= t_s + 1e-6
        assert t_s < series.t_s[row] + 300.0
    else:
        assert row == (0 if t_s < start else steps - 1)


def test_a_moment_is_a_table_and_the_same_one_when_asked_again():
    series = day([[1, 2], [3, 4]])
    table = at_moment(series, 1)
    assert table.columns["queue_m"].tolist() == [3.0, 4.0]
    assert table.columns["queue_m"].dtype == np.float64
    assert table.measure("queue_m").unit == "m"
    assert at_moment(series, 1) is table


def test_a_difference_is_after_minus_before_and_within_the_noise_it_is_none():
    found = difference(day([[10, 10]], noise=2.0), day([[15, 11.5]]))
    assert found.columns["queue_m_difference"].tolist() == [[5.0, 0.0]]
    assert found.columns["queue_m_before"].tolist() == [[10.0, 10.0]]
    assert {measure.noise for measure in found.measures} == {2.0}


def test_what_comes_a_little_sooner_or_later_is_no_difference():
    """Two steps of slack: only what leaves all that the other run has meanwhile is told."""
    before = replace(day([[0.0], [0.0], [50.0], [0.0], [0.0], [0.0]], ids=("a",), noise=5.0), slack_s=600.0)
    after = day([[50.0], [0.0], [90.0], [0.0], [54.0], [50.0]], ids=("a",))
    told = difference(before, after).columns["queue_m_difference"].ravel().tolist()
    assert told == [0.0, 0.0, 40.0, 0.0, 0.0, 50.0]


def test_a_road_that_one_side_lacks_has_no_difference():
    found = difference(day([[1, 2]], ids=("a", "b")), day([[5, 7]], ids=("b", "new")))
    assert found.ids.tolist() == ["a", "b", "new"]
    np.testing.assert_array_equal(found.columns["queue_m_difference"], [[np.nan, 3.0, np.nan]])


def test_days_of_different_times_are_not_compared():
    with pytest.raises(ScenarioError, match="different times"):
        difference(day([[1, 2]]), day([[1, 2], [3, 4]]))
    with pytest.raises(ScenarioError, match="different times"):
        difference(day([[1, 2]]), day([[1, 2]], start=60.0))
