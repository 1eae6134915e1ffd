"""Counted traffic as a table of days and hours, one sheet for each station and direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import ScenarioError

Floats = NDArray[np.float64]
HOURS, HOUR_S, DAY_S, WEEK = 24, 3600, 86_400, 7
THURSDAY = 3
"""Day of the week, from Monday 0, of 1 January 1970."""
FEWEST_DAYS = 4
"""Counted days without which nothing can be learned and tried out."""


@dataclass(frozen=True, eq=False)
class Series:
    """Vehicles per hour of ``s`` series on ``d`` days: ``vph (s, d, 24)``, NaN where nothing was counted.

    ``station (s,)`` is the key of the count station and ``direction (s,)`` its direction. ``day (d,)`` are days since
    1 January 1970 (UTC), rising; ``weekday (d,)`` counts from Monday 0. Where no two counted days follow each other (typical days
    of several years) a weekday means nothing and all are 0.
    """

    station: NDArray[np.object_]
    direction: NDArray[np.object_]
    day: NDArray[np.int64]
    weekday: NDArray[np.int64]
    vph: Floats

    @property
    def has_week(self) -> bool:
        """Whether days follow each other, so that a weekday means something."""
        return bool((np.diff(self.day) == 1).any())

    def until(self, day_count: int) -> Series:
        """Return the first days alone."""
        return Series(self.station, self.direction, self.day[:day_count], self.weekday[:day_count], self.vph[:, :day_count])

    @property
    def newest(self) -> tuple[int, int]:
        """Row of the newest day with a count, and its newest hour."""
        counted = np.isfinite(self.vph).any(axis=0)
        day, hour = np.argwhere(counted)[-1].tolist()
        return day, hour


def series_of(columns: Mapping[str, NDArray[Any]] | None, until: np.datetime64 | None = None) -> Series:
    """Return the hours that were counted whole, in one piece or in parts, before ``until``.

    Raises ``ScenarioError`` when fewer than four days were counted.
    """
    if columns is None or not len(columns["at"]):
        raise _too_few(0)
    at = columns["at"].astype("datetime64[s]").astype(np.int64)
    good = np.isfinite(columns["total"]) & (columns["total"] >= 0.0) & (columns["duration_s"] <= HOUR_S)
    if until is not None:
        good &= at + columns["duration_s"] <= until.astype("datetime64[s]").astype(np.int64)
    at, total, lasted = at[good], columns["total"][good], columns["duration_s"][good]
    names = np.char.add(np.char.add(columns["subject_id"][good].astype(str), "\x1f"), columns["direction"][good].astype(str))
    keys, sheet = np.unique(names, return_inverse=True)
    days, row = np.unique(at // DAY_S, return_inverse=True)
    if len(days) < FEWEST_DAYS:
        raise _too_few(len(days))
    cell = (sheet * len(days) + row) * HOURS + at % DAY_S // HOUR_S
    size = len(keys) * len(days) * HOURS
    counted, seconds = np.bincount(cell, total, size), np.bincount(cell, lasted, size)
    vph = np.where(np.abs(seconds - HOUR_S) < 1.0, counted, np.nan).reshape(len(keys), len(days), HOURS)
    if not np.isfinite(vph).any():
        raise _too_few(0)
    parts = np.array([key.split("\x1f") for key in keys.tolist()], dtype=object)
    has_week = bool((np.diff(days) == 1).any())
    return Series(parts[:, 0], parts[:, 1], days, (days + THURSDAY) % WEEK if has_week else np.zeros(len(days), np.int64), vph)


def _too_few(days: int) -> ScenarioError:
    return ScenarioError(
        f"A forecast needs hourly counts of at least {FEWEST_DAYS} days; this city has {days}.",
        "Import counts of more days ('citytwin import WORKSPACE.twin FILE').",
    )
