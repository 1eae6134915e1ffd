"""A whole run on the grid city: what must hold for any result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from cleanup_city import BLOCK_M, bins_at, city, depots_at, grid_city, sites_at, streets

from sim.cleanup import Cleanup
from sim.cleanup.params import CleanupParams
from tests.town import frame
from twin.errors import CancelledError, ScenarioError
from twin.model.catalogue import KIND_OF
from twin.model.comparison import compare
from twin.model.edits import AddDisposalSite, CloseDisposalSites, CloseLinks, RemoveBins, ResizeBins, SetFleet, SetPolicy
from twin.model.results import Result
from twin.model.scenario import Scenario, baseline
from twin.model.snapshot import Snapshot
from twin.task import Progress, finish

PARAMS = CleanupParams(days=6, warm_up_days=2, replications=3)
THRESHOLD = baseline().with_edit(SetPolicy(policy="threshold", threshold=0.6))


def run(snapshot: Snapshot, scenario: Scenario = baseline(), params: CleanupParams = PARAMS, seed: int = 1) -> Result:  # noqa: B008  immutable
    return finish(Cleanup().run(snapshot, scenario, params, seed))


def bytes_of(result: Result) -> bytes:
    numbers = [np.array(item.samples).tobytes() for item in result.indicators]
    columns = [column.tobytes() for table in result.tables.values() for column in table.columns.values()]
    lines = [line.wkb for line in result.tables["route"].geometry]
    return b"".join([*numbers, *columns, *lines, result.input_hash.encode()])


def test_same_inputs_give_the_same_bytes_and_another_seed_does_not():
    snapshot = grid_city()
    assert bytes_of(run(snapshot)) == bytes_of(run(snapshot))
    assert bytes_of(run(snapshot)) != bytes_of(run(snapshot, seed=2))


def test_every_indicator_has_a_sample_per_replication_inside_its_interval():
    result = run(grid_city())
    for item in result.indicators:
        assert len(item.samples) == PARAMS.replications
        assert item.low <= item.value <= item.high
    assert {"overflow_h", "cost"} <= {item.name for item in result.indicators}


def test_waste_is_neither_made_nor_lost():
    assert run(grid_city()).diagnostics["waste_balance_l"] < 1e-6


def test_a_scenario_without_effect_differs_by_exactly_nothing():
    snapshot = grid_city()
    idle = baseline().with_edit(ResizeBins(target_ids=("bin-00003",), capacity_l=240.0))
    comparison = compare(run(snapshot), run(snapshot, idle))
    assert not any(item.is_found for item in comparison.differences)
    assert all(item.difference == 0.0 for item in comparison.differences)


@pytest.mark.parametrize("policy", ["threshold", "risk", "look_ahead", "perfect"])
def test_advice_that_nobody_follows_changes_nothing(policy):
    snapshot = grid_city()
    ignored = CleanupParams(days=6, warm_up_days=2, replications=2, adherence=0.0)
    advised = baseline().with_edit(SetPolicy(policy=policy, detour_s=600.0))
    comparison = compare(run(snapshot, params=ignored), run(snapshot, advised, ignored))
    assert all(item.difference == 0.0 for item in comparison.differences)


@pytest.mark.parametrize("policy", ["risk", "look_ahead", "perfect"])
def test_policies_by_risk_overflow_less_than_rounds_of_as_many_visits(policy):
    snapshot = grid_city(bin_count=120)
    advised = run(snapshot, baseline().with_edit(SetPolicy(policy=policy, risk=0.1)))
    rounds = run(snapshot, baseline().with_edit(SetPolicy(policy="fixed", period_days=4)))
    assert advised.indicator("overflow_h").value < rounds.indicator("overflow_h").value


def test_with_perfect_information_only_what_no_bin_could_hold_overflows():
    result = run(grid_city(), baseline().with_edit(SetPolicy(policy="perfect", horizon_days=0)))
    assert result.indicator("missed_visits").value == 0.0  # each was emptied that morning and overflowed all the same
    assert result.indicator("uncollected_stops").value == 0.0
    assert result.indicator("visits").value > 0.0


def test_dead_sensors_and_bins_without_any_cost_overflow_or_visits():
    snapshot = grid_city(bin_count=120)
    risk = baseline().with_edit(SetPolicy(policy="risk"))
    blind = CleanupParams(days=10, warm_up_days=4, replications=3, sensor_share=0.0)
    seeing = CleanupParams(days=10, warm_up_days=4, replications=3, sensor_error=0.0, dead_sensor_share=0.0)
    without, with_ = run(snapshot, risk, blind), run(snapshot, risk, seeing)
    assert without.indicator("visits").value > 1.2 * with_.indicator("visits").value
    assert without.indicator("overflow_h").value > 0.0


def test_missed_visits_overtime_and_complaints_are_counted():
    snapshot = grid_city()
    rare = run(snapshot, baseline().with_edit(SetPolicy(policy="fixed", period_days=14)))
    assert rare.indicator("missed_visits").value >= rare.indicator("overflow_events").value > 0
    assert rare.indicator("complaints").value == pytest.approx(0.005 * rare.indicator("overflow_h").value)
    hurried = CleanupParams(days=6, warm_up_days=2, replications=3, period_days=1, shift_s=2500.0)
    assert run(snapshot, params=hurried).indicator("overtime_h").value > 0


def test_followed_advice_saves_needless_visits():
    snapshot = grid_city()
    exact = CleanupParams(days=6, warm_up_days=2, replications=3, sensor_error=0.0, dead_sensor_share=0.0)
    before, after = run(snapshot, params=exact), run(snapshot, THRESHOLD, exact)
    assert before.indicator("needless_visits").value > 0
    assert after.indicator("needless_visits").value == 0


def test_every_scenario_sees_the_same_waste():
    snapshot = grid_city()
    daily = baseline().with_edit(SetPolicy(policy="fixed", period_days=1))
    removed = (
        baseline()
        .with_edit(SetPolicy(policy="fixed", period_days=1))
        .with_edit(RemoveBins(target_ids=("bin-00004", "bin-00009")))
    )
    with_all, with_fewer = run(snapshot, daily), run(snapshot, removed)
    # Collected every morning, each day's tonnes are the tonnes of the day before, whoever held them.
    np.testing.assert_allclose(with_all.tables["day"].columns["collected_t"], with_fewer.tables["day"].columns["collected_t"])


def test_closing_the_short_way_lengthens_the_routes():
    nodes, links = streets(3, 2)
    snapshot = city(nodes, links, bins_at([(2 * BLOCK_M, 0.0)]), depots_at([(0.0, 0.0)]), sites_at([(0.0, 0.0)]))
    daily = CleanupParams(days=2, warm_up_days=0, replications=1, period_days=1)
    closed = baseline().with_edit(CloseLinks(target_ids=("l1-0>2-0", "l2-0>1-0")))
    before, after = run(snapshot, params=daily), run(snapshot, closed, daily)
    assert before.indicator("distance_km").value == pytest.approx(0.4)
    assert after.indicator("distance_km").value == pytest.approx(0.8)


def test_an_empty_fleet_collects_nothing_and_says_so():
    snapshot = grid_city()
    result = run(snapshot, baseline().with_edit(SetFleet(target_ids=("depot-0",), vehicle_count=0)))
    assert result.indicator("visits").value == 0
    assert result.indicator("uncollected_stops").value > 0
    assert any("nothing is collected" in note for note in result.notes)
    assert len(result.tables["route"].ids) == 0


def test_bins_behind_a_closed_street_stay_uncollected_and_the_rest_is_done():
    nodes, links = streets(4, 1)
    snapshot = city(
        nodes, links, bins_at([(100.0, 0.0), (300.0, 0.0), (100.0, 0.0)]), depots_at([(0.0, 0.0)]), sites_at([(0.0, 0.0)])
    )
    closed = baseline().with_edit(CloseLinks(target_ids=("l2-0>3-0", "l3-0>2-0")))
    result = run(snapshot, closed, CleanupParams(days=2, warm_up_days=0, replications=1, period_days=1))
    assert result.indicator("visits").value == 2
    assert result.indicator("uncollected_stops").value == 1
    assert any("1 bins cannot be reached" in note and "bin-00001" in note for note in result.notes)


def test_a_depot_in_a_closed_street_is_named_and_the_other_does_the_work():
    nodes, links = streets(4, 1)
    snapshot = city(nodes, links, bins_at([(100.0, 0.0)]), depots_at([(0.0, 0.0), (300.0, 0.0)]), sites_at([(100.0, 0.0)]))
    closed = baseline().with_edit(CloseLinks(target_ids=("l2-0>3-0", "l3-0>2-0")))
    result = run(snapshot, closed, CleanupParams(days=2, warm_up_days=0, replications=1, period_days=1))
    assert result.indicator("visits").value == 1
    assert any("1 of 2 depots are cut off" in note and "depot-1" in note for note in result.notes)


def test_a_site_nearer_to_the_bins_shortens_the_rounds_and_changes_nothing_that_is_collected():
    """From the depot (300 m) over the bin (200 m) to the site (0 m) and back, or to a site at the depot: 600 m or 200 m."""
    nodes, links = streets(4, 1)
    snapshot = city(nodes, links, bins_at([(200.0, 0.0)]), depots_at([(300.0, 0.0)]), sites_at([(0.0, 0.0)]))
    params = CleanupParams(days=2, warm_up_days=0, replications=1, period_days=1)
    near = baseline().with_edit(AddDisposalSite(x_m=300.0, y_m=0.0, unload_duration_s=900.0))
    before, after = run(snapshot, params=params), run(snapshot, near, params)
    alone = run(snapshot, near.with_edit(CloseDisposalSites(target_ids=(snapshot["disposal_site"].ids[0],))), params)
    assert before.indicator("distance_km").value == pytest.approx(2 * 0.3)
    assert after.indicator("distance_km").value == alone.indicator("distance_km").value == pytest.approx(2 * 0.1)
    for name in ("visits", "collected_t", "overflow_h"):
        assert after.indicator(name).samples == before.indicator(name).samples


def test_a_depot_and_a_site_far_from_every_road_are_named():
    nodes, links = streets(3, 1)
    snapshot = city(nodes, links, bins_at([(0.0, 0.0)]), depots_at([(0.0, 5000.0)]), sites_at([(100.0, 0.0)]))
    result = run(snapshot, baseline().with_edit(AddDisposalSite(x_m=0.0, y_m=-9000.0)))
    assert any("1 depots are more than 200 m" in note and "depot-0" in note for note in result.notes)
    assert any("1 disposal sites are more than 200 m" in note and "new-" in note for note in result.notes)


def test_a_bin_far_from_every_road_is_named():
    nodes, links = streets(3, 1)
    snapshot = city(nodes, links, bins_at([(100.0, 0.0), (100.0, 900.0)]), depots_at([(0.0, 0.0)]), sites_at([(0.0, 0.0)]))
    assert any("1 bins are more than 200 m" in note and "bin-00001" in note for note in run(snapshot).notes)


def test_a_city_without_depots_gets_assumed_ones_and_says_so():
    nodes, links = streets(5, 5)
    result = run(city(nodes, links, bins_at([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)])))
    assert result.indicator("visits").value > 0
    assert any("no depot" in note for note in result.notes)
    assert any("no disposal site" in note for note in result.notes)


@pytest.mark.parametrize(("bin_count", "expected"), [(0, "has no bins")])
def test_a_city_without_bins_is_refused_with_advice(bin_count, expected):
    nodes, links = streets(3, 3)
    with pytest.raises(ScenarioError, match=expected) as caught:
        run(city(nodes, links, bins_at(np.empty((bin_count, 2)))))
    assert "Import bins" in caught.value.advice


def test_a_city_without_roads_is_refused_with_advice():
    nodes, links = streets(3, 3)
    with pytest.raises(ScenarioError, match="no roads"):
        run(city(nodes, links.take(np.empty(0, int)), bins_at([(0.0, 0.0)])))


def test_removing_every_bin_of_a_kind_is_refused():
    snapshot = grid_city(bin_count=4)
    kinds = snapshot["bin"]["waste_kind"]
    gone = tuple(snapshot["bin"].ids[kinds == "food"])
    with pytest.raises(ScenarioError, match="food"):
        run(snapshot, baseline().with_edit(RemoveBins(target_ids=gone)))


def test_cancel_is_answered_between_two_steps():
    steps: list[Progress] = []
    with pytest.raises(CancelledError):
        finish(Cleanup().run(grid_city(), baseline(), PARAMS, 1), steps.append, lambda: len(steps) > 5)
    assert len(steps) == 6


def test_progress_counts_the_simulated_days():
    steps: list[Progress] = []
    finish(Cleanup().run(grid_city(), baseline(), PARAMS, 1), steps.append)
    days = [step for step in steps if step.message == "Simulating collection"]
    assert days[0].total == 3 * 8
    assert [step.done for step in days] == sorted(step.done for step in days)
    assert {step.done for step in days} == set(range(24))


def test_tables_have_a_row_per_bin_day_and_trip():
    snapshot = grid_city()
    result = run(snapshot)
    assert list(result.tables["bin"].ids) == list(snapshot["bin"].ids)
    assert len(result.tables["day"].ids) == PARAMS.days
    cells = result.tables["cell"]
    assert cells.columns["bins"].sum() == 60
    assert cells.columns["overflow_h"].sum() == pytest.approx(result.indicator("overflow_h").value)
    routes = result.tables["route"]
    length_km = [line.length / 1000 for line in routes.geometry]
    np.testing.assert_allclose(routes.columns["distance_km"], length_km, rtol=1e-6)


def test_costs_that_fall_because_bins_stay_uncollected_are_no_gain():
    snapshot = grid_city()
    without_trucks = baseline().with_edit(SetFleet(target_ids=tuple(snapshot["depot"].ids.tolist()), vehicle_count=0))
    comparison = compare(run(snapshot), run(snapshot, without_trucks))
    of = {item.name: item for item in comparison.differences}
    assert of["uncollected_stops"].difference > 0
    assert of["cost"].difference < 0
    assert {of[name].worse for name in ("cost", "distance_km", "crew_h", "co2_kg")} == {"neither"}
    assert of["overflow_h"].worse == of["uncollected_stops"].worse == "higher"
    assert any(note.startswith("More is left out") for note in comparison.notes)


def with_trips(snapshot: Snapshot) -> Snapshot:
    """The city with all that traffic is made of: residents in the four corners, on roads of one lane."""
    links, far = snapshot["link"], 7 * BLOCK_M
    ends = list(zip(links["tail_id"], links["head_id"], strict=True))
    key_of = dict(zip(ends, links.ids, strict=True))
    reverse = [key_of[(head, tail)] for tail, head in ends]
    known = {name: links[name] for name in ("tail_id", "head_id", "free_flow_speed_mps", "length_m", "closed")}
    link = frame("link", links.geometry, reverse_id=reverse, capacity_vph=[600.0] * len(links), bpr_b=[3.0] * len(links), **known)
    squares = [shapely.box(x - 40, y - 40, x + 40, y + 40) for x in (0.0, far) for y in (0.0, far)]
    made = {kind: frame(kind) for kind in KIND_OF} | snapshot.frames
    made["link"] = replace(link, ids=links.ids)
    made["node"] = replace(frame("node", snapshot["node"].geometry), ids=snapshot["node"].ids)
    made["population_cell"] = frame("population_cell", squares, residents=[20000.0] * 4)
    return replace(snapshot, frames=made)


def test_congested_roads_slow_the_rounds_and_a_closure_moves_traffic_and_trucks():
    snapshot = with_trips(grid_city())
    free, slow = (replace(PARAMS, speed_factor=1.0, traffic=name) for name in ("free_flow", "congested"))
    before, loaded = run(snapshot, params=free), run(snapshot, params=slow)
    assert loaded.indicator("drive_h").value > 1.05 * before.indicator("drive_h").value
    assert loaded.input_hash != before.input_hash
    assert any("Trucks drive with the traffic from" in note for note in loaded.notes)
    closed = baseline().with_edit(CloseLinks(target_ids=("l3-3>4-3", "l4-3>3-3", "l3-4>4-4", "l4-4>3-4")))
    assert run(snapshot, closed, slow).indicator("drive_h").value > loaded.indicator("drive_h").value
    assert bytes_of(run(snapshot, params=slow)) == bytes_of(loaded)


def test_a_stops_time_leads_to_the_end_of_its_trip():
    result = run(grid_city(), params=CleanupParams(days=1, replications=1, search_iterations=0, break_s=0.0))
    routes, stops = result.tables["route"].columns, result.tables["stop"].columns
    assert routes["stops"].sum() == len(stops["truck"])
    last = np.append(np.diff(stops["stop"]) <= 0, True)
    returns = routes["leaves_s"] + routes["duration_s"]
    assert (stops["arrives_s"][last] + CleanupParams().service_s <= returns + 1e-6).all()
    assert (stops["distance_km"][last] <= routes["distance_km"] + 1e-9).all()


def test_the_course_of_the_trucks_passes_every_stop_when_it_is_due_and_stands_still_in_the_break():
    params = replace(PARAMS, days=1, replications=1, search_iterations=0, break_after_s=900.0)
    result = run(grid_city(), params=params)
    course, stops, routes = (result.tables[kind].columns for kind in ("course", "stop", "route"))
    for truck in np.unique(stops["truck"]):
        of, at = course["truck"] == truck, stops["truck"] == truck
        time = course["passes_s"][of]
        assert (np.diff(time) >= -1e-6).all()
        for trip in np.unique(stops["trip"][at]):
            now = of & (course["trip"] == trip)
            mine = at & (stops["trip"] == trip)
            met = np.interp(stops["arrives_s"][mine], course["passes_s"][now], course["distance_km"][now])
            np.testing.assert_allclose(met, stops["distance_km"][mine], atol=1e-6)
            assert course["load_l"][now].max() == pytest.approx(stops["load_l"][mine].sum())
            row = (routes["truck"] == truck) & (routes["trip"] == trip)
            assert course["distance_km"][now][-1] == pytest.approx(routes["distance_km"][row][0])
            assert course["passes_s"][now][0] == pytest.approx(routes["leaves_s"][row][0])
        if time[-1] - time[0] > params.break_after_s + params.break_s:
            middle = time[0] + params.break_after_s + 0.5 * params.break_s
            around = np.searchsorted(time, middle)
            assert course["distance_km"][of][around] == course["distance_km"][of][around - 1]
