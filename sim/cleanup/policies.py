"""Who is collected today: every policy answers this one question, from the same readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.draws import Words, key_of, uniform
from sim.cleanup.params import CleanupParams
from sim.cleanup.tour import hilbert_order
from twin.geo import FloatArray
from twin.model.edits import SetPolicy
from twin.model.frame import Frame
from twin.model.scenario import Scenario


class Policy(Protocol):
    """Picks the bins that the day's rounds are planned for."""

    def select(self, day: int, fill: FloatArray, key: np.uint64) -> NDArray[np.bool_]:
        """Return which bins ``(n,)`` to collect, given their fill levels in the morning and the day's random key."""
        ...


@dataclass(frozen=True, eq=False)
class FixedRounds:
    """Every bin every ``period_days``; ``position`` ``(n,)`` in 0-1 cuts the city into one part per day."""

    period_days: int
    position: FloatArray

    def select(self, day: int, fill: FloatArray, key: np.uint64) -> NDArray[np.bool_]:  # noqa: ARG002  one interface
        """Return the bins of the part whose turn it is."""
        return np.asarray((self.position * self.period_days).astype(np.int64) == day % self.period_days)


@dataclass(frozen=True, eq=False)
class Threshold:
    """Every bin whose sensor reads ``threshold`` or more in the morning."""

    threshold: float

    def select(self, day: int, fill: FloatArray, key: np.uint64) -> NDArray[np.bool_]:  # noqa: ARG002  one interface
        """Return the bins at or over the threshold."""
        return np.asarray(fill >= self.threshold)


@dataclass(frozen=True, eq=False)
class PartlyFollowed:
    """A plan that crews follow in a share of areas and days; elsewhere they drive the old rounds.

    ``area`` ``(n,)`` has a random word for the area of each bin: a crew follows for its whole area or not.
    """

    advice: Policy
    habit: Policy
    adherence: float
    area: Words

    def select(self, day: int, fill: FloatArray, key: np.uint64) -> NDArray[np.bool_]:
        """Return the advised bins where the advice is followed and the habitual ones elsewhere."""
        followed = uniform(self.area, key) < self.adherence
        return np.where(followed, self.advice.select(day, fill, key), self.habit.select(day, fill, key))


AREA_COUNT = 64
"""Areas in which a crew decides for itself, along the same curve as the parts of fixed rounds."""


def choose_policy(scenario: Scenario, params: CleanupParams, base: Frame, bin_ids: NDArray[np.object_]) -> Policy:
    """Return the policy of a scenario for its bins: the last one set, else fixed rounds.

    The parts of the fixed rounds rest on the city without edits, so that moving a bin changes no
    other bin's day.
    """
    position = _positions(base)[base.rows(bin_ids.tolist())]
    habit = FixedRounds(params.period_days, position)
    chosen: tuple[SetPolicy, ...] = scenario.edits_of(SetPolicy)
    if not chosen:
        return habit
    edit = chosen[-1]
    if edit.policy == "fixed":
        return FixedRounds(edit.period_days, position)
    area = np.array([key_of(number) for number in range(AREA_COUNT)], dtype=np.uint64)
    return PartlyFollowed(Threshold(edit.threshold), habit, params.adherence, area[(position * AREA_COUNT).astype(np.intp)])


def _positions(base: Frame) -> FloatArray:
    """Return where each bin stands among those of its kind along a curve through the city, 0-1."""
    along = hilbert_order(base.xy)
    kind = np.unique(base["waste_kind"].astype(str), return_inverse=True)[1]
    order = np.lexsort((base.ids.astype(str), along, kind))
    count = np.bincount(kind)
    first = np.cumsum(count) - count
    position = np.empty(len(base))
    position[order] = (np.arange(len(base)) - first[kind[order]]) / count[kind[order]]
    return position
