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
from scipy.sparse import coo_array
from scipy.spatial import cKDTree

from sim.siting.params import GOALS, BinSitingParams
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.task import Progress, Task

PAIRS_AT_ONCE = 200_000
POINTS_AT_ONCE = 500
MOST_PAIRS = 20_000_000
"""About 1 GB while the tables are made."""
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
        by_demand = coo_array((gain, (demand, place)), shape=(demands, places)).tocsc().tocsr()
        by_place = by_demand.tocsc()  # there and back sorts both without comparing
        first, start = by_demand.indptr.astype(np.int64), by_place.indptr.astype(np.int64)
        near, served = by_demand.indices.astype(np.int32), by_place.indices.astype(np.int32)
        return cls(first, near, by_demand.data, start, served, by_place.data)


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
    # Beyond the bin that stands already, no other is worth anything.
    within_m = np.minimum(radius_m, before_m / params.detour)
    tree, pairs = cKDTree(place_xy), 0
    step = POINTS_AT_ONCE
    for low in range(0, len(xy), POINTS_AT_ONCE):
        part = slice(low, low + POINTS_AT_ONCE)
        count = tree.query_ball_point(xy[part], within_m[part], return_length=True)
        pairs, step = pairs + int(count.sum()), min(step, max(1, PAIRS_AT_ONCE // max(int(count.max()), 1)))
        yield MEASURING
    if pairs > MOST_PAIRS:
        raise ScenarioError(
            f"There are {pairs} walks to compare; at most {MOST_PAIRS} can be.",
            "Choose more space between places, or a shorter farthest walk.",
        )
    had, found = worth(before_m, params), []
    for low in range(0, len(xy), step):
        part = slice(low, low + step)
        near = tree.query_ball_point(xy[part], within_m[part])
        demand = np.repeat(np.arange(low, low + len(near)), [len(one) for one in near])
        place = np.array([row for one in near for row in one], dtype=np.intp)
        walk_m = np.hypot(*(xy[demand] - place_xy[place]).T) * params.detour
        gain = residents[demand] * np.maximum(worth(walk_m, params) - had[demand], 0.0)
        found.append((demand.astype(np.int32), place.astype(np.int32), gain))
        yield MEASURING
    triple = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    return Gains.of(triple[0], triple[1], triple[2], len(xy), len(place_xy))
