"""The demo city's roads can be driven, and its buildings stand beside them."""

from collections import Counter, defaultdict

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def test_every_node_can_be_reached_from_every_other(city):
    row = {node.id: number for number, node in enumerate(city.of_kind("node"))}
    links = city.of_kind("link")
    tails, heads = ([row[getattr(link, end)] for link in links] for end in ("tail_id", "head_id"))
    graph = coo_array((np.ones(len(links)), (tails, heads)), shape=(len(row), len(row)))
    assert connected_components(graph, directed=True, connection="strong")[0] == 1


def test_every_road_can_be_reached_with_the_turn_restrictions(city):
    links = city.of_kind("link")
    row = {link.id: number for number, link in enumerate(links)}
    banned = {(ban.from_link_id, ban.to_link_id) for ban in city.of_kind("movement")}
    assert len(banned) >= 10
    leaving = defaultdict(list)
    for link in links:
        leaving[link.tail_id].append(link)
    turns = [(row[a.id], row[b.id]) for a in links for b in leaving[a.head_id] if (a.id, b.id) not in banned]
    one, two = zip(*turns, strict=True)
    graph = coo_array((np.ones(len(turns)), (one, two)), shape=(len(links), len(links)))
    assert connected_components(graph, directed=True, connection="strong")[0] == 1


def test_turn_restrictions_meet_at_their_node(city):
    links = {link.id: link for link in city.of_kind("link")}
    for ban in city.of_kind("movement"):
        assert links[ban.from_link_id].head_id == ban.via_node_id == links[ban.to_link_id].tail_id


def test_opposite_directions_agree(city):
    links = {link.id: link for link in city.of_kind("link")}
    one_way = [link for link in links.values() if not link.reverse_id]
    for link in links.values():
        if link.reverse_id:
            back = links[link.reverse_id]
            assert (back.tail_id, back.head_id, back.reverse_id) == (link.head_id, link.tail_id, link.id)
    assert 10 <= len(one_way) <= 200


def test_lines_start_and_end_at_their_nodes(city):
    places = {node.id: node.geometry for node in city.of_kind("node")}
    for link in city.of_kind("link"):
        assert link.geometry.coords[0] == places[link.tail_id].coords[0]
        assert link.geometry.coords[-1] == places[link.head_id].coords[0]


def test_hierarchy(city):
    length_m = Counter()
    for link in city.of_kind("link"):
        length_m[link.road_class] += link.length_m / 2
    assert set(length_m) == {"motorway", "trunk", "primary", "secondary", "tertiary", "residential"}
    assert length_m["residential"] > length_m["primary"] > length_m["trunk"] > length_m["motorway"]
    total = sum(length_m.values())
    assert 0.12 < (length_m["motorway"] + length_m["trunk"] + length_m["primary"]) / total < 0.35


def test_expressways_are_entered_from_main_roads_only(city):
    at = defaultdict(set)
    for link in city.of_kind("link"):
        at[link.tail_id].add(link.road_class)
    for classes in at.values():
        if classes & {"motorway", "trunk"}:
            assert classes <= {"motorway", "trunk", "primary"}


def test_several_bridges_cross_the_river(city, in_metres):
    river = next(area.geometry for area in city.of_kind("land_use") if area.name_en == "Demo River")
    links = np.array([link.geometry for link in city.of_kind("link")], dtype=object)
    is_bridge = np.array([link.bridge for link in city.of_kind("link")])
    wet = shapely.intersects(links, river.buffer(-1e-6))
    assert not (wet & ~is_bridge).any()
    assert 6 <= (wet & is_bridge).sum() / 2 <= 12


def test_no_building_stands_on_a_road_or_in_water(city, in_metres):
    buildings = shapely.STRtree(in_metres("building"))
    assert len(buildings.query(in_metres("link"), predicate="intersects")[0]) == 0
    water = [shape for shape, area in zip(in_metres("land_use"), city.of_kind("land_use"), strict=True) if area.use == "water"]
    assert len(buildings.query(water, predicate="intersects")[0]) == 0


def test_buildings_do_not_overlap(city, in_metres):
    shapes = in_metres("building")
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < two
    overlap = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[two[pairs]]))
    assert (overlap > 1.0).sum() == 0


def test_towers_stand_in_the_middle_and_the_old_town_is_low(city, in_metres):
    height = np.array([building.height_m for building in city.of_kind("building")])
    area = shapely.area(in_metres("building"))
    assert height.max() > 150
    assert np.median(height[area < 120]) < 12
    assert (height > 100).mean() < 0.02
