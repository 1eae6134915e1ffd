"""The day of a city's trips: how they spread over its 24 hours, and when they lead away from home.

The built-in days are those of Helsinki: vehicles of 57 places counted in 2011-2016 (City of Helsinki,
Liikennemäärät Helsingissä, CC BY 4.0), each hour's share of the whole day. Towards the centre went
42-66 % of them; with 68 % of the trips that lead away from home going that way, and 32 % of those that lead
home, this tells how many of each hour's trips lead away from home: 79 % at 8, 30 % at 16.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from twin.errors import ScenarioError
from twin.model.snapshot import Snapshot

HOURS = 24
HOUR_S = 3600.0
DEGREES_PER_HOUR = 15.0
ALIKE = 0.97
"""Likeness to the built-in day, as a part of the best one, that is enough."""
DAYS_OF_WEEK, SATURDAY = 7, 5
THURSDAY = 3
"""Day of the week, from Monday 0, of 1 January 1970."""

_CARS = (
    6.1, 4.0, 3.0, 2.8, 4.0, 11.7, 42.8, 75.1, 82.4, 56.2, 43.5, 46.6,
    48.5, 50.5, 59.2, 84.9, 93.1, 78.7, 61.0, 47.3, 40.3, 29.9, 17.9, 10.8,
)  # fmt: skip
_INWARD = (
    0.465, 0.451, 0.468, 0.463, 0.512, 0.604, 0.657, 0.624, 0.604, 0.585, 0.518, 0.507,
    0.498, 0.473, 0.443, 0.415, 0.429, 0.443, 0.461, 0.463, 0.462, 0.435, 0.438, 0.466,
)  # fmt: skip
"""Share of the cars of each hour that went towards the centre."""
_INWARD_FROM_HOME = 0.68


@dataclass(frozen=True, eq=False)
class Profile:
    """A day of trips by local time.

    ``shares (24,)`` of the day's trips begin in each hour, evenly within it; ``outward (24,)`` of an hour's
    trips lead away from home, 0-1. ``shift_h`` hours must be added to the hour (UTC) of a count to get the
    local one.
    """

    shares: Floats
    outward: Floats
    shift_h: int = 0

    def __post_init__(self) -> None:
        """Refuse a day that is none, and make its shares sum to 1."""
        for numbers in (self.shares, self.outward):
            if numbers.shape != (HOURS,) or not np.all(np.isfinite(numbers)) or numbers.min() < 0.0:
                raise ScenarioError("A profile of the day is not 24 numbers of 0 or more.", "Give one number for each hour.")
        if self.shares.sum() <= 0.0 or self.outward.max() > 1.0:
            raise ScenarioError("A profile of the day has no trips, or more than all lead away from home.", "Correct it.")
        object.__setattr__(self, "shares", self.shares / self.shares.sum())

    @property
    def peak_hour(self) -> int:
        """The busiest hour, 0-23."""
        return int(np.argmax(self.shares))

    def turned(self, trips: Floats, hour: int, other_hour: int) -> Floats:
        """Return the trips ``(z, z)`` of an hour as those of another one: as many as then, and led home as then.

        Those who went from i to j in the morning come back from j to i: the matrix is mixed with its transpose
        so that the share that leads away from home becomes that of the other hour, as far as it can.
        """
        here, there = float(self.outward[hour]), float(self.outward[other_hour])
        kept = float(np.clip((there - (1.0 - here)) / (2.0 * here - 1.0), 0.0, 1.0)) if abs(2.0 * here - 1.0) > 0.05 else 1.0
        scale = float(self.shares[other_hour] / self.shares[hour])
        return np.asarray(scale * (kept * trips + (1.0 - kept) * trips.T))


CARS = Profile(np.array(_CARS), (np.array(_INWARD) - (1.0 - _INWARD_FROM_HOME)) / (2.0 * _INWARD_FROM_HOME - 1.0))
"""A working day of cars."""


def city_profile(snapshot: Snapshot) -> tuple[Profile, bool]:
    """Return the day of a city's trips, and whether its own counts told it; else it is the built-in one.

    Counts are stored by UTC, and a city does not say its local time: it is that of its longitude where the counted
    day is then much like the built-in one, else the one in which it is most like it (files often tell local time).
    """
    counted = _counted(snapshot)
    if counted is None:
        return CARS, False
    likeness = {hours: float(np.roll(counted, hours) @ CARS.shares) for hours in range(-HOURS // 2, HOURS // 2)}
    shift, solar = max(likeness, key=likeness.__getitem__), round(snapshot.projection.lon / DEGREES_PER_HOUR)
    if likeness.get(solar, 0.0) >= ALIKE * likeness[shift]:
        shift = solar
    return replace(CARS, shares=np.roll(counted, shift), shift_h=shift), True


def chosen_hour(snapshot: Snapshot, profile: Profile, asked: int) -> int:
    """Return the local hour asked for, 0-23; for -1 the busiest one counted, or that of the profile without counts."""
    if asked >= 0:
        return asked
    total, duration_s = _by_hour(snapshot)
    flow = np.divide(total, duration_s, out=np.zeros(HOURS), where=duration_s > 0.0)
    return (int(np.argmax(flow)) + profile.shift_h) % HOURS if flow.any() else profile.peak_hour


def _counted(snapshot: Snapshot) -> Floats | None:
    """Return the vehicles counted in each hour (UTC) ``(24,)`` of typical days; None unless every hour was counted."""
    total, duration_s = _by_hour(snapshot)
    return total / duration_s if duration_s.all() and total.any() else None


def _by_hour(snapshot: Snapshot) -> tuple[Floats, ...]:
    """Return the vehicles counted in each hour (UTC) of typical days, and for how long (s), both ``(24,)``."""
    columns = snapshot.histories.get("traffic_count")
    if columns is None or not len(columns["at"]):
        return np.zeros(HOURS), np.zeros(HOURS)
    at = columns["at"].astype("datetime64[s]")
    wanted = typical(at) & hourly(columns)
    hour = hours(at[wanted])
    return tuple(np.bincount(hour, columns[name][wanted], HOURS).astype(np.float64) for name in ("total", "duration_s"))


def hours(at: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return the hour (UTC) of each moment, 0-23."""
    return np.asarray(at.astype("datetime64[h]").astype(np.int64) % HOURS)


def hourly(columns: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Return which counts lasted an hour or a part of one: days and weeks do not tell their hours."""
    return np.asarray(columns["duration_s"] <= HOUR_S)


def typical(at: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Return which moments are of the newest year, and of working days where a week or more was counted."""
    newest = at >= at.max().astype("datetime64[Y]")
    day = at.astype("datetime64[D]").astype(np.int64)
    if len(np.unique(day[newest])) < DAYS_OF_WEEK:
        return np.asarray(newest)
    return np.asarray(newest & ((day + THURSDAY) % DAYS_OF_WEEK < SATURDAY))
