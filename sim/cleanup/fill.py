"""How fast bins fill: a zero-inflated Gamma day per bin, from readings where there are enough, else assumed.

A bin's day brings nothing with a probability of its own; else an amount that is Gamma distributed. Its mean and its share
of empty days are shrunk to those of its zone (kind and H3 cell), the zone's to its kind's, and lean on the last weeks:
three years of real bins gave no better forecast to anything heavier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.cells import cells_of
from sim.cleanup.draws import uniform, words_of
from sim.cleanup.rates import Rates, enough, fit_rates
from sim.cleanup.readings import Rises, daily_rises
from twin.geo import FloatArray
from twin.model.places import WASTE_KINDS
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

IntArray = NDArray[np.int32]

ZONE_RESOLUTION = 8

# Share of the capacity per day: litter 0.135 is the mean of 31 real bins (Wyndham, 2018-2021); the others are
# assumptions that empty a bin of the usual size every three to five days.
ASSUMED_SHARE = {"residual": 0.2, "recyclable": 0.16, "food": 0.22, "hazardous": 0.03, "litter": 0.135}
ASSUMED_SPREAD = 0.5  # standard deviation of the logarithm between bins
ASSUMED_ZERO = 0.2
ASSUMED_SHAPE = 5.0 / 3.0  # with the zero share above the coefficient of variation of a day is 1
ASSUMED_WEEKDAY = (1.06, 1.06, 1.06, 1.06, 1.06, 0.85, 0.85)

# Bulk density in the bin, kg/L; assumed from common planning tables.
DENSITY_KG_L = {"residual": 0.12, "recyclable": 0.06, "food": 0.4, "hazardous": 0.2, "litter": 0.08}


@dataclass(frozen=True, eq=False)
class FillModel:
    """Litres that come into each bin of the base city.

    ``mean_l`` ``(bins,)`` per day over a week, ``zero`` ``(bins,)`` share of days without waste; by waste kind:
    ``shape`` ``(kinds,)`` of the Gamma amounts, ``weekday`` ``(kinds, 7)`` factors with mean 1, Monday first.
    ``start_l`` ``(bins,)`` is in the bins at the beginning, NaN where unknown.
    """

    mean_l: FloatArray
    waste: IntArray
    zero: FloatArray
    shape: FloatArray
    weekday: FloatArray
    start_l: FloatArray
    notes: tuple[str, ...]


def fit_fill(base: Snapshot) -> Task[FillModel]:
    """Fit the fill model of a city's bins from its readings; kinds with too few get documented assumptions."""
    frame = base["bin"]
    waste = np.array([WASTE_KINDS.index(kind) for kind in frame["waste_kind"].tolist()], dtype=np.int32)
    capacity_l = frame["capacity_l"].astype(np.float64)
    yield Progress("Fitting fill rates")
    share, zero = _assumed_shares(frame.ids, waste), np.full(len(frame), ASSUMED_ZERO)
    shape = np.full(len(WASTE_KINDS), ASSUMED_SHAPE)
    weekday = np.tile(np.array(ASSUMED_WEEKDAY) / np.mean(ASSUMED_WEEKDAY), (len(WASTE_KINDS), 1))
    yield Progress("Fitting fill rates")
    rises = yield from daily_rises(base)
    yield Progress("Fitting fill rates")
    zone = (yield from cells_of(base.projection, base["bin"].xy, ZONE_RESOLUTION, Progress("Fitting fill rates")))[1]
    fitted, assumed = [], []
    for kind in np.unique(waste).tolist():
        yield Progress("Fitting fill rates")
        members = waste == kind
        rows = rises.of_bins(np.flatnonzero(members))
        if not enough(rows):
            assumed.append(WASTE_KINDS[kind])
            continue
        fitted.append(WASTE_KINDS[kind])
        rates: Rates = yield from fit_rates(rows, zone)
        share[members], zero[members] = rates.mean[members], rates.zero[members]
        shape[kind], weekday[kind] = rates.shape, rates.weekday
    start_l = frame["fill_level"].astype(np.float64) * capacity_l
    return FillModel(share * capacity_l, waste, zero, shape, weekday, start_l, _notes(fitted, assumed, rises))


def _notes(fitted: list[str], assumed: list[str], rises: Rises) -> tuple[str, ...]:
    notes = []
    if fitted:
        notes.append(f"Fill rates of {', '.join(fitted)} are fitted to {rises.reading_count} readings.")
    if assumed:
        notes.append(f"Fill rates are assumed for {', '.join(assumed)}: there are too few readings.")
    return tuple(notes)


def _assumed_shares(ids: NDArray[np.object_], waste: IntArray) -> FloatArray:
    """Return a share of the capacity per day for each bin, spread between bins but the same in every run."""
    from scipy.special import ndtri

    typical = np.array([ASSUMED_SHARE[kind] for kind in WASTE_KINDS])[waste]
    normal = ndtri(uniform(words_of(ids), np.uint64(0)))
    return np.asarray(typical * np.exp(ASSUMED_SPREAD * normal - ASSUMED_SPREAD**2 / 2))
