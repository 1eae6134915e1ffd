"""Isochrones against closed forms on grids of equal streets, without and with traffic, closures and turn bans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.isochrone import Isochrone, IsochroneParams
from twin.errors import ScenarioError
from twin.model.comparison import compare
from twin.model.edits import AddLink, CloseLinks, ScaleDemand
from twin.model.network import Movement
from twin.model.scenario import Scenario, baseline
from twin.task import finish

BLOCK_S = 36.0  # 300 m at 30 km/h
EMPTY = IsochroneParams(bpr_b=0.0, minutes=(1.0, 2.0, 3.0))
"""Roads whose time does not grow with traffic."""


@pytest.fixture(scope="module")
def isochrone():
    return Isochrone()


@pytest.fixture(scope="module")
def city(make):
    return make.snapshot(make.grid(6, 5))


def at(city, x_m, y_m, params=EMPTY):
    lon, lat = city.projection.to_lon_lat(np.array([[x_m, y_m]]))[0]
    return replace(params, lon=float(lon), lat=float(lat))


def run(isochrone, city, params, *edits):
    return finish(isochrone.run(city, Scenario(id="s", name="what if", edits=edits), params, 1))


def arrival(result, kind="link"):
    table = result.tables[kind]
    return dict(zip(table.ids.tolist(), table.columns["arrival_s"].tolist(), strict=True))


def test_on_a_grid_a_street_is_reached_after_as_many_blocks_as_lie_between(isochrone, city):
    found = arrival(run(isochrone, city, at(city, 0.0, 0.0)))
    for i in range(5):
        for j in range(5):
            expected = BLOCK_S * (i + j + 1)
            got = found[f"n{i}-{j}>n{i + 1}-{j}"]
            assert got == pytest.approx(expected, abs=1e-3) if expected < 180.0 else np.isnan(got) or expected == 180.0


def test_from_the_middle_of_a_street_both_ways_are_open(isochrone, city):
    found = arrival(run(isochrone, city, at(city, 150.0, 0.0)))
    assert found["n0-0>n1-0"] == pytest.approx(BLOCK_S / 2, abs=0.01)
    assert found["n1-0>n0-0"] == pytest.approx(BLOCK_S / 2, abs=0.01)
    assert found["n1-0>n2-0"] == pytest.approx(1.5 * BLOCK_S, abs=0.01)
    assert found["n0-0>n0-1"] == pytest.approx(1.5 * BLOCK_S, abs=0.01)


def test_a_place_beside_the_road_walks_to_it_first(isochrone, city):
    result = run(isochrone, city, at(city, 150.0, -100.0))
    assert result.diagnostics["access_s"] == pytest.approx(100.0 / (20 / 3.6), rel=1e-4)
    assert arrival(result)["n0-0>n1-0"] == pytest.approx(BLOCK_S / 2 + 18.0, abs=0.02)


def test_a_one_way_street_is_left_at_its_end_only(isochrone, make):
    entities = make.grid(4, 4)
    ends = {entity.id: entity for entity in entities}
    spur = [make.road("out", ends["n3-0"], make.junction("x", 1200.0, 0.0)), make.junction("x", 1200.0, 0.0)]
    spur.append(make.road("home", spur[1], ends["n3-1"]))
    found = arrival(run(isochrone, make.snapshot([*entities, *spur]), at(make.snapshot(entities), 1050.0, 0.0)))
    long_way = np.hypot(300.0, 300.0) / (30 / 3.6)
    assert found["out"] == pytest.approx(BLOCK_S / 2, abs=0.01)
    assert found["home"] == pytest.approx(BLOCK_S / 2 + long_way, abs=0.02)
    assert found["n3-1>n3-0"] == pytest.approx(BLOCK_S * 1.5 + long_way, abs=0.02)


def test_a_turn_ban_is_heeded(isochrone, make):
    entities = make.grid(4, 4)
    ban = Movement(id="m", from_link_id="n0-0>n1-0", via_node_id="n1-0", to_link_id="n1-0>n2-0", rule="no")
    start = at(make.snapshot(entities), 150.0, 0.0)
    free = arrival(run(isochrone, make.snapshot(entities), start))
    banned = arrival(run(isochrone, make.snapshot([*entities, ban]), start))
    assert free["n1-0>n2-0"] == pytest.approx(1.5 * BLOCK_S, abs=0.01)
    # To turn back at the next junction and come again is the shortest way around the ban.
    assert banned["n1-0>n2-0"] == pytest.approx(3.5 * BLOCK_S, abs=0.01)


def test_residents_roads_and_cells_grow_with_time_and_end_with_everybody(isochrone, city):
    params = at(city, 750.0, 600.0, replace(EMPTY, minutes=(0.5, 1.0, 2.0, 30.0)))
    result = run(isochrone, city, params)
    people = [result.indicator(f"residents_within_{name}_min").value for name in ("0_5", "1", "2", "30")]
    roads = [result.indicator(f"roads_within_{name}_min_m").value for name in ("0_5", "1", "2", "30")]
    cells = [result.indicator(f"cells_within_{name}_min").value for name in ("0_5", "1", "2", "30")]
    for numbers in (people, roads, cells):
        assert numbers == sorted(numbers)
        assert numbers[0] < numbers[-1]
    everybody = sum(city["population_cell"]["residents"])
    assert people[-1] == pytest.approx(everybody)
    assert roads[-1] == pytest.approx(city["link"]["length_m"].sum())
    assert cells[-1] == len(result.tables["cell"].ids)


def test_a_cell_is_reached_no_later_than_the_ends_of_its_roads(isochrone, city):
    result = run(isochrone, city, at(city, 150.0, 0.0))
    cells = result.tables["cell"].columns["arrival_s"]
    assert np.nanmin(cells) < BLOCK_S
    assert (cells[np.isfinite(cells)] <= 180.0).all()


def test_traffic_makes_the_reach_smaller(isochrone, make):
    city = make.snapshot(make.grid(6, 5, capacity_vph=60.0))
    place = at(city, 750.0, 600.0, IsochroneParams(minutes=(1.0, 2.0, 3.0)))
    full = run(isochrone, city, place)
    empty = run(isochrone, city, place, ScaleDemand(factor=0.0))
    later = full.tables["link"].columns["arrival_s"] - empty.tables["link"].columns["arrival_s"]
    assert np.nanmin(later) >= 0.0
    assert np.nanmax(later) > 1.0
    assert any("synthetic" in note for note in full.notes)


def test_a_closure_shows_as_a_difference_and_nothing_else_does(isochrone, city):
    place = at(city, 0.0, 0.0)
    before = finish(isochrone.run(city, baseline(), place, 1))
    same = compare(before, run(isochrone, city, place))
    assert not any(item.is_found for item in same.differences)
    after = run(isochrone, city, place, CloseLinks(target_ids=("n0-0>n1-0", "n1-0>n0-0")))
    found = compare(before, after)
    later = found.tables["link"].columns["arrival_s_difference"]
    assert np.nanmin(later) == 0.0
    assert np.nanmax(later) == pytest.approx(2 * BLOCK_S, abs=0.01)
    assert next(item for item in found.differences if item.name == "residents_within_3_min").difference < 0.0


def test_a_new_road_that_cuts_a_street_shortens_the_way(isochrone, city):
    place = at(city, 0.0, 0.0)
    road = AddLink(path_m=((0.0, 0.0), (900.0, 1050.0)), speed_mps=30.0)  # its end lies within a street, which it cuts
    before, after = (run(isochrone, city, place, *edits) for edits in ((), (road,)))
    key = "n2-4>n3-4"
    assert np.isnan(arrival(before)[key])
    assert arrival(after)[key] == pytest.approx(np.hypot(900.0, 1050.0) / 30.0 + BLOCK_S * (0.5 + 2), rel=0.2)
    assert len(arrival(after)) > len(arrival(before))
    assert after.indicator("residents_within_3_min").value > before.indicator("residents_within_3_min").value


def test_without_a_place_it_begins_in_the_middle_of_the_residents(isochrone, city):
    result = run(isochrone, city, EMPTY)
    xy = city.projection.to_xy(np.array([[result.diagnostics["lon"], result.diagnostics["lat"]]]))[0]
    people = city["population_cell"]
    middle = people["residents"] @ people.xy / people["residents"].sum()
    assert np.hypot(*(xy - middle)) < 300.0
    assert result.diagnostics["access_s"] == pytest.approx(0.0, abs=1e-3)


def test_a_place_far_from_every_road_is_refused_with_its_distance(isochrone, city):
    with pytest.raises(ScenarioError, match=r"4\.\d km from the nearest open road"):
        run(isochrone, city, at(city, -4500.0, 0.0))


def test_with_every_road_closed_there_is_nowhere_to_start(isochrone, city):
    with pytest.raises(ScenarioError, match="no open road"):
        run(isochrone, city, at(city, 0.0, 0.0), CloseLinks(target_ids=tuple(city["link"].ids.tolist())))


@pytest.mark.parametrize(
    "values",
    [
        {"lon": 10.0},
        {"lat": 50.0},
        {"lon": 200.0, "lat": 0.0},
        {"lon": float("nan"), "lat": 50.0},
        {"minutes": ()},
        {"minutes": (10.0, 5.0)},
        {"minutes": (0.0, 5.0)},
        {"minutes": (5.0, 5.0)},
        {"minutes": (float("nan"),)},
        {"minutes": (5.0, float("inf"))},
        {"minutes": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)},
        {"minutes": (500.0,)},
    ],
)
def test_nonsense_is_refused_at_birth(values):
    with pytest.raises(ScenarioError):
        IsochroneParams(**values)
