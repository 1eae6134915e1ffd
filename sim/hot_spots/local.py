"""Local association on cells: Gi*, how likely chance alone reaches it, and which cells stand out in spite of many tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from twin.geo import FloatArray
from twin.task import Progress, Task

DRAWS = 99_999
"""Times that the counts are dealt out anew: the least probability that can be told is one in a hundred thousand."""
DRAWS_AT_ONCE = 10_000


def gi_star(count: FloatArray, near: csr_array) -> FloatArray:
    """Return Gi* ``(n,)`` of counts ``(n,)``: standard deviations by which the surroundings' sum is above what chance expects.

    ``near`` ``(n, n)`` is 1 where a cell belongs to the surroundings of another; each belongs to its own.
    Ord, J. K., Getis, A. (1995). Local spatial autocorrelation statistics: distributional issues and an application.
    Geographical Analysis 27(4), 286-306. https://doi.org/10.1111/j.1538-4632.1995.tb00912.x, equation 14.
    """
    n = len(count)
    size = sizes(near).astype(float)
    spread = np.sqrt(max(0.0, float(np.mean(count**2) - np.mean(count) ** 2)))
    scale = spread * np.sqrt(np.maximum(n * size - size**2, 0.0) / max(n - 1, 1))
    above = near @ count - np.mean(count) * size
    return np.asarray(np.divide(above, scale, out=np.zeros(n), where=scale > 0.0))


def sizes(near: csr_array) -> NDArray[np.intp]:
    """Return how many cells ``(n,)`` the surroundings of each have."""
    return np.asarray(np.diff(near.indptr), dtype=np.intp)


def chance_of(count: FloatArray, near: csr_array, seed: int) -> Task[FloatArray]:
    """Return the probability ``(n,)`` that surroundings of that size hold so many cases or more, were the counts dealt out by chance.

    Counts are few and skewed: the normal law of Gi* calls far too many cells hot. So the counts are dealt to the cells
    anew (Ord and Getis 1995, section 3), once for all cells with surroundings of the same size.
    """
    held, size = near @ count, sizes(near)
    chance = np.ones(len(count))
    for number in np.unique(size).tolist():
        rows = np.flatnonzero(size == number)
        reached = np.zeros(len(rows))
        rng = np.random.default_rng([seed, number])
        for start in range(0, DRAWS, DRAWS_AT_ONCE):
            sums = np.sort(_dealt(count, number, min(DRAWS_AT_ONCE, DRAWS - start), rng))
            reached += len(sums) - np.searchsorted(sums, held[rows], side="left")
            yield Progress("Dealing the cases out by chance", float(start), float(DRAWS))
        chance[rows] = (1.0 + reached) / (1.0 + DRAWS)
    return chance


def _dealt(count: FloatArray, size: int, draws: int, rng: np.random.Generator) -> FloatArray:
    """Return the sums ``(draws,)`` of ``size`` different cells each."""
    if size * size > 4 * len(count):  # few cells: nearly every hand would hold one twice
        hands = rng.random((draws, len(count))).argpartition(size - 1, axis=1)[:, :size]
        return np.asarray(count[hands].sum(axis=1))
    hands = rng.integers(0, len(count), (draws, size))
    while len(twice := np.flatnonzero((np.diff(np.sort(hands, axis=1), axis=1) == 0).any(axis=1))):
        hands[twice] = rng.integers(0, len(count), (len(twice), size))
    return np.asarray(count[hands].sum(axis=1))


def adjusted(chance: FloatArray) -> FloatArray:
    """Return for each probability ``(n,)`` the least share of false discoveries at which it counts as one.

    Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B
    57(1), 289-300. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x. It holds for sums that overlap, too: Benjamini, Y.,
    Yekutieli, D. (2001). Annals of Statistics 29(4), 1165-1188. https://doi.org/10.1214/aos/1013699998.
    """
    n = len(chance)
    order = np.argsort(chance, kind="stable")
    shares = chance[order] * n / np.arange(1, n + 1)
    found = np.empty(n)
    found[order] = np.minimum(1.0, np.minimum.accumulate(shares[::-1])[::-1])
    return found
