"""Sweeps of an open city: the same on one core, two processes and a cluster; cancelled, gone on with, and told in words."""

from __future__ import annotations

import pytest

from sim.sweep.plan import Closures, Combinations
from sim.sweep.study import Study
from twin.errors import CancelledError, KnownError, ScenarioError
from twin.model.edits import CloseLinks, ScaleDemand
from twin.task import finish
from ui import pool, sweeping
from ui.sweeping import Where, row_words, sweep_task

HERE, TWO = Where(workers=1), Where(workers=2)


def sweep(session, where=HERE, plan=None, **options):
    return finish(sweep_task(session, plan or Closures(), simulation="quick", where=where, by="busiest", **options))


def test_all_closures_are_measured_and_ranked(session):
    found = sweep(session)
    assert sorted(row.case.target_ids[0] for row in found.rows) == ["a", "b", "c"]
    # Each open road of three has 300 vehicles; with one closed the others have 450.
    assert [round(row.effect.difference) for row in found.rows] == [150, 150, 150]
    assert [row.rank for row in found.rows] == [1, 1, 1]
    rank, what, effect, *_ = row_words(session.snapshot, found.rows[0])
    assert rank == "1="
    assert "Close road" in what or "Close" in what
    assert effect.startswith("+150")


def test_what_was_measured_is_not_measured_again(session, quick):
    sweep(session, plan=Closures(ids=("a",)))
    quick.runs.clear()
    sweep(session)
    assert quick.runs.count("case") == 2  # b and c
    quick.runs.clear()
    again = sweep(session)
    assert quick.runs.count("case") == 0
    assert len(again.rows) == 3


def test_an_interrupted_sweep_goes_on_where_it_was(session, quick):
    task = sweep_task(session, Closures(), simulation="quick", where=HERE)
    while quick.runs.count("case") < 2:
        next(task)
    task.close()
    quick.runs.clear()
    sweep(session)
    assert quick.runs.count("case") == 2


def test_progress_says_how_much_is_left(session):
    ticks = iter(range(1000))
    said = []
    finish(sweep_task(session, Closures(), simulation="quick", where=HERE, clock=lambda: float(next(ticks))), said.append)
    measuring = [item for item in said if item.message == sweeping.MESSAGE]
    assert measuring[-1].done == measuring[-1].total == 3
    assert any("left" in item.detail for item in measuring)


def test_combinations_of_a_scenario(session):
    plan = Combinations((CloseLinks(target_ids=("a",)), ScaleDemand(factor=2.0)))
    found = sweep(session, plan=plan)
    assert [len(row.case.edits) for row in found.rows] == [2, 1, 1]
    assert found.rows[0].effect.difference > found.rows[1].effect.difference


def test_a_wrong_indicator_is_refused_before_the_work(session, quick):
    with pytest.raises(ScenarioError, match="no indicator 'joy'"):
        finish(sweep_task(session, Closures(), simulation="quick", where=HERE, by="joy"))
    assert "case" not in quick.runs


def test_fewer_than_no_worker_is_refused():
    with pytest.raises(ScenarioError, match="-1 workers"):
        Where(workers=-1)


def test_few_cases_start_no_process_and_many_do():
    assert Where().way(2) is pool.here
    assert Where(workers=2).way(100) is not pool.here


def test_a_cluster_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(pool, "ANSWER_S", "1s")
    with pytest.raises(KnownError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        next(pool.on_cluster("tcp://127.0.0.1:9")(Study(None, None, None, 1), [object()]))


def test_a_cancel_of_a_task_is_a_cancel(session):
    with pytest.raises(CancelledError):
        finish(sweep_task(session, Closures(), simulation="quick", where=HERE), is_cancelled=lambda: True)
