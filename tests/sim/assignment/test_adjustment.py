from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.assignment.adjustment import Counted, adjust
from sim.assignment.equilibrium import Problem, solve
from sim.assignment.graph import Delay, make_graph
from sim.assignment.movement import movement
from sim.assignment.passes import carried, mean_along
from twin.task import finish

GAP = 1e-10


def bpr(free_time, b, capacity):
    """Return delay functions of the fourth power."""
    columns = (np.asarray(column, np.float64) for column in (free_time, b, capacity))
    return Delay(*columns, np.full(len(free_time), 4.0), np.zeros(len(free_time), np.int8))


def grid(side=4):
    """Make a grid of two-way streets whose corners and middle are zones, with a trip table."""
    zones = [0, side - 1, side * side - 1, side * (side - 1), side + 1]
    order = zones + [node for node in range(side * side) if node not in zones]
    number = {node: place for place, node in enumerate(order)}
    links = []
    for i in range(side):
        for j in range(side):
            for a, b in ((i + 1, j), (i, j + 1)):
                if a < side and b < side:
                    links += [(i * side + j, a * side + b), (a * side + b, i * side + j)]
    tail, head = (np.array([number[node] for node in ends]) for ends in zip(*links, strict=True))
    graph, _ = make_graph(tail, head, side * side, 0)
    count = len(links)
    delay = bpr(np.linspace(10.0, 20.0, count), np.full(count, 0.15), np.full(count, 300.0))
    demand = 100.0 + 40.0 * np.arange(25.0).reshape(5, 5)
    np.fill_diagonal(demand, 0.0)
    return Problem(graph, delay, demand)


@pytest.fixture(scope="module")
def known():
    problem = grid()
    return problem, finish(solve(problem, GAP))


def every_link(volume):
    return Counted(np.column_stack([np.arange(len(volume)), np.full(len(volume), -1)]), volume)


def one_road(trips, counted, hold):
    graph, _ = make_graph(np.array([0]), np.array([1]), 2, 2)
    problem = Problem(graph, bpr([10.0], [0.15], [100.0]), np.array([[0.0, trips], [0.0, 0.0]]))
    start = finish(solve(problem, GAP))
    stations = Counted(np.array([[0, -1]]), np.array([counted]))
    return finish(adjust(problem, start, stations, hold=hold, gap=GAP, most_rounds=100)).problem.demand[0, 1]


@pytest.mark.parametrize("hold", [0.0, 0.5, 1.0, 4.0])
@pytest.mark.parametrize(("trips", "counted"), [(100.0, 150.0), (150.0, 100.0), (100.0, 1000.0)])
def test_one_road_meets_its_count_half_way(trips, counted, hold):
    # (T - c)^2 / c + hold (T - T0)^2 / T0 is least at T = (1 + hold) / (1 / c + hold / T0).
    assert one_road(trips, counted, hold) == pytest.approx((1 + hold) / (1 / counted + hold / trips), rel=2e-3)


def test_the_demand_itself_gives_the_volumes_again(known):
    problem, solution = known
    assert finish(carried(problem, solution, problem.demand)) == pytest.approx(solution.volume, abs=1e-8)


def test_what_is_carried_is_the_transpose_of_what_is_met_on_the_way(known):
    problem, solution = known
    rng = np.random.default_rng(2)
    trips, values = rng.normal(size=problem.demand.shape), rng.normal(size=len(solution.volume))
    np.fill_diagonal(trips, 0.0)
    met = finish(mean_along(problem, solution, values))
    assert float(np.sum(trips * met)) == pytest.approx(float(finish(carried(problem, solution, trips)) @ values))


def test_a_met_count_is_a_fixed_point_bit_by_bit(known):
    problem, solution = known
    fit = finish(adjust(problem, solution, every_link(solution.volume), hold=0.3, gap=GAP))
    assert fit.problem is problem
    assert fit.solution is solution
    assert fit.objective == (0.0,)


def test_the_volumes_of_a_known_matrix_are_found_again(known):
    problem, solution = known
    rng = np.random.default_rng(1)
    wrong = replace(problem, demand=problem.demand * np.exp(rng.normal(0.0, 0.5, problem.demand.shape)))
    start = finish(solve(wrong, GAP))
    counted = every_link(solution.volume)
    fit = finish(adjust(wrong, start, counted, hold=0.0, gap=1e-9, most_rounds=80))
    missed = np.abs(fit.solution.volume - solution.volume).max()
    assert np.abs(start.volume - solution.volume).max() > 50.0
    assert missed < 0.5
    assert fit.objective[-1] < 1e-5 * fit.objective[0]


def test_roads_without_a_station_come_nearer_too(known):
    problem, solution = known
    wrong = replace(problem, demand=problem.demand * np.random.default_rng(3).uniform(0.5, 1.6, problem.demand.shape))
    start = finish(solve(wrong, GAP))
    rows = np.arange(len(solution.volume)) % 3 > 0
    fit = finish(adjust(wrong, start, every_link(solution.volume).taken(rows), hold=0.01, gap=1e-8))

    def missed(volume):
        return np.sqrt(np.mean((volume - solution.volume)[~rows] ** 2))

    assert missed(fit.solution.volume) < 0.5 * missed(start.volume)


def test_a_heavier_hold_moves_less_and_meets_less(known):
    problem, solution = known
    counted = every_link(solution.volume * 1.3)
    fits = [finish(adjust(problem, solution, counted, hold=hold, gap=1e-8)) for hold in (0.01, 1.0, 100.0)]
    moved = [movement(fit.problem.demand, problem.demand).mean_change for fit in fits]
    missed = [np.abs(counted.modelled(fit.solution.volume) - counted.volume).sum() for fit in fits]
    assert moved == sorted(moved, reverse=True)
    assert missed == sorted(missed)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.0, 3.0), min_size=5, max_size=5))
def test_whatever_is_counted_no_cell_gets_negative_and_no_round_is_worse(factors):
    problem = grid()
    solution = finish(solve(problem, 1e-6))
    links = np.arange(0, 40, 8)
    counted = Counted(np.column_stack([links, links + 1]), solution.volume[links] * np.array(factors))
    fit = finish(adjust(problem, solution, counted, hold=0.05, gap=1e-6, most_rounds=4))
    assert np.all(fit.problem.demand >= 0.0)
    assert np.all(np.isfinite(fit.problem.demand))
    assert np.all((fit.problem.demand > 0.0) == (problem.demand > 0.0))
    now = counted.modelled(fit.solution.volume)
    assert np.sum((now - counted.volume) ** 2 / np.maximum(counted.volume, 1.0)) <= 2.0 * fit.objective[0] + 1e-6


def test_a_station_of_two_directions_is_their_sum():
    counted = Counted(np.array([[0, 2], [1, -1]]), np.array([30.0, 5.0]))
    assert counted.modelled(np.array([10.0, 5.0, 20.0])).tolist() == [30.0, 5.0]
    assert counted.on_links(np.array([2.0, 7.0]), 3).tolist() == [2.0, 7.0, 2.0]


def test_how_far_a_matrix_is_from_another():
    one = np.array([[0.0, 100.0], [300.0, 0.0]])
    same = movement(one, one)
    assert (same.total, same.mean_change, same.divergence) == (1.0, 0.0, 0.0)
    assert same.correlation == pytest.approx(1.0)
    double = movement(2 * one, one)
    assert (double.total, double.mean_change) == (2.0, 1.0)
    assert double.divergence == pytest.approx(0.0)
    turned = movement(one.T, one)
    assert turned.correlation == pytest.approx(-1.0)
    assert turned.divergence == pytest.approx(0.5 * np.log(3.0))  # (3/4 - 1/4) ln 3
    assert turned.mean_change == 1.0


def test_trips_that_all_went_are_told():
    assert movement(np.zeros((2, 2)), np.ones((2, 2))).mean_change == 1.0
    assert movement(np.zeros((2, 2)), np.zeros((2, 2))).mean_change == 0.0
