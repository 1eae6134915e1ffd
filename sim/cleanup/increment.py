"""What comes into a bin in a day or in several: nothing, or an amount that is Gamma distributed.

Amounts are shares of the capacity. A day is empty with probability ``zero``; else its amount is Gamma distributed with
``shape``, so that the mean over all days is ``mean``. Sums over days are mixtures of Gammas by the number of days that
brought something, which is exact while the days have one mean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaincinv
from scipy.stats import binom

from twin.geo import FloatArray

QUANTILE_STEPS = 40
"""Halvings in the search for a quantile: beyond float32."""
HIGHEST_IN_MEANS = 60.0
"""No quantile of a sum is sought beyond this many times its mean."""


TABLE_STEPS = 4096
"""Cells of a table of quantiles: between them a line is off by less than a ten-thousandth of the mean."""
TAIL = 1.0 / 64.0
"""Chance below and above which quantiles are computed one by one, for there they bend."""


class Quantiles:
    """Quantiles of Gamma amounts with mean 1 for a few shapes, quick enough for every bin and day.

    Computed one by one they took two fifths of a run.
    """

    def __init__(self, shape: FloatArray) -> None:
        self.shape = shape
        chance = np.clip(np.arange(TABLE_STEPS + 1) / TABLE_STEPS, 0.5 * TAIL, 1.0 - 0.5 * TAIL)
        self.table = gammaincinv(shape[:, None], chance) / shape[:, None]

    def at(self, chance: FloatArray, row: NDArray[np.int32]) -> FloatArray:
        """Return the amount ``(n,)`` that is exceeded with the probability ``1 - chance`` at the shape in each row."""
        along = chance * TABLE_STEPS
        cell = np.minimum(along.astype(np.intp), TABLE_STEPS - 1)
        low, high = self.table[row, cell], self.table[row, cell + 1]
        amount = low + (high - low) * (along - cell)
        far = np.flatnonzero((chance < TAIL) | (chance > 1.0 - TAIL))
        shape = self.shape[row[far]]
        amount[far] = gammaincinv(shape, chance[far]) / shape
        return np.asarray(amount)


def scale_of(mean: FloatArray, zero: FloatArray, shape: FloatArray) -> FloatArray:
    """Return the scale of the Gamma amounts."""
    return np.asarray(mean / ((1.0 - zero) * shape))


def beyond(bound: FloatArray, mean: FloatArray, zero: FloatArray, shape: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean and the mean square of an amount that is known to exceed a bound of at least 0.

    With Q the upper regularised incomplete Gamma function and u = bound / scale, the j-th moment is
    scale^j k (k + 1) ... (k + j - 1) Q(k + j, u) / Q(k, u).
    """
    scale = scale_of(mean, zero, shape)
    u = np.maximum(bound, 0.0) / scale
    chance = np.maximum(gammaincc(shape, u), 1e-290)
    first = scale * shape * gammaincc(shape + 1.0, u) / chance
    second = scale**2 * shape * (shape + 1.0) * gammaincc(shape + 2.0, u) / chance
    # Far out both chances vanish in floating point, where the mean beyond tends to the bound and a scale.
    first = np.maximum(first, bound)
    return first, np.maximum(second, first**2)


def chance_within(room: FloatArray, days: int, mean: FloatArray, zero: FloatArray, shape: FloatArray) -> FloatArray:
    """Return the probability that what comes in some days is at most ``room``; all arrays of one length."""
    scale = scale_of(mean, zero, shape)
    total = np.where(room >= 0.0, zero**days, 0.0)
    for filled in range(1, days + 1):
        weight = binom.pmf(filled, days, 1.0 - zero)
        total += weight * gammainc(filled * shape, np.maximum(room, 0.0) / scale)
    return np.asarray(np.minimum(total, 1.0))


def upper_quantile(chance: float, days: int, zero: FloatArray, shape: FloatArray) -> FloatArray:
    """Return what the sum over some days exceeds with a probability, in mean days: halving of an interval."""
    one = np.ones(len(zero))
    low, high = np.zeros(len(zero)), np.full(len(zero), HIGHEST_IN_MEANS * days)
    for _ in range(QUANTILE_STEPS):
        middle = 0.5 * (low + high)
        exceeds = 1.0 - chance_within(middle, days, one, zero, shape) > chance
        low, high = np.where(exceeds, middle, low), np.where(exceeds, high, middle)
    return high
