"""Overflow in closed form, and a run whose every litre is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from cleanup_city import bins_at, city, depots_at, sites_at, streets
from hypothesis import given
from hypothesis import strategies as st

from sim.cleanup import Cleanup, fill
from sim.cleanup.days import overflow_hours
from sim.cleanup.params import CleanupParams
from twin.model.edits import RemoveBins, ResizeBins, SetPolicy
from twin.model.scenario import baseline
from twin.task import finish

STEADY_L = 60.0


@pytest.fixture
def steady_fill(monkeypatch):
    """60 L come into every bin on every day, bins start empty."""

    def steady(base):
        yield from ()
        count, kinds = len(base["bin"]), len(fill.WASTE_KINDS)
        return fill.FillModel(
            mean_l=np.full(count, STEADY_L),
            waste=np.zeros(count, np.int32),
            zero=np.zeros(count),
            shape=np.full(kinds, 1e12),  # a Gamma this narrow is its mean
            weekday=np.ones((kinds, 7)),
            start_l=np.zeros(count),
            notes=(),
        )

    monkeypatch.setattr("sim.cleanup.run.fit_fill", steady)


@pytest.mark.parametrize(
    ("held", "arriving", "hours"),
    [
        (0.0, 50.0, 0.0),  # never full
        (50.0, 100.0, 12.0),  # full at noon
        (0.0, 200.0, 12.0),
        (75.0, 100.0, 18.0),  # crosses at six
        (100.0, 10.0, 24.0),  # exactly full in the morning
        (100.0, 0.0, 0.0),  # exactly full is not over
        (120.0, 0.0, 24.0),  # over all day though nothing comes
        (0.0, 100.0, 0.0),  # reaches full at midnight
    ],
)
def test_overflow_hours_follow_the_crossing_time(held, arriving, hours):
    assert overflow_hours(np.array([held]), np.array([arriving]), np.array([100.0])).tolist() == [hours]


@given(st.floats(0, 500), st.floats(0, 500), st.floats(1, 500))
def test_overflow_hours_are_hours_of_a_day_and_grow_with_what_lies_there(held, arriving, capacity):
    def hours(level):
        return overflow_hours(np.array([level]), np.array([arriving]), np.array([capacity]))[0]

    assert 0.0 <= hours(held) <= hours(held + 10.0) <= 24.0


def one_bin_city(capacity_l=200.0):
    nodes, links = streets(2, 1)
    return city(nodes, links, bins_at([(100.0, 0.0)], capacity_l=capacity_l), depots_at([(0.0, 0.0)]), sites_at([(0.0, 0.0)]))


def days(count, period_days=1, replications=1):
    return CleanupParams(days=count, warm_up_days=0, replications=replications, period_days=period_days)


def value(result, name):
    return result.indicator(name).value


def test_a_bin_emptied_every_five_days_overflows_as_computed_by_hand(steady_fill):
    result = finish(Cleanup().run(one_bin_city(), baseline(), days(10, period_days=5), 1))
    # 60 L a day into 200 L: after 3 days 180 L; day 4 crosses at a third; day 5 is over throughout.
    by_day = result.tables["day"].columns["overflow_h"]
    np.testing.assert_allclose(by_day, [0, 0, 0, 16, 24] * 2, atol=1e-3)
    assert value(result, "overflow_events") == pytest.approx(2 / 10)
    assert value(result, "visits") == pytest.approx(2 / 10)
    np.testing.assert_allclose(result.tables["bin"].columns["overflow_h"], [8.0], atol=1e-3)


def test_cost_kilometres_and_tonnes_of_one_bin_are_exact(steady_fill):
    result = finish(Cleanup().run(one_bin_city(), baseline(), days(4), 1))
    # Every day 200 m, 45 s at the bin, 900 s unloading; 60 L of residual waste from the second day on.
    crew_h = (200 / (10 * 0.7) + 45 + 900) / 3600
    assert value(result, "distance_km") == pytest.approx(0.2)
    assert value(result, "crew_h") == pytest.approx(crew_h, rel=1e-6)
    assert value(result, "drive_h") == pytest.approx(200 / 7 / 3600, rel=1e-4)
    assert value(result, "collected_t") == pytest.approx(0.75 * 60 * 0.12 / 1000, rel=1e-6)
    assert value(result, "cost") == pytest.approx(0.2 * 6 + crew_h * 120 + 500, rel=1e-6)
    assert value(result, "co2_kg") == pytest.approx(0.22)
    assert value(result, "trucks") == value(result, "trips") == 1


def test_fill_driven_rounds_come_when_the_threshold_is_reached(steady_fill):
    scenario = baseline().with_edit(SetPolicy(policy="threshold", threshold=0.55))
    result = finish(Cleanup().run(one_bin_city(), scenario, days(9), 1))
    # 60, 120 L on the second and third morning: visited every second day.
    np.testing.assert_allclose(result.tables["day"].columns["visits"], [0, 0, 1, 0, 1, 0, 1, 0, 1])
    assert value(result, "overflow_h") == 0


def test_a_larger_bin_does_not_change_how_much_comes(steady_fill):
    bigger = baseline().with_edit(ResizeBins(target_ids=("bin-00000",), capacity_l=2000.0))
    result = finish(Cleanup().run(one_bin_city(), bigger, days(10, period_days=5), 1))
    assert value(result, "overflow_h") == 0
    same = finish(Cleanup().run(one_bin_city(), baseline(), days(10, period_days=5), 1))
    assert value(result, "collected_t") == value(same, "collected_t")


def test_the_waste_of_a_removed_bin_goes_to_the_nearest_one_left(steady_fill):
    nodes, links = streets(6, 1)
    bins = bins_at([(0.0, 0.0), (100.0, 0.0), (500.0, 0.0)], capacity_l=100.0)
    snapshot = city(nodes, links, bins, depots_at([(0.0, 0.0)]), sites_at([(0.0, 0.0)]))
    removed = baseline().with_edit(RemoveBins(target_ids=("bin-00001",)))
    result = finish(Cleanup().run(snapshot, removed, days(4), 1))
    # 120 L a day into 100 L: over for the last sixth of each day; the far bin is not touched.
    np.testing.assert_allclose(result.tables["bin"].columns["overflow_h"], [4.0, 0.0], atol=1e-3)


def test_a_bin_larger_than_a_truck_is_emptied_by_loads(steady_fill):
    snapshot = one_bin_city(capacity_l=5000.0)
    snapshot = snapshot.with_frame(depots_at([(0.0, 0.0)], capacity_l=100.0))
    result = finish(Cleanup().run(snapshot, baseline(), days(6, period_days=3), 1))
    assert any("more than one vehicle carries" in note for note in result.notes)
    assert result.diagnostics["waste_balance_l"] < 1e-9
    assert value(result, "collected_t") == pytest.approx(100 * 0.12 / 1000 / 6)


def test_a_snapshot_at_another_weekday_starts_the_week_there():
    snapshot = one_bin_city()
    sunday = dataclasses.replace(snapshot, at=snapshot.at.replace(day=1))
    monday_first = finish(Cleanup().run(snapshot, baseline(), days(7), 1)).tables["day"].columns["collected_t"]
    assert (monday_first != finish(Cleanup().run(sunday, baseline(), days(7), 1)).tables["day"].columns["collected_t"]).any()
