"""Thirty days of fill levels: what people throw away, the rounds that empty bins, and sensors that err.

Increments are zero-inflated Gamma, per bin around the mean of its zone and kind, with a factor for the
weekday. Shapes follow three years of real bins (City of Wyndham): most days of many bins bring nothing,
Saturdays less than Thursdays, coefficient of variation above one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.demo.bins import Bins
from twin.demo.plan import LOCAL_OFFSET_S, NOW, generator
from twin.demo.zones import ZONES
from twin.geo import FloatArray

DAYS = 30
NOISE = 0.012
"""Standard deviation of a sensor's error, in fill level."""

DEAD_SHARE = 0.025
WEEKDAY = np.array([0.98, 1.0, 1.02, 1.1, 1.08, 0.86, 0.96])
"""Factor of each weekday from Monday on."""

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Habit:
    """How a kind of bin fills and is emptied: mean per day, share of days with nothing, shape, days between rounds."""

    mean: float
    zero_share: float
    shape: float
    period_days: int


HABITS = {
    "residual": Habit(0.205, 0.10, 1.6, 3),
    "food": Habit(0.235, 0.12, 1.6, 2),
    "recyclable": Habit(0.11, 0.38, 1.0, 5),
    "hazardous": Habit(0.028, 0.82, 0.8, 14),
    "litter": Habit(0.165, 0.30, 1.1, 3),
}


@dataclass(frozen=True)
class FillHistory:
    """Readings in order of bin and time: row number of the bin, UTC second, level, whether it was emptied then."""

    bin: NDArray[np.int_]
    at_s: NDArray[np.int64]
    level: FloatArray
    emptied: NDArray[np.bool_]

    def newest(self, count: int) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
        """Return the row of the newest reading of each of ``count`` bins, and which bins have any."""
        last = np.searchsorted(self.bin, np.arange(count), side="right") - 1
        has = (last >= 0) & (self.bin[np.maximum(last, 0)] == np.arange(count))
        return last, has


def draw_fill(bins: Bins, district: NDArray[np.int_], seed: int) -> FillHistory:
    """Let the bins fill and be emptied for 30 days up to the demo city's present."""
    rng = generator(seed, "fill")
    n = len(bins)
    habit = [HABITS[kind] for kind in bins.kind]
    mean = np.array([h.mean for h in habit]) * np.array([ZONES[zone].waste for zone in bins.zone]) * rng.gamma(6.0, 1 / 6.0, n)
    zero, shape = np.array([h.zero_share for h in habit]), np.array([h.shape for h in habit])
    start_s = (int(NOW.timestamp()) + LOCAL_OFFSET_S) // DAY_S * DAY_S - LOCAL_OFFSET_S - (DAYS - 1) * DAY_S
    minute = rng.integers(0, 90, n)
    level = rng.uniform(0.0, 0.5, n)
    rounds = _Rounds(bins, district, rng)
    blocks = []
    for day in range(DAYS):
        midnight_s = start_s + day * DAY_S
        increment = mean * WEEKDAY[_weekday(midnight_s)] / (1 - zero) * rng.gamma(shape) / shape * (rng.random(n) >= zero)
        level = np.minimum(level + increment, 1.45)
        blocks.append(_readings(np.arange(n), midnight_s + 5 * 3600 + minute * 60, level, rng, emptied=False))
        emptied = rounds.of_day(day, level, rng)
        rows = np.flatnonzero(emptied)
        level = np.minimum(level, 1.45)
        blocks.append(
            _readings(rows, midnight_s + rounds.hour_s[rows] + rng.integers(0, 5400, len(rows)), level[rows], rng, emptied=True)
        )
        level = np.where(emptied, 0.0, level)
    return _recorded(blocks, n, rng)


class _Rounds:
    """Which bins are emptied on which day: rounds of fixed days by district and kind, now and then missed."""

    def __init__(self, bins: Bins, district: NDArray[np.int_], rng: np.random.Generator) -> None:
        kinds = list(HABITS)
        self.period = np.array([HABITS[kind].period_days for kind in bins.kind])
        tour = district * len(kinds) + np.array([kinds.index(kind) for kind in bins.kind])
        side = (
            bins.xy[:, 0]
            > np.array([np.median(bins.xy[tour == t, 0]) for t in np.unique(tour)])[np.searchsorted(np.unique(tour), tour)]
        ).astype(int)
        self.phase = tour * 3 + side
        self.hour_s = 6 * 3600 + rng.integers(0, 6 * 3600, tour.max() + 1)[tour]

    def of_day(self, day: int, level: FloatArray, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Return who is emptied: the day's round less 4 % missed and near-empty bins passed by, and some calls."""
        due = (day + self.phase) % self.period == 0
        passed_by = (level < 0.12) & (rng.random(len(level)) < 0.55)
        called = (level > 1.15) & (rng.random(len(level)) < 0.35)
        return np.asarray((due & ~passed_by & (rng.random(len(level)) > 0.04)) | called)


def _weekday(midnight_s: int) -> int:
    """Return the weekday of a local midnight, Monday 0 (1970-01-01 was a Thursday)."""
    return ((midnight_s + LOCAL_OFFSET_S) // DAY_S + 3) % 7


Readings = tuple[NDArray[np.int_], NDArray[np.int64], FloatArray, NDArray[np.bool_]]


def _readings(
    rows: NDArray[np.int_], at_s: NDArray[np.int_], level: FloatArray, rng: np.random.Generator, *, emptied: bool
) -> Readings:
    seen = np.clip(np.round(level + rng.normal(0, NOISE, len(rows)), 3), 0.0, 1.5)
    return rows, at_s.astype(np.int64), seen, np.full(len(rows), emptied)


def _recorded(blocks: list[Readings], count: int, rng: np.random.Generator) -> FillHistory:
    """Sort readings by bin and time; drop what is still to come, what dead sensors missed and 1 % of all."""
    bin_row, at_s, level, emptied = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    now_s = int(NOW.timestamp())
    dies_s = np.where(rng.random(count) < DEAD_SHARE, now_s - rng.integers(-DAY_S, 35 * DAY_S, count), now_s + 1)
    keep = (at_s <= now_s) & (at_s < dies_s[bin_row]) & (emptied | (rng.random(len(at_s)) > 0.01))
    order = np.flatnonzero(keep)[np.lexsort((at_s[keep], bin_row[keep]))]
    return FillHistory(bin_row[order], at_s[order], level[order], emptied[order])
