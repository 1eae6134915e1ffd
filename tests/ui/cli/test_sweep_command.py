"""``citytwin sweep`` on a grid of streets: one core, two processes and a Dask cluster say the same, byte by byte."""

from __future__ import annotations

import csv
import multiprocessing
import shutil
import time

import pytest

from sim.congestion import Congestion, CongestionParams
from sim.sweep.plan import Closures
from sim.sweep.study import Study
from twin.task import finish
from ui import pool
from ui.session import Session


@pytest.fixture
def study(grid_path):
    with Session.open(grid_path, writable=False) as session:
        snapshot = session.store.snapshot(Congestion.kinds, histories=Congestion.histories)
    made = Study(Congestion(), snapshot, CongestionParams(relative_gap=1e-6), 1)
    finish(made.begun())
    return made


def outcomes(way, study, cases):
    return dict(item for item in way(study, cases) if item is not None)


def test_one_core_two_processes_and_a_cluster_agree_to_the_last_bit(study):
    distributed = pytest.importorskip("distributed")
    cases = finish(Closures(limit=5).cases(study))
    here = outcomes(pool.here, study, cases)
    assert sorted(here) == list(range(5))
    assert outcomes(pool.on_cores(2), study, cases) == here
    quiet = {"dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **quiet) as cluster:
        assert outcomes(pool.on_cluster(cluster.scheduler_address), study, cases) == here


def test_cancelling_is_answered_at_once_and_the_processes_end(study):
    found = pool.on_cores(2)(study, finish(Closures().cases(study)))
    while next(found) is None:
        pass
    begun = time.monotonic()
    found.close()
    assert time.monotonic() - begun < 0.5
    while multiprocessing.active_children() and time.monotonic() - begun < 30.0:
        time.sleep(0.05)
    assert not multiprocessing.active_children()


def test_closures_of_a_district_as_json_and_csv(call_json, grid, tmp_path):
    file = tmp_path / "ranking.csv"
    found = call_json("sweep", grid, "closures", "--district", "West", "--limit", 6, "--workers", 1, "--csv", file)
    assert (found["simulation"], found["ranked_by"], found["unit"]) == ("congestion", "delay", "veh·h")
    assert len(found["cases"]) == 6
    effects = [case["effect"] for case in found["cases"]]
    assert effects == sorted(effects, reverse=True)
    assert found["cases"][0]["rank"] == 1
    assert found["cases"][0]["edits"][0]["edit"] == "close"
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert [float(row["difference_delay"]) for row in rows] == pytest.approx(effects)


def test_the_table_on_the_terminal_says_noise_and_ties(call, grid):
    status, out, err = call("sweep", grid, "closures", "--all", "--limit", 3, "--workers", 1)
    assert status == 0
    assert "Noise" in out
    assert "Rank" in out
    assert "Measuring the cases" in err


def test_combinations_of_a_scenario(call, call_json, grid):
    for words in (
        ("new", "works"),
        ("edit", "works", "close", "--roads", "n2-2>n3-2"),
        ("edit", "works", "demand", "--factor", "1.3"),
    ):
        assert call("scenario", grid, *words)[0] == 0
    found = call_json("sweep", grid, "combinations", "works", "--workers", 1)
    assert sorted(len(case["edits"]) for case in found["cases"]) == [1, 1, 2]


def test_the_second_sweep_goes_on_from_the_first(call_json, grid, monkeypatch):
    first = call_json("sweep", grid, "closures", "--all", "--limit", 3, "--workers", 1)

    def nothing(_study, _cases):
        raise AssertionError("measured again")

    monkeypatch.setattr(pool, "here", nothing)
    assert call_json("sweep", grid, "closures", "--all", "--limit", 3, "--workers", 1) == first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("closures", "--district", "Nowhere"), "no district 'Nowhere'"),
        (("closures", "--all", "--workers", "-2"), "-2 workers"),
        (("closures", "--all", "--by", "joy"), "no indicator 'joy'"),
        (("combinations", "baseline"), "0 edits"),
        (("closures", "--roads", "no such road"), "no such road"),
    ],
)
def test_nonsense_is_refused(call, grid_path, tmp_path, words, said):
    status, out, err = call("sweep", shutil.copytree(grid_path, tmp_path / "g.twin"), *words)
    assert (status, out) == (1, "")
    assert said in err
