"""Rises between fill readings, without what a reading cannot tell: full bins and unseen emptyings.

A sensor cannot tell how much came once its bin is full: a rise that ends full is a lower bound. Whether it is depends
on the level at which the day began and on what came, so the fit must know the bound and may leave no such day out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

FULL = 0.995
"""A reading from here on says full, and no more."""
NOISE = 0.1
"""A fall by more than this is an emptying that nobody recorded: left out. A smaller one is noise of the sensor."""
LONGEST_DAYS = 14.0
ROWS_AT_ONCE = 200_000
MESSAGE = "Reading fill levels"


@dataclass(frozen=True, eq=False)
class Rises:
    """Rises of fill level, one row per bin and day (or longer gap).

    ``bin`` row, ``rise`` (share of the capacity that came, at least that much where ``is_bound``), ``days`` covered,
    weekday (Monday 0) and ``age_days`` before the last reading of all.
    """

    bin: NDArray[np.intp]
    rise: FloatArray
    is_bound: NDArray[np.bool_]
    days: FloatArray
    weekday: NDArray[np.intp]
    age_days: FloatArray
    reading_count: int

    def of_bins(self, bins: NDArray[np.intp]) -> Rises:
        """Return the rises of some bins."""
        keep = np.isin(self.bin, bins)
        columns = {name: column[keep] for name, column in vars(self).items() if name != "reading_count"}
        return Rises(**columns, reading_count=self.reading_count)


def daily_rises(base: Snapshot) -> Task[Rises]:
    """Return the rises between neighbouring readings of each bin, readings within a day taken together.

    Days that begin full and gaps with an emptying that was not recorded are left out: neither choice depends on what
    came. After a recorded emptying the bin starts from 0.
    """
    history = base.histories.get("fill_reading", {})
    bins = yield from _rows(base["bin"], history.get("subject_id", np.empty(0, object)))
    known = np.flatnonzero(bins >= 0)
    if not len(known):
        nothing = np.empty(0)
        return _by_day(np.empty(0, np.intp), nothing, nothing > 0, nothing, np.empty(0, np.int64), 0)
    at_s = history["at"][known].astype("datetime64[s]").astype(np.int64)
    yield Progress(MESSAGE)
    order = np.lexsort((at_s, bins[known]))
    rows, bins, at_s = known[order], bins[known][order], at_s[order]
    yield Progress(MESSAGE)
    level = history["fill_level"][rows].astype(np.float64)
    start = np.where(history["emptied"][rows].astype(bool), 0.0, level)[:-1]
    days = np.diff(at_s) / 86400.0
    rise = level[1:] - start
    usable = (bins[1:] == bins[:-1]) & (days > 0) & (days <= LONGEST_DAYS) & (rise > -NOISE) & (start < FULL)
    middle_s = at_s[:-1][usable] + np.diff(at_s)[usable] // 2
    is_bound = (level[1:] >= FULL)[usable]
    return _by_day(bins[1:][usable], rise[usable], is_bound, days[usable], middle_s // 86400, len(rows))


def _rows(bins: Frame, subjects: NDArray[np.object_]) -> Task[NDArray[np.intp]]:
    """Return the row of the bin of each reading, -1 where there is no such bin."""
    row_of = bins.row_of
    rows = np.full(len(subjects), -1, np.intp)
    for start in range(0, len(subjects), ROWS_AT_ONCE):
        part = subjects[start : start + ROWS_AT_ONCE].tolist()
        rows[start : start + len(part)] = [row_of.get(key, -1) for key in part]
        yield Progress(MESSAGE, start, len(subjects))
    return rows


def _by_day(
    bins: NDArray[np.intp],
    rise: FloatArray,
    is_bound: NDArray[np.bool_],
    days: FloatArray,
    day: NDArray[np.int64],
    reading_count: int,
) -> Rises:
    """Add up the rises of each bin and day."""
    first_day, last_day = (int(day.min()), int(day.max())) if len(day) else (0, 0)
    key = bins.astype(np.int64) * (last_day - first_day + 1) + (day - first_day)
    distinct, first, group = np.unique(key, return_index=True, return_inverse=True)
    count = len(distinct)
    return Rises(
        bins[first],
        np.bincount(group, rise, count).astype(np.float64),
        np.bincount(group, is_bound, count) > 0,
        np.bincount(group, days, count).astype(np.float64),
        ((day[first] + 3) % 7).astype(np.intp),  # 1 January 1970 was a Thursday
        (last_day - day[first]).astype(np.float64),
        reading_count,
    )
