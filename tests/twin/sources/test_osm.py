from __future__ import annotations

import gzip
from textwrap import dedent

import pytest

from twin.errors import DataError

NODES = {
    1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1), 5: (1, -1), 6: (3, 0), 7: (3, 1), 8: (2, 1), 9: (1.1, 0),
    12: (2, 0.5),
}  # fmt: skip
STEP = 0.01  # degrees: about 1.1 km


def osm(ways="", relations="", node_tags=None):
    """Return an OSM document on a grid of 0.01 degrees; node 2 is the middle of a cross."""
    nodes = "".join(
        f'<node id="{key}" version="1" lon="{24 + x * STEP}" lat="{60 + y * STEP}">{(node_tags or {}).get(key, "")}</node>'
        for key, (x, y) in NODES.items()
    )
    return dedent(f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}{relations}</osm>')


def way(key, refs, **tags):
    nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{key}" version="1">{nodes}{tag(**tags)}</way>'


def tag(**tags):
    return "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())


CROSS = way(10, (1, 2, 3), highway="primary", name="East", lanes="2") + way(11, (4, 2, 5), highway="residential")


def test_a_cross_has_five_nodes_and_four_roads_of_two_directions(read, written):
    given = read(written("city.osm", osm(CROSS)))
    assert {node.source_id for node in given.kinds["node"]} == {f"node/{key}" for key in (1, 2, 3, 4, 5)}
    links = given.by_id("link")
    assert len(links) == 8
    link = links["way/10/1-2"]
    assert (link.tail_id, link.head_id, link.reverse_id, link.way_id) == ("node/1", "node/2", "way/10/2-1", "way/10")
    assert link.length_m == pytest.approx(558, rel=0.002)  # 0.01 degrees of longitude at 60 degrees north
    assert (link.name, link.lanes, link.capacity_vph, link.road_class) == ("East", 1, 1000, "primary")
    assert list(links["way/10/2-1"].geometry.coords) == list(link.geometry.coords)[::-1]


def test_a_node_that_only_bends_the_road_is_no_node_of_the_network(read, written):
    given = read(written("city.osm", osm(way(10, (1, 2, 3), highway="tertiary"))))
    assert len(given.kinds["node"]) == 2
    assert len(given.by_id("link")["way/10/1-3"].geometry.coords) == 3


def test_a_road_against_its_line_and_a_roundabout(read, written):
    ways = way(10, (1, 2), highway="primary", oneway="-1") + way(11, (3, 6, 7, 8, 3), highway="primary", junction="roundabout")
    links = read(written("city.osm", osm(ways))).by_id("link")
    assert links["way/10/2-1"].reverse_id == ""
    assert "way/10/1-2" not in links
    # The roundabout is a loop with nothing attached: it is cut in its middle, and has one direction.
    assert {key for key in links if key.startswith("way/11")} == {"way/11/3-7", "way/11/7-3"}


def test_signals_stand_on_junctions_or_make_a_node(read, written):
    signal = tag(highway="traffic_signals")
    ways = way(10, (1, 2, 9, 3), highway="primary") + way(11, (4, 2, 5), highway="primary")
    far = read(written("far.osm", osm(ways, node_tags={9: signal})))
    assert {node.source_id for node in far.kinds["node"] if node.signal} == {"node/9"}  # 56 m from the junction
    NODES[9], kept = (1.02, 0), NODES[9]  # 11 m from it
    try:
        near = read(written("near.osm", osm(ways, node_tags={9: signal})))
    finally:
        NODES[9] = kept
    assert {node.source_id for node in near.kinds["node"] if node.signal} == {"node/2"}
    assert "node/9" not in near.by_id("node")


def restriction(via='<member type="node" ref="2" role="via"/>', value="no_left_turn", **more):
    ends = '<member type="way" ref="10" role="from"/>{}<member type="way" ref="12" role="to"/>'
    return f'<relation id="20" version="1">{ends.format(via)}{tag(type="restriction", restriction=value, **more)}</relation>'


TURN = way(10, (1, 2), highway="primary") + way(12, (2, 4), highway="primary") + way(13, (2, 3), highway="primary")


def test_turn_restriction(read, written):
    given = read(written("city.osm", osm(TURN, restriction())))
    (movement,) = given.kinds["movement"]
    assert (movement.from_link_id, movement.via_node_id, movement.to_link_id) == ("way/10/1-2", "node/2", "way/12/2-4")
    assert movement.rule == "no"


def test_turn_restrictions_that_cannot_be_used_are_named(read, written):
    by_way = read(written("a.osm", osm(TURN, restriction(via='<member type="way" ref="13" role="via"/>'))))
    assert by_way.problems[0].row == "relation/20"
    assert "over a way" in by_way.problems[0].reason
    through = read(written("b.osm", osm(CROSS + way(12, (2, 6), highway="primary"), restriction())))
    assert "goes on through" in through.problems[0].reason
    for lorries in (restriction(**{"except": "motorcar"}), restriction(value="")):
        given = read(written("c.osm", osm(TURN, lorries)))
        assert not given.kinds["movement"]
        assert not given.problems


def test_private_and_closed_roads(read, written):
    ways = way(10, (1, 2), highway="service", access="private") + way(11, (2, 3), highway="primary", motor_vehicle="no")
    links = read(written("city.osm", osm(ways))).by_id("link")
    assert links["way/10/1-2"].free_flow_speed_mps == pytest.approx(10 / 3.6)
    assert links["way/11/2-3"].closed


def test_places(read, written):
    square = (1, 3, 8, 4, 1)
    ways = (
        way(30, square, building="school", building__levels="4")
        + way(31, square, landuse="forest", name="Wood", name__en="The wood")
        + way(32, (1, 3, 8), building="yes")
    )
    node_tags = {
        5: tag(amenity="recycling", recycling__glass_bottles="yes"),
        6: tag(man_made="surveillance", camera__type="dome", camera__direction="NE"),
        7: tag(amenity="waste_basket"),
        9: tag(highway="speed_camera"),
    }
    given = read(written("city.osm", osm(ways, node_tags=node_tags)))
    (building,) = given.kinds["building"]
    assert (building.height_m, building.levels, building.height_is_assumed, building.use) == (12, 4, False, "education")
    assert [(area.use, area.name, area.name_en) for area in given.kinds["land_use"]] == [("green", "Wood", "The wood")]
    bins = given.by_id("bin")
    assert (bins["node/5"].waste_kind, bins["node/5"].stream, bins["node/7"].waste_kind) == (
        "recyclable",
        "glass_bottles",
        "litter",
    )
    cameras = given.by_id("camera")
    assert (cameras["node/6"].camera_type, cameras["node/6"].direction_deg, cameras["node/9"].camera_type) == (
        "dome",
        45,
        "speed",
    )
    assert [(problem.row, problem.reason) for problem in given.problems] == [
        ("way/32", "the outline of the building is not closed")
    ]


def test_a_broken_ring_is_a_problem_and_never_a_stop(read, written):
    bow_tie = way(30, (1, 4, 3, 8, 1), building="yes") + way(31, (1, 99, 3, 1), building="yes") + CROSS
    given = read(written("city.osm", osm(bow_tie)))
    assert {problem.row for problem in given.problems} == {"way/30", "way/31"}
    assert len(given.kinds["link"]) == 8


def test_a_multipolygon_has_its_hole(read, written):
    ways = way(40, (4, 5, 6, 7, 4)) + way(41, (9, 3, 12, 9))
    members = '<member type="way" ref="40" role="outer"/><member type="way" ref="41" role="inner"/>'
    relation = f'<relation id="50" version="1">{members}{tag(type="multipolygon", natural="water")}</relation>'
    given = read(written("city.osm", osm(ways, relation)))
    (water,) = given.kinds["land_use"]
    assert (water.use, water.source_id, len(water.geometry.interiors)) == ("water", "relation/50", 1)


def test_ways_before_their_nodes_are_sorted(read, written):
    text = osm(CROSS)
    nodes = text[text.index("<node") : text.index("<way")]
    given = read(written("city.osm", text.replace(nodes, "").replace("</osm>", nodes + "</osm>")))
    assert len(given.kinds["link"]) == 8


def test_packed_files(read, written):
    assert len(read(written("city.osm.gz", gzip.compress(osm(CROSS).encode()))).kinds["link"]) == 8


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.osm", osm(CROSS)[:-40]),
        ("cut.osm.gz", gzip.compress(osm(CROSS).encode())[:-20]),
        ("noise.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c" + b"\x7f" * 200),
        ("page.osm", "<html><body>Too many requests</body></html>"),
        ("nothing.osm", '<osm version="0.6"></osm>'),
        ("noise.pbf", b"GIF89a" * 50),
    ],
)
def test_damaged_files_are_refused_with_advice(read, written, name, content):
    with pytest.raises(DataError) as caught:
        read(written(name, content))
    assert caught.value.advice


def test_a_map_of_another_city_is_refused(read, written):
    with pytest.raises(DataError, match="outside this city"):
        read(written("city.osm", osm(CROSS)), bounds=(113.0, 22.0, 114.0, 23.0))
