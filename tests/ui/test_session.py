"""The session: scenarios through the journal, results that hold or not, what is on show, time."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest

import sim
from twin.errors import BugError, ScenarioError, StorageError
from twin.model.changes import Change
from twin.model.edits import CloseLinks, MoveBins, RemoveBins, ScaleDemand, SetLanes
from twin.task import finish
from ui.session import NOTHING, Session

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def heard(session):
    """Record the names of the signals that the session emits."""
    found = []
    for name in ("snapshot_changed", "scenario_changed", "selection_changed", "result_changed", "time_changed"):
        getattr(session, name).connect(lambda *_, name=name: found.append(name))
    return found


def test_an_edit_of_the_baseline_begins_a_scenario_and_undo_takes_both_back(session):
    session.edit(CloseLinks(target_ids=("b",)))
    assert session.scenario.name == "Scenario 1"
    assert [item.name for item in session.scenarios()] == ["baseline", "Scenario 1"]
    session.undo()
    assert session.scenario.name == "baseline"
    assert [item.name for item in session.scenarios()] == ["baseline"]
    session.redo()
    assert session.scenario.name == "Scenario 1"
    assert session.scenario.edits == (CloseLinks(target_ids=("b",)),)


def test_every_change_of_a_scenario_is_undone_step_by_step(session):
    session.new_scenario("bridge")
    session.edit(CloseLinks(target_ids=("b",)))
    session.edit(SetLanes(target_ids=("a",), lanes=3.0))
    session.remove_edit(0)
    assert session.scenario.edits == (SetLanes(target_ids=("a",), lanes=3.0),)
    session.undo()
    assert len(session.scenario.edits) == 2
    session.delete_scenario("bridge")
    assert session.scenario.name == "baseline"
    session.undo()
    assert session.scenario.name == "bridge"
    assert len(session.scenario.edits) == 2


def test_names_are_unique_and_wrong_ones_say_what_to_do(session):
    session.new_scenario("bridge")
    for name in ("bridge", "baseline", "  "):
        with pytest.raises(ScenarioError):
            session.new_scenario(name)
    with pytest.raises(ScenarioError, match="bridge"):
        session.choose_scenario("brige")
    with pytest.raises(ScenarioError, match="baseline cannot be changed"):
        session.delete_scenario("baseline")
    with pytest.raises(ScenarioError, match="no edit number 1"):
        session.remove_edit(0)
    with pytest.raises(ScenarioError, match="does not have"):
        session.edit(CloseLinks(target_ids=("nowhere",)))
    assert session.scenario.edits == ()


def test_a_copy_has_the_edits_of_its_original(session):
    session.new_scenario("bridge")
    session.edit(CloseLinks(target_ids=("b",)))
    copy = session.new_scenario("bridge and more", copy_of="bridge")
    assert copy.edits == (CloseLinks(target_ids=("b",)),)
    assert session.scenario.name == "bridge and more"


def test_the_city_itself_is_never_touched_by_a_scenario(session):
    before = session.snapshot["bin"].xy.copy()
    session.edit(MoveBins(target_ids=("bin0",), dx_m=100.0))
    session.edit(RemoveBins(target_ids=("bin1",)))
    assert np.array_equal(session.snapshot["bin"].xy, before)
    assert session.edited_snapshot["bin"].ids.tolist() == ["bin0"]
    assert session.edited_snapshot["bin"].xy[0, 0] == pytest.approx(before[0, 0] + 100.0)


def test_a_change_of_the_city_reaches_the_snapshot_and_tells(session):
    assert len(session.snapshot["bin"]) == 2
    found = heard(session)
    session.change([Change(session.entity("bin", "bin1"), None)], "Remove a bin")
    assert session.snapshot["bin"].ids.tolist() == ["bin0"]
    assert found == ["snapshot_changed"]
    session.undo()
    assert len(session.snapshot["bin"]) == 2


def test_an_edit_whose_objects_are_gone_does_not_hide_the_city(session):
    session.edit(RemoveBins(target_ids=("bin1",)))
    session.change([Change(session.entity("bin", "bin1"), None)], "Remove a bin")
    assert session.edited_snapshot["bin"].ids.tolist() == ["bin0"]


def test_a_change_keeps_who_made_the_map(session):
    road = session.entity("link", "a")
    session.change([Change(road, dataclasses.replace(road, source="osm", source_id="1"))], "Source of a road")
    assert "osm" in session.snapshot.sources
    session.new_scenario("bridge")
    assert "osm" in session.snapshot.sources


def test_selection_tells_only_of_news(session):
    found = heard(session)
    session.select("bin", ["bin0"])
    session.select("bin", ["bin0"])
    session.select("bin", [])
    assert session.selection == NOTHING
    assert found == ["selection_changed", "selection_changed"]


def test_the_city_at_a_moment(session):
    assert session.time_bounds() == (NOON, NOON + timedelta(days=1))
    assert len(session.snapshot["incident"]) == 2
    found = heard(session)
    session.set_time(NOON + timedelta(hours=1))
    assert session.snapshot["incident"].ids.tolist() == ["i0"]
    assert found == ["time_changed", "snapshot_changed"]
    session.set_time(None)
    assert len(session.snapshot["incident"]) == 2


def test_a_result_is_kept_and_becomes_outdated_by_city_and_scenario(session, quick):
    assert session.result("quick") is None
    result = finish(session.simulate_task("quick"))
    assert session.result("quick") is result
    assert session.is_current(result)
    session.new_scenario("bridge")
    assert session.result("quick") is None
    assert session.is_current(result)
    session.edit(CloseLinks(target_ids=("b",)))
    closed = finish(session.simulate_task("quick"))
    assert closed.indicator("roads").value == 2
    session.edit(ScaleDemand(factor=2.0))
    assert not session.is_current(closed)
    assert session.result("quick") is not None
    session.undo()
    assert session.is_current(closed)
    session.change([Change(session.entity("link", "c"), None)], "Remove a road")
    assert not session.is_current(closed)
    assert not session.is_current(result)


def test_compare_runs_only_what_is_missing(session, quick):
    session.new_scenario("bridge")
    session.edit(CloseLinks(target_ids=("b",)))
    (first,) = finish(session.compare_task("baseline", "bridge"))
    assert quick.runs == ["baseline", "bridge"]
    assert {item.name: item.difference for item in first.differences}["roads"] == -1
    (again,) = finish(session.compare_task("baseline", "bridge"))
    assert quick.runs == ["baseline", "bridge"]
    assert again.differences == first.differences
    finish(session.compare_task("baseline", "bridge", seed=2))
    assert quick.runs == ["baseline", "bridge", "baseline", "bridge"]


def test_compare_follows_the_parameters_that_were_last_used(session, quick):
    session.new_scenario("bridge")
    session.edit(CloseLinks(target_ids=("b",)))
    finish(session.simulate_task("quick", quick.params_type(trips_vph=600.0)))
    (comparison,) = finish(session.compare_task("baseline", "bridge"))
    assert quick.runs == ["bridge", "baseline"]
    assert comparison.before.params["trips_vph"] == 600.0


def test_what_nobody_asked_for_is_compared_only_once_it_was_run(session, quick, monkeypatch):
    class Seldom(quick):
        name = "seldom"
        by_itself = False

    monkeypatch.setattr(sim, "SIMULATIONS", (quick(), Seldom()))
    session.new_scenario("bridge")
    session.edit(CloseLinks(target_ids=("b",)))
    assert [item.simulation for item in finish(session.compare_task("baseline", "bridge"))] == ["quick"]
    finish(session.simulate_task("seldom"))
    assert [item.simulation for item in finish(session.compare_task("baseline", "bridge"))] == ["quick", "seldom"]


def test_an_unknown_simulation_is_named_with_those_there_are(session):
    with pytest.raises(ScenarioError, match="There are: quick"):
        finish(session.simulate_task("weather"))


def test_what_is_on_show_becomes_the_scene(session):
    assert session.scene().tables == {}
    session.new_scenario("bridge")
    session.edit(CloseLinks(target_ids=("b",)))
    finish(session.compare_task("baseline", "bridge"))
    assert session.shown.mode == "difference"
    scene = session.scene()
    assert (scene.measure, scene.diverging, scene.noise) == ("volume_vph_difference", True, 0.5)
    assert scene.tables["link"].columns[scene.measure].tolist() == [150.0, -300.0, 150.0]
    session.show("before")
    assert session.scene().tables["link"].columns[session.scene().measure].tolist() == [300.0, 300.0, 300.0]
    assert not session.scene().snapshot["link"]["closed"].any()
    session.show("after")
    assert session.scene().tables["link"].columns["volume_vph"].tolist() == [450.0, 0.0, 450.0]
    assert session.scene().snapshot["link"]["closed"].tolist() == [False, True, False]
    session.show("none")
    assert session.scene().tables == {}


def test_a_draft_compares_what_is_in_hand_with_the_baseline_and_is_not_kept(session, quick):
    session.edit(CloseLinks(target_ids=("a",)))
    drafted = finish(session.draft_task([CloseLinks(target_ids=("b",))], "quick"))
    assert quick.runs == ["baseline", "Scenario 1"]
    assert drafted.after.indicator("roads").value == 1
    assert session.scenario.edits == (CloseLinks(target_ids=("a",)),)
    assert {item.scenario for item in session.store.results()} == {"baseline"}
    assert session.result("quick") is None
    finish(session.draft_task([], "quick"))  # the baseline is known by now
    assert quick.runs == ["baseline", "Scenario 1", "Scenario 1"]


def test_a_draft_sees_a_change_of_the_city(session, quick):
    before = finish(session.draft_task([CloseLinks(target_ids=("a",))], "quick"))
    session.change([Change(session.entity("link", "c"), None)], "Remove c")
    after = finish(session.draft_task([CloseLinks(target_ids=("a",))], "quick"))
    assert (before.after.indicator("roads").value, after.after.indicator("roads").value) == (2, 1)
    assert len(quick.runs) == 4  # twice the baseline and the draft


def test_a_draft_is_refused_by_the_store(session, quick):
    draft = dataclasses.replace(finish(session.simulate_task("quick")), is_draft=True)
    with pytest.raises(BugError, match="draft"):
        session.store.save_result(draft, session.scenario)


def test_a_session_for_reading_runs_but_keeps_nothing(session, quick, tmp_path):
    session.new_scenario("bridge")
    with Session.open(session.store.path, writable=False) as reader:
        result = finish(reader.simulate_task("quick"))
        assert reader.result("quick") is result
        assert reader.is_current(result)
        assert reader.store.results() == []
        with pytest.raises(StorageError, match="reading only"):
            reader.new_scenario("other")


def test_cancelling_a_comparison_keeps_the_finished_half(session, quick):
    session.new_scenario("bridge")
    task = session.compare_task("baseline", "bridge")
    while quick.runs != ["baseline", "bridge"]:
        next(task)
    task.close()
    assert [item.scenario for item in session.store.results()] == ["baseline"]
    assert session.comparisons == {}


def test_a_session_is_deterministic_in_its_keys(tmp_path):
    keys = []
    for name in ("one.twin", "two.twin"):
        with Session.create(tmp_path / name, now=lambda: NOON, random=Random(7)) as opened:
            keys.append(opened.new_scenario("bridge").id)
    assert keys[0] == keys[1]


def test_a_comparison_shows_what_it_has_found_before_the_last_simulation_has_run(session, quick, monkeypatch):
    class Second(quick):
        name = "second"

    monkeypatch.setattr(sim, "SIMULATIONS", (quick(), Second()))
    session.new_scenario("x")
    session.edit(CloseLinks(target_ids=("b",)))
    seen = []
    session.result_changed.connect(
        lambda: seen.append((tuple(session.comparisons), session.shown.mode, session.shown.simulation))
    )
    finish(session.compare_task("baseline", "x"))
    assert seen == [(("quick",), "difference", "quick"), (("quick", "second"), "difference", "quick")]
