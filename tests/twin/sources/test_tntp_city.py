"""TNTP networks as roads: places, units, delay functions, and zones that may not be passed."""

from __future__ import annotations

import numpy as np
import pytest

from twin.errors import DataError
from twin.model.demand import Zone
from twin.model.network import Link, Node
from twin.sources import Note, ReadOptions, source_for

HEAD = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 4\n<FIRST THRU NODE> {first}\n<NUMBER OF LINKS> {count}\n<END OF METADATA>\n"
ROWS = ("1 3 1000 2 2 0.15 4 0 0 1 ;", "3 1 1000 2 2 0.15 4 0 0 1 ;", "3 4 2000 10 6 0.5 2 0 0 1 ;", "4 2 500 1 1 0 0 0 0 1 ;")
PLACES = "Node X Y ;\n1 24.90 60.10 ;\n2 24.93 60.10 ;\n3 24.91 60.10 ;\n4 24.92 60.10 ;\n"


@pytest.fixture
def read(tmp_path):
    def read(rows=ROWS, first=1, places=PLACES, **options):
        path = tmp_path / "town_net.tntp"
        path.write_text(HEAD.format(first=first, count=len(rows)) + "\n".join(rows) + "\n")
        if places:
            (tmp_path / "Town_node.tntp").write_text(places)
        source = source_for(path)
        assert source.name == "tntp"
        return list(source.read(path, ReadOptions(**options)))

    return read


def of(items, kind):
    return [item for item in items if isinstance(item, kind)]


def by_id(items, kind):
    return {item.id: item for item in of(items, kind)}


def test_every_link_takes_the_minutes_of_the_file(read):
    links = by_id(read(), Link)
    times = {key: link.length_m / link.free_flow_speed_mps for key, link in links.items()}
    assert times == pytest.approx({"1-3": 120.0, "3-1": 120.0, "3-4": 360.0, "4-2": 60.0})
    assert (links["3-4"].bpr_b, links["3-4"].bpr_power, links["3-4"].capacity_vph) == (0.5, 2.0, 2000.0)
    assert links["1-3"].reverse_id == "3-1"
    assert links["3-4"].reverse_id == ""


def test_a_link_whose_time_does_not_grow_has_next_to_no_delay(read):
    link = by_id(read(), Link)["4-2"]
    assert 0.0 < link.bpr_b < 1e-9


def test_times_of_nothing_and_of_almost_nothing(read):
    rows = (*ROWS[:3], "4 2 500 1 0 0.15 4 0 0 1 ;", "2 4 1 1 0.0000001 100000000 1 0 0 1 ;")
    links = by_id(read(rows), Link)
    assert links["4-2"].length_m / links["4-2"].free_flow_speed_mps == pytest.approx(0.6)
    assert links["4-2"].bpr_b == 0.15
    # Braess: 1e-7 (1 + 1e8 v) minutes grow by 10 v whatever they begin with.
    begin_min = links["2-4"].length_m / links["2-4"].free_flow_speed_mps / 60.0
    assert begin_min * links["2-4"].bpr_b == pytest.approx(10.0)


def test_a_unit_of_length_is_chosen_that_gives_a_citys_speeds(read):
    speed = by_id(read(), Link)["3-4"].free_flow_speed_mps
    assert speed in (pytest.approx(10 * 1609.344 / 360), pytest.approx(10 * 1000 / 360))


def test_nodes_lie_where_the_file_beside_says(read):
    nodes = by_id(read(), Node)
    assert (nodes["3"].geometry.x, nodes["3"].geometry.y) == (24.91, 60.10)


def test_a_named_system_of_coordinates_is_used(read):
    places = "Node X Y\n1 25494000 6672000\n2 25495000 6672000\n3 25494300 6672000\n4 25494600 6672000\n"
    nodes = by_id(read(places=places, crs="EPSG:3879"), Node)
    assert nodes["1"].geometry.x == pytest.approx(24.89, abs=0.01)
    assert nodes["1"].geometry.y == pytest.approx(60.16, abs=0.01)


def test_coordinates_of_no_known_system_are_told(read):
    items = read(places="Node X Y\n1 690309 1976022\n2 693306 1963368\n3 683649 1973025\n4 686313 1958373\n")
    assert any("no known system" in note.text for note in of(items, Note))
    assert np.hypot(*of(items, Node)[0].geometry.coords[0]) < 0.1


def test_without_places_the_roads_lie_on_a_grid_and_say_so(read):
    items = read(places="")
    assert any("made-up grid" in note.text for note in of(items, Note))
    assert len({node.geometry.wkt for node in of(items, Node)}) == 4


def test_a_network_far_from_the_city_is_refused(read):
    with pytest.raises(DataError, match="far from the city"):
        read(bounds=(118.7, 31.9, 118.9, 32.1))


def test_zones_that_may_not_be_passed_have_an_entrance_and_an_exit(read):
    items = read(first=3)
    zones, links = by_id(items, Zone), by_id(items, Link)
    assert (zones["1"].out_node_id, zones["1"].in_node_id) == ("1 out", "1 in")
    assert (links["1-3"].tail_id, links["3-1"].head_id) == ("1 out", "1 in")
    assert {"1 out", "1 in", "2 out", "2 in", "3", "4"} == set(by_id(items, Node))
    passed = by_id(read(first=1), Zone)
    assert passed["1"].out_node_id == passed["1"].in_node_id == "1"


def test_roads_side_by_side_have_keys_of_their_own(read):
    links = by_id(read((*ROWS, ROWS[2])), Link)
    assert {"3-4", "3-4 #2"} <= set(links)
