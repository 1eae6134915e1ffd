"""How fast bins fill: a zero-inflated Gamma day per bin, from readings where there are enough, else assumed.

A bin's day brings nothing with the probability of its kind; else an amount that is Gamma distributed.
The mean of a bin is shrunk to the mean of its zone (kind and H3 cell), that of the zone to its kind:
three years of real bins gave no better forecast to anything heavier.
"""

from __future__ import annotations

from dataclasses import dataclass

import h3
import numpy as np
from numpy.typing import NDArray

from sim.cleanup.draws import uniform, words_of
from sim.cleanup.readings import Rises, daily_rises
from twin.geo import FloatArray
from twin.model.places import WASTE_KINDS
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

IntArray = NDArray[np.int32]

ZONE_RESOLUTION = 8
BIN_WEIGHT_DAYS = 7.0
"""The zone's mean counts like this many days of a bin's own readings."""
ZONE_WEIGHT_DAYS = 60.0
LOW_BEGINNING = 0.25
"""The shape is fitted from days that begin so low that hardly any ends full."""
NOTHING = 0.02
"""A day on which the level rises by less brought nothing: sensors err by about a hundredth."""
ENOUGH_DAYS = 30.0
"""Days of readings of a waste kind from which its numbers are fitted."""

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

    ``mean_l`` ``(bins,)`` per day over a week; by waste kind: ``zero`` ``(kinds,)`` share of days without
    waste, ``shape`` ``(kinds,)`` of the Gamma amounts, ``weekday`` ``(kinds, 7)`` factors with mean 1,
    Monday first. ``start_l`` ``(bins,)`` is in the bins at the beginning, NaN where unknown.
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
    kinds = len(WASTE_KINDS)
    zero, shape = np.full(kinds, ASSUMED_ZERO), np.full(kinds, ASSUMED_SHAPE)
    weekday = np.tile(np.array(ASSUMED_WEEKDAY) / np.mean(ASSUMED_WEEKDAY), (kinds, 1))
    share = _assumed_shares(frame.ids, waste)
    yield Progress("Reading fill levels")
    rises = daily_rises(base)
    yield Progress("Fitting fill rates")
    zone = _zones(base)
    fitted, assumed = [], []
    for kind in np.unique(waste).tolist():
        yield Progress("Fitting fill rates")
        rows = rises.of_bins(np.flatnonzero(waste == kind))
        if rows.days.sum() < ENOUGH_DAYS:
            assumed.append(WASTE_KINDS[kind])
            continue
        fitted.append(WASTE_KINDS[kind])
        members = waste == kind
        means = _shrunk_means(rows, zone, len(frame))
        share[members] = means[members]
        zero[kind], shape[kind], weekday[kind] = _day_shape(rows, means)
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


def _zones(base: Snapshot) -> NDArray[np.intp]:
    """Return the number of the H3 cell of each bin."""
    lon_lat = base.projection.to_lon_lat(base["bin"].xy)
    cells = [h3.latlng_to_cell(lat, lon, ZONE_RESOLUTION) for lon, lat in lon_lat.tolist()]
    return np.asarray(np.unique(cells, return_inverse=True)[1], dtype=np.intp)


def _shrunk_means(rows: Rises, zone: NDArray[np.intp], bin_count: int) -> FloatArray:
    """Return the mean rise per day of each bin, shrunk to its zone; a bin without readings has its zone's."""
    kind_mean = max(float(rows.rise.sum() / rows.days.sum()), 1e-4)
    zone_rise = np.bincount(zone[rows.bin], rows.rise, zone.max() + 1)
    zone_days = np.bincount(zone[rows.bin], rows.days, zone.max() + 1)
    zone_mean = (zone_rise + ZONE_WEIGHT_DAYS * kind_mean) / (zone_days + ZONE_WEIGHT_DAYS)
    rise = np.bincount(rows.bin, rows.rise, bin_count)
    days = np.bincount(rows.bin, rows.days, bin_count)
    means = (rise + BIN_WEIGHT_DAYS * zone_mean[zone]) / (days + BIN_WEIGHT_DAYS)
    return np.asarray(np.maximum(means, 1e-4))


def _day_shape(rows: Rises, means: FloatArray) -> tuple[float, float, FloatArray]:
    """Return the share of empty days, the Gamma shape of the others and the weekday factors of one kind."""
    single = (rows.days > 0.6) & (rows.days < 1.5) & (rows.beginning <= LOW_BEGINNING)
    assumed = np.array(ASSUMED_WEEKDAY) / np.mean(ASSUMED_WEEKDAY)
    if single.sum() < ENOUGH_DAYS:
        return ASSUMED_ZERO, ASSUMED_SHAPE, assumed
    ratio = rows.rise[single] / rows.days[single] / means[rows.bin[single]]
    seen = np.bincount(rows.weekday[single], minlength=7)
    factor = (np.bincount(rows.weekday[single], ratio, 7) + ENOUGH_DAYS) / (seen + ENOUGH_DAYS)
    factor = np.maximum(factor, 0.05)
    factor /= factor.mean()
    ratio = ratio / factor[rows.weekday[single]]
    zero = float(np.clip((rows.rise[single] < NOTHING).mean(), 0.0, 0.95))
    amounts = ratio[rows.rise[single] >= NOTHING]
    spread = float(np.var(amounts) / np.mean(amounts) ** 2) if len(amounts) > 1 else 1.0 / ASSUMED_SHAPE
    return zero, float(np.clip(1.0 / max(spread, 1e-6), 0.2, 50.0)), factor
