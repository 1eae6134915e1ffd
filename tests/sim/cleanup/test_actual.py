"""Plan against actual: counts that add up, an interval that holds, and nothing invented where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.cleanup.actual import Emptied, Planned, plan_against_actual, working_day
from twin.model.comparison import interval95


def planned(*trucks, start_s=6 * 3600.0):
    bins = [f"{truck}-{stop}" for truck, stops in trucks for stop in range(stops)]
    whose = [truck for truck, stops in trucks for _ in range(stops)]
    arrives = [start_s + 60.0 * stop for _, stops in trucks for stop in range(stops)]
    return Planned(np.array(bins, dtype=object), np.array(whose, dtype=np.intp), np.array(arrives))


def emptied(*rows):
    bins, trucks, at_s = zip(*rows, strict=True) if rows else ((), (), ())
    return Emptied(np.array(bins, dtype=object), np.array(trucks, dtype=object), np.array(at_s, dtype=float))


def as_planned(plan, name="truck {}", late_s=0.0):
    return [(key, name.format(truck), at + late_s) for key, truck, at in zip(plan.bin, plan.truck, plan.arrives_s, strict=True)]


def test_a_plan_driven_as_it_is_has_nothing_to_tell_but_its_delay():
    plan = planned((1, 5), (2, 7))
    found = plan_against_actual(plan, emptied(*as_planned(plan, late_s=120.0)))
    assert (found.adherence, found.low, found.high) == (1.0, 1.0, 1.0)
    assert [(truck.driver, truck.driven, truck.missed, truck.by_others, truck.unplanned) for truck in found.trucks] == [
        ("truck 1", 5, 0, 0, 0),
        ("truck 2", 7, 0, 0, 0),
    ]
    assert {(truck.order_kept, truck.delay_s) for truck in found.trucks} == {(1.0, 120.0)}


def test_a_round_driven_backwards_keeps_no_pair_in_order():
    plan = planned((1, 6))
    rows = [(key, "a", 30_000.0 - at) for key, _, at in as_planned(plan)]
    assert plan_against_actual(plan, emptied(*rows)).trucks[0].order_kept == pytest.approx(0.0)


def test_who_drives_most_of_a_round_is_its_driver_and_others_are_told_apart():
    plan = planned((1, 4), (2, 4))
    rows = as_planned(plan, "plate {}")
    rows[0] = ("1-0", "plate 2", 21_600.0)
    found = plan_against_actual(plan, emptied(*rows, ("elsewhere", "plate 2", 30_000.0)))
    one, two = found.trucks
    assert (one.driver, one.driven, one.by_others) == ("plate 1", 4, 1)
    assert (two.driver, two.by_others, two.unplanned) == ("plate 2", 0, 1)
    assert found.unplanned.tolist() == [8]


def test_the_first_of_two_emptyings_counts_and_a_missed_stop_has_no_time():
    plan = planned((1, 2))
    found = plan_against_actual(plan, emptied(("1-0", "a", 25_000.0), ("1-0", "a", 23_000.0)))
    assert found.at_s[0] == 23_000.0
    assert np.isnan(found.at_s[1])
    assert (found.trucks[0].missed, found.trucks[0].order_kept, found.trucks[0].delay_s) == (1, None, 1400.0)


def test_a_round_that_nobody_drove_has_no_driver_and_no_one_s_other_bins():
    found = plan_against_actual(planned((1, 2), (2, 2)), emptied(("1-0", "", 22_000.0), ("x", "", 22_000.0)))
    assert [(truck.driver, truck.missed, truck.unplanned) for truck in found.trucks] == [("", 1, 0), ("", 2, 0)]
    assert (found.trucks[1].order_kept, found.trucks[1].delay_s) == (None, None)


def test_one_truck_alone_says_nothing_of_how_sure_its_share_is():
    found = plan_against_actual(planned((1, 4)), emptied(("1-0", "a", 22_000.0)))
    assert (found.adherence, found.low, found.high) == (0.25, 0.0, 1.0)


def test_trucks_of_one_size_have_the_interval_of_the_mean_of_their_shares():
    plan = planned((1, 10), (2, 10), (3, 10))
    rows = [row for row in as_planned(plan) if int(row[0].split("-")[1]) < {"1": 9, "2": 6, "3": 8}[row[0][0]]]
    found = plan_against_actual(plan, emptied(*rows))
    low, high = interval95((0.9, 0.6, 0.8))
    assert (found.adherence, found.low, found.high) == pytest.approx((23 / 30, low, min(1.0, high)))


def test_the_interval_holds_the_true_share_about_as_often_as_it_says():
    rng = np.random.default_rng(7)
    plan = planned(*((truck, 20 + 5 * truck) for truck in range(1, 13)))
    rows = as_planned(plan)
    held = 0
    for _ in range(300):
        chance = np.clip(rng.normal(0.7, 0.1, 13), 0, 1)  # crews differ: stops of one truck are no independent draws
        drawn = [row for row, truck in zip(rows, plan.truck, strict=True) if rng.random() < chance[truck]]
        found = plan_against_actual(plan, emptied(*drawn))
        held += found.low <= 0.7 <= found.high
    assert 0.90 <= held / 300 <= 0.985


def test_a_night_shift_is_one_working_day():
    plan = planned((1, 3), start_s=22 * 3600.0)
    begin_s, end_s = working_day(plan)
    assert begin_s == 19 * 3600.0
    assert end_s == 43 * 3600.0
