"""What the planner knows in the morning: readings with their errors, and for bins that tell nothing the last visit.

A bin without a working sensor is known from when it was emptied, and from there on only by what is expected of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.cleanup.draws import Words, key_of, uniform
from sim.cleanup.params import CleanupParams
from twin.geo import FloatArray

ASSUMED_START = 0.35
"""Fill level that is assumed of bins that nothing is known about, on the first day."""
HAS, DEAD, ERROR = 2, 3, 4
"""Purposes of random keys; 0 and 1 are taken by the waste and by the crews."""


@dataclass(frozen=True, eq=False)
class Sensors:
    """Which bins ``(n,)`` have a sensor that works, and the standard deviation of its error in fill level."""

    works: NDArray[np.bool_]
    error: float
    words: Words
    capacity_l: FloatArray

    def read_l(self, held_l: FloatArray, key: np.uint64) -> FloatArray:
        """Return the litres ``(n,)`` that the sensors tell: none below empty, none over full."""
        level = held_l / self.capacity_l
        if self.error > 0.0:
            level = level + self.error * ndtri(uniform(self.words, key))
        return np.asarray(np.clip(level, 0.0, 1.0) * self.capacity_l)


def draw_sensors(words: Words, capacity_l: FloatArray, params: CleanupParams, seed: int, replication: int) -> Sensors:
    """Draw which bins have a sensor and which of these are dead, the same for every policy."""
    has = uniform(words, key_of(seed, HAS)) < params.sensor_share
    dead = uniform(words, key_of(seed, replication, DEAD)) < params.dead_sensor_share
    return Sensors(has & ~dead, params.sensor_error, words, capacity_l)


class Belief:
    """Litres last known of each bin ``(n,)``, litres expected since then and days gone since then."""

    def __init__(self, sensors: Sensors) -> None:
        self.sensors = sensors
        self.known_l = ASSUMED_START * sensors.capacity_l
        self.since_l = np.zeros(len(self.known_l))
        self.age_days = np.zeros(len(self.known_l), np.intp)

    @property
    def held_l(self) -> FloatArray:
        """Litres that are expected in each bin now."""
        return self.known_l + self.since_l

    def look(self, held_l: FloatArray, seed: int, replication: int, day: int) -> None:
        """Read the sensors."""
        works = np.flatnonzero(self.sensors.works)
        self._know(works, self.sensors.read_l(held_l, key_of(seed, replication, day, ERROR))[works])

    def empty(self, rows: NDArray[np.intp], left_l: FloatArray) -> None:
        """Know what a visit left."""
        self._know(rows, left_l)

    def pass_day(self, expected_l: FloatArray) -> None:
        """Let a day go by with what is expected of it."""
        self.since_l += expected_l
        self.age_days += 1

    def _know(self, rows: NDArray[np.intp], litres: FloatArray) -> None:
        self.known_l[rows] = litres
        self.since_l[rows] = 0.0
        self.age_days[rows] = 0
