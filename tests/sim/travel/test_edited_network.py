"""The graph of an edited city: what of the old graph stands in it, and what became of the rest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim.travel.edited_network import edit_network
from sim.travel.network import make_network
from sim.travel.params import TravelParams
from twin.model.edits import AddLink, BanTurn, CloseLinks, OpenLinks, SetDirection, SetLanes, SetSignal
from twin.task import finish

PARAMS = TravelParams(zone_count=4)


@pytest.fixture(scope="module")
def city(make):
    """A grid of streets with a lane of three one-way pieces across one of its blocks."""
    entities = make.grid(4, 4)
    nodes = {entity.id: entity for entity in entities if entity.kind == "node"}
    bends = [make.junction("b0", 350.0, 350.0), make.junction("b1", 550.0, 550.0)]
    way = [nodes["n1-1"], *bends, nodes["n2-2"]]
    entities += bends
    entities += [make.road(f"lane{i}", *ends, road_class="trunk") for i, ends in enumerate(pairwise(way))]
    return make.snapshot(entities)


@pytest.fixture(scope="module")
def network(city):
    return finish(make_network(city, PARAMS))


def edited(network, city, *edits):
    after = city
    for edit in edits:
        after = edit.apply(after)
    return after, finish(edit_network(network, city, after, PARAMS))


def stands(network, result, link):
    """Return the new links in the place of an old one."""
    return [new for new in result.successors[link].tolist() if new >= 0]


def place(city, network, key):
    return int(network.place[city["link"].row_of[key]])


@pytest.mark.parametrize(
    "edit",
    [
        CloseLinks(target_ids=("lane1",)),
        SetLanes(target_ids=("n1-1>n2-1",), lanes=3.0),
        SetDirection(target_ids=("n1-1>n2-1",), direction="against"),
        OpenLinks(target_ids=("lane1",)),
    ],
)
def test_edits_of_roads_that_are_there_keep_the_network_itself(network, city, edit):
    _, result = edited(network, city, edit)
    assert result.network is network
    assert result.successors is None


def test_a_turn_ban_that_is_lifted_again_keeps_the_network_itself(network, city):
    ban = {"target_ids": ("n1-0>n1-1",), "into": ("n1-1>n2-1",)}
    _, result = edited(network, city, BanTurn(**ban), BanTurn(**ban, allowed=True))
    assert result.network is network


def test_a_new_road_between_junctions_adds_its_links_and_nothing_else(network, city):
    after, result = edited(network, city, AddLink(path_m=((0, 0), (300, 300))))
    assert len(result.network.graph.tail) == len(network.graph.tail) + 2
    assert all(len(stands(network, result, link)) == 1 for link in range(len(network.graph.tail)))
    new = set(range(len(result.network.graph.tail))) - set(result.successors[:, 0].tolist())
    assert new == {result.network.place[row] for row in range(len(city["link"]), len(after["link"]))}
    assert result.network.zones is network.zones


def test_every_road_is_in_the_successor_of_its_old_link(network, city):
    after, result = edited(
        network, city, AddLink(path_m=((450, 450), (600, 300))), SetDirection(target_ids=("lane0",), direction="both")
    )
    for row, old in enumerate(network.place.tolist()):
        if old >= 0:
            assert result.network.place[row] in stands(network, result, old)
    assert len(after["link"]) > len(city["link"])


def test_a_road_that_joins_a_chain_cuts_it_in_two_that_follow_each_other(network, city):
    chain = place(city, network, "lane1")
    assert chain == place(city, network, "lane0") == place(city, network, "lane2")
    after, result = edited(network, city, AddLink(path_m=((450, 450), (600, 300)), two_way=False))
    first, second = stands(network, result, chain)
    assert result.network.graph.head[first] == result.network.graph.tail[second]
    assert {place(after, result.network, key) for key in ("lane0", "lane1", "lane1|2", "lane2")} == {first, second}
    assert place(after, result.network, "lane0") == first
    assert place(after, result.network, "lane2") == second


def test_connectors_lead_to_the_same_zones(network, city):
    _, result = edited(network, city, AddLink(path_m=((0, 0), (300, 300))))
    old, new = network, result.network
    for one, other in zip(old.connector_place, new.connector_place, strict=True):
        assert result.successors[one, 0] == other
        zone = min(old.graph.tail[one], old.graph.head[one])
        assert min(new.graph.tail[other], new.graph.head[other]) == zone
        assert old.fixed_time[one] == new.fixed_time[other]


def test_a_banned_turn_has_no_way_through_its_junction(network, city):
    after, result = edited(network, city, BanTurn(target_ids=("n1-0>n1-1",), into=("n1-1>n2-1",)))
    graph = result.network.graph
    start, end = place(after, result.network, "n1-0>n1-1"), place(after, result.network, "n1-1>n2-1")
    assert graph.head[start] != graph.tail[end]
    joined = {(int(a), int(b)) for a, b in zip(graph.tail, graph.head, strict=True)}
    assert (int(graph.head[start]), int(graph.tail[end])) not in joined
    straight = place(after, result.network, "n1-1>n1-2")
    assert graph.head[start] == graph.tail[straight] or (int(graph.head[start]), int(graph.tail[straight])) in joined


def test_who_starts_at_a_junction_with_a_ban_may_take_every_road(network, city):
    node = next(key for key in ("n1-1", "n2-1", "n1-2", "n2-2") if city["node"].row_of[key] in network.zones.connector_node)
    links = city["link"]
    into = next(key for key in links.ids if key.startswith(f"{node}>"))
    out_of = next(key for key in links.ids if key.endswith(f">{node}") and into.split(">")[1] != key.split(">")[0])
    after, result = edited(network, city, BanTurn(target_ids=(out_of,), into=(into,)))
    exit_ = result.network.graph.tail[place(after, result.network, into)]
    ways_in = result.network.graph.tail[result.network.graph.head == exit_]
    assert (ways_in < result.network.graph.first_through).any()


def test_an_opened_direction_is_new_and_a_road_without_a_way_back_is_named(network, city):
    after, result = edited(network, city, SetDirection(target_ids=("lane0", "lane1", "lane2"), direction="both"))
    assert len({place(after, result.network, f"lane{i}~back") for i in range(3)}) == 1
    after, result = edited(network, city, AddLink(path_m=((0, 0), (-500, -500))))
    assert result.network.notes[-1] == "2 links of new roads carry no traffic: they lead nowhere."
    assert place(after, result.network, after["link"].ids[-1]) == -1


def test_signals_that_stand_keep_their_green_when_a_road_is_added(make):
    entities = make.grid(4, 4)
    signals = [entity if entity.id != "n1-1" else make.junction("n1-1", 300.0, 300.0, signal=True) for entity in entities]
    city = make.snapshot(signals)
    network = finish(make_network(city, PARAMS))
    _, result = edited(network, city, AddLink(path_m=((300, 300), (600, 0)), road_class="primary"))
    old = len(city["link"])
    np.testing.assert_array_equal(result.network.signals.share[:old], network.signals.share)
    np.testing.assert_array_equal(result.network.signals.waits[:old], network.signals.waits)
    assert result.network.signals.waits[old:].sum() == 1  # the new road back to the signal waits there


def test_a_new_signal_makes_its_approaches_wait_and_no_others(network, city):
    after, result = edited(network, city, SetSignal(target_ids=("n1-0>n1-1",)))
    waiting = {key for key, waits in zip(after["link"].ids, result.network.signals.waits, strict=True) if waits}
    assert waiting == {"n1-0>n1-1", "n1-2>n1-1", "n0-1>n1-1", "n2-1>n1-1"}
    assert result.successors is None
    assert result.network.graph is network.graph
