"""A street grid at equilibrium, and the same flows found in another order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.assignment.delay import bpr
from sim.assignment.equilibrium import Problem, solve, solve_again
from sim.assignment.graph import make_graph
from sim.assignment.origin_flow import proportional
from twin.task import finish

SIDE = 5


@pytest.fixture(scope="session")
def streets():
    """Return a 5 x 5 grid with uneven, busy streets where everybody goes everywhere."""
    random = np.random.default_rng(11)
    pairs = []
    for i in range(SIDE):
        for j in range(SIDE):
            for k, m in ((i + 1, j), (i, j + 1), (i - 1, j), (i, j - 1)):
                if 0 <= k < SIDE and 0 <= m < SIDE:
                    pairs.append((SIDE * i + j, SIDE * k + m))
    tail, head = np.array(pairs).T
    graph, _ = make_graph(tail, head, SIDE * SIDE, 0)
    count = len(pairs)
    delay = bpr(random.uniform(20, 60, count), np.full(count, 0.15), random.uniform(200, 500, count), np.full(count, 4.0))
    demand = random.uniform(0, 30, (SIDE * SIDE, SIDE * SIDE))
    np.fill_diagonal(demand, 0.0)
    return Problem(graph, delay, demand)


@pytest.fixture(scope="session")
def balanced(streets):
    return finish(solve(streets, 1e-12))


@pytest.fixture(scope="session")
def balanced_from_elsewhere(streets):
    """Return the same equilibrium come to from twice the trips: other bushes."""
    more = replace(streets, demand=streets.demand * 2.0)
    return finish(solve_again(streets, more, finish(solve(more, 1e-6)), 1e-12))


@pytest.fixture(scope="session")
def even(streets, balanced):
    return finish(proportional(streets, balanced))
