"""Long work: a generator driven to its end, or closed half-way with everything rolled back."""

from __future__ import annotations

import pytest

from twin.errors import CancelledError
from twin.task import Progress, finish


def work(log, steps=3):
    try:
        for done in range(steps):
            yield Progress("Working", done, steps)
        log.append("done")
        return "value"
    finally:
        log.append("closed")


def test_a_task_returns_its_value_and_tells_its_progress():
    log, heard = [], []
    assert finish(work(log), heard.append) == "value"
    assert [item.fraction for item in heard] == [0, 1 / 3, 2 / 3]
    assert log == ["done", "closed"]


def test_a_cancelled_task_is_closed():
    log = []
    answers = iter([False, True])
    with pytest.raises(CancelledError):
        finish(work(log), is_cancelled=lambda: next(answers))
    assert log == ["closed"]


def test_a_listener_that_fails_closes_the_task():
    log = []
    with pytest.raises(ZeroDivisionError):
        finish(work(log), lambda _: 1 / 0)
    assert log == ["closed"]


@pytest.mark.parametrize(("done", "total", "fraction"), [(1, 4, 0.25), (5, 4, 1.0), (3, 0, None)])
def test_the_share_done(done, total, fraction):
    assert Progress("", done, total).fraction == fraction
