"""Which bins are due today, tomorrow or in two days, how likely they overflow by then, and why.

A bin is due on the first day whose rounds it must not miss: left until the next ones it would overflow with more than the
accepted probability, by what was last read of it and what has come since and will come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.fill import fit_fill
from sim.cleanup.increment import chance_within
from sim.cleanup.operation import Bins, bins_of, require_bins
from sim.cleanup.outlook import MOST_DAYS
from sim.cleanup.sensing import ASSUMED_START
from sim.cleanup.waste import Waste, prepare_waste
from twin.geo import FloatArray
from twin.model.edits import ScaleFill
from twin.model.frame import Frame
from twin.model.results import Measure, ResultTable
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

LATER = 3
"""Days until due of a bin that is not due within two days."""
STALE_DAYS = 2
"""A reading as old as this tells less of a bin than what is expected of it."""
RISK = 0.1
"""Probability of overflow from which a bin is due, where the scenario's policy accepts no other."""
BINS_AT_ONCE = 5000
REASONS = ("none", "fullness", "age", "alert")
"""Why a bin is due: what was read of it; nothing was read for long; it was read as full to the brim or beyond."""

MEASURES = (
    Measure(
        "due_days",
        "Due in",
        "d",
        worse="neither",
        bands=(0.5, 1.5, 2.5),
        definition="0: today, 1: tomorrow, 2: in two days, 3: later. Left one day longer, it would overflow with more than the accepted risk.",
    ),
    Measure(
        "due_reason",
        "Reason",
        worse="neither",
        bands=(0.5, 1.5, 2.5),
        definition="0: not due, 1: fullness, 2: age of the reading, 3: alert.",
    ),
    *(
        Measure(name, label, definition="Probability, if the bin is not emptied before, from the last reading and the fill rate.")
        for name, label in (
            ("overflow_today", "Overflow within 1 d"),
            ("overflow_tomorrow", "Overflow within 2 d"),
            ("overflow_in_two_days", "Overflow within 3 d"),
        )
    ),
    Measure(
        "full_days",
        "Time to full",
        "d",
        worse="lower",
        definition="Days until the waste that is expected fills the bin; 21 where it takes longer.",
    ),
)


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of bins ``(n,)`` today: litres last read, days gone since then, whether anything was read."""

    litres: FloatArray
    age_days: NDArray[np.intp]
    is_read: NDArray[np.bool_]


def due_of_city(base: Snapshot, scenario: Scenario, risk: float = RISK) -> Task[ResultTable]:
    """Return when the bins of a scenario are due, on its own: no roads are needed for it.

    Raises ``ScenarioError`` where there is no bin.
    """
    edited = scenario.apply(base)
    require_bins(base, edited)
    model = yield from fit_fill(base)
    frame = edited["bin"]
    count = len(frame)
    bins = bins_of(frame, np.zeros(count, np.int32), np.ones(count, bool))
    weekday = base.at.weekday() if base.at is not None else 0
    waste = prepare_waste(model, base["bin"], bins, events=scenario.edits_of(ScaleFill), first_weekday=weekday)
    yield Progress("Fitting fill rates")
    columns = yield from due_columns(base, frame, bins, waste, risk)
    return ResultTable("bin", bins.ids, columns, MEASURES)


def due_columns(base: Snapshot, frame: Frame, bins: Bins, waste: Waste, risk: float) -> Task[Mapping[str, FloatArray]]:
    """Return the columns of ``MEASURES`` for the bins of a frame."""
    known, expected = _known(base, frame), expected_days(waste)
    chances = np.empty((LATER, len(bins.ids)))
    for days in range(LATER):
        chances[days] = yield from overflow_chance(waste, bins, known, expected, days + 1)
    due = np.full(len(bins.ids), float(LATER))
    for days in reversed(range(LATER)):
        due[chances[days] > risk] = days
    level = known.litres / bins.capacity_l
    stale = ~known.is_read | ((known.age_days >= STALE_DAYS) & (level < frame["full_threshold"]))
    reason = np.select([due == LATER, known.is_read & (level >= 1.0), stale], [0.0, 3.0, 2.0], 1.0)
    held_l = known.litres + _unseen(known, expected)
    is_full = held_l + np.cumsum(expected[MOST_DAYS:], axis=0) >= bins.capacity_l
    full = np.where(is_full.any(axis=0), is_full.argmax(axis=0) + 1.0, MOST_DAYS)
    return dict(zip((measure.name for measure in MEASURES), (due, reason, *chances, full), strict=True))


def overflow_chance(waste: Waste, bins: Bins, known: Known, expected: FloatArray, days: int) -> Task[FloatArray]:
    """Return the probability ``(n,)`` that a bin holds more than its capacity within some days from this morning on.

    ``expected`` is what ``expected_days`` returns.
    """
    ahead_l = expected[MOST_DAYS : MOST_DAYS + days].sum(axis=0)
    total_l = np.maximum(_unseen(known, expected) + ahead_l, 1e-9)
    shape, zero = waste.model.shape[bins.waste], waste.zero()
    span = np.minimum(known.age_days + days, MOST_DAYS)
    room = (bins.capacity_l - known.litres) / total_l * span  # in mean days
    chance = np.empty(len(room))
    for count in np.unique(span).tolist():
        same = np.flatnonzero(span == count)
        for start in range(0, len(same), BINS_AT_ONCE):
            rows = same[start : start + BINS_AT_ONCE]
            chance[rows] = 1.0 - chance_within(room[rows], count, np.ones(len(rows)), zero[rows], shape[rows])
            yield Progress("Finding the bins that are due")
    return chance


def expected_days(waste: Waste) -> FloatArray:
    """Return the litres ``(2 MOST_DAYS, n)`` that are expected on each day, from ``MOST_DAYS`` ago on."""
    return np.stack([waste.expected_l(day) for day in range(-MOST_DAYS, MOST_DAYS)])


def _unseen(known: Known, expected: FloatArray) -> FloatArray:
    """Return what is expected ``(n,)`` to have come since the last reading."""
    since = np.cumsum(expected[:MOST_DAYS][::-1], axis=0)
    return np.where(known.age_days > 0, since[known.age_days - 1, np.arange(since.shape[1])], 0.0)


def _known(base: Snapshot, frame: Frame) -> Known:
    """Return what was last read; of bins without a reading nothing but what is usual."""
    level = frame["fill_level"].astype(np.float64)
    is_read = ~np.isnan(level)
    capacity_l = frame["capacity_l"].astype(np.float64)
    age = np.zeros(len(level), np.intp)
    observed = frame.columns.get("fill_observed_at")
    if observed is not None and base.at is not None:
        now = np.datetime64(base.at.replace(tzinfo=None), "s")
        observed = observed.astype("datetime64[s]")
        seen = is_read & ~np.isnat(observed)
        gone_s = (now - observed[seen]).astype(np.int64)
        age[seen] = np.clip(gone_s // 86_400, 0, MOST_DAYS)
    return Known(np.where(is_read, level, ASSUMED_START) * capacity_l, age, is_read)
