"""How far a matrix of trips is from another one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.assignment.graph import Floats


@dataclass(frozen=True)
class Movement:
    """How far trips T are from trips T0.

    ``total`` is the factor between the sums, ``mean_change`` the mean of |T - T0| / T0 weighted by T0,
    ``correlation`` that of the cells, and ``divergence`` of the shares of all trips (Kullback and Leibler
    1951, doi:10.1214/aoms/1177729694; nats).
    """

    total: float = 1.0
    mean_change: float = 0.0
    correlation: float = 1.0
    divergence: float = 0.0


def movement(trips: Floats, prior: Floats) -> Movement:
    """Compare trips with what they were, both of one shape; pairs that are empty in both do not count."""
    held = (prior > 0.0) | (trips > 0.0)
    now, then = trips[held], prior[held]
    if now.sum() <= 0.0 or then.sum() <= 0.0:
        return Movement(total=0.0 if then.sum() > 0.0 else 1.0, mean_change=1.0 if then.sum() > 0.0 else 0.0)
    p, q = now / now.sum(), then / then.sum()
    both = (p > 0.0) & (q > 0.0)
    return Movement(
        float(now.sum() / then.sum()),
        float(np.abs(now - then).sum() / then.sum()),
        _correlation(now, then),
        max(float(np.sum(p[both] * np.log(p[both] / q[both]))), 0.0),
    )


def _correlation(one: Floats, two: Floats) -> float:
    """Return Pearson's correlation; 1 where all cells are alike."""
    spread = float(np.std(one) * np.std(two))
    return float(np.mean((one - one.mean()) * (two - two.mean()))) / spread if spread > 0.0 else 1.0
