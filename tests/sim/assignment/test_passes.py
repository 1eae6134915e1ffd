from __future__ import annotations

import numpy as np
import pytest

from sim.assignment.delay import bpr
from sim.assignment.equilibrium import Problem, solve
from sim.assignment.graph import make_graph
from sim.assignment.passes import mean_along
from twin.errors import DataError
from twin.task import finish


@pytest.fixture
def two_ways():
    """Return 400 trips over two roads that share them evenly (30 each), and then one more road for all."""
    # 10 + v/10 and 20 + v/20: 200 each; the road after them takes 5.
    tail, head = np.array([0, 0, 2]), np.array([2, 2, 1])
    graph, place = make_graph(tail, head, 3, 2)
    order = np.argsort(place)
    delay = bpr(
        np.array([10.0, 20.0, 5.0])[order], np.array([1.0, 1.0, 0.0])[order], np.array([100.0, 400.0, 1.0])[order], np.ones(3)
    )
    problem = Problem(graph, delay, np.array([[0.0, 400.0], [0.0, 0.0]]))
    return problem, finish(solve(problem, 1e-12)), place


def test_the_mean_along_two_ways_is_weighted_by_their_flow(two_ways):
    problem, solution, place = two_ways
    values = np.empty(3)
    values[place] = [1.0, 3.0, 10.0]
    assert finish(mean_along(problem, solution, values)).tolist() == [[0.0, pytest.approx(12.0)], [0.0, 0.0]]


def test_a_mark_on_one_link_gives_the_share_of_trips_that_pass_it(two_ways):
    problem, solution, place = two_ways
    for link, share in zip(place, (0.5, 0.5, 1.0), strict=True):
        assert finish(mean_along(problem, solution, np.arange(3) == link))[0, 1] == pytest.approx(share)


def test_trips_times_their_mean_time_is_all_the_time_spent():
    random = np.random.default_rng(3)
    links = [(a, b) for a in range(12) for b in range(12) if a != b and random.random() < 0.4] + [
        (a, (a + 1) % 12) for a in range(12)
    ]
    tail, head = (np.array(column) for column in zip(*links, strict=True))
    graph, _ = make_graph(tail, head, 12, 0)
    count = len(links)
    delay = bpr(random.uniform(5, 9, count), np.full(count, 0.15), random.uniform(50, 90, count), np.full(count, 4.0))
    problem = Problem(graph, delay, random.uniform(0, 30, (12, 12)) * (1 - np.eye(12)))
    solution = finish(solve(problem, 1e-6))
    mean = finish(mean_along(problem, solution, solution.time))
    assert float((problem.demand * mean).sum()) == pytest.approx(solution.total_time)
    # What a link carries is what all pairs send over it: the transpose of the same pass.
    link = int(np.argmax(solution.volume))
    assert float((problem.demand * finish(mean_along(problem, solution, np.arange(count) == link))).sum()) == pytest.approx(
        solution.volume[link]
    )


@pytest.mark.parametrize("values", [np.ones(2), np.ones((3, 1)), np.array([1.0, np.nan, 1.0])])
def test_numbers_that_do_not_fit_the_links_are_named(two_ways, values):
    problem, solution, _ = two_ways
    with pytest.raises(DataError, match="each of 3 links"):
        finish(mean_along(problem, solution, values))
