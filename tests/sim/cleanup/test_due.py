"""Bins due today, tomorrow and later: against exponential amounts, whose tail is known, and what is said of why."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from cleanup_city import bins_at, city, streets
from hypothesis import given
from hypothesis import strategies as st

from sim.cleanup.due import LATER, Known, due_of_city, expected_days, overflow_chance
from sim.cleanup.fill import FillModel
from sim.cleanup.operation import bins_of
from sim.cleanup.outlook import MOST_DAYS
from sim.cleanup.waste import prepare_waste
from twin.model.edits import ScaleFill
from twin.model.places import WASTE_KINDS
from twin.model.scenario import baseline
from twin.task import finish


def exponential(mean_l, count):
    """Waste without empty days whose amounts are exponential, the same on every weekday."""
    kinds, zeros = len(WASTE_KINDS), np.zeros(count, np.int32)
    nothing = np.zeros(count)
    model = FillModel(np.full(count, mean_l), zeros, nothing, np.ones(kinds), np.ones((kinds, 7)), nothing, ())
    frame = bins_at([(100.0 * row, 0.0) for row in range(count)], capacity_l=100.0)
    bins = bins_of(frame, zeros, zeros == 0)
    return bins, prepare_waste(model, frame, bins)


def chance(waste, bins, known, days):
    return finish(overflow_chance(waste, bins, known, expected_days(waste), days))


@given(st.floats(0.0, 100.0), st.floats(1.0, 80.0))
def test_a_day_overflows_with_the_exponential_tail_and_two_with_that_of_erlang(held_l, mean_l):
    bins, waste = exponential(mean_l, 2)
    known = Known(np.full(2, held_l), np.array([0, 1]), np.ones(2, bool))
    u = (100.0 - held_l) / mean_l
    one, two = np.exp(-u), np.exp(-u) * (1.0 + u)
    three = np.exp(-u) * (1.0 + u + u * u / 2.0)
    # The second bin was read a day ago: one more day of which nothing is known.
    np.testing.assert_allclose(chance(waste, bins, known, 1), [one, two], atol=1e-9)
    np.testing.assert_allclose(chance(waste, bins, known, 2), [two, three], atol=1e-9)


def table_of(fill, observed_days_ago, **values):
    nodes, links = streets(6, 1)
    bins = bins_at([(100.0 * row, 0.0) for row in range(len(fill))], fill=fill)
    snapshot = city(nodes, links, bins)
    at = np.datetime64(snapshot.at.replace(tzinfo=None), "s")
    seen = np.array([at - np.timedelta64(int(timedelta(days=days).total_seconds()), "s") for days in observed_days_ago])
    columns = {**bins.columns, "fill_observed_at": seen}
    return finish(due_of_city(snapshot.with_frame(type(bins)("bin", bins.ids, columns, bins.geometry)), baseline(), **values))


def test_a_fuller_bin_is_due_no_later_and_says_why():
    found = table_of([1.1, 0.95, 0.5, 0.0, 0.5, np.nan], [0, 0, 0, 0, 9, 0])
    due, reason = found.columns["due_days"], found.columns["due_reason"]
    assert (np.diff(due[:4]) >= 0).all()
    assert due[0] == due[1] == 0
    assert due[3] == LATER
    assert due[4] < due[2] or due[4] == 0  # nothing was heard of it for nine days
    assert reason[[0, 1, 3, 4]].tolist() == [3, 1, 0, 2]  # alert, fullness, not due, age
    assert found.columns["full_days"][0] == 1
    assert 1 < found.columns["full_days"][3] < MOST_DAYS
    chances = [found.columns[name] for name in ("overflow_today", "overflow_tomorrow", "overflow_in_two_days")]
    assert (chances[0] <= chances[1]).all()
    assert (chances[1] <= chances[2]).all()


def test_who_accepts_more_risk_has_fewer_bins_due():
    fill, ages = np.linspace(0.0, 1.0, 30), np.zeros(30)
    few, many = (int((table_of(fill, ages, risk=risk).columns["due_days"] == 0).sum()) for risk in (0.5, 0.02))
    assert 0 < few < many


def test_a_market_is_known():
    snapshot = city(*streets(3, 1), bins_at([(0.0, 0.0)], fill=0.5))
    market = baseline().with_edit(ScaleFill(target_ids=("bin-00000",), factor=3.0, every_days=0))
    usual, busy = (finish(due_of_city(snapshot, scenario)).columns["overflow_today"][0] for scenario in (baseline(), market))
    assert busy > usual > 0.0
