"""Solve a published network and tell how well and how fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.assignment.delay import beckmann_objective, bpr
from sim.assignment.equilibrium import Problem, Solution, solve, solve_again
from sim.assignment.graph import CLOSED_TIME_S, make_graph
from twin.errors import DataError
from twin.model.tntp_network import TntpNetwork
from twin.task import Task, finish

LEAST_TIME = 0.01
"""Free-flow time given to links that the files say take none, as other solvers do."""


def make_problem(net: TntpNetwork, *, toll_weight: float = 0.0, distance_weight: float = 0.0) -> Problem:
    """Return the assignment problem of a published network, trips within a zone left out.

    By itself time alone is what a road costs; the weights add a share of its toll and length, in the units of
    the files. Links of power 0 have a constant time, and those that cost nothing at all take 0.01. Raises
    ``DataError`` when a weight is negative or no number.
    """
    for name, weight in (("toll", toll_weight), ("distance", distance_weight)):
        if not 0.0 <= weight < np.inf:
            raise DataError(
                f"The weight of {name} is {weight:g}; a number of 0 or more is needed.", "Leave it away for time alone."
            )
    extra = toll_weight * net.toll + distance_weight * net.length
    free_time = np.where((net.free_time == 0.0) & (extra == 0.0), LEAST_TIME, net.free_time)
    constant = net.power == 0
    free_time = np.where(constant, free_time * (1.0 + net.b), free_time)
    b = np.where(constant, 0.0, net.b)
    power = np.where(b == 0.0, 1.0, net.power)
    graph, place = make_graph(net.tail, net.head, net.node_count, net.first_through)
    back = np.argsort(place)
    demand = net.demand.copy()
    np.fill_diagonal(demand, 0.0)
    return Problem(graph, bpr(free_time[back], b[back], net.capacity[back], power[back]), demand, extra[back][None, :])


def run_benchmark(
    net: TntpNetwork, gap: float, clock: Callable[[], float], *, toll_weight: float = 0.0, distance_weight: float = 0.0
) -> Task[dict[str, float]]:
    """Solve to a relative gap and return what was reached.

    ``load_seconds`` is the time to arrange the arrays and bring the compiled code in, ``seconds`` that of
    the solution itself; both by ``clock``. Raises ``DataError`` when trips have no way to their destination,
    or when the gap or a weight makes no sense.
    """
    if not 0.0 < gap < 1.0:
        raise DataError(f"The relative gap asked for is {gap:g}; one between 0 and 1 is needed.", "Give for example --gap 1e-6.")
    started = clock()
    warm_up()
    problem = make_problem(net, toll_weight=toll_weight, distance_weight=distance_weight)
    loaded = clock()
    solution = yield from solve(problem, gap, max_iterations=1000)
    return {
        **figures(problem, solution),
        "seconds": clock() - loaded,
        "load_seconds": loaded - started,
    }


def figures(problem: Problem, solution: Solution) -> dict[str, float]:
    """Return the numbers by which solutions of one problem of one class are compared."""
    return {
        "relative_gap": solution.relative_gap,
        "beckmann_objective": beckmann_objective(solution.volume, problem.delay) + float(solution.volume @ problem.extras[0]),
        "total_travel_time": solution.total_time,
        "iterations": float(solution.iterations),
    }


def warm_up() -> None:
    """Bring all compiled code in by solving a network of two links, and again with one of them closed."""
    one = np.ones(2)
    graph, _ = make_graph(np.zeros(2, np.int32), np.ones(2, np.int32), 2, 0)
    problem = Problem(graph, bpr(one, one, one, 4.0 * one), np.array([[0.0, 3.0], [0.0, 0.0]]))
    solution = finish(solve(problem, 1e-3))
    closed = replace(problem, delay=bpr(np.array([CLOSED_TIME_S, 1.0]), np.array([0.0, 1.0]), one, 4.0 * one))
    finish(solve_again(closed, problem, solution, 1e-3))
