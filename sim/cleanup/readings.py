"""Rises between fill readings, without what a reading cannot tell: full bins and unseen emptyings.

A sensor cannot tell how much came once its bin is full. Leaving out the days that end full would leave
out the days on which much came, so days are chosen by how they *begin*: only those that begin at most
half full count. What then still ends full counts with what was seen of it, a little too low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geo import FloatArray
from twin.model.snapshot import Snapshot

HIGHEST_BEGINNING = 0.5
"""Days that begin fuller are left out, whatever comes then: the choice does not depend on what came."""
NOISE = 0.05
"""A fall by more than this is an emptying that nobody recorded: left out. A smaller one is noise of the sensor."""
LONGEST_DAYS = 14.0


@dataclass(frozen=True, eq=False)
class Rises:
    """Rises of fill level, one row per bin and day (or longer gap).

    ``bin`` row, level at the ``beginning``, ``rise`` (share of the capacity that came), ``days`` covered, weekday.
    """

    bin: NDArray[np.intp]
    beginning: FloatArray
    rise: FloatArray
    days: FloatArray
    weekday: NDArray[np.intp]
    reading_count: int

    def of_bins(self, bins: NDArray[np.intp]) -> Rises:
        """Return the rises of some bins."""
        keep = np.isin(self.bin, bins)
        return Rises(
            self.bin[keep], self.beginning[keep], self.rise[keep], self.days[keep], self.weekday[keep], self.reading_count
        )


def daily_rises(base: Snapshot) -> Rises:
    """Return the rises between neighbouring readings of each bin, readings within a day taken together.

    Days that begin more than half full and gaps with an emptying that was not recorded are left out;
    after a recorded emptying the bin starts from 0.
    """
    history = base.histories.get("fill_reading", {})
    subject = history.get("subject_id", np.empty(0, object))
    row_of = base["bin"].row_of
    bins = np.array([row_of.get(key, -1) for key in subject.tolist()], dtype=np.intp)
    known = np.flatnonzero(bins >= 0)
    if not len(known):
        empty = np.empty(0)
        return Rises(np.empty(0, np.intp), empty, empty, empty, np.empty(0, np.intp), 0)
    at_s = history["at"][known].astype("datetime64[s]").astype(np.int64)
    order = np.lexsort((at_s, bins[known]))
    rows, bins, at_s = known[order], bins[known][order], at_s[order]
    level = history["fill_level"][rows].astype(np.float64)
    start = np.where(history["emptied"][rows].astype(bool), 0.0, level)[:-1]
    days = np.diff(at_s) / 86400.0
    rise = level[1:] - start
    usable = (bins[1:] == bins[:-1]) & (days > 0) & (days <= LONGEST_DAYS) & (rise > -NOISE)
    middle_s = at_s[:-1][usable] + np.diff(at_s)[usable] // 2
    found = _by_day(bins[1:][usable], rise[usable], days[usable], middle_s // 86400, start[usable])
    return Rises(*found, len(rows))


def _by_day(
    bins: NDArray[np.intp], rise: FloatArray, days: FloatArray, day: NDArray[np.int64], start: FloatArray
) -> tuple[NDArray[np.intp], FloatArray, FloatArray, FloatArray, NDArray[np.intp]]:
    """Add up the rises of each bin and day whose first rise begins low; return the columns of ``Rises``."""
    if not len(bins):
        return bins, start, rise, days, np.empty(0, np.intp)
    key = bins * 1_000_000 + (day - day.min())
    distinct, first, group = np.unique(key, return_index=True, return_inverse=True)
    keep = start[first] <= HIGHEST_BEGINNING
    weekday = (day[first] + 3) % 7  # 1 January 1970 was a Thursday
    return (
        bins[first][keep],
        start[first][keep],
        np.bincount(group, rise, len(distinct)).astype(np.float64)[keep],
        np.bincount(group, days, len(distinct)).astype(np.float64)[keep],
        weekday.astype(np.intp)[keep],
    )
