"""Files of a workspace that are no longer what was written: named, with what to do, and nothing else is touched."""

from __future__ import annotations

import os
import sqlite3

import numpy as np
import pytest
from shapely import Point

from twin.errors import StorageError
from twin.model.changes import Change
from twin.model.network import Node
from twin.model.results import Result, ResultTable
from twin.model.snapshot import Terrain
from twin.store import Store

DAMAGE = {
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "empty": lambda path: os.truncate(path, 0),
    "other": lambda path: path.write_bytes(os.urandom(5000)),
    "gone": lambda path: path.unlink(),
}
RESULT = Result(
    simulation="congestion",
    scenario="baseline",
    base_version=1,
    params={},
    seed=1,
    input_hash="x",
    tables={"link": ResultTable("link", np.array(["a"], dtype=object), {"volume_vph": np.array([1.0])}, ())},
    indicators=(),
    diagnostics={},
)


@pytest.fixture(params=DAMAGE)
def damage(request):
    """Return what does one kind of damage to a file."""
    return DAMAGE[request.param]


@pytest.fixture
def city(tmp_path):
    """Return a workspace with a node, readings, terrain and a result, closed."""
    with Store.create(tmp_path / "a.twin") as store:
        store.write([Change(None, Node(id=store.ids(), geometry=Point(8, 47)))], title="node")
        with store.transaction("more") as transaction:
            at = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[s]")
            columns = {"subject_id": np.array(["b", "b"], dtype=object), "at": at, "fill_level": np.array([0.1, 0.2])}
            transaction.append_history("fill_reading", columns)
            transaction.set_terrain(Terrain(0.0, 0.0, 10.0, np.zeros((3, 3), dtype=np.float32)))
        store.save_result(RESULT)
    return tmp_path / "a.twin"


@pytest.mark.parametrize(("folder", "histories"), [("history", ("fill_reading",)), ("rasters", ())])
def test_a_damaged_file_is_named_with_what_to_do(city, damage, folder, histories):
    (path,) = (city / folder).iterdir()
    damage(path)
    with Store.open(city) as store:
        with pytest.raises(StorageError, match=path.name) as caught:
            store.snapshot((), histories=histories)
        assert "backup" in caught.value.advice
        assert store.counts()["node"] == 1


@pytest.mark.parametrize("name", ["result.json", "link.parquet"])
def test_a_damaged_result_is_named_and_is_whole_again_after_its_run(city, damage, name):
    with Store.open(city) as store:
        (summary,) = store.results()
        damage(city / "results" / summary.name / name)
        with pytest.raises(StorageError, match=summary.name) as caught:
            store.load_result(summary.name)
        assert "again" in caught.value.advice
        assert store.save_result(RESULT) == summary.name
        assert store.load_result(summary.name).tables["link"].ids.tolist() == ["a"]


@pytest.mark.parametrize("text", ["{}", "[]", "null", "\0"])
def test_a_result_of_another_shape_is_damaged(city, text):
    with Store.open(city) as store:
        (summary,) = store.results()
        (city / "results" / summary.name / "result.json").write_text(text)
        with pytest.raises(StorageError, match="damaged"):
            store.load_result(summary.name)


def test_a_database_of_another_program_is_left_as_it_is(city):
    (city / "store.db").unlink()
    other = sqlite3.connect(city / "store.db")
    other.execute("CREATE TABLE t (x)")
    other.close()
    before = (city / "store.db").read_bytes()
    for writable in (True, False):
        with pytest.raises(StorageError, match="another program's"):
            Store.open(city, writable=writable)
    assert (city / "store.db").read_bytes() == before


def test_an_empty_database_is_left_as_it_is(city):
    os.truncate(city / "store.db", 0)
    for writable in (True, False):
        with pytest.raises(StorageError, match="empty") as caught:
            Store.open(city, writable=writable)
        assert "backup" in caught.value.advice
    assert (city / "store.db").stat().st_size == 0
