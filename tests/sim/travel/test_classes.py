from __future__ import annotations

import numpy as np
import pytest

from sim.congestion import Congestion, CongestionParams
from twin.model.edits import BanTrucks, SetBuses, SetToll
from twin.model.scenario import Scenario, baseline
from twin.task import finish

TIGHT = {"relative_gap": 1e-9}


@pytest.fixture(scope="module")
def city(make):
    return make.snapshot(make.grid(4, 4))


@pytest.fixture(scope="module")
def congestion():
    return Congestion()


def links(congestion, city, params, *edits):
    scenario = Scenario(id="s", name="edited", edits=edits) if edits else baseline()
    result = finish(congestion.run(city, scenario, CongestionParams(**TIGHT, **params), 1))
    table = result.tables["link"]
    return {name: dict(zip(table.ids.tolist(), column.tolist(), strict=True)) for name, column in table.columns.items()}, result


ROAD = "n1-1>n2-1"


def test_a_toll_keeps_those_away_whose_time_is_worth_less(congestion, city):
    free, _ = links(congestion, city, {})
    cheap, _ = links(congestion, city, {}, SetToll(target_ids=(ROAD,), toll=0.05))
    dear, _ = links(congestion, city, {}, SetToll(target_ids=(ROAD,), toll=1e5))
    assert free["volume_vph"][ROAD] > cheap["volume_vph"][ROAD] > dear["volume_vph"][ROAD] == 0.0


def test_only_the_ratio_of_toll_and_value_of_time_counts(congestion, city):
    one, _ = links(congestion, city, {"value_of_time": 30.0}, SetToll(target_ids=(ROAD,), toll=0.1))
    other, _ = links(congestion, city, {"value_of_time": 300.0}, SetToll(target_ids=(ROAD,), toll=1.0))
    assert list(one["volume_vph"].values()) == pytest.approx(list(other["volume_vph"].values()), abs=1e-3)


def test_buses_take_room_and_stay_on_their_line(congestion, city):
    before, _ = links(congestion, city, {"bus_pce": 2.5})
    after, _ = links(congestion, city, {"bus_pce": 2.5}, SetBuses(target_ids=(ROAD,), bus_vph=200.0))
    assert after["volume_vph"][ROAD] >= 500.0
    assert after["travel_time_s"][ROAD] > before["travel_time_s"][ROAD]
    assert after["volume_vph"][ROAD] - 500.0 < before["volume_vph"][ROAD]


def test_the_time_of_buses_is_no_time_of_trips(congestion, city):
    # On roads that no volume slows down, buses change nothing for anybody else.
    constant = {"bpr_b": 0.0, "bus_pce": 2.5}
    _, before = links(congestion, city, constant)
    _, after = links(congestion, city, constant, SetBuses(target_ids=(ROAD,), bus_vph=200.0))
    mean_s = [{item.name: item.value for item in result.indicators}["mean_trip_time_s"] for result in (before, after)]
    assert mean_s[1] == pytest.approx(mean_s[0])


def test_trucks_count_for_more_than_cars_and_are_told_apart(congestion, city):
    alone, one = links(congestion, city, {"calibration": "none"})
    mixed, two = links(congestion, city, {"calibration": "none", "truck_share": 0.1, "truck_pce": 3.0})
    # On the same ways 0.9 + 0.1 x 3 = 1.2 times the cars, and one vehicle in ten is a truck.
    assert sum(mixed["truck_vph"].values()) == pytest.approx(sum(mixed["volume_vph"].values()) / 12.0, rel=0.02)
    assert two.diagnostics["total_travel_time"] > 1.15 * one.diagnostics["total_travel_time"]
    assert "truck_vph" not in alone


def test_a_road_banned_to_trucks_has_none_and_cars_still_use_it(congestion, city):
    params = {"truck_share": 0.2}
    before, _ = links(congestion, city, params)
    after, result = links(congestion, city, params, BanTrucks(target_ids=(ROAD,)))
    assert before["truck_vph"][ROAD] > 0.0
    assert after["truck_vph"][ROAD] == 0.0
    assert after["volume_vph"][ROAD] > 0.0
    assert not any("trucks per hour have no way" in note for note in result.notes)


def test_trucks_without_a_way_are_named_and_left_out(congestion, city):
    _, result = links(congestion, city, {"truck_share": 0.2}, BanTrucks(target_ids=tuple(city["link"].ids.tolist())))
    assert any("trucks per hour have no way that is open to them" in note for note in result.notes)
    assert np.isfinite([item.value for item in result.indicators]).all()


def test_a_ban_without_trucks_changes_nothing(congestion, city):
    before, _ = links(congestion, city, {})
    after, _ = links(congestion, city, {}, BanTrucks(target_ids=(ROAD,)))
    assert before == after
