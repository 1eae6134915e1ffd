"""Ways on the road network: against scipy, with one-way streets, banned turns and closures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cleanup_city import BLOCK_M, bins_at, city, grid_city, movements, streets
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from sim.network.hierarchy import build_hierarchy, ways_to_all
from sim.network.shortest import way_arcs
from sim.network.streets import Streets, build_streets
from twin.model.edits import AddLink
from twin.task import finish


def travel(graph: Streets, sources, targets):
    time_s = np.empty((len(sources), len(targets)), np.float32)
    length_m = np.empty_like(time_s)
    arrivals = graph.arrival[np.asarray(targets)]
    ways_to_all(finish(build_hierarchy(graph, arrivals)), np.asarray(sources, np.int32), arrivals, time_s, length_m)
    return time_s, length_m


def test_times_agree_with_scipy_on_random_speeds():
    snapshot = grid_city(size=7)
    speeds = np.random.default_rng(3).uniform(2, 20, len(snapshot["link"]))
    snapshot = snapshot.with_frame(snapshot["link"].with_values(snapshot["link"].ids, {"free_flow_speed_mps": speeds}))
    graph = build_streets(snapshot, 0.5)
    nodes = np.arange(graph.node_count)
    matrix = csr_matrix((graph.time_s, graph.head, graph.first_arc), (len(nodes), len(nodes)))
    np.testing.assert_allclose(travel(graph, nodes, nodes)[0], dijkstra(matrix), rtol=1e-5)


def test_times_to_some_places_of_a_larger_city_are_those_to_all():
    graph = build_streets(grid_city(size=24), 0.7)
    rng = np.random.default_rng(5)
    sources, targets = rng.permutation(576)[:90], rng.permutation(576)[:37]
    matrix = csr_matrix((graph.time_s * rng.uniform(0.5, 2.0, len(graph.head)), graph.head, graph.first_arc), (576, 576))
    random = replace(graph, time_s=matrix.data)
    np.testing.assert_allclose(travel(random, sources, targets)[0], dijkstra(matrix)[np.ix_(sources, targets)], rtol=1e-5)


def test_length_is_that_of_the_fastest_way_not_of_the_shortest():
    nodes, links = streets(3, 2)
    slow = [key for key in links.ids if key in ("l0-0>1-0", "l1-0>2-0")]
    links = links.with_values(slow, {"free_flow_speed_mps": 1.0})
    time_s, length_m = travel(build_streets(city(nodes, links, bins_at([(0, 0)])), 1.0), [0], [2])
    assert time_s[0, 0] == pytest.approx(40.0)
    assert length_m[0, 0] == pytest.approx(4 * BLOCK_M)


def test_a_new_road_is_a_way():
    nodes, links = streets(3, 2)
    before = city(nodes, links, bins_at([(0, 0)]))
    road = AddLink(path_m=((0.0, BLOCK_M), (2 * BLOCK_M, 0.0)), speed_mps=40.0, two_way=False)
    one, other = (travel(build_streets(each, 1.0), [3], [2])[0][0, 0] for each in (before, road.apply(before)))
    assert other < one


def test_a_one_way_street_is_longer_one_way():
    nodes, links = streets(2, 2, one_way=[((1, 0), (0, 0))])
    _, length_m = travel(build_streets(city(nodes, links, bins_at([(0, 0)])), 1.0), [0, 1], [0, 1])
    assert length_m[0, 1] == BLOCK_M
    assert length_m[1, 0] == 3 * BLOCK_M


def test_a_banned_turn_is_driven_around():
    nodes, links = streets(3, 2)
    banned = movements([("l0-0>1-0", "n1-0", "l1-0>2-0", "no")])
    graph = build_streets(city(nodes, links, bins_at([(0, 0)]), turns=banned), 1.0)
    _, length_m = travel(graph, [0, 1], [2, 1])
    assert length_m[0, 0] == 4 * BLOCK_M  # by the other street
    assert length_m[0, 1] == BLOCK_M  # arriving at the junction itself is free
    assert length_m[1, 0] == BLOCK_M  # and so is leaving it from a stop there


def test_an_only_rule_bans_every_other_turn():
    nodes, links = streets(3, 2)
    only = movements([("l0-0>1-0", "n1-0", "l1-0>1-1", "only")])
    graph = build_streets(city(nodes, links, bins_at([(0, 0)]), turns=only), 1.0)
    assert travel(graph, [0], [2])[1][0, 0] == 4 * BLOCK_M


def test_the_way_has_the_arcs_that_the_time_adds_up():
    graph = build_streets(grid_city(size=6), 1.0)
    arcs = way_arcs(graph.first_arc, graph.head, graph.time_s, 0, 35)
    assert graph.time_s[arcs].sum() == pytest.approx(travel(graph, [0], [35])[0][0, 0])
    assert graph.head[arcs[-1]] == 35


def test_what_cannot_be_reached_is_infinitely_far():
    nodes, links = streets(3, 1)
    links = links.with_values(["l1-0>2-0"], {"closed": True})
    graph = build_streets(city(nodes, links, bins_at([(0, 0)])), 1.0)
    assert travel(graph, [0], [2])[0][0, 0] == np.inf
    assert len(way_arcs(graph.first_arc, graph.head, graph.time_s, 0, 2)) == 0
    assert len(set(graph.component().tolist())) == 2
