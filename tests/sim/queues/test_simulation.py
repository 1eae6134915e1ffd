"""Queues over time on small cities: what arrives, what an incident does, and that a difference is the edit's alone."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from sim import SIMULATIONS
from sim.queues import Queues, QueuesParams
from sim.queues.roads import make_roads
from sim.travel.kept import KeptCity
from twin.errors import CancelledError, ScenarioError
from twin.model.comparison import compare
from twin.model.edits import AddEvent, BlockLanes, CloseLinks, ScaleDemand, SetLanes
from twin.model.moments import difference
from twin.model.scenario import Scenario, baseline
from twin.task import finish

PARAMS = QueuesParams(calibration="none", trip_rate=3.0, start_s=7 * 3600.0, end_s=8 * 3600.0, clearing_s=1800.0)
STREET = "n2-2>n3-2"


@pytest.fixture(scope="module")
def queues():
    return Queues()


@pytest.fixture(scope="module")
def city(make):
    return make.snapshot(make.grid(6, 5))


def run(queues, city, *edits, params=PARAMS, seed=1):
    return finish(queues.run(city, Scenario(id="s", name="what if", edits=edits), params, seed))


def value(result, name):
    return result.indicator(name).value


def test_it_is_in_the_catalogue():
    assert [item.name for item in SIMULATIONS].count("queues") == 1


def test_everybody_arrives_when_there_is_time(queues, city):
    result = run(queues, city)
    assert value(result, "vehicles") > 500
    assert value(result, "not_arrived") == value(result, "unserved_trips") == value(result, "gridlocks") == 0
    assert 30.0 < value(result, "mean_trip_time_s") < 900.0
    assert value(result, "total_delay") >= 0.0


def test_as_many_vehicles_begin_as_there_are_trips(queues, city):
    """Of 07:00 to 08:00 by the profile of the day, within what the drawing of whole vehicles leaves open."""
    base = finish(KeptCity().baseline(city, PARAMS))
    trips = base.demand.profile.turned(base.problem.demand, base.demand.hour, 7).sum()
    assert value(run(queues, city), "vehicles") == pytest.approx(trips, abs=4 * np.sqrt(trips))


def test_the_table_and_the_series_tell_of_the_same_vehicles(queues, city):
    result = run(queues, city)
    course, table = result.series["link"], result.tables["link"]
    left = course.columns["flow_vph"].sum(axis=0) * course.step_s / 3600.0
    assert np.allclose(left, table.columns["vehicles"], atol=0.01)
    assert course.t_s[0] == PARAMS.start_s
    assert len(course.t_s) == 18
    assert np.all(course.columns["queue_m"].max(axis=0) <= table.columns["queue_m"] + 1e-3)
    for column in (*table.columns.values(), *course.columns.values()):
        assert not np.isinf(column).any()


def test_a_speed_is_never_above_free_flow(queues, city):
    result = run(queues, city)
    assert np.nanmax(result.series["link"].columns["speed_mps"]) <= 30 / 3.6 + 0.01
    assert np.nanmin(result.series["link"].columns["speed_mps"]) >= 0.0


def test_blocked_lanes_make_a_queue_that_grows_and_goes(queues, city):
    base, blocked = run(queues, city), run(queues, city, block())
    row = base.tables["link"].ids.tolist().index(STREET)
    before, after = (each.series["link"].columns["queue_m"][:, row] for each in (base, blocked))
    assert after.max() > before.max() + 50.0
    assert after[-1] < 8.0
    assert value(blocked, "total_delay") > value(base, "total_delay")
    assert blocked.tables["link"].columns["queue_at_s"][row] >= 7.25 * 3600.0


def block():
    return BlockLanes(target_ids=(STREET,), lanes=1.0, start_s=7.25 * 3600.0, end_s=7.5 * 3600.0)


def test_what_an_incident_does_is_told_where_it_is_and_nowhere_else(queues, city):
    """A vehicle that comes a little sooner or later is no effect: only longer queues are told, and only behind the block."""
    base, blocked = run(queues, city), run(queues, city, block())
    course = difference(base.series["link"], blocked.series["link"])
    change = course.columns["queue_m_difference"]
    told = set(course.ids[(change != 0.0).any(axis=0)].tolist())
    assert STREET in told
    assert len(told) <= 6
    assert change.max() > 50.0
    assert change.min() >= 0.0


def test_who_hears_of_an_incident_goes_around_it(queues, city):
    deaf, hearing = (run(queues, city, block(), params=dataclasses.replace(PARAMS, informed=share)) for share in (0.0, 1.0))
    row = deaf.tables["link"].ids.tolist().index(STREET)
    assert hearing.tables["link"].columns["vehicles"][row] < deaf.tables["link"].columns["vehicles"][row]
    assert value(hearing, "total_delay") < value(deaf, "total_delay")


def test_without_an_incident_nobody_leaves_the_usual_way(queues, city):
    deaf, hearing = (run(queues, city, params=dataclasses.replace(PARAMS, informed=share)) for share in (0.0, 1.0))
    assert deaf.indicators == hearing.indicators


def test_more_groups_of_drivers_spread_traffic_finer(queues, city):
    """Where all are used to the same way, they queue for it, though there is room for all."""
    full = ScaleDemand(factor=2.0)
    one, eight = (run(queues, city, full, params=dataclasses.replace(PARAMS, groups=count)) for count in (1, 8))
    assert value(eight, "total_delay") < 0.2 * value(one, "total_delay")


@pytest.mark.parametrize(
    ("edits", "period_h"),
    [
        ((), (7, 9)),
        ((BlockLanes(target_ids=("a",), start_s=8 * 3600.0, end_s=8.5 * 3600.0),), (7, 9)),
        ((AddEvent(trips=10.0, at_s=19 * 3600.0, spread_s=7200.0),), (16.5, 19)),
        ((BlockLanes(target_ids=("a",), start_s=300.0, end_s=600.0),), (0, 1)),
        ((BlockLanes(target_ids=("a",), start_s=23.9 * 3600.0, end_s=24 * 3600.0),), (23.25, 24.0)),
    ],
)
def test_the_period_holds_what_happens_in_a_scenario(queues, edits, period_h):
    scenario = Scenario(id="s", name="what if", edits=edits)
    params = queues.params_for(baseline(), scenario)
    assert (params.start_s / 3600.0, params.end_s / 3600.0) == period_h
    assert queues.suits(params, scenario)


def test_an_incident_outside_the_period_is_said(queues, city):
    late = BlockLanes(target_ids=(STREET,), start_s=19 * 3600.0, end_s=20 * 3600.0)
    assert not queues.suits(PARAMS, Scenario(id="s", name="what if", edits=(late,)))
    said = run(queues, city, late).notes
    assert "From 19:00 to 20:00 there is an incident or an event that this period does not hold: choose another." in said


def test_nothing_is_different_before_the_incident(queues, city):
    base, blocked = run(queues, city), run(queues, city, block())
    for name, column in base.series["link"].columns.items():
        assert np.array_equal(column[:3], blocked.series["link"].columns[name][:3], equal_nan=True)
        assert not np.array_equal(column, blocked.series["link"].columns[name], equal_nan=True)


def test_an_incident_on_a_kept_run_is_the_same_as_on_a_fresh_one(queues, city):
    run(queues, city)
    kept, fresh = run(queues, city, block()), run(Queues(), city, block())
    for name, column in kept.tables["link"].columns.items():
        assert column.tobytes() == fresh.tables["link"].columns[name].tobytes()
    assert kept.indicators == fresh.indicators


def test_the_unchanged_city_differs_from_itself_nowhere(queues, city):
    one, two = finish(queues.run(city, baseline(), PARAMS, 1)), run(queues, city)
    columns = compare(one, two).tables["link"].columns
    changes = [column for name, column in columns.items() if name.endswith("_difference")]
    assert len(changes) == 6
    for column in changes:
        assert not np.nan_to_num(column).any()


def test_nobody_drives_on_a_closed_street(queues, city):
    result = run(queues, city, CloseLinks(target_ids=(STREET,)))
    row = result.tables["link"].ids.tolist().index(STREET)
    assert result.tables["link"].columns["vehicles"][row] == 0.0
    assert np.isnan(result.tables["link"].columns["travel_time_s"][row])
    assert np.isnan(result.series["link"].columns["speed_mps"][:, row]).all()


def test_half_the_trips_are_half_of_the_same_vehicles(queues, city):
    whole, half = run(queues, city), run(queues, city, ScaleDemand(factor=0.5))
    assert value(half, "vehicles") == pytest.approx(0.5 * value(whole, "vehicles"), rel=0.1)
    assert value(half, "total_delay") <= value(whole, "total_delay")


def test_more_lanes_never_lengthen_the_longest_queue_of_a_jammed_street(queues, city):
    jammed, wide = (run(queues, city, block(), *more) for more in ((), (SetLanes(target_ids=(STREET,), lanes=3.0),)))
    row = jammed.tables["link"].ids.tolist().index(STREET)
    assert wide.tables["link"].columns["queue_m"][row] < jammed.tables["link"].columns["queue_m"][row]


def test_trips_to_an_event_come_before_it_begins(queues, city):
    event = AddEvent(trips=400.0, x_m=1500.0, y_m=1200.0, at_s=8 * 3600.0, spread_s=900.0)
    base, full = run(queues, city), run(queues, city, event)
    assert value(full, "vehicles") - value(base, "vehicles") == pytest.approx(400.0, abs=30.0)
    flows = [each.series["link"].columns["flow_vph"] for each in (base, full)]
    before, during = (float((flows[1] - flows[0])[steps].sum()) for steps in (slice(0, 6), slice(6, 12)))
    assert during > 3.0 * abs(before)  # who knows of it goes other ways already before, but nobody sets out sooner


def test_a_city_in_which_nobody_drives_is_refused(queues, city):
    with pytest.raises(ScenarioError, match="Nobody makes a trip"):
        run(queues, city, params=QueuesParams(trip_rate=0.0, gate_share=0.0))


def test_no_demand_at_all_is_fine(queues, city):
    result = run(queues, city, ScaleDemand(factor=0.0))
    assert value(result, "vehicles") == value(result, "mean_trip_time_s") == value(result, "vkt") == 0.0


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ScenarioError, match="ends before it begins"):
        QueuesParams(start_s=9 * 3600.0, end_s=8 * 3600.0)


def test_it_can_be_cancelled_while_vehicles_move(queues, city):
    seen = []
    with pytest.raises(CancelledError):
        finish(
            Queues().run(city, baseline(), PARAMS, 3),
            on_progress=lambda progress: seen.append(progress.message),
            is_cancelled=lambda: seen[-1] == "Moving vehicles",
        )


def test_the_notes_say_how_the_period_begins_and_how_signals_count(queues, city):
    said = run(queues, city).notes
    assert "Roads are empty at 07:00: the first quarter of an hour is quieter than it would be." in said
    assert not any(note.startswith("Gridlock") for note in said)


def test_gridlock_is_said_beside_the_numbers(queues, city):
    """Fifteen times the trips on streets that barely carry them once, and all are used to the same ways: rings of full streets."""
    deaf = dataclasses.replace(PARAMS, informed=0.0, groups=1)
    result = run(queues, city, ScaleDemand(factor=15.0), params=deaf)
    locks = value(result, "gridlocks")
    assert locks > 0
    assert value(result, "not_arrived") > 0
    assert any(note.startswith(f"Gridlock: {locks:.0f} rings of full roads") for note in result.notes)
    assert "Nobody is taken out of such a ring; who waits there has not arrived." in result.notes


def test_the_notes_say_how_many_did_not_arrive_and_where_they_were(queues, city):
    result = run(queues, city, ScaleDemand(factor=10.0))
    note = next(note for note in result.notes if "had not arrived at 08:30" in note)
    late, count, moving, home = (int(word) for word in re.findall(r"(?<![\d:.(])\d+(?= of| vehicles| on| still)", note))
    assert (late, count) == (value(result, "not_arrived"), value(result, "vehicles"))
    assert late == moving + home
    assert home > 0
    assert any(note.startswith("Who waits to begin") for note in result.notes)
    assert not any("had not arrived" in note for note in run(queues, city).notes)


def test_who_pulls_out_yields_to_those_who_drive_through(city):
    base = finish(KeptCity().baseline(city, PARAMS))
    network = make_roads(city, base.network, PARAMS).network
    roads, origins = network.link["priority"][: network.links], network.link["priority"][network.links :]
    assert origins.max() < 0.25 * roads.min()
