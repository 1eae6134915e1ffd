"""Edits of roads as they are."""

from __future__ import annotations

import numpy as np
import pytest

from twin.errors import ScenarioError
from twin.model import edits as e

ONE = ("link-0",)


@pytest.mark.parametrize(
    ("edit", "name", "expected"),
    [
        (e.CloseLinks(target_ids=ONE), "closed", True),
        (e.SetSpeed(target_ids=ONE, speed_mps=5.0), "free_flow_speed_mps", 5.0),
        (e.SetCapacity(target_ids=ONE, capacity_vph=700.0), "capacity_vph", 700.0),
        (e.SetToll(target_ids=ONE, toll=3.5), "toll", 3.5),
        (e.SetBuses(target_ids=ONE, bus_vph=20.0), "bus_vph", 20.0),
        (e.BanTrucks(target_ids=ONE), "truck_banned", True),
        (e.SetLanes(target_ids=ONE, lanes=3.0), "capacity_vph", 2700.0),
    ],
)
def test_an_edit_sets_its_roads_and_no_other(city, edit, name, expected):
    after, before = edit.apply(city)["link"][name], city["link"][name]
    assert after[0] == expected != before[0]
    assert after[1:].tolist() == before[1:].tolist()


def test_what_is_closed_opens_and_trucks_come_in_again(city):
    assert e.OpenLinks(target_ids=ONE).apply(e.CloseLinks(target_ids=ONE).apply(city))["link"]["closed"].tolist() == [False] * 5
    banned = e.BanTrucks(target_ids=ONE).apply(city)
    assert not e.BanTrucks(target_ids=ONE, banned=False).apply(banned)["link"]["truck_banned"].any()


def test_a_road_without_lanes_gets_a_finite_capacity(city):
    assert e.SetLanes(target_ids=("link-3",), lanes=1.0).apply(city)["link"]["capacity_vph"][3] == 1800.0


def test_blocked_lanes_leave_a_share_of_the_capacity(city):
    block = e.BlockLanes(target_ids=("link-0", "link-2", "link-3"), lanes=1.0)
    assert block.apply(city) is city
    np.testing.assert_allclose(block.share_left(city), [0.5, 0.0, 0.0])


def test_lanes_are_not_free_before_they_are_blocked(city):
    with pytest.raises(ScenarioError, match="free again before"):
        e.BlockLanes(target_ids=ONE, start_s=3600.0, end_s=3600.0).apply(city)
