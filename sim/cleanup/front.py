"""Policies side by side on the same days: what each costs and overflows, paired by seed, and compared at equal overflow.

A cost without its overflow says nothing: a policy that leaves bins alone is always cheap. So every family of policies is run
at several settings, which makes its front of cost against overflow; its cost at the overflow of the rounds driven today is
read off that front, replication by replication. Settings are chosen on other seeds than those that are reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from sim.cleanup.days import SUMS, run_replication
from sim.cleanup.own_days import own_days
from sim.cleanup.rounds import choose_policy, detour_s, positions_of
from sim.cleanup.run import Ground
from twin.geo import FloatArray
from twin.model.comparison import interval95
from twin.model.edits import SetCollectionDays, SetPolicy
from twin.model.scenario import baseline
from twin.model.snapshot import Snapshot
from twin.task import Task

TUNING = 1_000_003
"""Added to the seed where settings are chosen."""


@dataclass(frozen=True)
class Contender:
    """A policy of a family at one setting; with a ``level``, weekdays that keep bins below it on average."""

    family: str
    setting: str
    edit: SetPolicy
    level: float = 0.0

    @property
    def name(self) -> str:
        """Family and setting."""
        return f"{self.family} {self.setting}".strip()


@dataclass(frozen=True, eq=False)
class Standing:
    """What a contender came to: ``means`` ``(replications, len(SUMS))`` per day."""

    contender: Contender
    means: FloatArray

    def of(self, name: str) -> FloatArray:
        """Return one sum of every replication ``(replications,)``."""
        return self.means[:, SUMS.index(name)]


@dataclass(frozen=True)
class Paired:
    """A mean difference with its 95 % interval over pairs of replications, and as a share of the reference."""

    mean: float
    low: float
    high: float
    share: float

    @property
    def is_found(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0.0 or self.high < 0.0


def _fixed(days: int, policy: str = "fixed") -> Contender:
    family = "fixed rounds, re-optimised," if policy == "fixed" else "fixed rounds, standing order,"
    return Contender(family, f"every {days} d", SetPolicy(policy=policy, period_days=days))


def _by_fill(family: str, setting: str, **values: float | str) -> Contender:
    return Contender(family, setting, SetPolicy(**values))  # type: ignore[arg-type]  # names and values of one table below


RISKS = (0.02, 0.1, 0.3, 0.6, 0.9)

CONTENDERS: tuple[Contender, ...] = (
    *(_fixed(days, "standing") for days in (1, 2, 3, 4, 6)),
    *(_fixed(days) for days in (1, 2, 3, 4, 6)),
    *(Contender("planner's own days", f"below {level:.0%}", SetPolicy(policy="fixed"), level) for level in (0.35, 0.5, 0.7, 1.0)),
    *(_by_fill("threshold", f"{level:.0%}", policy="threshold", threshold=level) for level in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
    *(_by_fill("risk", f"{risk:.0%}", policy="risk", risk=risk) for risk in RISKS),
    *(_by_fill("look-ahead of 2 d", f"{risk:.0%}", policy="look_ahead", risk=risk, horizon_days=2) for risk in RISKS),
    *(_by_fill("perfect information", f"{days} d", policy="perfect", horizon_days=days) for days in (0, 2)),
)
"""Fronts that reach from hardly any overflow to that of rounds every few days, so that they meet at equal overflow."""


def run_contender(ground: Ground, base: Snapshot, contender: Contender, seed: int, replication: int) -> Task[FloatArray]:
    """Return a contender's sums per day ``(len(SUMS),)`` in one replication; ``ground`` is that of the city without edits.

    All run on the same waste, streets, fleet and routing effort.
    """
    scenario = baseline().with_edit(contender.edit)
    for edit in _own_days(ground, base, contender):
        scenario = scenario.with_edit(edit)
    params = ground.world.params
    policy = choose_policy(scenario, params, base["bin"], ground.operation.bins, ground.world.waste)
    router = replace(ground.world.router, detour_s=detour_s(scenario))
    found = yield from run_replication(replace(ground.world, policy=policy, router=router, seed=seed), replication)
    return np.asarray(found.by_day.mean(axis=0))


def run_contenders(
    ground: Ground, base: Snapshot, seed: int, replications: int, contenders: Sequence[Contender]
) -> Task[tuple[Standing, ...]]:
    """Run every contender in every replication."""
    found = []
    for contender in contenders:
        means = np.empty((replications, len(SUMS)))
        for number in range(replications):
            means[number] = yield from run_contender(ground, base, contender, seed, number)
        found.append(Standing(contender, means))
    return tuple(found)


def _own_days(ground: Ground, base: Snapshot, contender: Contender) -> tuple[SetCollectionDays, ...]:
    if not contender.level:
        return ()
    bins, waste = ground.operation.bins, ground.world.waste
    week_l = np.sum([waste.expected_l(day) for day in range(7)], axis=0)
    position = positions_of(base["bin"], waste)
    return own_days(bins.ids, bins.capacity_l, week_l, position, contender.level)


class Summed(Protocol):
    """Something that has sums of every replication."""

    def of(self, name: str) -> FloatArray:
        """Return one sum of every replication ``(replications,)``."""
        ...


def paired(standing: Summed, reference: Summed, name: str) -> Paired:
    """Return the difference of one sum to the reference."""
    return _paired(standing.of(name) - reference.of(name), reference.of(name))


def _paired(difference: FloatArray, before: FloatArray) -> Paired:
    low, high = interval95(tuple(difference.tolist()))
    mean, base = float(difference.mean()), float(before.mean())
    return Paired(mean, low, high, mean / base if base else 0.0)


def at_equal_overflow(family: Sequence[Standing], reference: Standing) -> Paired | None:
    """Return the difference in cost where a family's front has the overflow of the reference; None where it does not reach it.

    Between two settings cost is taken as linear in overflow.
    """
    overflow = np.stack([standing.of("overflow_h") for standing in family])
    cost = np.stack([standing.of("cost") for standing in family])
    order = np.argsort(overflow, axis=0, kind="stable")
    overflow, cost = np.take_along_axis(overflow, order, 0), np.take_along_axis(cost, order, 0)
    aim = reference.of("overflow_h")
    if len(family) < 2 or (aim < overflow[0]).any() or (aim > overflow[-1]).any():
        return None
    read = [np.interp(aim[column], overflow[:, column], cost[:, column]) for column in range(len(aim))]
    return _paired(np.array(read) - reference.of("cost"), reference.of("cost"))


def tuned(standings: Sequence[Standing], reference: Standing) -> Contender:
    """Return the cheapest setting of a family that overflows no more than the reference, else the one that overflows least."""
    most = float(reference.of("overflow_h").mean())
    within = [standing for standing in standings if float(standing.of("overflow_h").mean()) <= most]
    if within:
        return min(within, key=lambda standing: float(standing.of("cost").mean())).contender
    return min(standings, key=lambda standing: float(standing.of("overflow_h").mean())).contender


def verdict(cost: Paired, overflow: Paired) -> str:
    """Say in a sentence what a policy does against the reference, never of the cost alone."""
    if not cost.is_found and not overflow.is_found:
        return "no difference found"
    if not overflow.is_found:
        return f"{'cheaper' if cost.mean < 0 else 'dearer'} by {abs(cost.share):.1%}, no difference in overflow found"
    more = f"overflow {1.0 + overflow.share:.2f} times"
    if not cost.is_found:
        return f"{more}, no difference in cost found"
    if cost.mean < 0 < overflow.mean:
        return f"saves {-cost.share:.1%} of the cost by letting bins overflow: {more}"
    if cost.mean > 0 > overflow.mean:
        return f"buys less overflow with {cost.share:.1%} more cost: {more}"
    return f"{'better' if cost.mean < 0 else 'worse'} in both: cost {cost.share:+.1%}, {more}"
