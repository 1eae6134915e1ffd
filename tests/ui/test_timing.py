"""From when to when a city is played."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from ui.timing import time_bounds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def with_cases(*days: int) -> Snapshot:
    """Return a city with a case reported on each of some days after noon of the first."""
    ids = np.array([f"c{day}" for day in days], dtype=object)
    reported = np.array([np.datetime64("2026-03-01T12:00:00", "s") + np.timedelta64(day, "D") for day in days])
    closed = np.full(len(days), np.datetime64("NaT", "s"))
    return Snapshot("city", 1, Projection(8, 47), {"case": Frame("case", ids, {"reported_at": reported, "closed_at": closed})})


def day(number: int) -> datetime:
    """Return noon of a day."""
    return NOON + timedelta(days=number)


def test_play_starts_with_the_readings_not_with_the_oldest_case():
    assert time_bounds(with_cases(0, 80), [(day(60), day(90))]) == (day(60), day(90))


def test_what_comes_after_the_readings_is_played_too():
    assert time_bounds(with_cases(0, 80), [(day(60), day(70))]) == (day(60), day(80))


def test_without_readings_everything_known_is_played():
    assert time_bounds(with_cases(0, 80), [None]) == (day(0), day(80))


def test_a_single_reading_at_the_end_leaves_the_rest_to_be_played():
    assert time_bounds(with_cases(0, 80), [(day(80), day(80))]) == (day(0), day(80))


def test_a_city_without_times_is_not_played():
    assert time_bounds(with_cases()) is None
