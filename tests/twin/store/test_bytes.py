"""The same writes with the same clock and seed give the same bytes of every file, and nothing else is left."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

import numpy as np
from shapely import Point, box

from twin.model.changes import Change
from twin.model.places import Bin, District
from twin.model.results import Measure, Result, ResultTable
from twin.model.snapshot import Terrain
from twin.store import Store


def live(folder, seed):
    """A short life of a city."""
    seconds = count()
    start = datetime(2026, 3, 1, tzinfo=UTC)
    random = np.random.default_rng(seed)
    with Store.create(folder, now=lambda: start + timedelta(seconds=next(seconds)), random=Random(seed)) as store:
        bins = [Bin(id=store.ids(), geometry=Point(lon_lat)) for lon_lat in random.uniform([8, 47], [9, 48], (500, 2))]
        store.write([Change(None, item) for item in bins], title="bins")
        with store.transaction("more") as transaction:
            transaction.write([Change(None, District(id=store.ids(), geometry=box(8, 47, 9, 48), name="D"))])
            at = np.arange("2026-01-01", "2026-02-01", dtype="datetime64[h]")
            ids = np.array([bins[i % 7].id for i in range(len(at))], dtype=object)
            columns = {"subject_id": ids, "at": at, "fill_level": random.uniform(0, 1, len(at))}
            transaction.append_history("fill_reading", columns)
            transaction.set_terrain(Terrain(0, 0, 10, random.uniform(0, 9, (30, 30)).astype(np.float32)))
        store.write([Change(item, dataclasses.replace(item, name="b")) for item in bins[::3]], title="named")
        store.undo()
        columns = {"n": random.uniform(0, 1, 50)}
        table = ResultTable("bin", np.array([item.id for item in bins[:50]], dtype=object), columns, (Measure("n", "N"),))
        store.save_result(Result("cleanup", "baseline", store.city_version, {}, 1, "h", (), {"bin": table}))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_life_gives_the_same_bytes(tmp_path):
    one, two = live(tmp_path / "one" / "city.twin", 1), live(tmp_path / "two" / "city.twin", 1)
    assert list(one) == list(two)
    assert [name for name in one if one[name] != two[name]] == []
    assert live(tmp_path / "three" / "city.twin", 2)["store.db"] != one["store.db"]


def test_a_closed_workspace_is_its_files_and_nothing_beside(tmp_path):
    names = list(live(tmp_path / "city.twin", 1))
    assert [name for name in names if "/" not in name] == ["lock", "store.db"]
    assert [name.split("/")[0] for name in names if "/" in name] == ["history", "rasters", "results", "results"]


def test_reading_leaves_no_trace(tmp_path):
    folder = tmp_path / "city.twin"
    before = live(folder, 1)
    with Store.open(folder, writable=False) as store:
        store.snapshot(histories=["fill_reading"])
        store.result("cleanup", "baseline")
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert left - set(before) <= {"store.db-shm", "store.db-wal"}  # SQLite's own, gone with the next writer
    with Store.open(folder):
        pass
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == set(before)
