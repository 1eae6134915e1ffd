from __future__ import annotations

import numpy as np
import pytest

from sim.assignment.benchmark import make_problem
from sim.assignment.delay import bpr
from sim.assignment.equilibrium import Problem, solve
from sim.assignment.graph import make_graph
from sim.assignment.origin_flow import proportional
from twin.sources.tntp import read_tntp
from twin.task import finish


def raw_flow(problem, solution):
    """Return the flow by origin ``(m, z)`` as the solver left it."""
    return np.array([solution.bushes.flow_of(origin, problem.graph) for origin in range(len(problem.demand))]).T


def entropy(problem, on_link):
    """Return the entropy of the ways of all trips, whose links follow each other by chance in proportion to flow."""
    into = np.zeros((len(problem.graph.in_start) - 1, on_link.shape[1]))
    np.add.at(into, problem.graph.head, on_link)
    share = np.divide(on_link, into[problem.graph.head], out=np.ones_like(on_link), where=on_link > 0.0)
    return -float(np.sum(on_link * np.log(share)))


def test_two_origins_split_alike_at_two_roads():
    # 0 and 1 meet at 3; two roads lead on to 4, t = 10 + v/10 and 10 + v/10; then to 2: 400 trips, 200 each.
    links = [(0, 3, 1.0, 0.0), (1, 3, 1.0, 0.0), (3, 4, 10.0, 1.0), (3, 4, 10.0, 1.0), (4, 2, 1.0, 0.0)]
    tail, head, free, b = (np.array(column) for column in zip(*links, strict=True))
    graph, place = make_graph(tail, head, 5, 3)
    order = np.argsort(place)
    demand = np.zeros((3, 3))
    demand[0, 2], demand[1, 2] = 300.0, 100.0
    problem = Problem(graph, bpr(free[order], b[order], np.full(5, 100.0), np.ones(5)), demand)
    flow = finish(proportional(problem, finish(solve(problem, 1e-12))))
    assert flow.on_link[place[2]] == pytest.approx([150.0, 50.0, 0.0], abs=1e-5)
    assert flow.on_link[place[3]] == pytest.approx([150.0, 50.0, 0.0], abs=1e-5)


def test_volumes_and_trips_stay(streets, balanced, even):
    graph = streets.graph
    assert even.on_link.min() >= 0.0
    assert even.on_link.sum(axis=1) == pytest.approx(balanced.volume, rel=1e-9)
    for origin, trips in enumerate(streets.demand):
        flow = even.on_link[:, origin]
        net = np.bincount(graph.head, flow, len(trips)) - np.bincount(graph.tail, flow, len(trips))
        wanted = trips.copy()
        wanted[origin] -= trips.sum()
        assert net == pytest.approx(wanted, abs=1e-6)


def test_nobody_takes_longer_than_before(streets, balanced, even):
    spent = float(balanced.time @ even.on_link.sum(axis=1))
    assert spent == pytest.approx(balanced.total_time, rel=1e-9)


def test_the_split_is_more_likely_than_the_solvers_own(streets, balanced, even):
    assert entropy(streets, even.on_link) >= entropy(streets, raw_flow(streets, balanced)) - 1e-6


def test_the_split_does_not_depend_on_how_the_equilibrium_was_found(streets, balanced, balanced_from_elsewhere, even):
    assert balanced_from_elsewhere.volume == pytest.approx(balanced.volume, abs=1e-3)
    before = np.abs(raw_flow(streets, balanced) - raw_flow(streets, balanced_from_elsewhere)).max()
    other = finish(proportional(streets, balanced_from_elsewhere))
    assert np.abs(other.on_link - even.on_link).max() < 0.15 * before
    assert before > 1.0  # else this shows nothing


def test_every_pair_of_segments_is_split_alike(balanced, even):
    assert even.uneven <= 1e-7 * balanced.volume.max()


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "gap"), [("SiouxFalls", 1e-12), ("Anaheim", 1e-10)])
def test_published_networks_are_split_in_proportion(real_data, name, gap):
    folder = real_data / "tntp" / name
    problem = make_problem(read_tntp(folder / f"{name}_net.tntp", folder / f"{name}_trips.tntp"))
    solution = finish(solve(problem, gap))
    flow = finish(proportional(problem, solution))
    assert flow.uneven <= 1e-7 * solution.volume.max()
    assert flow.on_link.sum(axis=1) == pytest.approx(solution.volume, rel=1e-8, abs=1e-6)
    assert entropy(problem, flow.on_link) > entropy(problem, raw_flow(problem, solution))
