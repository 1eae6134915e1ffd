"""Scores of forecasts: known values, and a true model beats every naive one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from sim.cleanup.backtest import Levels, back_test
from twin.errors import DataError
from twin.task import finish


def drawn(bins=30, days=220, seed=2):
    rng = np.random.default_rng(seed)
    mean, zero = rng.gamma(6, 1 / 6, bins) * 0.15, rng.uniform(0.2, 0.7, bins)
    level, now = np.empty((bins, days)), np.zeros(bins)
    drift = np.zeros(bins)
    for day in range(days):
        drift = 0.98 * drift + rng.normal(0, 0.12, bins)
        level[:, day] = np.minimum(np.rint(now / 0.1) * 0.1, 1.0)
        amount = rng.gamma(1.5, mean * np.exp(drift) / (1 - zero) / 1.5) * (rng.random(bins) >= zero)
        now = np.where(level[:, day] >= 0.8, 0.0, now + amount)
    return Levels(level, np.arange(days) % 7, 0.1)


def scores(levels, first_day, full=0.8):
    return {score.name: score for score in finish(back_test(levels, first_day, full))}


def test_a_bin_that_rises_by_the_same_every_day_is_forecast_without_error_from_its_past():
    level = np.tile(np.array([0.0, 0.2, 0.4, 0.6, 0.8]), 12)[None, :].repeat(3, axis=0)
    found = scores(Levels(level, np.arange(60) % 7, 0.2), 30)
    past = found["the bin's own rises"]
    assert past.crps == pytest.approx(0.0, abs=1e-12)
    assert past.mae_median == past.mae_mean == pytest.approx(0.0, abs=1e-12)
    assert past.brier[1] == pytest.approx(0.0, abs=1e-12)


def test_no_change_errs_by_what_came():
    level = np.tile(np.array([0.0, 0.2, 0.4, 0.6, 0.8]), 12)[None, :]
    found = scores(Levels(level, np.arange(60) % 7, 0.2), 30)["no change"]
    # The reading is 0.2 higher: one step of the sensor is wrong, so CRPS, both MAE are 0.2; full after one in four days.
    assert found.crps == pytest.approx(0.2)
    assert found.mae_median == found.mae_mean == pytest.approx(0.2)
    assert found.brier[1] == pytest.approx(1 / 4, abs=0.02)


def test_the_model_beats_naive_forecasts_on_bins_whose_rates_drift():
    found = scores(drawn(), 150)
    model = found.pop("zero-inflated Gamma")
    for score in found.values():
        assert model.crps < score.crps
        assert model.brier[3] < score.brier[3]
        assert score.cases == model.cases


@pytest.mark.parametrize("first_day", [0, 500])
def test_a_first_day_outside_the_readings_is_refused(first_day):
    with pytest.raises(DataError, match="back-test"):
        scores(drawn(days=40), first_day)


@pytest.mark.real_data
def test_on_real_bins_the_model_has_the_best_probabilities(real_data):
    path = Path(__file__).resolve().parents[3] / "packaging" / "benchmarks" / "fill.py"
    spec = importlib.util.spec_from_file_location("fill_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _, levels = module.read(real_data / "bins" / "wyndham_smartbin_daily_2018_2021.csv")
    found = scores(levels, 900)
    model = found.pop("zero-inflated Gamma")
    for score in found.values():
        assert model.brier[7] < score.brier[7]
        assert model.crps < score.crps
