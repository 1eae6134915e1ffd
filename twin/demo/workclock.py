"""The clock of working time: 08:30-12:00 and 13:30-17:30 on work days in China."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from twin.demo.plan import LOCAL_OFFSET_S, NOW
from twin.geo import FloatArray

DAY_S = 86_400
WINDOWS_S = ((8.5 * 3600, 12 * 3600), (13.5 * 3600, 17.5 * 3600))
WORK_DAY_S = sum(end - start for start, end in WINDOWS_S)

HOLIDAYS = frozenset((datetime(2026, month, day, tzinfo=UTC)) for month, day in ((9, 25), *((10, day) for day in range(1, 8))))
"""Mid-Autumn and National Day 2026; make-up work days are left out because they are decreed year by year."""

_REST = 1e-9  # outside working time the clock creeps, so that it can be read backwards


class WorkClock:
    """Converts between UTC seconds and working seconds since the first day."""

    def __init__(self, days_before: int = 100, days_after: int = 120) -> None:
        first = (int(NOW.timestamp()) + LOCAL_OFFSET_S) // DAY_S - days_before
        at, worked = [0.0], [0.0]
        for day in range(days_before + days_after):
            for start, end in WINDOWS_S if _is_work_day(first + day) else ():
                for moment, gained in ((day * DAY_S + start, 0.0), (day * DAY_S + end, end - start)):
                    worked.append(worked[-1] + (gained or _REST * (moment - at[-1])))
                    at.append(moment)
        self._at = np.array(at) + first * DAY_S - LOCAL_OFFSET_S
        self._worked = np.array(worked)

    def later(self, at_s: FloatArray, work_s: FloatArray) -> FloatArray:
        """Return when so much working time has passed."""
        return np.asarray(np.interp(np.interp(at_s, self._at, self._worked) + work_s, self._worked, self._at))

    def close_of_day(self, at_s: FloatArray, days: FloatArray) -> FloatArray:
        """Return the end of the n-th full work day after a time."""
        worked = np.interp(at_s, self._at, self._worked)
        return np.asarray(np.interp(np.ceil(worked / WORK_DAY_S + days - 1e-6) * WORK_DAY_S, self._worked, self._at))

    def due(self, at_s: FloatArray, limit: FloatArray, kind: NDArray[np.object_]) -> FloatArray:
        """Return the deadline for limits of the four kinds, from the time at which each began."""
        by_kind = {
            "urgent_hour": at_s + limit * 3600,
            "work_hour": self.later(at_s, limit * 3600),
            "work_day": self.close_of_day(at_s, limit),
            "natural_day": at_s + limit * DAY_S,
        }
        return np.select([kind == name for name in by_kind], list(by_kind.values()))


def _is_work_day(day: int) -> bool:
    """Whether people work on a local day, counted from 1970-01-01 (a Thursday)."""
    return (day + 3) % 7 < 5 and datetime.fromtimestamp(day * DAY_S, UTC) not in HOLIDAYS
