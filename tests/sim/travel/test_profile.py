from __future__ import annotations

import numpy as np
import pytest

from sim.travel.profile import CARS, HOUR_S, Profile, city_profile
from twin.errors import ScenarioError
from twin.model.network import Counter

HALF = np.full(24, 0.5)


def test_a_day_has_all_of_its_trips():
    assert CARS.shares.sum() == pytest.approx(1.0)
    assert Profile(3.0 * np.ones(24), HALF).shares == pytest.approx(np.full(24, 1 / 24))


def test_cars_lead_away_from_home_in_the_morning_and_back_in_the_evening():
    assert CARS.peak_hour == 16
    assert CARS.outward[8] == pytest.approx(0.79, abs=0.005)
    assert CARS.outward[16] == pytest.approx(0.30, abs=0.005)


def test_the_evening_brings_the_morning_back():
    trips = np.array([[0.0, 100.0], [20.0, 0.0]])
    same = CARS.turned(trips, 8, 8)
    assert same == pytest.approx(trips)
    evening = CARS.turned(trips, 8, 16)
    assert evening.sum() == pytest.approx(trips.sum() * CARS.shares[16] / CARS.shares[8])
    assert evening[1, 0] > evening[0, 1]
    # The share that leads away from home is that of the hour: with 79 % as T and 21 % as its transpose.
    kept = (evening[0, 1] / evening.sum() * 120.0 - 20.0) / 80.0
    assert kept * CARS.outward[8] + (1 - kept) * (1 - CARS.outward[8]) == pytest.approx(CARS.outward[16])


@pytest.mark.parametrize("shares", [np.ones(23), -np.ones(24), np.full(24, np.nan), np.zeros(24)])
def test_a_day_that_is_none_is_refused(shares):
    with pytest.raises(ScenarioError, match="profile of the day"):
        Profile(shares, HALF)


def counted(make, shift_h, shares):
    station = Counter(id="c", geometry=make.grid(2, 2)[0].geometry)
    rows = [
        {
            "subject_id": "c",
            "at": np.datetime64("2024-03-05T00", "s") + np.timedelta64((hour - shift_h) % 24, "h"),
            "duration_s": HOUR_S,
            "direction": "",
            "total": 1000.0 * shares[hour],
        }
        for hour in range(24)
    ]
    return make.snapshot([*make.grid(2, 2), station], rows)


def test_the_longitude_settles_an_hour_more_or_less(make):
    # The counted day fits best when it is shifted by 2 hours, and almost as well by the 1 hour of 10° E.
    shares = 0.5 * (CARS.shares + np.roll(CARS.shares, 1))
    profile, _ = city_profile(counted(make, 1, shares))
    assert profile.shift_h == 1


@pytest.mark.parametrize("shift_h", [2, 8, -5])
def test_the_day_of_the_counts_is_told_in_local_time(make, shift_h):
    shares = CARS.shares * np.linspace(0.9, 1.1, 24)
    profile, is_counted = city_profile(counted(make, shift_h, shares))
    assert is_counted
    assert profile.shift_h == shift_h
    assert profile.shares == pytest.approx(shares / shares.sum())


def test_without_counts_the_built_in_day_is_taken(make):
    assert city_profile(make.snapshot(make.grid(2, 2))) == (CARS, False)
