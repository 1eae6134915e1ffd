"""How well fill levels are forecast: rolling back in time, against naive forecasts, scored by Brier, CRPS and MAE.

Every week the rates are fitted to what was read until then; each of the next seven days is forecast from the reading before.
Days on which a bin was emptied are left out for all forecasts alike. CRPS is that of the reading, which is discrete: the sum
over the sensor's steps of the squared error of the cumulative probability, times the step.
Gneiting, T., Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation. Journal of the American
Statistical Association 102(477), 359-378. https://doi.org/10.1198/016214506000001437 : Brier score and (21) CRPS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.increment import chance_within
from sim.cleanup.rates import Rates, fit_rates
from sim.cleanup.readings import NOISE, Rises
from twin.errors import DataError
from twin.geo import FloatArray
from twin.task import Progress, Task

REFIT_DAYS = 7
HORIZONS = (1, 3, 7)
RECENT_DAYS = 60
PRIOR_DAYS = 1.0
"""The rises of all bins count like this many days in an empirical forecast of one bin, so that none is empty."""
MESSAGE = "Testing forecasts of fill levels"


@dataclass(frozen=True, eq=False)
class Levels:
    """Readings ``level`` ``(bins, days)``, NaN where there is none, in ``step`` of the sensor; ``weekday`` ``(days,)``."""

    level: FloatArray
    weekday: NDArray[np.intp]
    step: float

    @cached_property
    def rise(self) -> FloatArray:
        """Rise from each day to the next ``(bins, days - 1)``; NaN without two readings, from a full bin or where it was emptied."""
        rise = np.diff(self.level, axis=1)
        with np.errstate(invalid="ignore"):
            rise[(rise <= -NOISE) | (self.level[:, :-1] >= 1.0 - self.step / 2)] = np.nan
        return np.asarray(rise)


@dataclass(frozen=True)
class Score:
    """Errors of one forecast: ``brier`` of "reads ``full`` or more within h days" for each horizon, CRPS and MAE of the next reading."""

    name: str
    brier: dict[int, float]
    crps: float
    mae_median: float
    mae_mean: float
    cases: int


@dataclass(frozen=True, eq=False)
class Case:
    """Days to be forecast from the same past: bin and level before ``(n,)``, the day's weekday; ``past`` rises until then."""

    bin: NDArray[np.intp]
    level: FloatArray
    weekday: NDArray[np.intp]
    past: FloatArray
    grid: FloatArray
    step: float
    rates: Rates


Forecast = Callable[[Case, FloatArray, int], FloatArray]
"""Return the probability ``(n,)`` that the level rises by less than a number of steps ``(n,)`` within some days."""


def _persistence(case: Case, steps: FloatArray, days: int) -> FloatArray:  # noqa: ARG001  one interface
    return (steps > 0.0).astype(np.float64)


def _mean_rate(case: Case, steps: FloatArray, days: int) -> FloatArray:
    known = ~np.isnan(case.past)
    total, count = np.where(known, case.past, 0.0).sum(axis=1), known.sum(axis=1)
    mean = np.where(count > 0, total / np.maximum(count, 1), total.sum() / count.sum())
    return np.asarray(days * mean[case.bin] / case.step < steps - 0.5, dtype=np.float64)


def _share_below(past: FloatArray, case: Case, steps: FloatArray, days: int, prior_days: float) -> FloatArray:
    """Return how often sums of daily rises, as each bin had them, stayed below a number of steps."""
    top = len(case.grid)
    whole = _histogram(case.past.ravel(), case.step, top)
    whole /= whole.sum()
    table = np.empty((len(past), top + 1))
    for row, rises in enumerate(past):
        own = _histogram(rises, case.step, top) + prior_days * whole
        one = total = own / own.sum()
        for _ in range(days - 1):
            total = np.convolve(total, one)[:top]
        table[row] = np.concatenate([[0.0], np.cumsum(total)])
    return np.asarray(table[case.bin, np.clip(steps.astype(np.intp), 0, top)])


def _histogram(rises: FloatArray, step: float, top: int) -> FloatArray:
    steps = np.rint(np.maximum(rises[~np.isnan(rises)], 0.0) / step).astype(np.intp)
    return np.asarray(np.bincount(np.minimum(steps, top - 1), minlength=top), dtype=np.float64)


def _all_bins(case: Case, steps: FloatArray, days: int) -> FloatArray:
    return _share_below(case.past, case, steps, days, 1e9)


def _own_past(case: Case, steps: FloatArray, days: int) -> FloatArray:
    return _share_below(case.past, case, steps, days, PRIOR_DAYS)


def _own_weeks(case: Case, steps: FloatArray, days: int) -> FloatArray:
    return _share_below(case.past[:, -RECENT_DAYS:], case, steps, days, PRIOR_DAYS)


def _model(case: Case, steps: FloatArray, days: int) -> FloatArray:
    """Return the forecast of the fitted rates; the mean factor of the weekdays stands for each of several days."""
    ahead = (case.weekday[:, None] + np.arange(days)) % 7
    mean = case.rates.mean[case.bin] * case.rates.weekday[ahead].mean(axis=1)
    shape = np.full(len(mean), case.rates.shape)
    return chance_within((steps - 0.5) * case.step, days, mean, case.rates.zero[case.bin], shape)


FORECASTS: tuple[tuple[str, Forecast], ...] = (
    ("no change", _persistence),
    ("mean rate of the bin", _mean_rate),
    ("rises of all bins", _all_bins),
    ("the bin's own rises", _own_past),
    ("its rises of 60 days", _own_weeks),
    ("zero-inflated Gamma", _model),
)


def back_test(levels: Levels, first_day: int, full: float) -> Task[tuple[Score, ...]]:
    """Score every forecast on the days from ``first_day`` on.

    ``full`` is the level whose reaching is forecast. Raises ``DataError`` where there is nothing to learn from or to test.
    """
    if not 0 < first_day < levels.level.shape[1] - 1 or np.isnan(levels.rise[:, :first_day]).all():
        raise DataError(
            f"A back-test from day {first_day} has no days before or after it.",
            "Choose a first day inside the readings, with some weeks before it.",
        )
    totals = {name: _Total() for name, _ in FORECASTS}
    days = levels.level.shape[1] - 1
    for start in range(first_day, days, REFIT_DAYS):
        yield Progress(MESSAGE, start - first_day, days - first_day)
        rates = yield from fit_rates(_rises_before(levels, start), np.zeros(len(levels.level), np.intp))
        for day in range(start, min(start + REFIT_DAYS, days)):
            case = _case(levels, start, day, rates)
            for name, forecast in FORECASTS:
                totals[name].add(levels, case, day, forecast, full)
    return tuple(total.score(name) for name, total in totals.items())


def _case(levels: Levels, start: int, day: int, rates: Rates) -> Case:
    bins = np.flatnonzero(~np.isnan(levels.rise[:, day]))
    grid = np.arange(0.0, 1.0 + levels.step / 2, levels.step)
    weekday = np.full(len(bins), levels.weekday[day])
    return Case(bins, levels.level[bins, day], weekday, levels.rise[:, :start], grid, levels.step, rates)


def _rises_before(levels: Levels, day: int) -> Rises:
    rise = levels.rise[:, :day]
    bins, days = np.nonzero(~np.isnan(rise))
    return Rises(
        bins,
        rise[bins, days],
        levels.level[bins, days + 1] >= 1.0 - levels.step / 2,
        np.ones(len(bins)),
        levels.weekday[days],
        (day - 1 - days).astype(np.float64),
        len(bins),
    )


class _Total:
    """Adds up the errors of one forecast."""

    def __init__(self) -> None:
        self.brier = dict.fromkeys(HORIZONS, 0.0)
        self.count = dict.fromkeys(HORIZONS, 0)
        self.crps = self.median = self.mean = 0.0
        self.cases = 0

    def add(self, levels: Levels, case: Case, day: int, forecast: Forecast, full: float) -> None:
        self._add_next(case, levels.level[case.bin, day + 1], forecast)
        for days in HORIZONS:
            rows, reached = _reaches(levels, case, day, days, full)
            steps = np.rint((full - case.level) / case.step)
            chance = 1.0 - forecast(case, steps, days)[rows]
            self.brier[days] += float(((chance - reached) ** 2).sum())
            self.count[days] += len(rows)

    def _add_next(self, case: Case, reading: FloatArray, forecast: Forecast) -> None:
        above = np.rint((case.grid[None, :] - case.level[:, None]) / case.step) + 1.0
        below = np.column_stack([forecast(case, column, 1) for column in above.T])
        below[:, -1] = 1.0  # no sensor reads more than full
        self.crps += float(((below - (reading[:, None] <= case.grid + 1e-9)) ** 2).sum()) * case.step
        self.median += float(np.abs(case.grid[(below >= 0.5 - 1e-9).argmax(axis=1)] - reading).sum())
        mean = (case.grid * np.diff(below, axis=1, prepend=0.0)).sum(axis=1)
        self.mean += float(np.abs(mean - reading).sum())
        self.cases += len(reading)

    def score(self, name: str) -> Score:
        brier = {days: self.brier[days] / max(self.count[days], 1) for days in HORIZONS}
        cases = max(self.cases, 1)
        return Score(name, brier, self.crps / cases, self.median / cases, self.mean / cases, self.cases)


def _reaches(levels: Levels, case: Case, day: int, days: int, full: float) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return which rows of a case can be judged after some days, and whether they read ``full`` or more by then."""
    ahead = levels.level[case.bin, day + 1 : day + 1 + days]
    is_full: NDArray[np.bool_] = np.greater_equal(ahead, full - 1e-9)
    known = ~np.isnan(levels.rise[case.bin, day : day + days])
    reached = np.asarray(is_full.any(axis=1))
    # Until it is full no day may be missing or have an emptying; what comes later does not matter.
    needed = np.where(reached, is_full.argmax(axis=1) + 1, days)
    seen = np.cumprod(known, axis=1).sum(axis=1)
    rows = np.flatnonzero((seen >= needed) & (case.level < full - 1e-9) & (ahead.shape[1] == days))
    return rows, reached[rows]
