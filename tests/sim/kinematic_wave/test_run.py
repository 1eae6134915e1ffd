"""Whole runs: nobody is lost, the same bytes whatever the step, snapshots, the reach of an incident, gridlock."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kinematic_wave.capacity import Windows
from sim.kinematic_wave.closed_form import flows, problem, streets
from sim.kinematic_wave.network import make_network
from sim.kinematic_wave.run import Clock, simulate, simulate_again
from twin.errors import DataError
from twin.task import finish

SIDE = 4
CLOCK = Clock(3600.0, series_s=60.0, renew_s=300.0, snapshot_s=900.0)


def grid(step_s=1.0):
    links = []
    for row in range(SIDE):
        for column in range(SIDE):
            here = row * SIDE + column
            links += [(here, here + 1), (here + 1, here)] if column + 1 < SIDE else []
            links += [(here, here + SIDE), (here + SIDE, here)] if row + 1 < SIDE else []
    # Lengths that no two streets share: nothing happens at the same moment by chance.
    return make_network(streets(*((*ends, 200.0 + 7.3 * k) for k, ends in enumerate(links))), SIDE * SIDE, step_s=step_s)


def traffic(seed, count):
    rng = np.random.default_rng(seed)
    origin, destination = rng.integers(0, SIDE * SIDE, (2, count))
    return origin, destination, np.sort(rng.uniform(0.0, 1200.0, count))


def blocked(link, start_s, end_s, share=0.0):
    return Windows(np.array([link]), np.array([start_s]), np.array([end_s]), np.array([share]), np.array([share]))


def run(step_s=1.0, clock=CLOCK, seed=1, count=3000, windows=None):
    what = problem(grid(step_s), traffic(seed, count), clock, windows=windows)
    return what, finish(simulate(what))


@given(seed=st.integers(0, 2**31), count=st.integers(0, 2500))
@settings(max_examples=8, deadline=None)
def test_every_vehicle_has_arrived_or_is_somewhere(seed, count):
    what, outcome = run(seed=seed, count=count)
    looks = outcome.looks
    arrived = int(np.isfinite(outcome.arrival_s).sum())
    begun = arrived + int((looks.entered[-1] - looks.left[-1]).sum())
    assert 0 <= arrived <= begun <= count
    assert np.all(looks.entered >= looks.left)
    assert np.all(looks.entered[-1] - looks.left[-1] <= what.network.link["whole"][: what.network.links])
    assert np.all(outcome.arrival_s[np.isfinite(outcome.arrival_s)] <= CLOCK.horizon_s)
    assert np.all(outcome.vehicle_s() >= -1e-6)
    assert not outcome.stranded.any()


def test_nobody_is_faster_than_the_empty_road():
    what, outcome = run()
    left = outcome.looks.left[-1]
    assert np.all(outcome.looks.travel_s[-1] >= left * what.network.link["free_s"][: what.network.links] - 1e-6)


def test_neither_the_step_nor_the_cut_of_time_changes_a_bit():
    _, fine = run(step_s=0.5)
    _, coarse = run(step_s=7.0)
    often = dataclasses.replace(CLOCK, series_s=10.0)
    _, cut = run(clock=often)
    assert np.array_equal(fine.arrival_s, coarse.arrival_s, equal_nan=True)
    assert np.array_equal(fine.arrival_s, cut.arrival_s, equal_nan=True)
    for ours, theirs in zip(fine.looks, coarse.looks, strict=True):
        assert np.array_equal(ours, theirs)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_routes():
    one, two = run(count=8000)[1], run(count=8000)[1]
    assert one.arrival_s.tobytes() == two.arrival_s.tobytes()
    network = grid()
    other = finish(simulate(problem(network, traffic(1, 8000), CLOCK, seed=99)))
    assert other.arrival_s.tobytes() != one.arrival_s.tobytes()


def test_numbers_of_nodes_far_away_change_nothing():
    network, vehicles = grid(), traffic(1, 3000)
    plain = finish(simulate(problem(network, vehicles, CLOCK)))
    tail, head = network.link["tail"][: network.links], network.link["head"][: network.links]
    ends = zip(tail.tolist(), head.tolist(), network.length_m.tolist(), strict=True)
    # Two more nodes and a street between them that leads nowhere near: it has the first number.
    roads = streets((SIDE * SIDE, SIDE * SIDE + 1, 777.0), *ends)
    more = finish(simulate(problem(make_network(roads, SIDE * SIDE + 2), vehicles, CLOCK)))
    assert np.array_equal(plain.arrival_s, more.arrival_s, equal_nan=True)


@pytest.mark.parametrize(("start_s", "end_s"), [(1000.0, 2800.0), (900.0, 1500.0), (10.0, 700.0)])
def test_an_incident_from_a_snapshot_is_an_incident_from_the_start(start_s, end_s):
    what, base = run()
    changed = dataclasses.replace(what, windows=blocked(5, start_s, end_s))
    whole, again = finish(simulate(changed)), finish(simulate_again(changed, what, base))
    assert np.array_equal(whole.arrival_s, again.arrival_s, equal_nan=True)
    for ours, theirs in zip(whole.looks, again.looks, strict=True):
        assert np.array_equal(ours, theirs)
    assert [item.at_s for item in whole.snapshots] == [item.at_s for item in again.snapshots]
    assert not np.array_equal(whole.arrival_s, base.arrival_s, equal_nan=True)


def test_an_incident_changes_nothing_before_it_nor_beyond_its_reach():
    links = [(k, k + 1, 400.0 + 10.0 * k) for k in range(5)]
    network = make_network(streets(*links, (6, 7, 500.0)), 8)
    what = problem(network, flows((0, 5, 0.0, 1500.0, 0.7), (6, 7, 0.0, 1500.0, 0.7)), Clock(3600.0, series_s=1.0, tables=1))
    base = finish(simulate(what))
    shut = blocked(2, 600.0, 1200.0)._replace(in_factor=np.ones(1))  # nobody leaves; who comes may still enter
    outcome = finish(simulate_again(dataclasses.replace(what, windows=shut), what, base))
    early = base.arrival_s < 600.0
    assert np.array_equal(base.arrival_s[early], outcome.arrival_s[early])
    differs = base.looks.left != outcome.looks.left
    first_s = np.where(differs.any(axis=0), base.looks.at_s[np.argmax(differs, axis=0)], np.inf)
    free_s, wave_s = network.link["free_s"], network.link["wave_s"]
    assert first_s[2] >= 600.0
    assert first_s[3] >= 600.0 + free_s[3]  # forwards, news travels with the vehicles
    assert first_s[4] >= 600.0 + free_s[3] + free_s[4]
    assert first_s[1] >= 600.0 + wave_s[2]  # backwards with the wave
    assert first_s[0] >= 600.0 + wave_s[2] + wave_s[1]
    assert np.isfinite(first_s[:5]).all()
    assert first_s[5] == np.inf  # no road leads there


def test_an_incident_is_simulated_from_the_last_snapshot_before_it_and_no_sooner():
    what, base = run()
    moments_s = [step.done for step in simulate_again(dataclasses.replace(what, windows=blocked(5, 3000.0, 3300.0)), what, base)]
    assert min(moment_s for moment_s in moments_s if moment_s > 0.0) > 2700.0
    assert max(moments_s) == CLOCK.horizon_s


@pytest.mark.parametrize("start_s", [601.0, 899.0])
def test_a_closure_between_two_looks_at_the_traffic_holds_vehicles_only_while_it_lasts(start_s):
    """Who was first in line as it began must neither slip through nor stand there for ever."""
    _, free = run()
    link = int(np.argmax(free.looks.left[-1]))
    _, outcome = run(windows=blocked(link, start_s, 1500.0))
    left, closed = outcome.looks.left[:, link], (outcome.looks.at_s >= 900.0) & (outcome.looks.at_s <= 1500.0)
    assert np.ptp(left[closed]) == 0
    assert left[-1] == outcome.looks.entered[-1, link]
    assert left[-1] > left[closed][-1]


def ring_road(relief, windows=None):
    """Four one-way streets in a square; everybody wants three quarters round, more than there is room for."""
    links = [(0, 1, 60.0), (1, 2, 60.0), (2, 3, 60.0), (3, 0, 60.0)]
    network = make_network(streets(*links), 4, origin_priority=np.full(4, 100.0))
    streams = [(node, (node + 3) % 4, 0.0, 400.0, 0.5) for node in range(4)]
    clock = Clock(3600.0, series_s=10.0, tables=1, relief=relief)
    return finish(simulate(problem(network, flows(*streams), clock, windows=windows)))


def test_gridlock_is_reported_with_its_links_and_nobody_is_moved_by_magic():
    outcome = ring_road(relief=False)
    (found,) = outcome.gridlocks
    assert found.links == (0, 1, 2, 3)
    assert 10.0 <= found.seen_s <= 400.0
    after = outcome.looks.at_s > found.seen_s
    assert np.all(outcome.looks.left[after] == outcome.looks.left[-1])
    assert np.isnan(outcome.arrival_s).any()


def test_relief_turns_the_ring():
    stuck, turning = ring_road(relief=False), ring_road(relief=True)
    assert len(turning.gridlocks) == 1
    assert np.isfinite(turning.arrival_s).sum() > 5 * np.isfinite(stuck.arrival_s).sum()


def test_a_ring_of_which_part_is_closed_does_not_turn_before_it_opens():
    outcome = ring_road(relief=True, windows=blocked(2, 1000.0, 2000.0))
    at_s, left = outcome.looks.at_s, outcome.looks.left
    assert np.ptp(left[(at_s >= 1100.0) & (at_s <= 2000.0)], axis=0).max() == 0
    assert np.all(left[-1] > left[at_s == 2000.0][0])


def test_no_trips_at_all_are_fine():
    _, outcome = run(count=0)
    assert outcome.arrival_s.shape == (0,)
    assert outcome.looks.entered.sum() == 0


def test_trips_to_where_no_road_leads_are_named_and_stay_at_home():
    network = make_network(streets((0, 1, 500.0), (2, 3, 500.0)), 4)
    outcome = finish(simulate(problem(network, flows((0, 3, 0.0, 10.0, 1.0), (0, 1, 0.0, 10.0, 0.5)), CLOCK)))
    assert outcome.stranded.sum() == 10
    assert np.isfinite(outcome.arrival_s).sum() == 5


def test_a_trip_to_where_it_begins_takes_no_time():
    network = make_network(streets((0, 1, 500.0)), 2)
    outcome = finish(simulate(problem(network, flows((0, 0, 30.0, 40.0, 0.1)), CLOCK)))
    assert outcome.arrival_s.tolist() == [30.0]


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("speed_mps", np.nan, "is not a number"),
        ("capacity_vps", 0.0, "is not above 0"),
        ("jam_vpm", 0.01, "no queue could form"),
        ("out_vps", -1.0, "is not above 0"),
    ],
)
def test_roads_that_cannot_be_are_refused_by_number(column, value, why):
    with pytest.raises(DataError, match=f"'{column}' of link 1 .*{why}"):
        make_network(streets((0, 1, 500.0), (1, 0, 500.0), **{column: [20.0 if column == "speed_mps" else 0.5, value]}), 2)


def test_a_road_without_length_is_refused():
    with pytest.raises(DataError, match="'length_m' of link 0"):
        make_network(streets((0, 1, 0.0)), 2)


@pytest.mark.parametrize("moment_s", [np.nan, -1.0])
def test_trips_at_no_time_are_refused(moment_s):
    with pytest.raises(DataError, match="Trip 0 departs at"):
        problem(grid(), (np.array([0]), np.array([1]), np.array([moment_s])), CLOCK)


def test_trips_from_nowhere_are_refused():
    with pytest.raises(DataError, match="begins at node 99"):
        problem(grid(), (np.array([99]), np.array([1]), np.zeros(1)), CLOCK)


@pytest.mark.parametrize("windows", [blocked(99, 0.0, 1.0), blocked(0, 5.0, 5.0), blocked(0, 0.0, 1.0, share=1.5)])
def test_losses_of_capacity_that_make_no_sense_are_refused(windows):
    with pytest.raises(DataError, match="loss of capacity number 0"):
        run(windows=windows)


@pytest.mark.parametrize("changes", [{"horizon_s": 0.0}, {"renew_s": np.nan}, {"tables": 0}])
def test_clocks_that_never_tick_are_refused(changes):
    with pytest.raises(DataError):
        dataclasses.replace(CLOCK, **changes)


def test_short_roads_carry_their_capacity():
    network = make_network(streets(*((k, k + 1, 4.0) for k in range(20))), 21)
    outcome = finish(simulate(problem(network, flows((0, 20, 0.0, 500.0, 0.8)), CLOCK)))
    assert outcome.arrival_s.max() == pytest.approx(499.0 + 20.0, abs=1.5)
