"""Crews from a city to their result: a queue known on paper, the same cases in every scenario, edits, and bad input."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from cleanup_city import bins_at, city, depots_at, frame_of, objects, streets

from sim.crews import Crews, CrewsParams
from sim.crews.workload import draw_course, find_workload
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks
from twin.model.scenario import baseline
from twin.task import finish

SHORT = {"days": 5, "warm_up_days": 1, "replications": 3}
DAYS = 10


def town(cases_xy=None, codes="E0102", columns=6, rows=4, depot=(0.0, 0.0), stage="closed", per_day=40):
    """A grid with cases of ten days, at its junctions or at one place."""
    count, rng = DAYS * per_day, np.random.default_rng(4)
    if cases_xy is None:
        cases_xy = 100.0 * np.column_stack([rng.integers(0, columns, count), rng.integers(0, rows, count)])
    cases_xy = np.resize(np.asarray(cases_xy, float), (count, 2))
    at = np.datetime64("2026-02-01", "s") + np.linspace(0, DAYS * 86_400, count).astype("timedelta64[s]")
    cases = frame_of("case", [f"c{row:05d}" for row in range(count)], cases_xy, {
        "class_code": objects(list(np.resize(np.array(codes.split()), count))), "reported_at": at,
        "stage": objects([stage] * count),
    })  # fmt: skip
    nothing = {"category": objects([]), "occurred_at": np.empty(0, "datetime64[s]")}
    depots = depots_at([depot] if depot else np.empty((0, 2)))
    nodes, links = streets(columns, rows)
    found = city(nodes, links, bins_at(np.empty((0, 2))), depots)
    incidents = frame_of("incident", [], np.empty((0, 2)), nothing)
    return dataclasses.replace(found, frames={**found.frames, "case": cases, "incident": incidents})


def sent(snapshot, *edits, seed=1, **params):
    scenario = baseline()
    for edit in edits:
        scenario = scenario.with_edit(edit)
    return finish(Crews().run(snapshot, scenario, CrewsParams(**{**SHORT, **params}), seed))


def value(result, name):
    return result.indicator(name).value


def test_where_nobody_has_to_drive_waits_are_those_of_one_server():
    """All cases at the depot, one crew: the wait is busy / (1 - busy) times the work (M/M/1)."""
    result = sent(town([(0.0, 0.0)], per_day=20), crews=1, work_min=45.0, days=100, warm_up_days=20, replications=20)
    busy = 20 * 45.0 / 1440.0
    wait = result.indicator("wait")
    assert wait.low <= busy / (1 - busy) * 45.0 * 60.0 <= wait.high
    assert value(result, "busy") == pytest.approx(busy, rel=0.03)
    assert value(result, "waiting") == pytest.approx(busy**2 / (1 - busy), rel=0.1)
    assert value(result, "driven_km") == 0.0
    assert value(result, "response") == value(result, "wait")


def test_more_crews_never_let_cases_wait_longer_and_those_that_are_enough_are_enough():
    waits = [value(sent(town(), crews=crews), "wait") for crews in (1, 2, 3, 5, 8)]
    assert (np.diff(waits) <= 0.0).all()
    enough = int(value(sent(town()), "enough_sanitation_office"))
    assert value(sent(town(), crews=enough), "in_time") >= 0.95
    assert enough == 1 or value(sent(town(), crews=enough - 1), "in_time") < 0.95


def test_the_same_inputs_give_the_same_bytes_and_another_seed_other_ones():
    one, other = (sent(town()) for _ in range(2))
    assert one.input_hash == other.input_hash
    assert one.indicators == other.indicators
    for name, column in one.tables["cell"].columns.items():
        assert column.tobytes() == other.tables["cell"].columns[name].tobytes()
    assert sent(town(), seed=2).indicators != one.indicators


def test_cases_are_the_same_ones_whatever_else_is_asked():
    load = find_workload(town(codes="E0102 E0112"), CrewsParams())
    only = find_workload(town(codes="E0102 E0112"), CrewsParams(classes="E0112"))
    both = draw_course(load, CrewsParams(), 3, 0, 5.0).of([1])
    alone = draw_course(only, CrewsParams(), 3, 0, 5.0)
    np.testing.assert_array_equal(both.at_s, alone.at_s)
    np.testing.assert_array_equal(both.work_s, alone.work_s)


def test_closing_a_street_on_which_nobody_drives_changes_nothing_and_another_only_the_driving():
    snapshot = town([(0.0, 0.0), (200.0, 0.0)], rows=4)
    before = sent(snapshot)
    aside = sent(snapshot, CloseLinks(target_ids=("l4-3>5-3",)))
    assert aside.indicators == before.indicators
    between = sent(snapshot, CloseLinks(target_ids=("l0-0>1-0", "l1-0>2-0")))
    assert value(between, "driven_km") > value(before, "driven_km")
    assert value(between, "cases") == value(before, "cases")
    np.testing.assert_array_equal(before.tables["cell"].columns["cases_per_day"], between.tables["cell"].columns["cases_per_day"])


def test_cases_that_are_cut_off_are_late_and_counted():
    closed = CloseLinks(target_ids=("l2-0>3-0", "l3-0>2-0"))
    result = sent(town([(0.0, 0.0), (300.0, 0.0)], columns=4, rows=1), closed, crews=5)
    assert value(result, "never") == pytest.approx(value(result, "cases") / 2, rel=0.2)
    assert value(result, "in_time") < 0.7
    assert any("No number of crews" in note for note in result.notes)
    assert result.indicator("wait").left_out == "never"


def test_work_that_comes_faster_than_it_is_done_is_simulated_and_told():
    result = sent(town(), crews=1, work_min=120.0)
    assert any("faster than the crews" in note for note in result.notes)
    assert value(result, "busy") > 0.99
    assert value(sent(town(), crews=0), "never") == value(result, "cases")


def test_urgent_cases_are_reached_first():
    snapshot = town(codes="E0112 E0103")  # two hours, four days; both of one department
    waits = sent(snapshot, crews=1, work_min=30.0, classes="E0112, E0103")
    alone = sent(snapshot, crews=1, work_min=30.0, classes="E0112")
    assert value(alone, "wait") < value(waits, "wait")


def test_departments_have_their_own_crews():
    snapshot = town(codes="E0102 C0102")
    result = sent(snapshot, crews=1, crews_of="水务管理处 = 4")
    assert value(result, "crews_sanitation_office") == 1.0
    assert value(result, "crews_water_office") == 4.0


def test_bad_input_is_named():
    with pytest.raises(ScenarioError, match="no case of E0112"):
        sent(town(), classes="E0112")
    with pytest.raises(ScenarioError, match="no case of"):
        sent(town(stage="rejected"))
    snapshot = town()
    empty = dataclasses.replace(snapshot, frames={**snapshot.frames, "link": snapshot["link"].take(np.empty(0, int))})
    with pytest.raises(ScenarioError, match="no roads"):
        sent(empty)
    with pytest.raises(ScenarioError, match="no class of cases"):
        CrewsParams(classes="X9")
    with pytest.raises(ScenarioError, match="no department 'Circus'"):
        CrewsParams(crews_of="Circus = 3")
    with pytest.raises(ScenarioError, match="whole number"):
        CrewsParams(crews_of="Water Office = many")
    with pytest.raises(ScenarioError, match="Work on a case"):
        CrewsParams(work_min=float("nan"))
    assert any("no depot" in note for note in sent(town(depot=None)).notes)
