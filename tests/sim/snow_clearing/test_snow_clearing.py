"""Snow clearing from a city to its result: closed forms, orders and salt kept, edits, bad input."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from cleanup_city import BLOCK_M, SPEED_MPS, bins_at, city, depots_at, objects, sites_at, streets

from sim.arc_routing.area import find_areas, part_places
from sim.arc_routing.kerbs import curve_through
from sim.arc_routing.yards import prepare_yards
from sim.snow_clearing import SnowClearing, SnowClearingParams
from sim.snow_clearing.run import ORDERS, _kerbs
from sim.snow_clearing.work import plan_work
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks
from twin.model.frame import Frame
from twin.model.scenario import baseline
from twin.task import finish

SPEED_S_PER_BLOCK = BLOCK_M / (20.0 / 3.6)


def town(columns=4, rows=4, *, one_way=(), classes=None, lanes=None, depot=(0.0, 0.0)):
    nodes, links = streets(columns, rows, one_way)
    pairs = list(zip(links["tail_id"].tolist(), links["head_id"].tolist(), strict=True))
    key_of = dict(zip(pairs, links.ids.tolist(), strict=True))
    more = {
        "reverse_id": objects([key_of.get((head, tail), "") for tail, head in pairs]),
        "road_class": objects([(classes or {}).get(key, "residential") for key in links.ids.tolist()]),
        "lanes": np.array([(lanes or {}).get(key, 1.0) for key in links.ids.tolist()]),
    }
    links = Frame("link", links.ids, {**links.columns, **more}, links.geometry)
    depots = depots_at([depot]) if depot else None
    return city(nodes, links, bins_at(np.empty((0, 2))), depots, sites_at(np.empty((0, 2))))


def cleared(snapshot, *edits, **params):
    scenario = baseline()
    for edit in edits:
        scenario = scenario.with_edit(edit)
    chosen = {"replications": 1, "ploughs": 1, "u_turn_s": 0.0, **params}
    return finish(SnowClearing().run(snapshot, scenario, SnowClearingParams(**chosen), 1))


def value(result, name):
    return result.indicator(name).value


def by_road(result, name):
    table = result.tables["link"]
    return dict(zip(table.ids.tolist(), table.columns[name].tolist(), strict=True))


def planned(snapshot, **chosen):
    """The kerbs, their orders and the first plan, for an independent look."""
    params = SnowClearingParams(**{"replications": 1, **chosen})
    curve, _ = curve_through(snapshot, snapshot)
    kerbs, order = _kerbs(snapshot["link"], curve, params)
    ground, yards = finish(prepare_yards(snapshot, snapshot, params.speed_factor, [], at_depots=True))
    areas = [
        finish(find_areas(kerbs, np.flatnonzero(order == number), part_places(kerbs.along[order == number]), ground, yards))
        for number in ORDERS
    ]
    return params, kerbs, order, finish(plan_work(kerbs, areas, yards, params, 0))


def test_a_street_is_clear_when_its_plough_has_driven_along_it():
    """Three blocks from the depot on and back: each kerb one block later than the one before."""
    result = cleared(town(4, 1))
    clear_h = by_road(result, "clear_h")
    expected_s = [1800.0 + SPEED_S_PER_BLOCK * blocks for blocks in range(1, 7)]
    assert sorted(clear_h.values()) == pytest.approx([seconds / 3600.0 for seconds in expected_s])
    assert value(result, "order_3_h") == pytest.approx(expected_s[-1] / 3600.0)
    assert value(result, "dead_km") == 0.0
    assert value(result, "in_time_share") == 1.0


def test_roads_of_the_first_order_are_clear_before_those_of_the_third():
    classes = {key: "primary" for key in town(6, 6)["link"].ids.tolist() if "-2>" in key and key.endswith("-2")}
    result = cleared(town(6, 6, classes=classes), ploughs=1)
    clear_h = by_road(result, "clear_h")
    assert max(clear_h[key] for key in classes) < min(hours for key, hours in clear_h.items() if key not in classes)
    assert value(result, "order_1_h") < value(result, "order_3_h")


def test_a_road_of_several_lanes_is_clear_after_its_last_pass():
    wide = cleared(town(2, 1, lanes={"l0-0>1-0": 3.0, "l1-0>0-0": 3.0}))
    assert value(wide, "cleared_km") == pytest.approx(6 * BLOCK_M / 1000.0)
    assert max(by_road(wide, "clear_h").values()) == pytest.approx((1800.0 + 6 * SPEED_S_PER_BLOCK) / 3600.0)
    at_once = cleared(town(2, 1, lanes={"l0-0>1-0": 3.0, "l1-0>0-0": 3.0}), lanes_per_pass=3)
    assert value(at_once, "cleared_km") == pytest.approx(2 * BLOCK_M / 1000.0)


def test_times_add_up_salt_lasts_and_no_plough_is_in_two_places():
    params, kerbs, order, plan = planned(town(9, 9), ploughs=3, salt_kg=100.0, u_turn_s=45.0)
    assert np.sort(np.concatenate([drive.trip.kerbs for drive in plan.drives])).tolist() == list(range(len(kerbs.link)))
    for drive in plan.drives:
        assert kerbs.load_l[drive.trip.kerbs].sum() <= params.salt_kg
        way_s = float(drive.trip.from_yards[0, drive.origin])
        assert drive.ends_s == pytest.approx(drive.begins_s + way_s + drive.trip.inner_s)
        assert plan.clear_s[drive.trip.kerbs[-1]] <= drive.ends_s - params.reload_s + 1e-6
        assert (np.diff(plan.clear_s[drive.trip.kerbs]) > 0.0).all()
    for plough in range(params.ploughs):
        mine = sorted((drive for drive in plan.drives if drive.plough == plough), key=lambda drive: drive.turn)
        assert [drive.turn for drive in mine] == list(range(len(mine)))
        assert all(before.ends_s == after.begins_s for before, after in pairwise(mine))
    assert set(order.tolist()) == {3}


def test_more_ploughs_are_done_earlier():
    one, four = cleared(town(12, 12), ploughs=1), cleared(town(12, 12), ploughs=4)
    work_h = value(one, "order_3_h") - 0.5
    assert (value(four, "order_3_h") - 0.5) < 0.45 * work_h


def test_what_is_cut_off_is_never_clear_and_told():
    result = cleared(town(4, 1), CloseLinks(target_ids=("l1-0>2-0", "l2-0>1-0")))
    assert value(result, "left_km") == pytest.approx(2 * BLOCK_M / 1000.0)
    clear_h = by_road(result, "clear_h")
    assert np.isnan(clear_h["l2-0>3-0"])
    assert "l1-0>2-0" not in clear_h
    assert any("never cleared" in note for note in result.notes)


def test_late_roads_are_told():
    result = cleared(town(6, 6), third_h=0.6)
    assert 0.0 < value(result, "in_time_share") < 1.0
    assert max(by_road(result, "late_h").values()) > 0.0
    assert any("later than allowed" in note for note in result.notes)


def test_the_same_inputs_give_the_same_bytes():
    one, other = (cleared(town(7, 7), replications=2, ploughs=2) for _ in range(2))
    assert (one.input_hash, one.indicators) == (other.input_hash, other.indicators)
    for kind, table in one.tables.items():
        for name, column in table.columns.items():
            assert column.tobytes() == other.tables[kind].columns[name].tobytes()


def test_a_plough_drives_to_its_work_at_the_speed_on_snow():
    classes = {"l2-0>3-0": "primary"}
    result = cleared(town(4, 1, classes=classes), residential_order=0)
    way_s = 2 * BLOCK_M / (0.5 * SPEED_MPS)
    assert by_road(result, "clear_h") == {"l2-0>3-0": pytest.approx((1800.0 + way_s + SPEED_S_PER_BLOCK) / 3600.0)}
    assert value(result, "dead_km") == pytest.approx(5 * BLOCK_M / 1000.0)


def test_bad_input_is_named():
    with pytest.raises(ScenarioError, match="No class of roads"):
        SnowClearingParams(
            **{f"{name}_order": 0 for name in ("motorway", "trunk", "primary", "secondary", "tertiary", "residential")}
        )
    with pytest.raises(ScenarioError, match="Ploughs"):
        SnowClearingParams(ploughs=0)
    with pytest.raises(ScenarioError, match="no roads of a class"):
        cleared(town(), residential_order=0)
    result = cleared(town(depot=None))
    assert any("no depot" in note for note in result.notes)
