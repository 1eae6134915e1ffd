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
        {"name": "baseline", "edits": 0},
        {"name": "bridge", "edits": 1},
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
