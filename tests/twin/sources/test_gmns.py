from __future__ import annotations

import pytest

from twin.errors import DataError
from twin.model.demand import Zone
from twin.model.network import Link, Node
from twin.sources import Note, Problem, ReadOptions, source_for

NODES = "node_id,name,x_coord,y_coord,ctrl_type,zone_id\n1,a,10.0,50.0,,7\n2,b,10.01,50.0,signal,\n3,c,10.0,50.01,,8\n4,d,10.01,50.01,,8\n"
LINKS = """link_id,from_node_id,to_node_id,length,lanes,free_speed,capacity,facility_type,name,VDF_alpha,VDF_beta
10,1,2,0.72,2,60,900,primary,Main,0.3,6
11,2,1,0.72,2,60,900,primary,Main,,
12,1,3,1.12,1,50,,residential,,,
13,3,4,0.72,1,50,700,unheard,,,
"""


@pytest.fixture
def read(tmp_path):
    def read(links=LINKS, nodes=NODES, **others):
        (tmp_path / "node.csv").write_text(nodes)
        (tmp_path / "link.csv").write_text(links)
        for name, content in others.items():
            (tmp_path / f"{name}.csv").write_text(content)
        source = source_for(tmp_path / "link.csv")
        assert source.name == "gmns"
        return list(source.read(tmp_path / "link.csv", ReadOptions()))

    return read


def of(items, kind):
    return [item for item in items if isinstance(item, kind)]


def test_links_have_the_numbers_of_the_file_in_si(read):
    items = read()
    link = of(items, Link)[0]
    assert (link.tail_id, link.head_id, link.reverse_id, link.name) == ("1", "2", "11", "Main")
    assert link.length_m == pytest.approx(720.0)
    assert link.free_flow_speed_mps == pytest.approx(60 / 3.6)
    assert link.capacity_vph == 1800.0
    assert [node.signal for node in of(items, Node)] == [False, True, False, False]
    assert any("Lengths were read in km" in note.text for note in of(items, Note))


def test_what_is_missing_is_usual_for_the_class(read):
    links = of(read(), Link)
    assert (links[2].road_class, links[2].capacity_vph) == ("residential", 600.0)
    assert links[3].road_class == "secondary"


def test_units_of_the_config_are_taken(read):
    links = of(read(config="dataset_name,long_length,speed\nx,mile,mph\n"), Link)
    assert links[0].length_m == pytest.approx(0.72 * 1609.344)
    assert links[0].free_flow_speed_mps == pytest.approx(60 * 0.44704)


def test_own_delay_functions_are_kept(read):
    links = of(read(), Link)
    assert (links[0].bpr_b, links[0].bpr_power) == (0.3, 6.0)
    assert (links[1].bpr_b, links[1].bpr_power) == (0.0, 0.0)


def test_zones_of_nodes_or_of_their_own_table(read):
    zones = {zone.id: zone for zone in of(read(), Zone)}
    assert zones["7"].out_node_id == zones["7"].in_node_id == "1"
    assert zones["8"].out_node_id == ""
    assert zones["8"].geometry.x == pytest.approx(10.005)
    zones = of(read(zone="zone_id,x_coord,y_coord\n7,10.001,50.0\n9,10.002,50.0\n"), Zone)
    assert [zone.id for zone in zones] == ["7", "9"]


def test_rows_that_cannot_be_used_are_named(read):
    links = LINKS + "14,1,99,1,1,50,700,primary,,,\n15,1,2,-1,1,50,700,primary,,,\n16,1,2,1,one,50,700,primary,,,\n"
    links += "16,1,2,1,1,50,700,primary,,,\n16,2,1,1,1,50,700,primary,,,\n"
    nodes = NODES + "5,e,east,50\n1,f,10,50,,\n"
    told = [problem.reason for problem in of(read(links, nodes), Problem)]
    assert any("node '99', which node.csv does not place" in reason for reason in told)
    assert any("negative length" in reason for reason in told)
    assert any("'one' is not a number" in reason for reason in told)
    assert any("repeats node '1'" in reason for reason in told)
    assert told.count("repeats link '16'") == 1


def test_a_table_of_links_alone_is_refused(tmp_path):
    (tmp_path / "link.csv").write_text(LINKS)
    with pytest.raises(DataError, match=r"no node\.csv beside it"):
        list(source_for(tmp_path / "link.csv").read(tmp_path / "link.csv", ReadOptions()))
