from __future__ import annotations

import numpy as np
import pytest

from twin.errors import DataError
from twin.sources import HistoryBatch, Problem, ReadOptions, source_for
from twin.sources.od_matrix import square
from twin.sources.omx import read_omx, write_omx

TRIPS = np.array([[0.0, 5, 2.5], [1, 0, 0], [0, 7, 3]])


def read(path, **options):
    source = source_for(path)
    items = list(source.read(path, ReadOptions(**options)))
    batches = [item for item in items if isinstance(item, HistoryBatch)]
    return source.name, batches[0] if batches else None, [item for item in items if isinstance(item, Problem)]


def matrix(batch, labels):
    out = np.zeros((len(labels), len(labels)))
    for origin, destination, trips in zip(
        *(batch.columns[name] for name in ("subject_id", "destination_id", "trips")), strict=True
    ):
        out[labels.index(origin), labels.index(destination)] = trips
    return out


def test_open_matrix_there_and_back(tmp_path):
    path = tmp_path / "x.omx"
    write_omx(path, ["a", "b", "c"], {"trips": TRIPS})
    assert read_omx(path)[0] == ["a", "b", "c"]
    name, batch, problems = read(path)
    assert (name, problems) == ("omx", [])
    assert np.array_equal(matrix(batch, ["a", "b", "c"]), TRIPS)


def test_of_several_matrices_one_must_be_named(tmp_path):
    path = tmp_path / "x.omx"
    write_omx(path, ["1", "2", "3"], {"am": TRIPS, "pm": TRIPS.T})
    with pytest.raises(DataError, match="several matrices: am, pm"):
        read(path)
    assert np.array_equal(matrix(read(path, layer="pm")[1], ["1", "2", "3"]), TRIPS.T)
    with pytest.raises(DataError, match="no matrix 'night'"):
        read(path, layer="night")


def test_open_matrices_without_a_lookup_number_their_zones(tmp_path):
    import h5py

    path = tmp_path / "x.omx"
    with h5py.File(path, "w") as file:
        file.create_group("data").create_dataset("m", data=TRIPS)
    assert read_omx(path)[0] == ["1", "2", "3"]
    with h5py.File(path, "a") as file:
        file.create_group("lookup").create_dataset("taz", data=[10.0, 20.0])
    with pytest.raises(DataError, match="names 2 zones and has a matrix of 3 rows"):
        read_omx(path)


def test_a_file_that_is_no_open_matrix_is_refused(tmp_path):
    path = tmp_path / "x.omx"
    path.write_bytes(b"\x89HDF\r\n\x1a\nbroken")
    with pytest.raises(DataError, match="not a whole Open Matrix file"):
        read(path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"data": 3.0}, "no matrix of numbers"),
        ({"data": np.ones(3)}, "no matrix of numbers"),
        ({"data": np.ones((3, 3), complex)}, "no matrix of numbers"),
        ({"data": [[b"a", b"b"], [b"c", b"d"]]}, "no matrix of numbers"),
        ({"shape": (60_000, 60_000), "dtype": "f8", "chunks": (100, 100)}, "60000 zones; at most 10000"),
    ],
)
def test_open_matrices_of_nonsense_or_beyond_memory_are_refused(tmp_path, content, found):
    import h5py

    path = tmp_path / "x.omx"
    with h5py.File(path, "w") as file:
        file.create_group("data").create_dataset("m", **content)
    with pytest.raises(DataError, match=found):
        read(path)


@pytest.mark.parametrize(
    ("trips", "found"),
    [
        (np.array([[0.0, -1.0], [0.0, 0.0]]), "-1 trips from zone '1' to zone '2'"),
        (np.array([[0.0, np.nan], [0.0, 0.0]]), "nan trips"),
        (np.zeros((2, 3)), "matrix of 2 × 3 and 2 zones"),
        (np.zeros((2, 2)), "has no trips"),
    ],
)
def test_a_matrix_that_is_none_is_refused_by_its_cell(trips, found):
    with pytest.raises(DataError, match=found):
        square("m", ["1", "2"], trips)


def test_zones_that_repeat_are_refused():
    with pytest.raises(DataError, match="zone '1' twice"):
        square("m", ["1", "1"], np.ones((2, 2)))


@pytest.mark.parametrize("header", ["origin,destination,trips", "o_zone_id,d_zone_id,volume", "起点;终点;出行量"])
def test_rows_of_pairs_under_several_names(tmp_path, header):
    separator = ";" if ";" in header else ","
    path = tmp_path / "x.csv"
    path.write_text(header + "\n" + "\n".join(separator.join(row) for row in (("A", "B", "5"), ("B", "A", "2"))) + "\n")
    name, batch, _ = read(path)
    assert name == "od_table"
    assert matrix(batch, ["A", "B"]).tolist() == [[0, 5], [2, 0]]


def test_every_bad_row_is_named(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(
        "origin,destination,trips,hour\n1,2,5,8\n1,3,-4,8\n1,4,many,8\n,5,1,8\n1,2,6,8\n1,2,6,9\n1,6,nan,8\n1,7,2,25\n"
    )
    _, batch, problems = read(path)
    told = {problem.row: problem.reason for problem in problems}
    assert set(told) == {3, 4, 5, 6, 8, 9}
    assert "-4 trips" in told[3]
    assert "'many' is not a number" in told[4]
    assert told[5] == "has no origin"
    assert "of row 2" in told[6]
    assert "hour 25" in told[9]
    assert batch.columns["trips"].tolist() == [5.0, 6.0]


def test_a_table_without_one_good_row_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("origin,destination,trips\n1,2,-5\n")
    with pytest.raises(DataError, match=r"No row of x\.csv can be used as trips"):
        read(path)


def test_a_square_of_zones(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("zone,a,b,c\na,0,5,2.5\nb,1,0,\nc,0,7,3\n")
    name, batch, _ = read(path)
    assert name == "od_table"
    assert np.array_equal(matrix(batch, ["a", "b", "c"]), TRIPS)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("zone,a,b,c\na,0,1,2\nb,1,0,2\n", "2 × 3; it is not square"),
        ("zone,a,b,c\na,0,1\nb,1,0,2\nc,1,1,1\n", "row 2: it has 3 values"),
        ("zone,a,b,c\na,0,1,1\nb,1,0,2\nd,1,1,1\n", "zone 'd' in another row than column"),
        ("zone,a,b\na,0,x\nb,1,0\n", "zone 'a' to zone 'b': 'x' is not a number"),
        ("zone,a,b\na,0,-2\nb,1,0\n", "-2 trips from zone 'a' to zone 'b'"),
    ],
)
def test_squares_that_are_none_are_refused(tmp_path, content, found):
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=found):
        read(path)


def test_other_tables_are_left_to_others(tmp_path):
    path = tmp_path / "bins.csv"
    path.write_text("id,lon,lat,fill\n1,24,60,0.5\n2,24,60,0.6\n")
    assert source_for(path).name == "csv"


def test_the_same_cells_have_the_same_name_of_matrix_and_others_another():
    one, same, other = (square("m", ["1", "2"], np.array([[0, x], [0, 0.0]])).columns["matrix"][0] for x in (1, 1, 2))
    assert one == same != other
