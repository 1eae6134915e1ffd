"""The forecast against closed forms, and the back-test against looking ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.forecast.backtest import OWN, tried_out
from sim.forecast.method import (
    DECAYS,
    PRIOR_VEHICLES,
    RECENCIES,
    Method,
    forecasts,
    in_a_row,
    learned,
    levels,
    next_hour,
    profile_of,
    profiles,
)
from sim.forecast.series import Series, series_of
from twin.errors import ScenarioError
from twin.task import finish

DAY_SHAPE = 300.0 + 250.0 * np.sin(np.arange(24) / 24 * 2 * np.pi - 2.0)
MONDAY = 20_514  # 2 March 2026, in days since 1970


def series(vph, first=MONDAY):
    vph = np.asarray(vph, float)
    day = first + np.arange(vph.shape[1])
    names = np.array([f"s{k}" for k in range(len(vph))], dtype=object)
    return Series(names, np.full(len(vph), "N", object), day, (day + 3) % 7, vph)


def days_of(count, stations=3):
    """Return the same day again and again, each station with its own size."""
    size = np.arange(1.0, stations + 1.0)
    return size[:, None, None] * np.broadcast_to(DAY_SHAPE, (stations, count, 24))


def columns(rows):
    subject, at, duration, direction, total = zip(*rows, strict=True)
    return {
        "subject_id": np.array(subject, object),
        "at": np.array(at, "datetime64[s]"),
        "duration_s": np.array(duration, float),
        "direction": np.array(direction, object),
        "total": np.array(total, float),
    }


def test_hours_and_quarters_make_hours_and_half_an_hour_makes_none():
    rows = [("a", f"2026-03-0{day}T07:00", 3600, "N", 100 + day) for day in range(1, 5)]
    rows += [("a", f"2026-03-01T08:{minute}", 900, "N", 10) for minute in ("00", "15", "30", "45")]
    rows += [("a", f"2026-03-01T09:{minute}", 900, "N", 10) for minute in ("00", "15")]
    rows += [("a", "2026-03-02T00:00", 86_400, "N", 9999), ("a", "2026-03-03T10:00", 3600, "N", np.nan)]
    found = series_of(columns(rows))
    assert found.vph[0, :, 7].tolist() == [101, 102, 103, 104]
    assert found.vph[0, 0, 8] == 40
    assert np.isnan(found.vph[0, 0, 9])
    assert np.isnan(found.vph[0, 2, 10])
    assert found.weekday.tolist() == [6, 0, 1, 2]
    assert found.newest == (3, 7)


def test_directions_are_series_of_their_own_and_typical_days_have_no_weekday():
    rows = [(key, f"{year}-01-01T07:00", 3600, way, 50) for key in "ab" for way in "NS" for year in range(2011, 2016)]
    found = series_of(columns(rows))
    assert found.vph.shape == (4, 5, 24)
    assert found.weekday.tolist() == [0] * 5
    assert not found.has_week


@pytest.mark.parametrize("rows", [0, 3])
def test_too_few_days_are_refused_with_their_number(rows):
    given = columns([("a", f"2026-03-0{day}T07:00", 3600, "N", 1) for day in range(1, rows + 1)]) if rows else None
    with pytest.raises(ScenarioError, match=f"this city has {rows}"):
        series_of(given)


def test_counts_after_the_moment_on_show_are_not_known():
    rows = [("a", f"2026-03-0{day}T{hour:02}:00", 3600, "N", 5) for day in range(1, 7) for hour in range(24)]
    found = series_of(columns(rows), np.datetime64("2026-03-05T12:30"))
    assert found.newest == (4, 11)


def test_the_same_day_again_and_again_is_forecast_exactly():
    known = series(days_of(15))
    test = finish(tried_out(known, 0.4))
    assert test.score(OWN).mae_vph == pytest.approx(0.0, abs=1e-6)
    assert test.score(OWN).geh_under_5 == 1.0
    assert test.coverage == 1.0
    assert test.repeated == 1.0
    forecast, usual = next_hour(known, test.method)
    assert forecast == pytest.approx(usual)
    assert usual == pytest.approx(np.arange(1.0, 4.0) * DAY_SHAPE[0])


def test_a_level_is_counted_over_usual_with_weights_that_fall():
    vph, usual = np.array([[120.0, 80.0, np.nan, 50.0]]), np.full((1, 4), 100.0)
    own, city = levels(vph, usual, 0.5)
    k = PRIOR_VEHICLES
    assert own[0, 0] == 1.0
    assert own[0, 1] == pytest.approx((120 + k) / (100 + k))
    assert own[0, 2] == pytest.approx((60 + 80 + k) / (50 + 100 + k))
    assert own[0, 3] == pytest.approx((30 + 40 + k) / (25 + 50 + k))  # the hour that was not counted only ages the others
    assert city.tolist() == own[0].tolist()


def test_days_that_are_busy_all_over_are_recognised_by_their_first_hours():
    rng = np.random.default_rng(1)
    busy = rng.uniform(0.7, 1.3, 28)
    known = series(days_of(28, 6) * busy[None, :, None])
    test = finish(tried_out(known, 0.4))
    assert test.skill("usual") > 0.5
    assert test.skill("same_hour") > 0.5
    assert test.method.own + test.method.city > 0.5


def test_intervals_of_counts_hold_about_95_of_100():
    rng = np.random.default_rng(2)
    known = series(rng.poisson(days_of(42, 8)).astype(float))
    test = finish(tried_out(known, 0.4))
    assert 0.92 <= test.coverage <= 0.98
    low, high = test.city
    assert low < 1.0 < high
    assert test.skill("same_hour") > 0.2  # a mean of weeks knows more than one of them


def test_weekends_are_not_working_days():
    vph = days_of(28).copy()
    known = series(vph)
    vph[:, known.weekday >= 5] *= 0.5
    saturday, monday = (profile_of(series(vph), day, 1.0) for day in (5, 0))
    assert saturday == pytest.approx(monday * 0.5, rel=0.15)


@given(st.integers(3, 12), st.integers(0, 23), st.floats(0, 5000))
@settings(max_examples=25)
def test_nothing_of_the_future_is_used(day, hour, value):
    rng = np.random.default_rng(3)
    vph = rng.poisson(days_of(14)).astype(float)
    changed = vph.copy()
    changed[:, day, hour:] = value
    changed[:, day + 1 :] = value
    method = Method(1.0, 0.7, 0.5, 0.3, 0.01, -2.0, 2.0)
    one, other = (forecasts(method, in_a_row(each), in_a_row(finish(profiles(series(each), 1.0)))) for each in (vph, changed))
    until = day * 24 + hour + 1  # the forecast of the changed hour itself knows only the hours before it
    assert np.array_equal(one[:, :until], other[:, :until], equal_nan=True)


def test_silence_and_gaps_give_no_nan_where_something_is_known():
    vph = days_of(10).copy()
    vph[0] = 0.0
    vph[1, 4:6] = np.nan
    vph[2, :, 5] = np.nan
    known = series(vph)
    forecast, usual = next_hour(known, finish(learned(known)))
    assert forecast[0] == 0.0
    assert np.isfinite(forecast).all()
    test = finish(tried_out(known, 0.5))
    assert all(np.isfinite([score.mae_vph, score.rmse_vph, score.median_geh]).all() for score in test.scores)
    assert usual[1] > 0.0


def test_a_cancel_is_heard_after_each_day_that_is_learned():
    assert sum(1 for _ in profiles(series(days_of(10)), 1.0)) == 9
    assert sum(1 for _ in learned(series(days_of(10)))) == len(RECENCIES) * (9 + len(DECAYS))


def test_an_hour_counts_on_past_midnight():
    known = series(days_of(9))
    whole = finish(learned(known))
    forecast, _ = next_hour(known, whole)  # the newest hour is 23: the next is 0 of the next weekday
    assert forecast == pytest.approx(np.arange(1.0, 4.0) * DAY_SHAPE[0])
    part = known.vph.copy()
    part[:, -1, 8:] = np.nan
    forecast, _ = next_hour(replace(known, vph=part), whole)
    assert forecast == pytest.approx(np.arange(1.0, 4.0) * DAY_SHAPE[8])


@pytest.mark.real_data
def test_helsinki_is_forecast_better_than_by_the_hour_before_and_where_counted_anew_than_by_the_year_before(real_data):
    import importlib.util
    from pathlib import Path

    path = Path(__file__).resolve().parents[3] / "packaging" / "benchmarks" / "forecast.py"
    spec = importlib.util.spec_from_file_location("forecast_benchmark", path)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    counts = benchmark.helsinki()
    test = finish(tried_out(counts, 0.4))
    assert test.skill("last_value") > 0.7
    assert test.score(OWN).geh_under_5 > 0.95
    assert test.repeated > 0.5  # the city did not count every place every year
    assert test.skill("same_hour") < 0.0  # so the year before looks better than it is
    assert finish(tried_out(counts, 0.4, skip_repeated=True)).skill("same_hour") > 0.1
    assert 0.9 < test.coverage < 1.0
