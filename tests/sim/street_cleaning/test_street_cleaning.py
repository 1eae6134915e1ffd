"""Street cleaning from a city to its result: closed forms, rules kept, edits that change only what they touch, bad input."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
import shapely
from cleanup_city import BLOCK_M, SPEED_MPS, bins_at, city, depots_at, movements, objects, sites_at, streets

from sim.arc_routing.area import find_areas, part_places
from sim.arc_routing.trips import trips_of
from sim.street_cleaning import StreetCleaning, StreetCleaningParams
from sim.street_cleaning.day import put_on_sweepers
from sim.street_cleaning.run import prepare
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks
from twin.model.frame import Frame
from twin.model.scenario import baseline
from twin.task import finish

RESIDENTIAL_DAILY = {"residential_days": 1, "days": 1, "replications": 1, "u_turn_s": 0.0}


def town(columns=4, rows=4, *, one_way=(), classes=None, turns=(), depot=(0.0, 0.0), site=(0.0, 0.0)):
    nodes, links = streets(columns, rows, one_way)
    pairs = list(zip(links["tail_id"].tolist(), links["head_id"].tolist(), strict=True))
    key_of = dict(zip(pairs, links.ids.tolist(), strict=True))
    more = {
        "reverse_id": objects([key_of.get((head, tail), "") for tail, head in pairs]),
        "road_class": objects([(classes or {}).get(key, "residential") for key in links.ids.tolist()]),
    }
    links = Frame("link", links.ids, {**links.columns, **more}, links.geometry)
    depots = depots_at([depot]) if depot else None
    return city(nodes, links, bins_at(np.empty((0, 2))), depots, sites_at([site]) if site else None, movements(turns))


def cleaned(snapshot, *edits, seed=1, **params):
    scenario = baseline()
    for edit in edits:
        scenario = scenario.with_edit(edit)
    return finish(StreetCleaning().run(snapshot, scenario, StreetCleaningParams(**{"replications": 1, **params}), seed))


def value(result, name):
    return result.indicator(name).value


def test_a_grid_of_two_way_streets_is_swept_without_driving_between():
    """Every junction is left as often as it is reached: Euler's tour from the depot and back drives nothing twice."""
    result = cleaned(town(), **RESIDENTIAL_DAILY)
    kerbs_km = 48 * BLOCK_M / 1000.0
    assert value(result, "swept_km") == pytest.approx(kerbs_km)
    assert value(result, "dead_km") == 0.0
    assert value(result, "trips") == value(result, "sweepers") == value(result, "most_sweepers") == 1.0
    crew_s = kerbs_km * 1000.0 / (7.0 / 3.6) + 900.0
    assert value(result, "crew_h") == pytest.approx(crew_s / 3600.0)
    assert value(result, "cost") == pytest.approx(8.0 * kerbs_km + 80.0 * crew_s / 3600.0 + 600.0)


def test_u_turns_take_their_time_where_streets_end():
    """A street of three blocks with the depot at one end: one turn at the other."""
    result = cleaned(town(4, 1), **{**RESIDENTIAL_DAILY, "u_turn_s": 20.0})
    assert value(result, "between_h") == pytest.approx(20.0 / 3600.0)


def test_a_one_way_ring_is_swept_on_both_sides_by_going_round_twice():
    """Two by two blocks, driven one way round: twice round sweeps both kerbs, nothing is driven empty."""
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    ring = list(pairwise([*corners, corners[0]]))
    result = cleaned(town(2, 2, one_way=[(b, a) for a, b in ring]), **RESIDENTIAL_DAILY)
    assert value(result, "swept_km") == pytest.approx(8 * BLOCK_M / 1000.0)
    assert value(result, "dead_km") == 0.0
    once = cleaned(town(2, 2, one_way=[(b, a) for a, b in ring]), one_way_passes=1, **RESIDENTIAL_DAILY)
    assert value(once, "swept_km") == pytest.approx(4 * BLOCK_M / 1000.0)


def test_what_a_one_way_street_takes_is_driving_back_to_its_start():
    """Only one street of a grid is swept, both kerbs, one way: round the block in between, and to and from the depot."""
    one_way = [((2, 1), (1, 1))]
    result = cleaned(
        town(one_way=one_way, classes={"l1-1>2-1": "primary"}),
        residential_days=0, days=1, replications=1,
    )  # fmt: skip
    assert value(result, "swept_km") == pytest.approx(2 * BLOCK_M / 1000.0)
    back_s = 3 * BLOCK_M / (0.7 * SPEED_MPS)
    assert value(result, "between_h") == pytest.approx(back_s / 3600.0, rel=1e-2)
    assert value(result, "least_dead_h") == pytest.approx(2 * back_s / 3600.0, rel=1e-2)  # a closed tour goes back twice
    assert value(result, "dead_h") == pytest.approx((2 + 3 + 3) / 3 * back_s / 3600.0, rel=1e-2)
    assert value(result, "dead_km") == pytest.approx((2 + 3 + 3) * BLOCK_M / 1000.0)


def test_each_class_has_its_turn_as_often_as_planned_and_streets_that_are_far_apart_not_on_one_day():
    classes = {f"l{a}-0>{b}-0": "primary" for a, b in [(0, 1), (1, 0), (1, 2), (2, 1)]}
    result = cleaned(town(6, 6, classes=classes), days=14, residential_days=7)
    table = result.tables["link"]
    sweeps = dict(zip(table.ids.tolist(), table.columns["sweeps_per_week"].tolist(), strict=True))
    assert {sweeps[key] for key in classes} == {7.0}
    assert {number for key, number in sweeps.items() if key not in classes} == {1.0}
    assert not table.columns["left_per_week"].any()
    days = result.tables["day"].columns["swept_km"]
    assert days[:7] == pytest.approx(days[7:])
    assert np.ptp(days) <= 4 * 2 * BLOCK_M / 1000.0  # no day has two streets more than another


def test_both_sides_of_a_street_have_their_turn_on_the_same_day():
    snapshot = town(6, 6)
    _, site = finish(prepare(snapshot, baseline(), StreetCleaningParams(), []))
    across = site.calendar.kerbs.across
    assert (across >= 0).all()
    np.testing.assert_array_equal(site.calendar.turn, site.calendar.turn[across])


def test_trips_keep_hopper_and_shift_and_sweep_every_kerb_once():
    params = StreetCleaningParams(
        residential_days=1, days=1, replications=1, hopper_l=100.0, shift_s=5400.0, litter_l_per_km=60.0, dump_s=300.0
    )
    before, site = finish(prepare(town(10, 10, site=(900.0, 900.0)), baseline(), params, []))
    due = site.calendar.due(0)
    areas = finish(find_areas(site.calendar.kerbs, due, part_places(before.kerbs.along[due]), site.ground, site.yards))
    trips = finish(trips_of(site.calendar.kerbs, areas, site.yards, params.rules, 0))
    day = put_on_sweepers(site.calendar, trips, site.yards, params)
    np.testing.assert_array_equal(np.sort(day.swept), due)
    assert max(site.calendar.kerbs.load_l[trip.kerbs].sum() for trip in trips) <= params.hopper_l + 1e-9
    assert day.work_s.max() <= params.shift_s
    own = site.yards.ways.time_s
    for sweeper in range(len(day.work_s)):
        mine = [drive for drive in day.drives if drive.sweeper == sweeper]
        work_s = sum(
            site.calendar.kerbs.work_s[d.trip.kerbs].sum() + d.trip.dead_s + params.dump_s + d.trip.from_yards[0, d.origin]
            for d in mine
        )
        assert work_s + own[mine[-1].trip.site, mine[-1].home] == pytest.approx(day.work_s[sweeper], abs=0.5)


def test_a_banned_turn_is_never_driven():
    banned = [("l0-0>1-0", "n1-0", "l1-0>1-1", "no"), ("l1-1>1-0", "n1-0", "l1-0>2-0", "no")]
    snapshot = town(3, 3, turns=banned)
    result = cleaned(snapshot, **RESIDENTIAL_DAILY)
    assert value(result, "swept_km") == pytest.approx(24 * BLOCK_M / 1000.0)
    lines = dict(zip(snapshot["link"].ids.tolist(), snapshot["link"].geometry, strict=True))
    forbidden = {(*lines[one].coords, lines[other].coords[-1]) for one, _, other, _ in banned}
    for line in result.tables["route"].geometry:
        corners = shapely.get_coordinates(line).tolist()
        driven = {tuple(map(tuple, corners[place : place + 3])) for place in range(len(corners) - 2)}
        assert not driven & forbidden
    free = cleaned(town(3, 3), **RESIDENTIAL_DAILY)
    assert value(result, "dead_km") >= value(free, "dead_km") == 0.0


def test_the_line_of_a_trip_is_as_long_as_its_kilometres():
    result = cleaned(town(5, 5, site=(400.0, 400.0)), one_way_passes=1, **RESIDENTIAL_DAILY)
    table = result.tables["route"]
    length_km = shapely.length(table.geometry) / 1000.0
    np.testing.assert_allclose(length_km, table.columns["swept_km"] + table.columns["dead_km"], rtol=1e-6)


def test_too_few_sweepers_leave_the_streets_that_wait_longest_anyway():
    classes = {key: "primary" for key in town(8, 8)["link"].ids.tolist() if "-0>" in key and key.endswith("-0")}
    result = cleaned(
        town(8, 8, classes=classes), days=1, residential_days=2, sweepers=1, shift_s=3600.0, dump_s=60.0, hopper_l=200.0
    )
    left = dict(zip(result.tables["link"].ids.tolist(), result.tables["link"].columns["left_per_week"].tolist(), strict=True))
    assert value(result, "sweepers") == 1.0
    assert value(result, "left_km") > 0.0
    assert sum(left[key] for key in classes) < sum(left.values()) / 4
    assert any("not swept" in note for note in result.notes)
    everything = cleaned(town(8, 8, classes=classes), days=1, residential_days=2)
    assert value(result, "swept_km") + value(result, "left_km") == pytest.approx(value(everything, "swept_km"))


def test_closing_a_street_changes_the_day_of_no_other_and_nothing_on_days_without_it():
    snapshot = town(8, 8)
    before = cleaned(snapshot, days=7)
    closed = snapshot["link"].ids[5]
    after = cleaned(snapshot, CloseLinks(target_ids=(closed,)), days=7)
    one, other = before.tables["link"], after.tables["link"]
    np.testing.assert_array_equal(one.ids, other.ids)
    differs = one.columns["sweeps_per_week"] != other.columns["sweeps_per_week"]
    assert one.ids[differs].tolist() == [closed]
    days = before.tables["day"].columns["swept_km"] != after.tables["day"].columns["swept_km"]
    assert days.sum() == 1


def test_a_street_that_no_road_leads_to_is_left_and_told():
    nodes = {"l1-0>2-0", "l2-0>1-0"}  # closing it cuts the last block of a dead-end street off
    result = cleaned(town(4, 1), CloseLinks(target_ids=tuple(nodes)), **RESIDENTIAL_DAILY)
    assert value(result, "swept_km") == pytest.approx(2 * BLOCK_M / 1000.0)
    assert value(result, "left_km") == pytest.approx(2 * BLOCK_M / 1000.0)


def test_the_same_inputs_give_the_same_bytes():
    one, other = (cleaned(town(7, 7), replications=2) for _ in range(2))
    assert one.input_hash == other.input_hash
    assert one.indicators == other.indicators
    for kind, table in one.tables.items():
        for name, column in table.columns.items():
            assert column.tobytes() == other.tables[kind].columns[name].tobytes()


def test_what_the_city_does_not_have_is_assumed_and_told():
    result = cleaned(town(depot=None, site=None), **RESIDENTIAL_DAILY)
    assert any("no depot" in note for note in result.notes)
    assert any("no disposal site" in note for note in result.notes)
    assert value(result, "swept_km") > 0.0


def test_bad_input_is_named():
    snapshot = town()
    with pytest.raises(ScenarioError, match="no roads of a class"):
        cleaned(snapshot, residential_days=0)
    with pytest.raises(ScenarioError, match="No class of roads"):
        StreetCleaningParams(**{f"{name}_days": 0 for name in ("trunk", "primary", "secondary", "tertiary", "residential")})
    with pytest.raises(ScenarioError, match="Hopper"):
        StreetCleaningParams(hopper_l=float("nan"))
    cut = CloseLinks(target_ids=("l0-0>1-0", "l1-0>0-0", "l0-0>0-1", "l0-1>0-0"))
    with pytest.raises(ScenarioError, match="cut every one"):
        cleaned(snapshot, cut)
    empty = dataclasses.replace(snapshot, frames={**snapshot.frames, "link": snapshot["link"].take(np.empty(0, int))})
    with pytest.raises(ScenarioError, match="no roads"):
        cleaned(empty)
