from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.assignment.distances import know, look_from, make_distances
from sim.assignment.graph import make_graph
from sim.assignment.hierarchy import LANES, UNREACHED, fit, make_hierarchy
from sim.assignment.problem import skim_times
from twin.task import finish


def random_graph(seed, nodes, links, zones):
    random = np.random.default_rng(seed)
    tail, head = random.integers(0, nodes, links), random.integers(0, nodes, links)
    graph, _ = make_graph(tail, head, nodes, zones)
    return graph, random.uniform(0.0, 9.0, links)


def by_scipy(graph, cost, nodes, origin):
    """Return shortest times from one node, the ways out of all other centroids taken away."""
    passable = (graph.tail >= graph.first_through) | (graph.tail == origin)
    order = np.argsort(-cost, kind="stable")  # of links side by side, the quickest is written last
    order = order[passable[order] & (graph.tail[order] != graph.head[order])]
    matrix = np.full((nodes, nodes), np.inf)
    matrix[graph.tail[order], graph.head[order]] = cost[order]
    rows, columns = np.nonzero(np.isfinite(matrix))
    return dijkstra(csr_array((matrix[rows, columns], (rows, columns)), shape=(nodes, nodes)), indices=origin)


@pytest.mark.parametrize(
    ("seed", "nodes", "links", "zones"),
    [
        (1, 40, 160, 0),
        (2, 40, 160, 12),
        (3, 60, 90, 20),
        (4, 2, 1, 0),
        (5, 9, 40, 9),
        (6, 300, 900, 30),
        (7, 5, 0, 2),
        (8, 50, 1500, 5),
    ],
)
def test_times_from_every_node_are_those_of_dijkstra(seed, nodes, links, zones):
    graph, cost = random_graph(seed, nodes, links, zones)
    random, distances = np.random.default_rng(seed), make_distances(graph.hierarchy)
    fit(graph.hierarchy, cost, distances.costs)
    for low in range(0, nodes, LANES):
        sources = np.arange(low, min(low + LANES, nodes), dtype=np.int32)
        look_from(sources, graph.hierarchy, distances)
        for part in np.array_split(random.permutation(nodes).astype(np.int32), 3):
            know(part, graph.hierarchy, distances)
        for lane, origin in enumerate(sources):
            found = distances.row[graph.hierarchy.rank, lane]
            wanted = by_scipy(graph, cost, nodes, origin)
            assert np.array_equal(found >= UNREACHED, np.isinf(wanted))
            assert found[np.isfinite(wanted)] == pytest.approx(wanted[np.isfinite(wanted)], abs=1e-12)


def test_new_costs_need_no_new_hierarchy():
    graph, cost = random_graph(9, 80, 400, 10)
    for factor in (1.0, 0.1, 7.0):
        found = finish(skim_times(graph, cost * factor, 10, origins=np.array([3, 7], np.int32)))
        for row, origin in enumerate((3, 7)):
            wanted = by_scipy(graph, cost * factor, 80, origin)[:10]
            assert np.minimum(found[row], 1e9) == pytest.approx(np.minimum(wanted, 1e9))


def test_every_link_has_the_arc_between_its_ends():
    graph, _ = random_graph(10, 50, 200, 5)
    hierarchy = make_hierarchy(graph.tail, graph.head, 50, 5)
    assert sorted(hierarchy.rank) == list(range(50))
    assert sorted(hierarchy.rank[:5]) == list(range(5))
    for link in range(200):
        ends = sorted((hierarchy.rank[graph.tail[link]], hierarchy.rank[graph.head[link]]))
        if ends[0] == ends[1]:
            assert hierarchy.arc[link] == -1
        else:
            assert hierarchy.start[ends[0]] <= hierarchy.arc[link] < hierarchy.start[ends[0] + 1]
            assert hierarchy.upper[hierarchy.arc[link]] == ends[1]
