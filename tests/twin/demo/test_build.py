"""The demo city in its workspace."""

import hashlib

import pytest

from twin.demo import build_demo
from twin.errors import StorageError
from twin.store import Store
from twin.task import finish


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes(workspace, tmp_path):
    again = finish(build_demo(tmp_path / "city.twin", seed=1))
    assert digests(again) == digests(workspace)
    assert len(digests(workspace)) >= 4


def test_workspace_holds_the_city_and_says_that_it_is_synthetic(workspace, city):
    with Store.open(workspace, writable=False) as store:
        assert store.synthetic
        assert "synthetic" in store.name
        assert store.version == 1
        counts = store.counts()
        assert counts["building"] == 15_000
        assert counts["fill_reading"] == len(city.histories["fill_reading"]["at"])
        assert [scenario.name for scenario in store.scenarios()] == ["bridge-closed", "fill-driven", "accident", "match"]


def test_ready_scenarios_apply(workspace):
    with Store.open(workspace, writable=False) as store:
        snapshot = store.snapshot(("link", "depot"))
        closed = store.scenario("bridge-closed").apply(snapshot)
        assert closed["link"]["closed"].sum() == 2
        driven = store.scenario("fill-driven").apply(snapshot)
        assert driven["depot"]["vehicle_count"].sum() == snapshot["depot"]["vehicle_count"].sum() + 2


def test_cancelled_leaves_nothing(tmp_path):
    task = build_demo(tmp_path / "city.twin")
    next(task)
    task.close()
    assert not (tmp_path / "city.twin").exists()


def test_refuses_what_exists(workspace):
    with pytest.raises(StorageError):
        finish(build_demo(workspace))
    assert workspace.exists()
