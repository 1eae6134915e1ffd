"""Tests of two threads abreast."""

from __future__ import annotations

import threading

import pytest

from sim.abreast import abreast, by_rows, each


def test_each_number_is_asked_in_a_thread_of_its_own():
    names = abreast(lambda _: threading.get_ident(), 2)
    assert names[0] == threading.get_ident() != names[1]


def test_what_fails_beside_fails_here():
    def work(number):
        if number == 1:
            raise ArithmeticError("beside")

    with pytest.raises(ArithmeticError, match="beside"):
        abreast(work, 2)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("abreast")]


def test_every_row_is_worked_on_once_and_it_is_told_how_far_it_got():
    for count, step in ((0, 3), (1, 3), (6, 3), (10, 3), (7, 1)):
        times = [0] * count
        seen = []

        def work(part, times=times):
            for row in range(part.start, part.stop):
                times[row] += 1

        for done in by_rows(work, count, step):
            assert times[:done] == [1] * done
            assert times[done:] == [0] * (count - done)
            seen.append(done)
        assert seen == sorted(set(seen))
        assert (seen or [0])[-1] == count


def test_each_item_is_worked_on_once_and_told_in_order():
    for count in (0, 1, 2, 7, 50):
        worked_on: list[int] = []

        def work(item, worked_on=worked_on):
            worked_on.append(item)
            return 2 * item

        assert each(work, range(count)) == [2 * item for item in range(count)]
        assert sorted(worked_on) == list(range(count))


def test_while_one_thread_is_busy_the_other_takes_the_rest():
    free = threading.Event()

    def work(item):
        if item == 0:
            assert free.wait(10)  # let go by the last item, which somebody else has to take
        if item == 5:
            free.set()
        return threading.get_ident()

    found = each(work, range(6))
    assert found[0] not in found[1:]
