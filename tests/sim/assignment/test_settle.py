"""The error that is told of an equilibrium, against its true one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.assignment.delay import bpr
from sim.assignment.equilibrium import Problem, solve
from sim.assignment.graph import make_graph
from sim.assignment.settle import FURTHER, settle, tighten
from twin.task import finish

SIDE = 6
ROUNDING = 1e-6
"""veh/h that even an equilibrium at the limit of its numbers is off."""


@pytest.fixture(scope="module")
def problem():
    """A grid of two-way streets with a zone at each of its border junctions, and trips between all of them."""
    rng = np.random.default_rng(4)
    node = {(i, j): i * SIDE + j for i in range(SIDE) for j in range(SIDE)}
    edge = [place for place in node if {0, SIDE - 1} & set(place)]
    streets = [(a, node[i + di, j + dj]) for (i, j), a in node.items() for di, dj in ((0, 1), (1, 0)) if (i + di, j + dj) in node]
    ends = [(a + len(edge), b + len(edge)) for one in streets for a, b in (one, one[::-1])]
    ways = [(zone, node[place] + len(edge)) for zone, place in enumerate(edge)]
    pairs = np.array([*ends, *ways, *[way[::-1] for way in ways]])
    graph, _ = make_graph(pairs[:, 0], pairs[:, 1], len(edge) + SIDE * SIDE, len(edge))
    is_street = (graph.tail >= len(edge)) & (graph.head >= len(edge))
    free = np.where(is_street, rng.uniform(20.0, 60.0, len(pairs)), 5.0)
    delay = bpr(free, np.where(is_street, 0.15, 0.0), rng.uniform(60.0, 120.0, len(pairs)), np.full(len(pairs), 4.0))
    demand = rng.uniform(0.0, 12.0, (len(edge), len(edge)))
    np.fill_diagonal(demand, 0.0)
    return Problem(graph, delay, demand)


@pytest.fixture(scope="module")
def truth(problem):
    return finish(solve(problem, 1e-13)).volume


def told(solution):
    return float(np.abs(solution.volume - solution.volume_before).max())


@pytest.mark.parametrize("gap", [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-9])
def test_the_error_is_less_than_half_the_noise_that_is_told(problem, truth, gap):
    """Two states with such errors, as before and after an edit, differ by less than the noise."""
    settled = finish(tighten(problem, finish(solve(problem, gap)), gap))
    assert settled.relative_gap <= gap / FURTHER
    error = float(np.abs(settled.volume - truth).max())
    assert 2.0 * error < told(settled) + ROUNDING
    assert told(settled) < 0.2 * truth.max()


@pytest.mark.parametrize("gap", [1e-4, 1e-6, 1e-8])
def test_two_ways_to_one_equilibrium_differ_by_less_than_the_noise(problem, gap):
    """One comes from nothing, the other from the equilibrium of another problem."""
    other = replace(problem, delay=problem.delay._replace(capacity=1.3 * problem.delay.capacity))
    one = finish(tighten(problem, finish(solve(problem, gap)), gap))
    elsewhere = finish(tighten(other, finish(solve(other, gap)), gap))
    two = finish(settle(problem, other, elsewhere, gap))
    assert 0.0 < float(np.abs(one.volume - two.volume).max()) < max(told(one), told(two)) + ROUNDING


def test_what_nobody_feels_leaves_the_volumes_and_the_noise_as_they_were(problem):
    settled = finish(tighten(problem, finish(solve(problem, 1e-6)), 1e-6))
    again = finish(settle(problem, problem, settled, 1e-6))
    assert again.volume.tobytes() == settled.volume.tobytes()
    assert told(again) == told(settled)


def test_a_change_that_the_gap_asked_for_would_overlook_is_solved(problem):
    settled = finish(tighten(problem, finish(solve(problem, 1e-3)), 1e-3))
    slower = problem.delay.free_time * np.where(settled.volume == settled.volume.max(), 1.5, 1.0)
    after = finish(settle(replace(problem, delay=problem.delay._replace(free_time=slower)), problem, settled, 1e-3))
    assert after.volume.tobytes() != settled.volume.tobytes()


def test_a_gap_beyond_rounding_ends(problem):
    settled = finish(tighten(problem, finish(solve(problem, 1e-12)), 1e-14))
    assert np.isfinite(settled.volume).all()
    assert settled.relative_gap < 1e-12


def test_without_trips_there_is_nothing_to_settle(problem):
    empty = replace(problem, demand=np.zeros_like(problem.demand))
    settled = finish(tighten(empty, finish(solve(empty, 1e-6)), 1e-6))
    assert told(settled) == 0.0 == settled.volume.max()
