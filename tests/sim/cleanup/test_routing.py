"""A day's rounds, checked by a reader that knows nothing of how they were made."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import BLOCK_M, bins_at, city, depots_at, grid_city, sites_at, streets
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.cleanup.giant import measure_and_order
from sim.cleanup.operation import prepare_operation
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import Choice, only
from sim.cleanup.router import Router, prepare_router
from sim.cleanup.routing import DayPlan, plan_day
from twin.errors import ScenarioError
from twin.model.snapshot import Snapshot
from twin.task import finish


def prepared(snapshot: Snapshot, params: CleanupParams, detour_s: float = 0.0):
    operation = finish(prepare_operation(snapshot, snapshot, params))
    ways, rank = finish(measure_and_order(operation))
    return operation, prepare_router(operation, ways, rank, params, detour_s)


def replayed(router: Router, plan: DayPlan, load_l) -> tuple[dict[int, float], float]:
    """Drive the plan: seconds of each truck and metres of all; asserts what a trip carries, where it unloads, and access."""
    work: dict[int, float] = {}
    begun: dict[int, float] = {}
    metres = 0.0
    stands: dict[int, int] = {}

    def clock(truck):
        is_after = work[truck] > router.shift.break_after_s + 0.01
        return begun[truck] + work[truck] + (router.shift.break_s if is_after else 0.0)

    for trip in np.lexsort((plan.turn, plan.truck)):
        truck = int(plan.truck[trip])
        if truck < 0:
            continue
        bins = plan.trips.bins[plan.trips.start[trip] : plan.trips.start[trip + 1]]
        kind = int(plan.trips.kind[trip])
        assert load_l[bins].sum() <= router.work[kind].capacity_l + 1e-6
        site = int(plan.site[trip])
        number = router.site_place.tolist().index(site)
        if truck not in begun:
            begun[truck], work[truck], stands[truck] = plan.leaves_s[trip], 0.0, int(plan.truck_home[truck])
            assert begun[truck] >= router.shift.start_s
        waits_s = max(0.0, plan.leaves_s[trip] - clock(truck))
        left_s = router.shift.break_after_s - work[truck]
        if 0.0 <= left_s < waits_s - router.shift.break_s:  # the break falls into the wait
            waits_s -= router.shift.break_s
        work[truck] += waits_s
        at = stands[truck]
        assert at == plan.origin[trip]
        for bin_ in bins.tolist():
            place = int(router.bin_place[bin_])
            work[truck] += router.ways.time_s[at, place]
            metres += router.ways.length_m[at, place]
            opens_s, closes_s = router.windows[router.bin_window[bin_]]
            assert clock(truck) >= opens_s - 0.1
            work[truck] += router.service_s
            assert clock(truck) <= closes_s + 0.1
            at = place
        work[truck] += router.ways.time_s[at, site] + router.unload_s[number]
        metres += router.ways.length_m[at, site]
        stands[truck] = site
    for truck, site in stands.items():
        work[truck] += router.ways.time_s[site, plan.truck_home[truck]]
        metres += router.ways.length_m[site, plan.truck_home[truck]]
    return work, metres


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    capacity_l=st.sampled_from([400.0, 1500.0, 18000.0]),
    shift_s=st.sampled_from([2000.0, 6000.0, 27000.0]),
    vehicles=st.integers(0, 6),
    overtime_s=st.sampled_from([0.0, 1500.0]),
    in_order=st.booleans(),
    access=st.booleans(),
)
@example(seed=0, capacity_l=400.0, shift_s=6000.0, vehicles=1, overtime_s=1500.0, in_order=False, access=True)
def test_every_day_keeps_capacity_shift_access_and_fleet(seed, capacity_l, shift_s, vehicles, overtime_s, in_order, access):
    rng = np.random.default_rng(seed)
    snapshot = grid_city(size=9, bin_count=80, seed=seed)
    snapshot = snapshot.with_frame(depots_at([(0.0, 0.0), (800.0, 0.0)], vehicles=vehicles, capacity_l=capacity_l))
    if access:
        opens_s = rng.choice([np.nan, 7 * 3600.0, 9 * 3600.0], 80)
        snapshot = snapshot.with_frame(with_access(snapshot["bin"], opens_s, opens_s + 1800.0))
    params = CleanupParams(shift_s=shift_s, overtime_s=overtime_s, break_after_s=5000.0)
    _, router = prepared(snapshot, params, detour_s=60.0)
    load_l, selected = rng.uniform(0, 400, 80), rng.random(80) < 0.6
    on_way = ~selected & (rng.random(80) < 0.5)
    waste = rng.integers(0, 2, 80).astype(np.int32)
    plan = finish(plan_day(router, Choice(selected, on_way, in_order), load_l, waste))
    seconds, metres = replayed(router, plan, load_l)
    assert len(seconds) == len(plan.truck_s) <= 2 * vehicles
    np.testing.assert_allclose([seconds[truck] for truck in sorted(seconds)], plan.truck_s, rtol=1e-5)
    assert all(total <= shift_s + overtime_s + 0.01 for total in seconds.values())
    assert plan.length_m == pytest.approx(metres, rel=1e-5)
    # Every selected bin is in exactly one trip, which carries one kind; of those on the way some are.
    planned = plan.trips.bins.tolist()
    if vehicles:
        assert sorted(bin_ for bin_ in planned if selected[bin_]) == np.flatnonzero(selected).tolist()
    assert len(set(planned)) == len(planned)
    assert (selected | on_way)[planned].all()
    assert not (in_order and on_way[planned].any())
    for start, end in zip(plan.trips.start[:-1], plan.trips.start[1:], strict=True):
        assert len(set(waste[plan.trips.bins[start:end]].tolist())) == 1
    assert set(plan.served.tolist()) <= set(planned)


def test_one_bin_one_truck_is_exact():
    nodes, links = streets(5, 1)
    snapshot = city(nodes, links, bins_at([(300.0, 0.0)]), depots_at([(0.0, 0.0)]), sites_at([(400.0, 0.0)], unload_s=600.0))
    _, router = prepared(snapshot, CleanupParams(service_s=45.0, speed_factor=0.5))
    plan = finish(plan_day(router, only(np.array([True])), np.array([100.0]), np.zeros(1, np.int32)))
    assert plan.length_m == 8 * BLOCK_M  # to the bin 3, to the site 1, home 4
    assert plan.truck_s.tolist() == [8 * BLOCK_M / 5.0 + 45.0 + 600.0]  # half of 10 m/s
    assert plan.drive_s == 8 * BLOCK_M / 5.0


def test_the_nearer_site_is_used_unless_unloading_there_takes_too_long():
    nodes, links = streets(6, 1)
    bins, depots = bins_at([(200.0, 0.0)]), depots_at([(0.0, 0.0)])
    near = sites_at([(300.0, 0.0), (500.0, 0.0)])
    slow = near.with_values(["site-0"], {"unload_duration_s": 5000.0})
    for sites, expected in ((near, 300.0), (slow, 500.0)):
        operation, router = prepared(city(nodes, links, bins, depots, sites), CleanupParams())
        plan = finish(plan_day(router, only(np.array([True])), np.array([100.0]), np.zeros(1, np.int32)))
        assert operation.node_xy[router.ways.node[plan.site[0]], 0] == expected


def test_a_fleet_too_small_leaves_the_trips_that_bring_in_least():
    nodes, links = streets(9, 1)
    bins = bins_at([(100.0, 0.0)] * 5 + [(800.0, 0.0)])
    snapshot = city(nodes, links, bins, depots_at([(0.0, 0.0)], vehicles=1, capacity_l=500.0), sites_at([(0.0, 0.0)]))
    _, router = prepared(snapshot, CleanupParams(shift_s=1000.0, overtime_s=0.0, service_s=0.0))
    plan = finish(plan_day(router, only(np.ones(6, bool)), np.array([100.0] * 6), np.zeros(6, np.int32)))
    assert sorted(plan.served.tolist()) == [0, 1, 2, 3, 4]


def test_local_search_shortens_the_split_tour():
    snapshot = grid_city(size=20, bin_count=300)
    _, router = prepared(snapshot, CleanupParams())
    waste, load_l = np.zeros(300, np.int32), np.full(300, 200.0)
    plan = finish(plan_day(router, only(np.ones(300, bool)), load_l, waste))
    # A tour through 300 of 400 corners cannot be much shorter than one block per distinct corner.
    corners = len(np.unique(router.bin_place))
    assert corners * BLOCK_M < plan.length_m < 2.2 * corners * BLOCK_M


def test_a_bin_on_the_way_is_taken_along_when_its_detour_is_worth_it():
    nodes, links = streets(6, 2)
    bins = bins_at([(500.0, 0.0), (200.0, 0.0), (200.0, 100.0)])
    snapshot = city(nodes, links, bins, depots_at([(0.0, 0.0)]), sites_at([(0.0, 0.0)]))
    due = np.array([True, False, False])
    # The second bin is passed anyway; the third may be as well, for the way back can be by the other street.
    for detour_s, served in ((0.0, [0, 1]), (40.0, [0, 1, 2])):
        _, router = prepared(snapshot, CleanupParams(speed_factor=1.0), detour_s)
        plan = finish(plan_day(router, Choice(due, ~due), np.full(3, 100.0), np.zeros(3, np.int32)))
        assert sorted(plan.served.tolist()) == served


def test_overtime_is_worked_only_for_what_fits_into_no_shift():
    nodes, links = streets(9, 1)
    snapshot = city(
        nodes, links, bins_at([(800.0, 0.0)]), depots_at([(0.0, 0.0)], vehicles=1), sites_at([(0.0, 0.0)], unload_s=0.0)
    )
    for overtime_s, served in ((0.0, 0), (100.0, 1)):
        params = CleanupParams(shift_s=700.0, overtime_s=overtime_s, service_s=600.0, speed_factor=1.0)
        _, router = prepared(snapshot, params)
        plan = finish(plan_day(router, only(np.ones(1, bool)), np.array([100.0]), np.zeros(1, np.int32)))
        assert len(plan.served) == served  # 160 s of driving and 600 s at the bin


def with_access(bins, from_s, until_s):
    return bins.with_values(bins.ids.tolist(), {"access_from_s": from_s, "access_until_s": until_s})


def test_a_bin_in_a_pedestrian_street_is_emptied_while_it_is_open():
    nodes, links = streets(9, 1)
    bins = bins_at([(400.0, 0.0), (500.0, 0.0)], access_s=([9 * 3600.0, np.nan], [9.5 * 3600.0, np.nan]))
    snapshot = city(nodes, links, bins, depots_at([(0.0, 0.0)], vehicles=1), sites_at([(0.0, 0.0)], unload_s=0.0))
    _, router = prepared(snapshot, CleanupParams(speed_factor=1.0))
    plan = finish(plan_day(router, only(np.ones(2, bool)), np.full(2, 100.0), np.zeros(2, np.int32)))
    assert plan.served.tolist() == [0, 1] or plan.served.tolist() == [1, 0]
    assert len(plan.truck_s) == 1
    replayed(router, plan, np.full(2, 100.0))
    first = plan.trips.bins.tolist().index(0)
    assert plan.leaves_s[first] == pytest.approx(9 * 3600 - 40.0)  # 400 m at 10 m/s
    # Closed while the truck works: nobody gets there, which is no reason to leave the other.
    shut = snapshot.with_frame(with_access(bins, [1 * 3600.0, np.nan], [2 * 3600.0, np.nan]))
    operation, router = prepared(shut, CleanupParams())
    plan = finish(plan_day(router, only(np.ones(2, bool)), np.full(2, 100.0), np.zeros(2, np.int32)))
    assert plan.served.tolist() == [1]
    assert "1 bins may not be stopped at within the shift; they stay uncollected: bin-00000." in operation.notes


def test_a_break_moves_what_comes_after_it():
    nodes, links = streets(9, 1)
    snapshot = city(
        nodes, links, bins_at([(100.0, 0.0)]), depots_at([(0.0, 0.0)], vehicles=1), sites_at([(0.0, 0.0)], unload_s=0.0)
    )
    for until_s, served in ((6 * 3600 + 1000.0, 0), (6 * 3600 + 2800.0, 1)):
        closing = snapshot.with_frame(with_access(snapshot["bin"], [np.nan], [until_s]))
        params = CleanupParams(service_s=900.0, break_s=1800.0, break_after_s=600.0, speed_factor=1.0)
        _, router = prepared(closing, params)  # 910 s of work and half an hour
        plan = finish(plan_day(router, only(np.ones(1, bool)), np.array([1.0]), np.zeros(1, np.int32)))
        assert len(plan.served) == served
        assert plan.truck_s.sum() == (920.0 if served else 0.0)  # the break is no work


def test_each_waste_has_its_own_trucks_and_sites():
    nodes, links = streets(9, 1)
    bins = bins_at([(300.0, 0.0), (400.0, 0.0), (500.0, 0.0)], waste=("residual", "food", "hazardous"), capacity_l=600.0)
    snapshot = city(
        nodes,
        links,
        bins,
        depots_at([(0.0, 0.0), (0.0, 0.0)], capacity_l=[18000.0, 500.0], collects=("residual, recyclable", "food")),
        sites_at([(800.0, 0.0), (100.0, 0.0)], takes=("residual", "food")),
    )
    operation, router = prepared(snapshot, CleanupParams())
    assert router.capacity_l.tolist() == [18000.0, 0.0, 500.0, 0.0, 0.0]  # nobody takes recyclables
    waste = operation.bins.waste
    plan = finish(plan_day(router, only(np.ones(3, bool)), np.minimum(600.0, router.capacity_l[waste]), waste))
    assert sorted(plan.served.tolist()) == [0, 1]
    unloaded = {
        int(kind): operation.node_xy[router.ways.node[site], 0] for kind, site in zip(plan.trips.kind, plan.site, strict=True)
    }
    assert unloaded == {0: 800.0, 2: 100.0}
    replayed(router, plan, np.full(3, 500.0))
    said = " ".join(operation.notes)
    assert "No vehicle collects hazardous waste; its 1 bins stay uncollected." in said
    assert "1 bins hold more than one vehicle carries; a visit takes a vehicle's load from them: bin-00001." in said
    wrong = snapshot.with_frame(depots_at([(0.0, 0.0)], collects=("glass",)))
    with pytest.raises(ScenarioError, match="names 'glass'"):
        prepared(wrong, CleanupParams())
