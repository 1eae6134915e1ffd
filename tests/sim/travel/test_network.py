from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.assignment.delay import refresh
from sim.assignment.graph import CLOSED_TIME_S, Loading
from sim.travel.baseline import city_volume
from sim.travel.network import make_network
from sim.travel.params import TravelParams
from sim.travel.road_delay import graph_delay, road_delay
from sim.travel.zones import make_zones
from twin.errors import ScenarioError
from twin.geo import Projection
from twin.task import finish

PARAMS = TravelParams()


def line_city(make, signal=False):
    """Return two squares joined by a road of three pieces of different width, one of them slow."""
    entities = [*make.grid(2, 2)]
    nodes = {entity.id: entity for entity in entities if entity.kind == "node"}
    far = [make.junction(f"f{i}", 3000.0 + 300 * (i % 2), 300.0 * (i // 2)) for i in range(4)]
    bends = [make.junction("b0", 1000.0, 0.0, signal=signal), make.junction("b1", 2000.0, 0.0)]
    way = [nodes["n1-0"], *bends, far[0]]
    widths = (400.0, 900.0, 700.0)
    for i, (a, b) in enumerate(pairwise(way)):
        entities.append(make.road(f"way{i}", a, b, capacity_vph=widths[i]))
        entities.append(make.road(f"back{i}", b, a, capacity_vph=widths[i]))
    for a, b in ((0, 1), (1, 3), (3, 2), (2, 0)):
        entities += [make.road(f"f{a}{b}", far[a], far[b]), make.road(f"f{b}{a}", far[b], far[a])]
    return make.snapshot([*entities, *far, *bends])


def test_pieces_in_a_row_are_one_link_with_the_sum_of_their_delays(make):
    city = line_city(make, signal=True)
    network = finish(make_network(city, TravelParams(zone_count=2)))
    links = city["link"]
    rows = links.rows(["way0", "way1", "way2"])
    # The bends are zones of their own only where H3 puts one there: follow the chain of the middle piece.
    volume = np.full(len(network.graph.tail), 650.0)
    loading = Loading(volume, np.empty_like(volume), np.empty_like(volume), np.zeros_like(volume))
    refresh(graph_delay(city, network, PARAMS), loading)
    times = road_delay(city, network, PARAMS).at(city_volume(network, volume))
    for place in np.unique(network.place[rows]):
        assert loading.time[place] == pytest.approx(times[network.place == place].sum(), rel=1e-12)


def test_a_signal_costs_its_wait_on_the_links_into_it(make):
    city = line_city(make, signal=True)
    delay = road_delay(city, finish(make_network(city, PARAMS)), PARAMS)
    waiting = {key for key, wait in zip(city["link"].ids, delay.wait, strict=True) if wait > 0}
    assert waiting == {"way0", "back1"}


def test_a_closed_piece_closes_its_chain_alone(make):
    city = line_city(make)
    network = finish(make_network(city, PARAMS))
    closed = city["link"].with_values(["way1"], {"closed": True})
    delay = graph_delay(city.with_frame(closed), network, PARAMS)
    is_closed = delay.free_time >= CLOSED_TIME_S
    assert is_closed.sum() == 1
    assert is_closed[network.place[city["link"].rows(["way1"])[0]]]


def test_a_part_that_is_cut_off_carries_nothing_and_is_named(make):
    entities = make.grid(4, 4)
    island = [make.junction("i0", 9000.0, 0.0), make.junction("i1", 9300.0, 0.0)]
    entities += [*island, make.road("island", *island), make.road("one way out", island[0], entities[0])]
    network = finish(make_network(make.snapshot(entities), PARAMS))
    rows = make.snapshot(entities)["link"].rows(["island", "one way out"])
    assert network.place[rows].tolist() == [-1, -1]
    assert any(note.startswith("2 road links carry no traffic") for note in network.notes)


def test_roads_that_join_nothing_both_ways_are_refused(make):
    nodes = [make.junction("a", 0.0, 0.0), make.junction("b", 500.0, 0.0)]
    with pytest.raises(ScenarioError, match="fewer than two places"):
        finish(make_network(make.snapshot([*nodes, make.road("one way", *nodes)]), PARAMS))


@pytest.mark.parametrize("most", [2, 5, 20, 500])
def test_zones_are_at_most_as_many_as_asked_for_and_hold_every_junction(most):
    random = np.random.default_rng(2)
    xy = random.uniform(-4000, 4000, (800, 2))
    zones = make_zones(xy, np.ones(800, dtype=bool), Projection(10.0, 50.0), most)
    assert 1 <= len(zones) <= most
    assert len(zones.member_zone) == 800
    assert set(zones.connector_zone.tolist()) == set(range(len(zones)))
    assert np.bincount(zones.connector_zone).max() <= 6
    assert np.all(zones.connector_time_s >= 0.0)


def test_amounts_go_to_the_nearest_zone_and_far_ones_nowhere():
    xy = np.array([[0.0, 0.0], [5000.0, 0.0]])
    zones = make_zones(xy, np.ones(2, dtype=bool), Projection(10.0, 50.0), 500)
    amounts = zones.totals(np.array([[100.0, 0], [4900.0, 0], [5000.0, 200], [2500.0, 0]]), np.array([1.0, 2, 4, 8]))
    assert sorted(amounts.tolist()) == [1.0, 6.0]
