"""Crews without driving are a queue that is known on paper: Erlang's waits, and Cobham's where some cases are urgent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.crews.duty import DAY_S, Calls, serve
from twin.model.comparison import interval95

NO_WAY = np.zeros((1, 1), np.float32)
ALWAYS = (0.0, DAY_S)
REPLICATIONS = 20


def erlang_c(crews, load):
    """The probability that a case has to wait; ``load`` is rate times mean work.

    Erlang (1917), as in Cobham, A. (1954), equation 6. https://doi.org/10.1287/opre.2.1.70
    """
    last = load**crews / math.factorial(crews) * crews / (crews - load)
    return last / (sum(load**k / math.factorial(k) for k in range(crews)) + last)


def cobham_waits(crews, rates, work_s):
    """The mean wait of each urgency, equal mean work, priorities that do not break in (Cobham 1954, equation 7)."""
    base_s = erlang_c(crews, sum(rates) * work_s) * work_s / crews
    busy = np.concatenate([[0.0], np.cumsum(rates) * work_s / crews])
    return [base_s / ((1.0 - busy[k]) * (1.0 - busy[k + 1])) for k in range(len(rates))]


def calls(rates, work_s, count, seed):
    rng = np.random.default_rng(seed)
    at_s = np.cumsum(rng.exponential(1.0 / sum(rates), count))
    urgency = rng.choice(len(rates), count, p=np.array(rates) / sum(rates)).astype(np.int32)
    return Calls(at_s, urgency, np.zeros(count, np.int32), rng.exponential(work_s, count))


def waits(course, crews, shift=ALWAYS):
    return serve(course, np.zeros(crews, np.int32), NO_WAY, NO_WAY, shift).start_s - course.at_s


@pytest.mark.parametrize(("crews", "busy"), [(1, 0.5), (2, 0.7), (5, 0.8), (12, 0.9)])
def test_without_driving_waits_are_those_of_erlang(crews, busy):
    work_s = 1800.0
    rate = busy * crews / work_s
    means = [float(waits(calls([rate], work_s, 40_000, seed), crews)[4000:].mean()) for seed in range(REPLICATIONS)]
    low, high = interval95(tuple(means))
    expected = erlang_c(crews, busy * crews) * work_s / (crews * (1.0 - busy))
    assert low <= expected <= high
    assert high - low < 0.2 * expected


@pytest.mark.parametrize(("crews", "busy", "shares"), [(1, 0.7, (0.3, 0.7)), (3, 0.85, (0.5, 0.5)), (6, 0.9, (0.2, 0.3, 0.5))])
def test_urgent_cases_wait_as_long_as_cobham_says_and_the_others_too(crews, busy, shares):
    work_s = 1800.0
    rates = [busy * crews / work_s * share for share in shares]
    found = []
    for seed in range(REPLICATIONS):
        course = calls(rates, work_s, 40_000, seed)
        found.append([waits(course, crews)[4000:][course.urgency[4000:] == k].mean() for k in range(len(rates))])
    for means, expected in zip(np.transpose(found), cobham_waits(crews, rates, work_s), strict=True):
        low, high = interval95(tuple(means.tolist()))
        assert low <= expected <= high
        assert high - low < 0.25 * expected


def test_more_crews_never_let_the_same_cases_wait_longer():
    for seed in range(5):
        course = calls([1 / 900.0], 1800.0, 3000, seed)
        mean = [waits(course, crews).mean() for crews in range(1, 8)]
        assert (np.diff(mean) <= 1e-6).all()
        one, two = waits(course, 3), waits(course, 4)  # first come, first served: it holds for each of them
        assert (two <= one + 1e-6).all()


def test_a_crew_drives_from_where_it_finished_and_the_nearest_one_goes():
    time_s = np.abs(np.subtract.outer(np.array([0.0, 100.0, 300.0]), np.array([0.0, 100.0, 300.0]))).astype(np.float32)
    course = Calls(
        np.array([0.0, 1.0, 2000.0]), np.zeros(3, np.int32), np.array([1, 2, 1], np.int32), np.array([50.0, 60.0, 70.0])
    )
    served = serve(course, np.array([0, 0], np.int32), time_s, 10 * time_s, ALWAYS)
    assert served.start_s.tolist() == [0.0, 1.0, 2000.0]
    assert served.crew.tolist() == [0, 1, 0]
    assert served.drive_s.tolist() == [100.0, 300.0, 0.0]
    assert served.drive_m.tolist() == [1000.0, 3000.0, 0.0]


def test_crews_set_out_within_their_shift_only():
    opens_s, shift_s = 8 * 3600.0, 8 * 3600.0
    course = calls([1 / 3000.0], 1800.0, 2000, 1)
    served = serve(course, np.zeros(4, np.int32), NO_WAY, NO_WAY, (opens_s, shift_s))
    of_day = (served.start_s - opens_s) % DAY_S
    assert (np.minimum(of_day, DAY_S - of_day) < 1e-3).any()  # those of the night wait for the morning
    assert ((of_day < shift_s) | (of_day > DAY_S - 1e-3)).all()
    assert (served.start_s >= course.at_s).all()


def test_nobody_on_duty_serves_nobody():
    served = serve(calls([1 / 900.0], 1800.0, 10, 1), np.empty(0, np.int32), NO_WAY, NO_WAY, ALWAYS)
    assert np.isinf(served.start_s).all()
    assert (served.crew == -1).all()
