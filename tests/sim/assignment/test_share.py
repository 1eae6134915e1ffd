"""Tests of origins that are shared between threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit

from sim.abreast import THREADS, abreast
from sim.assignment import flow
from sim.assignment.delay import bpr
from sim.assignment.equilibrium import Problem, solve, solve_again
from sim.assignment.graph import CLOSED_TIME_S, make_graph
from sim.assignment.hierarchy import LANES
from sim.assignment.share import parts, take
from twin.task import finish


@njit(nogil=True)
def _take_often(left, amount, times):
    for _ in range(times):
        take(left, amount)


def test_parts_are_all_origins_in_their_order():
    for count in (0, 1, LANES, 4 * LANES - 1, 4 * LANES, 100, 1001):
        origins = np.arange(count, dtype=np.int32)
        cut = parts(origins)
        assert np.array_equal(np.concatenate(cut), origins)
        assert len(cut) <= THREADS
        assert all(len(part) % LANES == 0 for part in cut[:-1])


def test_no_amount_is_taken_twice():
    left = np.zeros(1, np.int64)
    abreast(lambda _: _take_often(left, 3, 1_000_000), 2)
    assert left[0] == 6_000_000


def _grid(side):
    """Return a grid with uneven, busy streets where everybody goes everywhere."""
    random = np.random.default_rng(5)
    steps = [(i, j, i + a, j + b) for i in range(side) for j in range(side) for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    pairs = [(side * i + j, side * k + m) for i, j, k, m in steps if 0 <= k < side and 0 <= m < side]
    tail, head = np.array(pairs).T
    graph, _ = make_graph(tail, head, side * side, 0)
    free_time, capacity = random.uniform(20, 60, len(pairs)), random.uniform(600, 1500, len(pairs))
    demand = random.uniform(0, 4, (side * side, side * side))
    np.fill_diagonal(demand, 0.0)
    return Problem(graph, bpr(free_time, np.full(len(pairs), 0.15), capacity, np.full(len(pairs), 4.0)), demand)


def test_two_threads_find_what_one_finds(monkeypatch):
    problem = _grid(9)
    assert len(parts(np.arange(len(problem.demand), dtype=np.int32))) == 2
    with_two = finish(solve(problem, 1e-6))
    closed = _closed(problem, int(np.argmax(with_two.volume)))
    again_with_two = finish(solve_again(closed, problem, with_two, 1e-6))
    monkeypatch.setattr(flow, "parts", lambda origins: [origins])
    with_one = finish(solve(problem, 1e-6))
    again_with_one = finish(solve_again(closed, problem, with_one, 1e-6))
    assert np.array_equal(with_one.volume, with_two.volume)
    assert np.array_equal(again_with_one.volume, again_with_two.volume)
    assert again_with_one.iterations == again_with_two.iterations > 0


def _closed(problem, link):
    free_time, b = problem.delay.free_time.copy(), problem.delay.b.copy()
    free_time[link], b[link] = CLOSED_TIME_S, 0.0
    return replace(problem, delay=problem.delay._replace(free_time=free_time, b=b))
