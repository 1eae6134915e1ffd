"""Weekdays as a planner would set them who knows how fast bins fill on average, and nothing of today.

A bin gets as many days a week as keep it below a fill level on average, evenly spread; neighbours get the same days, so that
rounds stay together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.geo import FloatArray
from twin.model.edits import SetCollectionDays
from twin.model.edits.collection import DAYS

PATTERNS: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((0,), (1,), (2,), (3,), (4,), (5,)),
    ((0, 3), (1, 4), (2, 5)),
    ((0, 2, 4), (1, 3, 5)),
    ((0, 1, 2, 3, 4, 5),),
    ((0, 1, 2, 3, 4, 5, 6),),
)
"""Weekdays (Monday 0) of one, two, three, six and seven visits a week, with the areas that take turns."""


def own_days(
    ids: NDArray[np.object_], capacity_l: FloatArray, week_l: FloatArray, position: FloatArray, level: float
) -> tuple[SetCollectionDays, ...]:
    """Return the edits that give each bin its days.

    ``week_l`` ``(n,)`` is what comes in a week; ``position`` ``(n,)`` (0-1) goes along a curve through the city; visits are so
    many that a bin is ``level`` full on average when the longest gap between them ends.
    """
    per_day = week_l / 7.0 / capacity_l
    edits = []
    longest = np.array([max(_gaps(pattern[0])) for pattern in PATTERNS])
    reached = per_day[:, None] * longest
    visits = np.where((reached <= level).any(axis=1), (reached <= level).argmax(axis=1), len(PATTERNS) - 1)
    for number, areas in enumerate(PATTERNS):
        area = np.minimum((position * len(areas)).astype(np.intp), len(areas) - 1)
        for turn, days in enumerate(areas):
            members = np.flatnonzero((visits == number) & (area == turn))
            if len(members):
                marks = {name: day in days for day, name in enumerate(DAYS)}
                edits.append(SetCollectionDays(target_ids=tuple(ids[members].tolist()), **marks))
    return tuple(edits)


def _gaps(days: tuple[int, ...]) -> list[int]:
    """Return the days between visits, over the end of the week, too."""
    return [after - before for before, after in zip(days, (*days[1:], days[0] + 7), strict=True)]
