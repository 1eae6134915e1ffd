"""Tests of two threads abreast."""

from __future__ import annotations

import threading

import pytest

from sim.abreast import abreast, by_rows


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
