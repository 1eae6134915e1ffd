"""Solve a published network and tell how well and how fast."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.assignment.delay import beckmann_objective, bpr
from sim.assignment.equilibrium import Problem, Solution, solve
from sim.assignment.graph import make_graph
from twin.model.tntp_network import TntpNetwork
from twin.task import finish

LEAST_TIME = 0.01
"""Free-flow time given to links that the files say take none, as other solvers do."""


def make_problem(net: TntpNetwork) -> Problem:
    """Return the assignment problem of a published network: time alone (no toll), trips within a zone left out.

    Links of power 0 have a constant time, and free-flow times of 0 become 0.01.
    """
    free_time = np.maximum(net.free_time, LEAST_TIME)
    constant = net.power == 0
    free_time = np.where(constant, free_time * (1.0 + net.b), free_time)
    b = np.where(constant, 0.0, net.b)
    power = np.where(b == 0.0, 1.0, net.power)
    graph, place = make_graph(net.tail, net.head, net.node_count, net.first_through)
    back = np.argsort(place)
    demand = net.demand.copy()
    np.fill_diagonal(demand, 0.0)
    return Problem(graph, bpr(free_time[back], b[back], net.capacity[back], power[back]), demand)


def run_benchmark(net: TntpNetwork, gap: float, clock: Callable[[], float]) -> dict[str, float]:
    """Solve to a relative gap and return what was reached.

    ``load_seconds`` is the time to arrange the arrays and bring the compiled code in, ``seconds`` that of
    the solution itself; both by ``clock``. Raises ``DataError`` when trips have no way to their destination.
    """
    started = clock()
    warm_up()
    problem = make_problem(net)
    loaded = clock()
    solution = finish(solve(problem, gap, max_iterations=1000))
    return {
        **figures(problem, solution),
        "seconds": clock() - loaded,
        "load_seconds": loaded - started,
    }


def figures(problem: Problem, solution: Solution) -> dict[str, float]:
    """Return the numbers by which solutions of one problem are compared."""
    return {
        "relative_gap": solution.relative_gap,
        "beckmann_objective": beckmann_objective(solution.volume, problem.delay),
        "total_travel_time": solution.total_time,
        "iterations": float(solution.iterations),
    }


def warm_up() -> None:
    """Bring all compiled code in by solving a network of two links."""
    one = np.ones(2)
    graph, _ = make_graph(np.zeros(2, np.int32), np.ones(2, np.int32), 2, 0)
    finish(solve(Problem(graph, bpr(one, one, one, 4.0 * one), np.array([[0.0, 3.0], [0.0, 0.0]])), 1e-3))
