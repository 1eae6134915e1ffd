"""Moving traffic: as much as the result says, on its side of the road, at its speed, and always the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.base import Scene
from layers.congestion import CongestionLayer, CongestionStyle
from tests.town import town
from twin.model.results import Measure, ResultTable

EVERYWHERE = (-1e6, -1e6, 1e6, 1e6)


def motion_of(volume, speed, city=None, **scene):
    columns = {"volume_vph": np.array(volume, float), "speed_mps": np.array(speed, float)}
    ids = np.array(["link-0", "link-1", "link-2"], dtype=object)
    table = ResultTable("link", ids, columns, tuple(Measure(name, name) for name in columns))
    return CongestionLayer().encode(Scene(city or town(), {"link": table}, "volume_vph", **scene), CongestionStyle()).motion


def fleet_of(volume, speed, most=10_000, pixel_m=1.0):
    return motion_of(volume, speed).near(EVERYWHERE, 100).fleet(pixel_m, most)


@given(st.floats(50, 3000), st.floats(1, 30))
def test_there_are_as_many_vehicles_as_volume_over_speed_says(volume, speed):
    """N = q L / v (density times length): 1000 m of road."""
    fleet = fleet_of([volume, 0, 0], [speed, speed, speed])
    assert len(fleet) == pytest.approx(volume / 3600 / speed * 1000, abs=1)


def test_they_move_at_the_speed_of_the_result_and_come_back_where_the_road_begins():
    fleet = fleet_of([900, 0, 0], [10, 10, 10])
    x = fleet.at(0.0)[:, 0]
    moved = fleet.at(3.0)[:, 0] - x
    assert np.allclose(np.where(moved < 0, moved + 1000.0, moved), 30.0)
    assert np.allclose(fleet.at(100.0), fleet.at(0.0), atol=1e-6)  # 1000 m at 10 m/s: once round


def test_each_direction_drives_on_its_own_side():
    fleet = fleet_of([900, 900, 0], [10, 10, 10])
    before, after = fleet.at(0.0), fleet.at(0.5)
    eastwards = (after[:, 0] > before[:, 0]) & (np.abs(after[:, 0] - before[:, 0]) < 100)
    assert (before[eastwards, 1] < 0).all()
    assert eastwards.any()
    assert (before[~eastwards, 1] > 0).any()


def test_the_same_time_shows_the_same_vehicles():
    one, other = (fleet_of([900, 700, 300], [10, 8, 5]).at(12.5) for _ in range(2))
    assert np.array_equal(one, other)


def test_vehicles_follow_a_bend_and_stay_on_their_road():
    fleet = fleet_of([0, 0, 1200], [5, 5, 5])
    for t_s in np.linspace(0, 300, 40):
        places = fleet.at(t_s)
        assert (np.abs(places[:, 0]) < 20).all()
        assert (np.abs(places[:, 1]) <= 401).all()


def test_too_many_are_shown_as_one_of_so_many():
    all_of_them = len(fleet_of([3000, 3000, 3000], [2, 2, 2]))
    assert all_of_them > 800
    assert len(fleet_of([3000, 3000, 3000], [2, 2, 2], most=100)) == pytest.approx(100, abs=3)


def test_only_roads_in_view_have_vehicles():
    motion = motion_of([900, 900, 900], [10, 10, 10])
    assert len(motion.near((-1.0, -1.0, 1.0, 1.0), 100).vehicles) == 3  # all have their middle at the crossing
    assert len(motion.near((400.0, 300.0, 500.0, 400.0), 100).fleet(1.0, 100)) == 0
    assert len(motion.near(EVERYWHERE, 1).vehicles) == 1


def test_standing_traffic_creeps_and_a_closed_road_is_empty():
    links = town()["link"].with_values(["link-0"], {"closed": True})
    motion = motion_of([900, 900, 0], [0, np.nan, 10], city=town(link=links))
    fleet = motion.near(EVERYWHERE, 100).fleet(1.0, 100)
    assert np.isfinite(fleet.at(50.0)).all()
    assert (fleet.at(0.0)[:, 1] > 0).all()  # westwards only: the other direction is closed


def test_a_difference_does_not_drive():
    ids = np.array(["link-0", "link-1", "link-2"], dtype=object)
    columns = {name: np.array([5.0, 5.0, 5.0]) for name in ("volume_vph_before", "volume_vph_after", "volume_vph_difference")}
    table = ResultTable("link", ids, columns, tuple(Measure(name, name) for name in columns))
    scene = Scene(town(), {"link": table}, "volume_vph_difference", diverging=True)
    assert CongestionLayer().encode(scene, CongestionStyle()).motion is None
