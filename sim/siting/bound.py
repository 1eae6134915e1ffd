"""What no choice of places can exceed, by Lagrangian relaxation: each demand may be served by several places, at a price.

Cornuejols, G., Fisher, M. L., Nemhauser, G. L. (1977). Location of bank accounts to optimize float: an analytic study of exact
and approximate algorithms. Management Science 23(8), 789-810. https://doi.org/10.1287/mnsc.23.8.789, section 4. The prices are
moved along subgradients: Held, M., Wolfe, P., Crowder, H. P. (1974). Validation of subgradient optimization. Mathematical
Programming 6, 62-88. https://doi.org/10.1007/BF01580223
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.siting.gains import Gains, Rows, Starts
from twin.geo import FloatArray
from twin.task import Progress, Task

STEPS = 400
PATIENCE = 12
"""Steps without a better bound after which the stride is halved."""
CLOSE = 1e-5
"""Share of the gain from which on a bound is as good as reached."""
LOOKED_AT = 10_000_000


def upper_bound(gains: Gains, count: int, found: float, price: FloatArray) -> Task[float]:
    """Return a gain that no ``count`` places exceed; ``found`` is that of some, ``price (demands,)`` where the prices begin.

    A good beginning is what each demand has of the places that were found.
    """
    price, stride, waited = price.copy(), 1.0, 0
    bound, best_price = np.inf, price.copy()
    for number in range(STEPS):
        left, several = np.zeros(gains.places), np.ones(gains.demands)
        for low, high in _parts(gains):
            yield Progress("Bounding what is possible", number, STEPS)
            _rest(gains.start, gains.demand, gains.by_place, price, low, high, left)
        opened = np.argsort(-left, kind="stable")[:count].astype(np.int32)
        value = float(price.sum() + left[opened].sum())
        waited += 1
        if value < bound:
            waited = 0 if value < bound * (1.0 - 1e-6) or not np.isfinite(bound) else waited
            bound, best_price = value, price.copy()
        if bound - found <= CLOSE * abs(bound) or stride < 1e-4:
            break
        if waited >= PATIENCE:
            stride, waited, price = 0.5 * stride, 0, best_price.copy()
            continue
        _served(gains.start, gains.demand, gains.by_place, price, opened, several)
        # A price of nothing that should fall stays: it is no direction.
        several[(price <= 0.0) & (several > 0.0)] = 0.0
        norm = float(several @ several)
        if norm <= 0.0:
            break
        price = np.maximum(price - stride * (value - found) / norm * several, 0.0)
    return max(bound, found)


def _parts(gains: Gains) -> list[tuple[int, int]]:
    """Return runs of places, each with so many gains that looking at them takes tens of ms."""
    step = max(1, LOOKED_AT * gains.places // max(len(gains.place), 1))
    return [(low, min(low + step, gains.places)) for low in range(0, gains.places, step)]


@njit(cache=True, nogil=True)
def _rest(start: Starts, demand: Rows, by_place: FloatArray, price: FloatArray, low: int, high: int, left: FloatArray) -> None:
    """Find what is left of the gains of each place when its demands have paid their prices."""
    for j in range(low, high):
        for at in range(start[j], start[j + 1]):
            left[j] += max(0.0, by_place[at] - price[demand[at]])


@njit(cache=True, nogil=True)
def _served(start: Starts, demand: Rows, by_place: FloatArray, price: FloatArray, opened: Rows, several: FloatArray) -> None:
    """Take one off ``several`` of each demand for each open place that serves it."""
    for j in opened:
        for at in range(start[j], start[j + 1]):
            if by_place[at] > price[demand[at]]:
                several[demand[at]] -= 1.0
