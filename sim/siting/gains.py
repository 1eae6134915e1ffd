"""What a bin at a place is worth to the residents of each other place: a sparse table, for either goal.

Both goals are one problem: residents are worth what the best bin near them gives, and the sum is to be greatest. With a
worth of ``farthest_m`` less the walk it is the p-median problem (walks longer than that count as that), with a worth of 1
within the walk that is in reach and 0 beyond, it is that of maximal covering: Church, R., ReVelle, C. (1974). The maximal
covering location problem. Papers of the Regional Science Association 32, 101-118. https://doi.org/10.1007/BF01942293
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.siting.params import GOALS, BinSitingParams
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.task import Progress, Task

PAIRS_AT_ONCE = 400_000
MOST_PAIRS = 60_000_000
"""About 1.5 GB of tables."""
SLACK_M = 1e-6
"""A walk that is longer by this is within reach still: rounding must not decide."""
MEASURING = Progress("Measuring the walks")

Rows = NDArray[np.int32]
Starts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Gains:
    """The gain of each pair of a demand and a place for a bin where there is any, by demand and by place.

    Of demand ``i``, places and gains are ``place, by_demand[first[i]:first[i + 1]]``; of place ``j``, demands and gains are
    ``demand, by_place[start[j]:start[j + 1]]``. A gain is what all residents of the demand have of a bin there beyond what they
    have of the bins that stand already.
    """

    first: Starts
    place: Rows
    by_demand: FloatArray
    start: Starts
    demand: Rows
    by_place: FloatArray

    @property
    def demands(self) -> int:
        """Number of demands."""
        return len(self.first) - 1

    @property
    def places(self) -> int:
        """Number of places."""
        return len(self.start) - 1

    @classmethod
    def of(cls, demand: Rows, place: Rows, gain: FloatArray, demands: int, places: int) -> Gains:
        """Return the table of triples ``(m,)`` of demand, place and gain; what is no gain is left out."""
        keep = gain > 0.0
        demand, place, gain = demand[keep].astype(np.int32), place[keep].astype(np.int32), gain[keep]
        rows, columns = np.lexsort((place, demand)), np.lexsort((demand, place))
        return cls(
            _starts(demand, demands), place[rows], gain[rows], _starts(place, places), demand[columns], gain[columns]
        )  # fmt: skip


def _starts(numbers: Rows, count: int) -> Starts:
    return np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=count))]).astype(np.int64)


def walk_to(xy: FloatArray, stand_xy: FloatArray, detour: float) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the walk ``(n,)`` in metres from each place to the nearest stand, and its row; inf and -1 where there is none."""
    if not len(stand_xy):
        return np.full(len(xy), np.inf), np.full(len(xy), -1, np.intp)
    away, row = cKDTree(stand_xy).query(xy)
    return np.asarray(away) * detour, np.asarray(row, dtype=np.intp)


def worth(walk_m: FloatArray, params: BinSitingParams) -> FloatArray:
    """Return what a walk of some metres is worth to a resident, 0 for one that is too long to count."""
    if params.goal == GOALS[0]:
        return np.maximum(params.farthest_m - walk_m, 0.0)
    return (walk_m <= params.walk_m + SLACK_M).astype(np.float64)


def find_gains(
    xy: FloatArray, residents: FloatArray, place_xy: FloatArray, before_m: FloatArray, params: BinSitingParams
) -> Task[Gains]:
    """Measure every walk that is worth something, from ``xy (n, 2)`` of ``residents (n,)`` to places for bins ``(p, 2)``.

    ``before_m (n,)`` are the walks to the bins that stand. Raises ``ScenarioError`` when there are too many.
    """
    radius_m = (params.farthest_m if params.goal == GOALS[0] else params.walk_m + SLACK_M) / params.detour
    tree = cKDTree(place_xy)
    pairs = int(cKDTree(xy).count_neighbors(tree, radius_m))
    if pairs > MOST_PAIRS:
        raise ScenarioError(
            f"There are {pairs} walks to compare; at most {MOST_PAIRS} can be.",
            "Choose more space between places, or a shorter farthest walk.",
        )
    step = max(1, PAIRS_AT_ONCE * len(xy) // max(pairs, 1))
    had, found = worth(before_m, params), []
    for low in range(0, len(xy), step):
        yield MEASURING
        near = cKDTree(xy[low : low + step]).sparse_distance_matrix(tree, radius_m, output_type="ndarray")
        demand = near["i"] + low
        gain = residents[demand] * np.maximum(worth(near["v"] * params.detour, params) - had[demand], 0.0)
        keep = gain > 0.0
        found.append((demand[keep].astype(np.int32), near["j"][keep].astype(np.int32), gain[keep]))
    yield MEASURING
    triple = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    return Gains.of(triple[0], triple[1], triple[2], len(xy), len(place_xy))
