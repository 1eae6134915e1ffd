from __future__ import annotations

import pytest

from twin.errors import DataError
from twin.sources.tntp import read_tntp

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 3
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 2
<END OF METADATA>

~ \tinit\tterm\tcapacity\tlength\tfree\tb\tpower\tspeed\ttoll\ttype\t;
\t1\t3\t100\t1\t6\t0.15\t4\t0\t0\t1\t;
\t3\t2\t200\t2\t7\t0.15\t4\t0\t0\t1\t;
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 12.5
<END OF METADATA>

Origin  1
    1 :    0.0;     2 :   12.5;
"""


@pytest.fixture
def read(tmp_path):
    def read(net=NET, trips=TRIPS):
        (tmp_path / "x_net.tntp").write_text(net)
        (tmp_path / "x_trips.tntp").write_text(trips)
        return read_tntp(tmp_path / "x_net.tntp", tmp_path / "x_trips.tntp")

    return read


def test_network_and_trips_are_read_with_nodes_from_0(read):
    net = read()
    assert (net.name, net.zone_count, net.node_count, net.first_through) == ("x", 2, 3, 2)
    assert net.tail.tolist() == [0, 2]
    assert net.head.tolist() == [2, 1]
    assert net.capacity.tolist() == [100, 200]
    assert net.free_time.tolist() == [6, 7]
    assert net.demand.tolist() == [[0, 12.5], [0, 0]]


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("<NUMBER OF NODES> 3", "", "NUMBER OF NODES"),
        ("<NUMBER OF NODES> 3", "<NUMBER OF NODES> 900000000", "says <NUMBER OF NODES> 900000000; at most 10000000"),
        ("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> 60000", "60000 zones; at most 10000"),
        ("<NUMBER OF LINKS> 2", "<NUMBER OF LINKS> 3", "says 3 links and has 2"),
        ("\t3\t2\t200", "\t3\t9\t200", "outside 1-3"),
        ("\t3\t2\t200", "\t3\t2\t0", "impossible capacity"),
        ("\t3\t2\t200", "\t3\t2\tnan", "not a row of"),
        ("\t3\t2\t200", "\t3\tx\t200", "not a row of"),
        ("\t7\t", "\t-7\t", "impossible free-flow time"),
    ],
)
def test_a_network_of_nonsense_is_named(read, old, new, match):
    with pytest.raises(DataError, match=match):
        read(net=NET.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("12.5;", "-1;", "no number of 0 or more"),
        ("12.5;", "inf;", "no number of 0 or more"),
        ("2 :", "5 :", "zone '5'"),
        ("Origin  1", "Origin  0", "zone '0'"),
        ("Origin  1", "", "not a TNTP trip table"),
    ],
)
def test_trips_of_nonsense_are_named(read, old, new, match):
    with pytest.raises(DataError, match=match):
        read(trips=TRIPS.replace(old, new))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_tntp(tmp_path / "no", tmp_path / "no")


def test_a_file_as_people_write_them_is_read_as_well(read):
    net = """\ufeff<NUMBER OF LINKS>\t2\t\t
<FIRST THRU NODE> 3 ~ zones are not passed
<NUMBER OF NODES> 3.0
<NUMBER OF ZONES>\t2;
<TOLL FACTOR> 0.02
<DISTANCE FACTOR> 0.04
<END OF METADATA>
init term capacity length free b power

;
 1 3 100 .5 .25 .15 4 ;;   ~ no speed, no toll
;\t3\t2\t2e2\t2\t7\t0\t0\t0\t1.5\t1
"""
    trips = """<NUMBER OF ZONES> 2
<END OF METADATA>
~ none
origin 2 ;
Origin 1  1 : 0.0;
~ more
 2 :12.5 ; 2: .5
"""
    found = read(net, trips)
    assert (found.first_through, found.zone_count, found.node_count) == (2, 2, 3)
    assert found.length.tolist() == [0.5, 2.0]
    assert found.free_time.tolist() == [0.25, 7.0]
    assert found.toll.tolist() == [0.0, 1.5]
    assert found.demand.tolist() == [[0, 13.0], [0, 0]]


def test_without_a_first_node_to_pass_all_may_be_passed(read):
    assert read(net=NET.replace("<FIRST THRU NODE> 3\n", "")).first_through == 0


def test_a_capacity_of_0_is_of_no_consequence_where_the_time_is_constant(read):
    assert read(net=NET.replace("200\t2\t7\t0.15", "0\t2\t7\t0")).capacity.tolist() == [100, 1]


def test_a_table_of_another_size_is_named(read):
    with pytest.raises(DataError, match="trips of 3 zones; the network has 2"):
        read(trips=TRIPS.replace("ZONES> 2", "ZONES> 3"))
