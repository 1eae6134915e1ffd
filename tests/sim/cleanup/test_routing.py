"""A day's rounds, checked by a reader that knows nothing of how they were made."""

from __future__ import annotations

import numpy as np
import pytest
from cleanup_city import BLOCK_M, bins_at, city, depots_at, grid_city, sites_at, streets
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cleanup.giant import measure_and_order
from sim.cleanup.operation import prepare_operation
from sim.cleanup.params import CleanupParams
from sim.cleanup.policies import Choice, only
from sim.cleanup.routing import DayPlan, Router, plan_day, prepare_router
from twin.model.snapshot import Snapshot
from twin.task import finish


def prepared(snapshot: Snapshot, params: CleanupParams, detour_s: float = 0.0):
    operation = finish(prepare_operation(snapshot, snapshot, params))
    ways, rank = finish(measure_and_order(operation))
    return operation, prepare_router(operation, ways, rank, params, detour_s)


def replayed(router: Router, plan: DayPlan, load_l) -> tuple[dict[int, float], float]:
    """Drive the plan: seconds of each truck and metres of all; asserts capacity and that sites are sites."""
    seconds: dict[int, float] = {}
    metres = 0.0
    stands: dict[int, int] = {}
    for trip in np.lexsort((plan.turn, plan.truck)):
        truck = int(plan.truck[trip])
        if truck < 0:
            continue
        bins = plan.trips.bins[plan.trips.start[trip] : plan.trips.start[trip + 1]]
        assert load_l[bins].sum() <= router.capacity_l + 1e-6
        at = stands.get(truck, int(plan.truck_home[truck]))
        assert at == plan.origin[trip]
        site = int(plan.site[trip])
        unload_s = router.unload_s[router.site_place.tolist().index(site)]
        for place in [*router.bin_place[bins].tolist(), site]:
            seconds[truck] = seconds.get(truck, 0.0) + router.ways.time_s[at, place]
            metres += router.ways.length_m[at, place]
            at = place
        seconds[truck] += router.service_s * len(bins) + unload_s
        stands[truck] = site
    for truck, site in stands.items():
        seconds[truck] += router.ways.time_s[site, plan.truck_home[truck]]
        metres += router.ways.length_m[site, plan.truck_home[truck]]
    return seconds, metres


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    capacity_l=st.sampled_from([400.0, 1500.0, 18000.0]),
    shift_s=st.sampled_from([2000.0, 6000.0, 27000.0]),
    vehicles=st.integers(0, 6),
    overtime_s=st.sampled_from([0.0, 1500.0]),
    in_order=st.booleans(),
)
def test_every_day_keeps_capacity_shift_and_fleet(seed, capacity_l, shift_s, vehicles, overtime_s, in_order):
    rng = np.random.default_rng(seed)
    snapshot = grid_city(size=9, bin_count=80, seed=seed)
    snapshot = snapshot.with_frame(depots_at([(0.0, 0.0), (800.0, 0.0)], vehicles=vehicles, capacity_l=capacity_l))
    _, router = prepared(snapshot, CleanupParams(shift_s=shift_s, overtime_s=overtime_s), detour_s=60.0)
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
