"""Long work beside the window: progress, values, errors, cancel, order, and an end."""

from __future__ import annotations

import threading
import time

import pytest

from twin.errors import CancelledError, DataError
from twin.task import Progress
from ui.worker import Worker


@pytest.fixture
def worker(qtbot):
    made = Worker()
    yield made
    assert made.stop()


def count(to, seen=None):
    try:
        for step in range(to):
            yield Progress("Counting", step + 1, to)
            time.sleep(0.001)
    finally:
        if seen is not None:
            seen.append("closed")
    return to


def test_a_value_arrives_in_the_windows_thread(worker, qtbot):
    got = []
    work = worker.start("Count", count(3), on_finish=lambda value: got.append((value, threading.current_thread())))
    qtbot.waitUntil(lambda: work.is_over)
    assert got == [(3, threading.main_thread())]
    assert worker.is_idle


def test_the_task_runs_in_one_thread_that_is_not_the_windows(worker, qtbot):
    seen = set()

    def task():
        for _ in range(5):
            seen.add(threading.current_thread().name)
            yield Progress("Looking")

    work = worker.start("Look", task())
    qtbot.waitUntil(lambda: work.is_over)
    assert seen == {"citytwin-work"}


def test_a_known_error_reaches_whoever_asked(worker, qtbot):
    def task():
        yield Progress("Reading")
        raise DataError("The file is empty.", "Choose another.")

    got = []
    work = worker.start("Read", task(), on_fail=got.append)
    qtbot.waitUntil(lambda: work.is_over)
    assert isinstance(got[0], DataError)
    assert got[0].advice == "Choose another."


def test_cancel_closes_the_task_between_two_steps(worker, qtbot):
    seen, got = [], []
    work = worker.start("Count", count(100000, seen), on_fail=got.append)
    qtbot.waitUntil(lambda: work.progress.done > 0)
    work.cancel()
    qtbot.waitUntil(lambda: work.is_over)
    assert seen == ["closed"]
    assert isinstance(got[0], CancelledError)


def test_work_that_waits_can_be_cancelled_before_it_begins(worker, qtbot):
    begun, got = [], []

    def task():
        begun.append(True)
        yield Progress("Never")

    first = worker.start("Count", count(50))
    second = worker.start("Never", task(), on_fail=got.append)
    second.cancel()
    qtbot.waitUntil(lambda: first.is_over and second.is_over)
    assert not begun
    assert isinstance(got[0], CancelledError)


def test_a_lane_works_in_order_and_lanes_work_side_by_side(worker, qtbot):
    order = []

    def task(name, steps):
        for _ in range(steps):
            yield Progress(name)
            time.sleep(0.002)
        order.append(name)

    long = [worker.start(name, task(name, 40)) for name in ("one", "two")]
    quick = worker.call("three", lambda: order.append("three"))
    qtbot.waitUntil(lambda: quick.is_over and all(work.is_over for work in long))
    assert order == ["three", "one", "two"]


def test_quiet_work_is_not_listed(worker, qtbot):
    work = worker.call("Look", lambda: time.sleep(0.01))
    assert worker.works == ()
    assert not worker.is_idle
    qtbot.waitUntil(lambda: work.is_over)


def test_stop_cancels_what_runs_and_ends_the_threads(worker, qtbot):
    seen = []
    worker.start("Count", count(100000, seen))
    qtbot.waitUntil(lambda: bool(worker.works) and worker.works[0].progress.done > 0)
    assert worker.stop()
    assert seen == ["closed"]


class AtOnce:
    """A lane whose thread is quicker than whoever started it."""

    def put(self, work):
        if work is not None:
            work.run()


@pytest.mark.parametrize("is_failing", [False, True])
def test_the_end_of_work_that_is_over_before_anybody_looks_is_told(worker, qtbot, is_failing):
    worker._queues = dict.fromkeys(worker._queues, AtOnce())
    worker._threads = [threading.current_thread()]
    told = []

    def function():
        if is_failing:
            raise DataError("No.", "Not.")

    worker.call("Quick", function, on_end=lambda: told.append("ended"), on_fail=lambda _error: told.append("failed"))
    qtbot.waitUntil(lambda: worker.is_idle)
    assert told == (["failed", "ended"] if is_failing else ["ended"])
    worker._threads = []


def test_what_prepares_the_program_goes_on_when_everything_is_cancelled(worker, qtbot):
    got = []
    work = worker.start("Prepare", count(30), lane="idle", is_quiet=True, on_finish=got.append)
    worker.cancel_all()
    qtbot.waitUntil(lambda: work.is_over)
    assert got == [30]
