"""When bins will overflow: the probability that their waste exceeds their room within some days.

With R the amount that the sum of n days exceeds with the accepted probability, relative to its mean, a bin is due when
what is known of it and R times what is expected of the days unseen and ahead exceed its capacity. R depends on the share of
empty days, on the shape and on n alone, so it is tabulated once.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.increment import upper_quantile
from sim.cleanup.sensing import Belief
from sim.cleanup.waste import Waste
from twin.geo import FloatArray

MOST_DAYS = 21
"""Sums of more days are taken to be as uncertain, relative to their mean, as those of this many."""
ZERO_STEPS = 20
"""Steps in the share of empty days between which bins are not told apart."""


class Outlook:
    """Tells which bins are due at an accepted probability of overflow."""

    def __init__(self, waste: Waste, kind: NDArray[np.int32], capacity_l: FloatArray, chance: float) -> None:
        self.waste = waste
        self.capacity_l = capacity_l
        zero = np.minimum(np.rint(waste.zero() * ZERO_STEPS), ZERO_STEPS - 1) / ZERO_STEPS
        classes, self.row = np.unique(np.column_stack([waste.model.shape[kind], zero]), axis=0, return_inverse=True)
        self.row = self.row.ravel()
        self.ratio = _ratios(chance, tuple(map(tuple, classes.tolist())))

    def due(self, belief: Belief, day: int, days: int) -> NDArray[np.bool_]:
        """Return which bins ``(n,)`` may overflow within some days from this morning on, if not emptied."""
        ahead_l = sum(self.waste.expected_l(day + later) for later in range(days))
        unseen_days = np.minimum(belief.age_days + days, MOST_DAYS)
        most_l = belief.known_l + self.ratio[self.row, unseen_days - 1] * (belief.since_l + ahead_l)
        return np.asarray(most_l > self.capacity_l)


@cache
def _ratios(chance: float, classes: tuple[tuple[float, float], ...]) -> FloatArray:
    """Return R ``(classes, MOST_DAYS)`` for pairs of shape and share of empty days; the same city asks again and again."""
    shape, empty = np.array(classes).T
    return np.stack([upper_quantile(chance, days, empty, shape) / days for days in range(1, MOST_DAYS + 1)], axis=1)
