"""Scenarios by words on the command line, and what the simulations make of them."""

from __future__ import annotations

import numpy as np
import pytest

from twin.model.edits import EDITS
from twin.model.entity import attributes
from ui.cli.fields import option_name
from ui.cli.scenario_command import PLACE_OPTION
from ui.session import Session


def edits_of(workspace, name):
    with Session.open(workspace, writable=False) as session:
        return session.find_scenario(name).edits


def test_a_planner_closes_a_bridge_by_its_name(call, call_json, workspace):
    assert call("scenario", workspace, "new", "bridge", "--description", "Works in June")[0] == 0
    status, out, err = call("scenario", workspace, "edit", "bridge", "close", "--roads", "yangtze bridge")
    assert (status, err) == (0, "")
    assert "Yangtze Bridge" in out
    shown = call_json("scenario", workspace, "show", "bridge")
    assert shown["description"] == "Works in June"
    assert shown["edits"] == [{"edit": "close", "target_ids": ["b"]}]
    assert call_json("scenario", workspace, "list")["scenarios"] == [
        {"name": "baseline", "edits": 0, "status": "draft"},
        {"name": "bridge", "edits": 1, "status": "draft"},
    ]


def test_a_chinese_name_a_key_or_all_choose_too(call, workspace):
    call("scenario", workspace, "new", "x")
    call("scenario", workspace, "edit", "x", "lanes", "--roads", "长江大桥", "a", "--lanes", "3")
    call("scenario", workspace, "edit", "x", "speed", "--roads", "all", "--speed-kmh", "36")
    call("scenario", workspace, "edit", "x", "fleet", "--depots", "Depot 1", "--vehicle-count", "9")
    lanes, speed, fleet = edits_of(workspace, "x")
    assert (lanes.target_ids, lanes.lanes) == (("a", "b"), 3.0)
    assert len(speed.target_ids) == 3
    assert speed.speed_mps == pytest.approx(10.0)
    assert (fleet.target_ids, fleet.vehicle_count) == (("depot",), 9)


def test_demand_around_a_place_is_given_in_degrees(call, workspace):
    call("scenario", workspace, "new", "x")
    status, _, err = call(
        "scenario", workspace, "edit", "x", "demand", "--factor", "1.5", "--radius-m", "500", "--at", "118.81", "32.0"
    )
    assert status == 0, err
    (edit,) = edits_of(workspace, "x")
    with Session.open(workspace, writable=False) as session:
        lon, lat = session.snapshot.projection.to_lon_lat(np.array([[edit.x_m, edit.y_m]]))[0]
    assert (lon, lat) == (pytest.approx(118.81), pytest.approx(32.0))


def test_a_wrong_name_is_answered_with_near_ones(call, workspace):
    call("scenario", workspace, "new", "x")
    status, _, err = call("scenario", workspace, "edit", "x", "close", "--roads", "Yangtse Bridge")
    assert status == 1
    assert "Near names: Yangtze Bridge" in err
    assert edits_of(workspace, "x") == ()
    status, _, err = call("scenario", workspace, "edit", "y", "close", "--roads", "all")
    assert status == 1
    assert "'y'" in err


def test_a_number_out_of_its_limits_is_refused_with_them(call, workspace):
    call("scenario", workspace, "new", "x")
    status, _, err = call("scenario", workspace, "edit", "x", "speed", "--roads", "a", "--speed-kmh", "900")
    assert status == 1
    assert "900 km/h" in err
    assert "216 km/h" in err
    assert call("scenario", workspace, "edit", "x", "speed", "--roads", "a", "--speed-kmh", "fast")[0] == 2


def test_edits_are_removed_by_number_and_undone(call, call_json, workspace):
    call("scenario", workspace, "new", "x")
    call("scenario", workspace, "edit", "x", "close", "--roads", "a")
    call("scenario", workspace, "edit", "x", "demand", "--factor", "2")
    assert call("scenario", workspace, "remove", "x", "1")[0] == 0
    assert [edit.name for edit in edits_of(workspace, "x")] == ["demand"]
    assert call_json("undo", workspace)["done"] is True
    assert [edit.name for edit in edits_of(workspace, "x")] == ["close", "demand"]
    assert call_json("redo", workspace)["done"] is True
    assert call("scenario", workspace, "remove", "x", "7")[0] == 1
    assert call("scenario", workspace, "delete", "x")[0] == 0
    assert len(call_json("scenario", workspace, "list")["scenarios"]) == 1
    titles = [entry["title"] for entry in call_json("journal", workspace)["entries"]]
    assert titles[0] == "Delete scenario 'x'"


def test_a_road_is_drawn_in_degrees_and_a_turn_named_by_its_two_roads(call, workspace):
    call("scenario", workspace, "new", "x")
    line = ("118.80", "32.0", "118.815", "32.01", "118.83", "32.0")
    status, out, err = call("scenario", workspace, "edit", "x", "new_road", "--along", *line, "--lanes", "2", "--no-two-way")
    assert (status, err) == (0, "")
    assert "New road: Line 3" in out
    assert "km" in out
    status, out, err = call("scenario", workspace, "edit", "x", "turn", "--roads", "a", "--into", "b")
    assert (status, err) == (0, "")
    assert out.strip() == "Scenario 'x': Ban turn: Zhongshan Road, Into Yangtze Bridge, Allowed again no"
    road, turn = edits_of(workspace, "x")
    assert (len(road.path_m), road.lanes, road.two_way) == (3, 2.0, False)
    assert (turn.target_ids, turn.into) == (("a",), ("b",))


def test_later_edits_may_name_what_earlier_ones_made(call, workspace):
    call("scenario", workspace, "new", "x")
    call("scenario", workspace, "edit", "x", "direction", "--roads", "a", "--direction", "both")
    assert call("scenario", workspace, "edit", "x", "lanes", "--roads", "a~back", "--lanes", "3")[0] == 0
    assert edits_of(workspace, "x")[1].target_ids == ("a~back",)


def test_times_of_day_are_typed_as_on_a_clock_or_in_seconds(call, workspace):
    call("scenario", workspace, "new", "x")
    words = ("scenario", workspace, "edit", "x", "block", "--roads", "a", "--start-s", "07:30", "--end-s", "30600")
    status, out, err = call(*words)
    assert (status, err) == (0, "")
    assert "From 07:30, Until 08:30" in out
    assert call("scenario", workspace, "edit", "x", "event", "--at", "118.81", "32.0", "--at-s", "19:00")[0] == 0
    block, event = edits_of(workspace, "x")
    assert (block.start_s, block.end_s, event.at_s) == (27000.0, 30600.0, 68400.0)
    assert call("scenario", workspace, "edit", "x", "block", "--roads", "a", "--start-s", "26:00")[0] == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("new_road", "--along", "118.8", "32.0", "118.9"), "no latitude"),
        (("new_road", "--along", "10", "10", "11", "11"), "joins nothing"),
        (("turn", "--roads", "a", "--into", "c"), "No turn leads"),
        (("block", "--roads", "a", "--start-s", "09:00", "--end-s", "08:00"), "free again before"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_and_not_kept(call, workspace, words, message):
    call("scenario", workspace, "new", "x")
    status, _, err = call("scenario", workspace, "edit", "x", *words)
    assert status == 1
    assert message in err
    assert edits_of(workspace, "x") == ()


def test_the_action_may_stand_before_the_workspace(call, workspace):
    assert call("scenario", "new", workspace, "x")[0] == 0
    assert call("scenario", "edit", workspace, "x", "close", "--roads", "a")[0] == 0
    assert [edit.name for edit in edits_of(workspace, "x")] == ["close"]


def test_every_edit_and_each_of_its_values_has_an_option(call, workspace):
    for edit_type in EDITS:
        status, out, _ = call("scenario", workspace, "edit", "x", edit_type.name, "--help")
        assert status == 0
        for name in attributes(edit_type):
            if name not in PLACE_OPTION:
                assert option_name(name) in out


def test_simulate_and_compare_print_numbers(call, call_json, workspace):
    call("scenario", workspace, "new", "bridge")
    call("scenario", workspace, "edit", "bridge", "close", "--roads", "b")
    status, out, _ = call("simulate", "quick", workspace, "--scenario", "bridge", "--trips-vph", "600")
    assert status == 0
    assert "Busiest road" in out
    assert "Made for a test." in out
    result = call_json("simulate", "quick", workspace, "--scenario", "bridge", "--careful")
    assert result["params"] == {"trips_vph": 900.0, "careful": True}
    assert result["indicators"]["roads"]["value"] == 2
    assert result["diagnostics"] == {"relative_gap": 1e-7}
    compared = call_json("compare", workspace, "baseline", "bridge")
    (found,) = compared["comparisons"]
    assert found["differences"]["roads"]["difference"] == -1
    assert found["differences"]["length"]["found"] is False
    status, out, _ = call("compare", workspace, "baseline", "bridge")
    assert status == 0
    assert "no difference found" in out
    assert "Synthetic data" in out
    assert call("simulate", "quick", workspace, "--trips-vph", "0")[0] == 1
    assert call("compare", workspace, "baseline", "nowhere")[0] == 1


def test_a_workspace_that_is_held_is_said_and_stays_as_it_is(call, workspace):
    with Session.open(workspace):
        status, out, err = call("scenario", workspace, "new", "x")
        assert (status, out) == (1, "")
        assert len(err.splitlines()) == 2
        assert call("scenario", workspace, "list")[0] == 0
    with Session.open(workspace) as session:
        assert [item.name for item in session.scenarios()] == ["baseline"]


def test_create_makes_a_workspace_once(call, tmp_path):
    path = tmp_path / "new.twin"
    assert call("create", path)[0] == 0
    status, _, err = call("create", path)
    assert status == 1
    assert len(err.splitlines()) == 2


def test_compare_in_chinese(call, workspace):
    call("scenario", workspace, "new", "bridge")
    call("scenario", workspace, "edit", "bridge", "close", "--roads", "b")
    out = call("compare", workspace, "baseline", "bridge", "--language", "zh_CN")[1]
    assert "未发现差异" in out


def test_bins_are_added_at_places_and_beside_others(call, call_json, workspace):
    call("scenario", workspace, "new", "x")
    at = ("--at", "118.8", "32.0", "118.801", "32.0")
    status, _, err = call("scenario", workspace, "edit", "x", "add_bins", *at, "--waste-kind", "food", "--capacity-l", "120")
    assert status == 0, err
    status, _, err = call("scenario", workspace, "edit", "x", "add_bins", "--beside", "all")
    assert status == 0, err
    edits = call_json("scenario", workspace, "show", "x")["edits"]
    assert len(edits[0]["at_m"]) == 2
    assert edits[0]["waste_kind"] == "food"
    assert sum(len(edit["at_m"]) for edit in edits[1:]) >= 3
    status, _, err = call("scenario", workspace, "edit", "x", "add_bins", "--from-siting")
    assert status != 0
    assert "bin_siting" in err
