from __future__ import annotations

import numpy as np
import pytest

from twin.errors import DataError
from twin.model.routing_instance import DEPOT, LANDFILL, STOP
from twin.sources.cvrplib import read_solution_cost
from twin.sources.routing_instance import read_routing_instance
from twin.sources.waste_stops import read_waste_stops

VRP = """NAME : \ttiny
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 4
3 5
DEPOT_SECTION
 1
 -1
EOF
"""
EXPLICIT = """NAME : tiny
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : LOWER_ROW
CAPACITY : 10
EDGE_WEIGHT_SECTION
7
8 9
DEMAND_SECTION
1 0
2 4
3 5
"""
BINS = (
    "Bins input file.\n20\t3\t26\t100.5\t200\t\n"
    + "".join(
        f'{n}\t{n}\tX\t06:00/08:00\t22:00/17:00\t0\t240\t{4 + n}\tA\tN\t14\t0\t0000-00-00\t7000000\t{n}\t{2 * n}.5\t0.00\t""\t0\n'
        for n in (1, 2)
    )
    + "END\t\t\n"
)
STOPS = """280.0 // vehicle capacity
400.0 // total yardage
500   // total number of regular stops
3600  // lunch
40    // speed: MPH
Stop_ID	X(feet)	Y(feet)	Early_St_Time	Late_St_Time	Svice_Time(Sec)	Load	Stop_Type
0   10.0   20.0  0400 1530 0  9999.00 0
1   12.0   20.0  0000 2400 1600  9999.00 2
2   14.0   20.0  0700 2400 180    12.00 1
"""


@pytest.fixture
def read(tmp_path):
    def read(name, text):
        (tmp_path / name).write_text(text)
        return read_routing_instance(tmp_path / name)

    return read


def test_a_cvrplib_file(read):
    instance = read("tiny.vrp", VRP)
    assert (instance.name, instance.capacity, instance.is_rounded) == ("tiny", 10.0, True)
    assert instance.xy.tolist() == [[0, 0], [3, 4], [6, 8]]
    assert instance.demand.tolist() == [0, 4, 5]


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("LOWER_ROW", "7 8 9"),
        ("UPPER_COL", "7 8 9"),
        ("UPPER_ROW", "7 8 9"),
        ("LOWER_DIAG_ROW", "0 7 0 8 9 0"),
        ("UPPER_DIAG_ROW", "0 7 8 0 9 0"),
        ("FULL_MATRIX", "0 7 8 7 0 9 8 9 0"),
    ],
)
def test_a_matrix_in_every_layout(read, layout, words):
    text = EXPLICIT.replace("LOWER_ROW", layout).replace("7\n8 9", words)
    instance = read("tiny.vrp", text)
    assert instance.matrix.tolist() == [[0, 7, 8], [7, 0, 9], [8, 9, 0]]
    assert not instance.is_rounded


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("DIMENSION : 3", "DIMENSION : 4", "has not 4 rows"),
        ("DIMENSION : 3", "DIMENSION : 1", "DIMENSION of 1"),
        ("DIMENSION : 3", "", "no sound DIMENSION"),
        ("CAPACITY : 10", "CAPACITY : x", "no sound CAPACITY"),
        ("EUC_2D", "GEO", "GEO distances"),
        ("TYPE : CVRP", "TYPE : TSP", "is a TSP problem"),
        ("CAPACITY : 10", "CAPACITY : 4", "node 3 has a demand of 5"),
        ("1 0\n2 4", "1 1\n2 4", "node 1 has a demand of 1"),
        ("3 6 8", "3 6 nan", "NODE_COORD_SECTION is not what"),
        ("3 6 8", "2 6 8", "not numbered from 1 to 3"),
        (" 1\n -1", " 2\n -1", "other depots"),
        ("CAPACITY", "DISTANCE : 200\nCAPACITY", "limits the length"),
        ("NAME", "hello\nNAME", "not a CVRPLIB file"),
    ],
)
def test_a_cvrplib_file_of_nonsense_is_named(read, old, new, match):
    with pytest.raises(DataError, match=match):
        read("tiny.vrp", VRP.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("8 9", "8", "has 2 numbers instead of 3"),
        ("LOWER_ROW", "FUNCTION", "laid out as"),
        ("8 9", "8 -9", "not what it should be"),
    ],
)
def test_a_matrix_of_nonsense_is_named(read, old, new, match):
    with pytest.raises(DataError, match=match):
        read("tiny.vrp", EXPLICIT.replace(old, new))


def test_distances_that_differ_by_direction_are_refused(read):
    text = EXPLICIT.replace("LOWER_ROW", "FULL_MATRIX").replace("7\n8 9", "0 7 8 7 0 9 8 1 0")
    with pytest.raises(DataError, match="other distances there than back"):
        read("tiny.vrp", text)


def test_finnish_bins(read):
    instance = read("bins_Tiny.inp", BINS)
    assert (instance.name, instance.capacity, instance.is_rounded) == ("bins_Tiny", 26.0, False)
    assert instance.xy.tolist() == [[100.5, 200], [1, 2.5], [2, 4.5]]
    assert instance.demand.tolist() == [0, 5, 6]


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("Bins input file", "Something", "not a file of bins"),
        ("20\t3\t26", "20\t4\t26", "another number of lines|not a line of"),
        ("20\t3\t26", "20\t2\t26", "another number of lines"),
        ("20\t3\t26", "20\t3\t5", "bin 2 has more"),
        ("20\t3\t26", "20\t3", "4 words"),
        ("\t6\tA", "\t-6\tA", "demand of bin 2"),
        ("\t2\t4.5", "\t2\tinf", "place of bin 2"),
    ],
)
def test_bins_of_nonsense_are_named(read, old, new, match):
    with pytest.raises(DataError, match=match):
        read("bins_Tiny.inp", BINS.replace(old, new))


def test_waste_stops(tmp_path):
    (tmp_path / "3_stop.txt").write_text(STOPS)
    instance = read_waste_stops(tmp_path / "3_stop.txt")
    assert (instance.name, instance.capacity, instance.day_capacity, instance.day_stops) == ("3", 280, 400, 500)
    assert instance.kind.tolist() == [DEPOT, LANDFILL, STOP]
    assert instance.opens_s.tolist() == [4 * 3600, 0, 7 * 3600]
    assert instance.closes_s.tolist() == [15.5 * 3600, 86400, 86400]
    assert instance.load.tolist() == [0, 0, 12]
    assert (instance.lunch_s, instance.speed_mph) == (3600, 40)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("280.0", "0", "of nothing"),
        ("280.0", "x", "vehicle capacity"),
        ("Stop_ID", "Id", "not a file of waste stops"),
        ("180    12.00 1", "180    12.00", "not a row of 8"),
        ("12.00 1", "500 1", "place 2 has a load"),
        ("0700 2400 180", "0700 0600 180", "window that ends before"),
        ("0700 2400 180", "0700 2500 180", "time of day"),
        ("0700 2400 180", "0700 2400 -1", "negative service"),
        ("9999.00 2", "9999.00 1", "0 landfills|has a load"),
        ("9999.00 0", "9999.00 3", "0 depots"),
    ],
)
def test_waste_stops_of_nonsense_are_named(tmp_path, old, new, match):
    (tmp_path / "3_stop.txt").write_text(STOPS.replace(old, new))
    with pytest.raises(DataError, match=match):
        read_waste_stops(tmp_path / "3_stop.txt")


def test_files_of_other_kinds_and_files_that_are_not_there(read, tmp_path):
    with pytest.raises(DataError, match="no known kind"):
        read("x.csv", "")
    with pytest.raises(DataError, match="cannot be read"):
        read_routing_instance(tmp_path / "no.vrp")


def test_the_cost_that_a_solution_states(tmp_path):
    (tmp_path / "a.sol").write_text("Route #1: 1 2\nCost 72355\n")
    assert read_solution_cost(tmp_path / "a.sol") == 72355
    (tmp_path / "a.sol").write_text("Route #1: 1 2\n")
    with pytest.raises(DataError, match="states no cost"):
        read_solution_cost(tmp_path / "a.sol")


@pytest.mark.real_data
def test_published_files_are_read_whole(real_data):
    folder = real_data / "waste"
    assert len(read_routing_instance(folder / "cvrplib" / "X-n1001-k43.vrp").xy) == 1001
    bins = read_routing_instance(folder / "kytojoki_bins" / "bins_West.inp")
    assert bins.xy[0].tolist() == [3483417.5, 6950238.0]
    assert len(bins.xy) == 7799
    for count in (102, 277, 444, 804):
        waste = read_waste_stops(folder / "kim2006_wcvrptw" / f"{count}_stop.txt")
        assert len(waste.kind) == count
        assert np.all(waste.load[waste.kind == STOP] >= 0)
