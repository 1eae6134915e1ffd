"""Who is collected today: every policy answers this one question, from the same morning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.draws import Words, uniform
from sim.cleanup.outlook import Outlook
from sim.cleanup.sensing import Belief
from twin.geo import FloatArray

Mask = NDArray[np.bool_]


class Morning(NamedTuple):
    """What a policy may look at: the day, what is believed of the bins and a random key for what crews do.

    ``overflows`` tells which bins really will overflow within some days; only perfect information may ask.
    """

    day: int
    weekday: int
    belief: Belief
    key: np.uint64
    overflows: Callable[[int], Mask]


class Choice(NamedTuple):
    """Bins ``(n,)`` to be collected, bins to be taken along where they cost little, and whether crews keep the standing order."""

    due: Mask
    on_way: Mask
    in_order: bool = False


class Policy(Protocol):
    """Picks the bins that the day's rounds are planned for."""

    def choose(self, morning: Morning) -> Choice:
        """Return the bins of this morning."""
        ...


def only(due: Mask, *, in_order: bool = False) -> Choice:
    """Return a choice with no bins on the way."""
    return Choice(due, np.zeros(len(due), bool), in_order)


@dataclass(frozen=True, eq=False)
class FixedRounds:
    """Every bin every ``period_days``; ``position`` ``(n,)`` in 0-1 cuts the city into one part per day.

    ``in_order``: crews drive the standing order of stops instead of rounds that are planned anew for the day's loads.
    """

    period_days: int
    position: FloatArray
    in_order: bool = False

    def choose(self, morning: Morning) -> Choice:
        """Return the bins of the part whose turn it is."""
        part = (self.position * self.period_days).astype(np.int64)
        return only(np.asarray(part == morning.day % self.period_days), in_order=self.in_order)


@dataclass(frozen=True, eq=False)
class Threshold:
    """Every bin that is believed to be as full as ``threshold`` or fuller in the morning."""

    threshold: float
    capacity_l: FloatArray

    def choose(self, morning: Morning) -> Choice:
        """Return the bins at or over the threshold."""
        return only(np.asarray(morning.belief.held_l >= self.threshold * self.capacity_l))


@dataclass(frozen=True, eq=False)
class LookAhead:
    """Every bin that may overflow before the next shift; those due within ``horizon_days`` more, where they lie on the way.

    Without a horizon this is the myopic rule of risk. The prize of a bin on the way is the detour that it may cost, as in
    prize-collecting routing: Wouda, N. A., Aerts-Veenstra, M., van Foreest, N. (2024). arXiv:2409.13386.
    """

    outlook: Outlook
    horizon_days: int = 0

    def choose(self, morning: Morning) -> Choice:
        """Return the bins due, and those soon due."""
        due = self.outlook.due(morning.belief, morning.day, 1)
        if not self.horizon_days:
            return only(due)
        return Choice(due, self.outlook.due(morning.belief, morning.day, 1 + self.horizon_days) & ~due)


@dataclass(frozen=True, eq=False)
class PerfectInformation:
    """As ``LookAhead``, but knowing what will come: the bound of what any forecast could do under the same rule."""

    horizon_days: int = 0

    def choose(self, morning: Morning) -> Choice:
        """Return the bins that will overflow today, and those that will soon."""
        due = morning.overflows(1)
        if not self.horizon_days:
            return only(due)
        return Choice(due, morning.overflows(1 + self.horizon_days) & ~due)


@dataclass(frozen=True, eq=False)
class PartlyFollowed:
    """A plan that crews follow in a share of areas and days; elsewhere they drive the old rounds.

    ``area`` ``(n,)`` has a random word for the area of each bin: a crew follows for its whole area or not.
    """

    advice: Policy
    habit: Policy
    adherence: float
    area: Words

    def choose(self, morning: Morning) -> Choice:
        """Return the advised bins where the advice is followed and the habitual ones elsewhere."""
        followed = uniform(self.area, morning.key) < self.adherence
        advised, usual = self.advice.choose(morning), self.habit.choose(morning)
        return Choice(np.where(followed, advised.due, usual.due), followed & advised.on_way)


@dataclass(frozen=True, eq=False)
class PlannedDays:
    """A policy with the planner's own days for some bins: ``weekdays`` ``(n, 7)``, and ``is_planned`` ``(n,)`` where they count."""

    others: Policy
    is_planned: Mask
    weekdays: Mask

    def choose(self, morning: Morning) -> Choice:
        """Return the planned bins on their weekdays, the others as their policy says."""
        choice = self.others.choose(morning)
        due = np.where(self.is_planned, self.weekdays[:, morning.weekday], choice.due)
        return choice._replace(due=due, on_way=choice.on_way & ~self.is_planned)
