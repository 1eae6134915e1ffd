"""The search for the best places: the best one more, again and again, then one for another as long as that is better.

Greedy start: Nemhauser, G. L., Wolsey, L. A., Fisher, M. L. (1978). An analysis of approximations for maximizing submodular
set functions. Mathematical Programming 14, 265-294. https://doi.org/10.1007/BF01588971: never below 63 % of the best gain.
Vertex substitution: Teitz, M. B., Bart, P. (1968). Heuristic methods for estimating the generalized vertex median of a
weighted graph. Operations Research 16(5), 955-961. https://doi.org/10.1287/opre.16.5.955, with what leaves for what comes found
in one go over its neighbours: Whitaker, R. A. (1983). A fast algorithm for the greedy interchange for large-scale clustering
and median location problems. INFOR 21(2), 95-108. https://doi.org/10.1080/03155986.1983.11731889
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.siting.gains import Gains, Rows, Starts
from twin.geo import FloatArray
from twin.task import Progress, Task

MAX_PASSES = 100
LOOKED_AT = 4_000_000
"""Gains that one compiled call may look at: tens of ms, so that a cancel is answered at once."""
BETTER = 1e-9
"""Share of the whole gain by which a substitution must be better: rounding must not go round in circles."""

Chosen = NDArray[np.int32]


def greedy(gains: Gains, count: int, among: Chosen | None = None) -> Task[tuple[Chosen, FloatArray]]:
    """Return up to ``count`` places ``(k,)``, each the best one more, and the gain of each; one that brings nothing ends it.

    With ``among``, only these places are taken. Of equals the first is.
    """
    best, gain = np.zeros(gains.demands), _sums(gains)
    if among is not None:
        only = np.full(gains.places, -np.inf)
        only[among] = gain[among]
        gain = only
    chosen: list[int] = []
    brought: list[float] = []
    for number in range(min(count, gains.places)):
        yield Progress("Placing bins", number, count)
        place = int(gain.argmax())
        if not gain[place] > BETTER * max(brought, default=0.0) or gain[place] <= 0.0:
            break
        chosen.append(place)
        brought.append(float(gain[place]))
        _take(gains.first, gains.place, gains.by_demand, gains.start, gains.demand, gains.by_place, place, best, gain)
    return np.array(chosen, dtype=np.int32), np.array(brought)


def improve(gains: Gains, chosen: Chosen) -> Task[Chosen]:
    """Return places ``(k,)`` of which none can be exchanged for another with a greater gain."""
    if not len(chosen):
        return chosen
    here = chosen.copy()
    slot = np.full(gains.places, -1, np.int32)
    slot[here] = np.arange(len(here), dtype=np.int32)
    near = np.empty((2, gains.demands), np.int32)
    value = np.empty((2, gains.demands))
    by_demand = gains.first, gains.place, gains.by_demand
    by_place = gains.start, gains.demand, gains.by_place
    _survey(*by_demand, np.arange(gains.demands, dtype=np.int32), slot, near, value)
    least = BETTER * float(value[0].sum())
    step = max(1, int(LOOKED_AT / (len(here) + len(gains.place) / max(gains.places, 1))))
    for number in range(MAX_PASSES):
        changed = 0
        for low in range(0, gains.places, step):
            yield Progress("Exchanging places", number, MAX_PASSES)
            high = min(low + step, gains.places)
            changed += _exchange(*by_demand, *by_place, low, high, here, slot, near, value, least)
        if not changed:
            break
    return here


def had(gains: Gains, chosen: Chosen) -> FloatArray:
    """Return the gain ``(demands,)`` that each demand has of places together; their sum is that of the choice."""
    best = np.zeros(gains.demands)
    for place in chosen.tolist():
        part = slice(gains.start[place], gains.start[place + 1])
        rows = gains.demand[part]
        best[rows] = np.maximum(best[rows], gains.by_place[part])
    return best


def _sums(gains: Gains) -> FloatArray:
    """Return the gain of each place alone."""
    owner = np.repeat(np.arange(gains.places), np.diff(gains.start))
    return np.bincount(owner, weights=gains.by_place, minlength=gains.places).astype(np.float64)


@njit(cache=True, nogil=True)
def _take(
    first: Starts, place: Rows, by_demand: FloatArray, start: Starts, demand: Rows, by_place: FloatArray,
    taken: int, best: FloatArray, gain: FloatArray,
) -> None:  # fmt: skip
    """Open a place: raise what its demands have (``best``) and lower what every other place would add to them (``gain``)."""
    for at in range(start[taken], start[taken + 1]):
        i = demand[at]
        had, has = best[i], by_place[at]
        if has <= had:
            continue
        best[i] = has
        for one in range(first[i], first[i + 1]):
            gain[place[one]] -= max(0.0, by_demand[one] - had) - max(0.0, by_demand[one] - has)
    gain[taken] = -np.inf


@njit(cache=True, nogil=True)
def _survey(
    first: Starts, place: Rows, by_demand: FloatArray, rows: Rows, slot: Rows, near: NDArray[np.int32], value: FloatArray
) -> None:
    """Find for some demands the two best of the open places, by their slot: -1 and 0 where there is none."""
    for i in rows:
        near[0, i], near[1, i], value[0, i], value[1, i] = -1, -1, 0.0, 0.0
        for at in range(first[i], first[i + 1]):
            open_slot, worth = slot[place[at]], by_demand[at]
            if open_slot < 0 or worth <= value[1, i]:
                continue
            if worth > value[0, i]:
                near[1, i], value[1, i] = near[0, i], value[0, i]
                near[0, i], value[0, i] = open_slot, worth
            else:
                near[1, i], value[1, i] = open_slot, worth


@njit(cache=True, nogil=True)
def _exchange(
    first: Starts, place: Rows, by_demand: FloatArray, start: Starts, demand: Rows, by_place: FloatArray,
    low: int, high: int, here: Rows, slot: Rows, near: NDArray[np.int32], value: FloatArray, least: float,
) -> int:  # fmt: skip
    """Try the places ``low`` to ``high`` in the stead of the open one whose loss is least; return how many came."""
    count = len(here)
    lost = np.empty(count)
    alone = np.zeros(count)
    for i in range(near.shape[1]):
        if near[0, i] >= 0:
            alone[near[0, i]] += value[0, i] - value[1, i]
    changed = 0
    for coming in range(low, high):
        if slot[coming] >= 0:
            continue
        lost[:] = alone
        gain = 0.0
        for at in range(start[coming], start[coming + 1]):
            i, worth = demand[at], by_place[at]
            gain += max(0.0, worth - value[0, i])
            if near[0, i] >= 0:  # what the newcomer gives softens the loss of the one who goes
                lost[near[0, i]] -= max(0.0, min(worth, value[0, i]) - value[1, i])
        goes = int(np.argmin(lost))
        if gain - lost[goes] <= least:
            continue
        going = here[goes]
        here[goes], slot[going], slot[coming] = coming, -1, goes
        _survey(first, place, by_demand, demand[start[going] : start[going + 1]], slot, near, value)
        _survey(first, place, by_demand, demand[start[coming] : start[coming + 1]], slot, near, value)
        alone[:] = 0.0
        for i in range(near.shape[1]):
            if near[0, i] >= 0:
                alone[near[0, i]] += value[0, i] - value[1, i]
        changed += 1
    return changed
