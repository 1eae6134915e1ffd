"""Fill rates of the bins of one waste kind, fitted to rises of which some are only lower bounds.

Dempster, A. P., Laird, N. M., Rubin, D. B. (1977). Maximum likelihood from incomplete data via the EM algorithm. Journal of
the Royal Statistical Society B 39(1), 1-38. https://doi.org/10.1111/j.2517-6161.1977.tb01600.x : a day that ended full
counts with the mean of what came, given that it was more than what fitted in; then means are taken, and so on in turns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.increment import beyond
from sim.cleanup.readings import Rises
from twin.geo import FloatArray
from twin.task import Progress, Task

TURNS = 8
BIN_WEIGHT_DAYS = 7.0
"""The zone's mean counts like this many days of a bin's own readings, and the bin's own past like as many recent ones."""
ZONE_WEIGHT_DAYS = 60.0
HALF_LIFE_DAYS = 30.0
"""A day counts half as much as one that is this many days younger."""
WEEKDAY_WEIGHT_DAYS = 200.0
"""That every weekday is like the others counts like this many days."""
NOTHING = 0.02
"""A day on which the level rises by less brought nothing: sensors err by about a hundredth."""
ENOUGH_DAYS = 30.0
"""Days of readings of a waste kind from which its numbers are fitted."""
LEAST_MEAN = 1e-4
HIGHEST_ZERO = 0.97
LOWEST_SHAPE, HIGHEST_SHAPE = 0.2, 50.0


@dataclass(frozen=True, eq=False)
class Rates:
    """Shares of the capacity per day: ``mean`` and share of empty days ``zero`` ``(bins,)``, Gamma ``shape``, ``weekday`` ``(7,)``."""

    mean: FloatArray
    zero: FloatArray
    shape: float
    weekday: FloatArray


def enough(rises: Rises) -> bool:
    """Say whether there are days enough for a fit."""
    return float(rises.days.sum()) >= ENOUGH_DAYS


def fit_rates(rises: Rises, zone: NDArray[np.intp]) -> Task[Rates]:
    """Fit the rates of one waste kind; ``zone`` ``(bins,)`` is that of every bin of the city.

    Bins without readings have their zone's rates, or those of all bins of the kind.
    """
    is_day = (rises.days > 0.6) & (rises.days < 1.5)
    is_empty = (rises.rise < NOTHING) & ~rises.is_bound
    zero = np.clip(_levelled(rises, (is_empty & is_day).astype(np.float64), is_day.astype(np.float64), zone), 0.0, HIGHEST_ZERO)
    rates = Rates(np.maximum(_levelled(rises, rises.rise, rises.days, zone), LEAST_MEAN), zero, 1.0, np.ones(7))
    for _ in range(TURNS):
        rates = _next(rises, rates, zone, is_day, is_empty)
        yield Progress("Fitting fill rates")
    return rates


def _next(rises: Rises, rates: Rates, zone: NDArray[np.intp], is_day: NDArray[np.bool_], is_empty: NDArray[np.bool_]) -> Rates:
    """Return the rates after one more turn."""
    factor = rates.weekday[rises.weekday]
    expected = rates.mean[rises.bin] * rises.days * factor
    came, square = _completed(rises, expected, rates)
    mean = np.maximum(_levelled(rises, came, rises.days * factor, zone), LEAST_MEAN)
    rows = is_day & ~is_empty
    amount = (expected / (1.0 - rates.zero[rises.bin]))[rows]
    shape = _shape(came[rows] / amount, square[rows] / amount**2)
    return Rates(mean, rates.zero, shape, _weekday(rises, came, mean))


def _completed(rises: Rises, expected: FloatArray, rates: Rates) -> tuple[FloatArray, FloatArray]:
    """Return the mean and mean square of what came on each day, given what was seen (the E of EM)."""
    came = rises.rise.copy()  # small falls are noise and belong in the mean as much as the rises that noise makes
    square = came**2
    rows = np.flatnonzero(rises.is_bound)
    # Days that passed without anything coming are no longer to be reckoned with where the bin is full.
    zero = rates.zero[rises.bin[rows]] ** np.maximum(rises.days[rows], 1.0)
    shape = np.full(len(rows), rates.shape) * np.maximum(rises.days[rows], 1.0)
    came[rows], square[rows] = beyond(came[rows], expected[rows], zero, shape)
    return came, square


def _levelled(rises: Rises, amount: FloatArray, exposure: FloatArray, zone: NDArray[np.intp]) -> FloatArray:
    """Return an amount per exposure for each bin ``(bins,)``: recent, shrunk to its past, to its zone, to all."""
    total = float(amount.sum() / max(exposure.sum(), 1e-9))
    of_zone = _ratio(zone[rises.bin], amount, exposure, np.full(zone.max() + 1, total), ZONE_WEIGHT_DAYS)
    of_bin = _ratio(rises.bin, amount, exposure, of_zone[zone], BIN_WEIGHT_DAYS)
    weight = 0.5 ** (rises.age_days / HALF_LIFE_DAYS)
    return _ratio(rises.bin, amount * weight, exposure * weight, of_bin, BIN_WEIGHT_DAYS)


def _ratio(group: NDArray[np.intp], amount: FloatArray, exposure: FloatArray, prior: FloatArray, weight: float) -> FloatArray:
    """Return amount per exposure of each group, to which a prior counts like an exposure of ``weight``."""
    count = len(prior)
    above = np.bincount(group, amount, count) + weight * prior
    return np.asarray(above / (np.bincount(group, exposure, count) + weight))


def _weekday(rises: Rises, came: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the factors of the weekdays, with mean 1."""
    expected = mean[rises.bin] * rises.days
    prior = WEEKDAY_WEIGHT_DAYS * float(expected.sum() / max(rises.days.sum(), 1e-9))
    factor = (np.bincount(rises.weekday, came, 7) + prior) / (np.bincount(rises.weekday, expected, 7) + prior)
    factor = np.maximum(factor, 0.05)
    return np.asarray(factor / factor.mean())


def _shape(ratio: FloatArray, square: FloatArray) -> float:
    """Return the Gamma shape of amounts relative to their means, by moments: mean square / variance."""
    if len(ratio) < 2:
        return 1.0
    mean = float(ratio.mean())
    variance = float(square.mean()) - mean**2
    return float(np.clip(mean**2 / max(variance, 1e-9), LOWEST_SHAPE, HIGHEST_SHAPE))
