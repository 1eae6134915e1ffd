"""Tables of ways against shortest paths found by others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sim.kinematic_wave import route
from sim.kinematic_wave.closed_form import streets
from sim.kinematic_wave.network import make_network
from sim.kinematic_wave.node import FIRST_WAY, LEAVE, NO_WAY
from sim.kinematic_wave.trip import make_exits
from twin.errors import DataError


def table_of(network, exits, times_s):
    count = len(exits.start) - 1
    table = np.full((network.nodes, count), NO_WAY, np.uint8)
    backwards = route.make_backwards(network, exits)
    route.renew(0, count, backwards, route.priced(times_s, backwards, network), network, 0, table)
    return table


def at_nodes(count):
    return make_exits(np.arange(count), np.arange(count), np.zeros(count), count)


def driven_s(network, table, times_s, node, destination):
    """Return the time of the way that the table tells."""
    total_s = 0.0
    while table[node, destination] != LEAVE:
        link = network.out[network.out_start[node] + table[node, destination] - FIRST_WAY]
        assert network.link["tail"][link] == node
        total_s += times_s[link]
        node = network.link["head"][link]
    return total_s


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_way_is_the_quickest(seed):
    rng, nodes = np.random.default_rng(seed), 40
    ends = np.unique(rng.integers(0, nodes, (110, 2)), axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    network = make_network(streets(*((*pair, 100.0) for pair in ends.tolist())), nodes)
    times_s = rng.uniform(1.0, 500.0, network.links)
    least_s = dijkstra(coo_array((times_s, ends.T), shape=(nodes, nodes)).tocsr())
    table = table_of(network, at_nodes(nodes), times_s)
    for node, destination in np.ndindex(nodes, nodes):
        if np.isinf(least_s[node, destination]):
            assert table[node, destination] == NO_WAY
        else:
            found_s = driven_s(network, table, times_s, node, destination)
            assert found_s == pytest.approx(least_s[node, destination], abs=nodes / route.TICKS_PER_S)


def test_which_of_equal_ways_is_taken_varies_and_never_by_chance():
    """A grid of equal streets: nearly everywhere there are two ways; were it always the first, all would turn alike."""
    side = 9
    pairs = [(a, b) for a in range(side**2) for b in range(side**2) if abs(a // side - b // side) + abs(a % side - b % side) == 1]
    network = make_network(streets(*((*pair, 100.0) for pair in pairs)), side**2)
    times_s = network.link["free_s"][: network.links]
    table = table_of(network, at_nodes(side**2), times_s)
    sideways = 0
    for node, destination in np.ndindex(side**2, side**2):
        down, right = destination // side - node // side, destination % side - node % side
        assert driven_s(network, table, times_s, node, destination) == 5.0 * (abs(down) + abs(right))
        if down and right:
            link = network.out[network.out_start[node] + table[node, destination] - FIRST_WAY]
            sideways += abs(int(network.link["head"][link]) - node) == 1
    assert 0.4 < sideways / (side * (side - 1)) ** 2 < 0.6
    assert np.array_equal(table, table_of(network, at_nodes(side**2), times_s))


def test_a_closed_road_is_no_way_and_a_trip_may_leave_where_the_rest_is_short():
    roads = streets((0, 1, 100.0), (1, 2, 100.0), (0, 2, 50.0))
    network = make_network(roads, 3, is_open=np.array([True, True, False]))
    # One destination, 30 s beyond node 1 and 1 s beyond node 2.
    exits = make_exits(np.zeros(2, int), np.array([1, 2]), np.array([30.0, 1.0]), 1)
    table = table_of(network, exits, np.array([5.0, 5.0, 2.5]))
    assert table[:, 0].tolist() == [FIRST_WAY, FIRST_WAY, LEAVE]
    table = table_of(network, exits, np.array([5.0, 40.0, 2.5]))
    assert table[:, 0].tolist() == [FIRST_WAY, LEAVE, LEAVE]


def test_more_links_out_of_a_node_than_have_a_number_are_refused():
    network = make_network(streets(*((0, 1, 100.0) for _ in range(255))), 2)
    with pytest.raises(DataError, match="255 links leave node 0; expected 254 at most"):
        route.make_backwards(network, at_nodes(2))
