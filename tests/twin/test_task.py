"""Long work: a generator driven to its end, or closed half-way with everything rolled back."""

from __future__ import annotations

import pytest

from twin.errors import CancelledError
from twin.task import Progress, as_part, finish


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


def stages(*fractions):
    """A task of two stages that say their fractions, each from 0 on."""
    for message in ("one", "two"):
        for fraction in fractions:
            yield Progress(message, fraction, 1.0 if fraction is not None else 0.0)
    return len(fractions)


def test_the_progress_of_parts_never_goes_back_and_ends_with_the_last():
    def both():
        first = yield from as_part(stages(0.0, 0.5, 1.0), 0, 2)
        second = yield from as_part(stages(0.25, None, 0.75), 1, 2)
        return first, second

    heard = []
    assert finish(both(), heard.append) == (3, 3)
    done = [item.fraction for item in heard]
    assert done == sorted(done)
    assert done[:6] == [0.0, 0.125, 0.25, 0.25, 0.3125, 0.375]
    assert 0.5 < done[6] < done[-1] < 1.0
    assert [item.message for item in heard] == 2 * (["one"] * 3 + ["two"] * 3)


def test_a_part_that_is_given_up_is_closed():
    log = []
    part = as_part(work(log))
    next(part)
    part.close()
    assert log == ["closed"]
