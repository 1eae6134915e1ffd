from __future__ import annotations

import numpy as np
import pytest

from sim.assignment.benchmark import make_problem
from sim.assignment.equilibrium import solve
from sim.assignment.origin_flow import proportional
from sim.assignment.path_flow import path_flows
from sim.assignment.select_link import select_link
from twin.errors import DataError
from twin.sources.tntp import read_tntp
from twin.task import finish


def select(streets, even, *links):
    return finish(select_link(streets.graph, even, np.array(links)))


@pytest.mark.parametrize("rank", [0, 5, 40])
def test_the_trips_that_use_a_road_are_its_volume(streets, balanced, even, rank):
    link = int(np.argsort(-balanced.volume)[rank])
    found = select(streets, even, link)
    assert found.volume[link] == pytest.approx(balanced.volume[link], rel=1e-9)
    assert found.trips.sum() == pytest.approx(balanced.volume[link], rel=1e-9)
    assert np.all(found.trips <= streets.demand + 1e-9)
    assert np.all(found.volume <= balanced.volume + 1e-6)


def test_the_trips_of_a_road_are_kept_at_every_junction(streets, balanced, even):
    found = select(streets, even, int(np.argmax(balanced.volume)))
    graph, zones = streets.graph, len(streets.demand)
    net = np.bincount(graph.head, found.volume, zones) - np.bincount(graph.tail, found.volume, zones)
    assert net == pytest.approx(found.trips.sum(axis=0) - found.trips.sum(axis=1), abs=1e-6)


def test_all_roads_out_of_a_zone_are_used_by_whoever_leaves_it(streets, even):
    found = select(streets, even, *np.flatnonzero(streets.graph.tail == 12))
    assert found.trips[12] == pytest.approx(streets.demand[12])


def test_every_road_is_used_by_every_trip_on_some(streets, balanced, even):
    found = select(streets, even, *range(len(streets.graph.tail)))
    assert found.trips == pytest.approx(streets.demand, abs=1e-9)
    assert found.volume == pytest.approx(balanced.volume, rel=1e-9)


@pytest.mark.parametrize("links", [(7,), (7, 30), (2, 3, 50)])
def test_it_agrees_with_all_paths_listed_one_by_one(streets, even, links):
    found = select(streets, even, *links)
    volume = np.zeros_like(found.volume)
    for origin in range(len(streets.demand)):
        for destination in range(len(streets.demand)):
            used = 0.0
            for path in path_flows(streets.graph, even, origin, destination, most=10_000):
                if set(links) & set(path.links.tolist()):
                    used += path.trips
                    volume[path.links] += path.trips
            assert found.trips[origin, destination] == pytest.approx(used, abs=1e-7)
    assert found.volume == pytest.approx(volume, abs=1e-5)


@pytest.mark.parametrize("links", [[], [-1], [10_000]])
def test_links_that_do_not_exist_are_refused(streets, even, links):
    with pytest.raises(DataError, match="links were chosen"):
        finish(select_link(streets.graph, even, np.array(links, int)))


@pytest.mark.real_data
def test_on_sioux_falls_the_trips_of_every_road_are_its_volume(real_data):
    folder = real_data / "tntp" / "SiouxFalls"
    problem = make_problem(read_tntp(folder / "SiouxFalls_net.tntp", folder / "SiouxFalls_trips.tntp"))
    solution = finish(solve(problem, 1e-10))
    flow = finish(proportional(problem, solution))
    for link, volume in enumerate(solution.volume):
        found = finish(select_link(problem.graph, flow, np.array([link])))
        assert found.volume[link] == pytest.approx(volume, rel=1e-8)
        assert found.trips.sum() == pytest.approx(volume, rel=1e-8)
