from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.routing.check import capacity_faults, route_cost
from sim.routing.course import Limit
from sim.routing.giant import giant_routes
from sim.routing.places import make_places
from sim.routing.solve import solve
from twin.model.routing_instance import CapacityInstance
from twin.sources.bins_inp import read_bins
from twin.sources.cvrplib import read_cvrp, read_solution_cost
from twin.task import finish


def shortest(instance):
    """The least cost of small problems: all orders, each split as well as can be."""

    def split(order):
        least = [0.0] + [np.inf] * len(order)
        for end in range(1, len(order) + 1):
            for start in range(end):
                if instance.demand[list(order[start:end])].sum() <= instance.capacity:
                    least[end] = min(least[end], least[start] + route_cost(instance, [order[start:end]]))
        return least[-1]

    return min(split(order) for order in permutations(range(1, len(instance.demand))))


@pytest.mark.parametrize("seed", range(4))
def test_small_problems_are_solved_to_the_optimum(scattered, seed):
    instance = scattered(6, capacity=7.0, seed=seed)
    assert finish(solve(instance, 1, Limit(20_000))).cost == pytest.approx(shortest(instance))


def test_one_route_around_a_circle_is_its_polygon():
    angle = np.arange(30) * 2 * np.pi / 30
    xy = 100 * np.column_stack([np.cos(angle), np.sin(angle)])
    instance = CapacityInstance("circle", xy, np.append(0.0, np.ones(29)), 29.0, is_rounded=False)
    solved = finish(solve(instance, 1, Limit(20_000)))
    assert solved.cost == pytest.approx(30 * 200 * np.sin(np.pi / 30))
    assert len(solved.routes) == 1


def test_a_vehicle_for_each_where_two_do_not_fit(scattered):
    instance = replace(scattered(9), demand=np.append(0.0, np.full(9, 6.0)))
    solved = finish(solve(instance, 1, Limit(1000)))
    assert len(solved.routes) == 9
    assert solved.cost == pytest.approx(2 * np.hypot(*(instance.xy[1:] - instance.xy[0]).T).sum())


def test_one_stop_and_stops_at_one_place():
    alone = CapacityInstance("one", np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([0.0, 1.0]), 5.0, is_rounded=True)
    assert finish(solve(alone, 1, Limit(100))).routes == [[1]]
    heap = CapacityInstance("heap", np.zeros((200, 2)), np.append(0.0, np.ones(199)), 50.0, is_rounded=False)
    solved = finish(solve(heap, 1, Limit(1000)))
    assert not capacity_faults(heap, solved.routes)
    assert solved.cost == 0.0


@settings(max_examples=15, deadline=None)
@given(stops=st.integers(1, 60), capacity=st.floats(5, 60), seed=st.integers(0, 99), is_rounded=st.booleans())
def test_every_stop_once_and_no_overload(stops, capacity, seed, is_rounded):
    random = np.random.default_rng(seed)
    demand = np.append(0.0, random.random(stops) * 5)
    instance = CapacityInstance("any", random.integers(0, 50, (stops + 1, 2)).astype(float), demand, capacity, is_rounded)
    solved = finish(solve(instance, seed, Limit(4000)))
    assert capacity_faults(instance, solved.routes) == []
    assert solved.cost == pytest.approx(route_cost(instance, solved.routes))
    assert solved.cost <= solved.start_cost + 1e-6


def test_a_matrix_gives_what_the_plane_gives(scattered):
    plane = scattered(40, is_rounded=True)
    apart = np.hypot(*(plane.xy[:, None] - plane.xy[None]).transpose(2, 0, 1))
    table = replace(plane, matrix=np.floor(apart + 0.5), is_rounded=False, xy=np.zeros((41, 2)))
    solved = finish(solve(table, 1, Limit(20_000)))
    assert not capacity_faults(table, solved.routes)
    assert solved.cost == route_cost(plane, solved.routes)
    assert solved.cost <= 1.02 * finish(solve(plane, 1, Limit(20_000))).cost


def test_the_same_seed_gives_the_same_routes_on_one_thread_or_two(scattered):
    instance = scattered(300)
    one = finish(solve(instance, 7, Limit(60_000)))
    with ThreadPoolExecutor(2) as pool:
        two = finish(solve(instance, 7, Limit(60_000), pool.map))
    assert one == two
    assert one.routes != finish(solve(instance, 8, Limit(60_000))).routes


def test_more_work_is_never_worse_than_the_first_plan_and_time_is_kept(scattered):
    instance = scattered(200)
    ticks = count()
    solved = finish(solve(instance, 1, Limit(seconds=20.0, clock=lambda: float(next(ticks)))))
    assert 0 < solved.iterations < 100_000
    assert solved.cost < solved.start_cost


def test_it_can_be_cancelled_between_blocks(scattered):
    task = solve(scattered(100), 1, Limit(10**9))
    for _ in range(5):
        next(task)
    task.close()


def test_long_routes_are_cut_from_one_tour(scattered):
    instance = scattered(150, capacity=300.0)
    places = make_places(instance, 1)
    routes = giant_routes(places)
    rows = [[stop + 1 for stop in route] for route in routes]
    assert capacity_faults(instance, rows) == []
    assert finish(solve(instance, 1, Limit(0))).start_cost == pytest.approx(route_cost(instance, rows))
    alone = giant_routes(places._replace(capacity=np.inf))
    assert len(alone) == 1
    # No cut of the same tour is shorter: try all pairs of two routes.
    tour = alone[0]
    best = min(
        route_cost(instance, [[stop + 1 for stop in part] for part in (tour[:cut], tour[cut:])])
        for cut in range(1, 150)
        if max(places.demand[tour[:cut]].sum(), places.demand[tour[cut:]].sum()) <= 300.0
    )
    assert route_cost(instance, rows) <= best + 1e-6


@pytest.mark.real_data
def test_published_problems_come_near_their_best(real_data):
    folder = real_data / "waste"
    instance = read_cvrp(folder / "cvrplib" / "X-n1001-k43.vrp")
    solved = finish(solve(instance, 1, Limit(300_000)))
    assert not capacity_faults(instance, solved.routes)
    assert route_cost(instance, solved.routes) == solved.cost
    assert solved.cost < 1.05 * read_solution_cost(folder / "cvrplib" / "X-n1001-k43.sol")
    bins = read_bins(folder / "kytojoki_bins" / "bins_West.inp")
    solved = finish(solve(bins, 1, Limit(300_000)))
    assert not capacity_faults(bins, solved.routes)
    assert solved.cost < 1.15 * 4_225_730
