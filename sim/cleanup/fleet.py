"""How many trucks, and rounds how often: every fleet with every policy on the same days, the cheapest that serves as well as now.

Whoever has a truck pays for it, whether it leaves or not: here the cost of a truck and day counts for every truck of the fleet.
Fleet and policy are chosen on other seeds than those on which the choice is compared with today's rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.days import SUMS, run_replication
from sim.cleanup.front import TUNING, Contender, Paired, paired, run_contender
from sim.cleanup.run import Ground
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.edits import SetPolicy
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task, told_as

SERVED = 0.5
"""Stops a day that a fleet may leave more than today's: less than one in two days is chance."""
STEPS = (0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0, 1.2)
"""Fleets that are tried, as shares of today's, where nobody names others."""

POLICIES = (
    *(Contender("fixed", str(days), SetPolicy(policy="fixed", period_days=days)) for days in (1, 2, 3, 4, 6)),
    *(Contender("threshold", f"{level:g}", SetPolicy(policy="threshold", threshold=level)) for level in (0.5, 0.6, 0.7, 0.8)),
)


@dataclass(frozen=True, eq=False)
class Weighed:
    """A fleet of so many trucks under a policy (None: today's): sums per day ``means`` ``(replications, len(SUMS))``, cost by fleet."""

    vehicles: int
    contender: Contender | None
    means: FloatArray

    def of(self, name: str) -> FloatArray:
        """Return one sum of every replication ``(replications,)``."""
        return self.means[:, SUMS.index(name)]

    def mean(self, name: str) -> float:
        """Return the mean of one sum per day."""
        return float(self.of(name).mean())


@dataclass(frozen=True, eq=False)
class Advice:
    """What was tried on the days of choosing, with today's first; the best of it and today's on days of their own, if there is one.

    ``cost`` and ``overflow`` are the paired differences of the best to today's.
    """

    today: Weighed
    tried: tuple[Weighed, ...]
    most_overflow_h: float
    best: Weighed | None
    reference: Weighed | None
    cost: Paired | None
    overflow: Paired | None

    def serves(self, one: Weighed) -> bool:
        """Return whether a choice leaves no more than today's, with no more overflow than is accepted."""
        left = one.mean("uncollected_stops") <= self.today.mean("uncollected_stops") + SERVED
        return left and one.mean("overflow_h") <= self.most_overflow_h


def fleets_around(vehicles: int) -> tuple[int, ...]:
    """Return the fleets that are tried where nobody names others."""
    return tuple(sorted({max(1, round(share * vehicles)) for share in STEPS}))


def shared_out(vehicles: NDArray[np.int32], total: int) -> NDArray[np.int32]:
    """Return a fleet of ``total`` trucks over depots ``(n,)``, in proportion to what they have, largest remainders first."""
    weight = vehicles.astype(np.float64) if vehicles.sum() else np.ones(len(vehicles))
    exact = total * weight / weight.sum()
    found = np.floor(exact).astype(np.int32)
    rest = np.argsort(-(exact - found), kind="stable")[: total - int(found.sum())]
    found[rest] += 1
    return np.asarray(found, dtype=np.int32)


def advise(
    ground: Ground, base: Snapshot, fleets: Sequence[int], most_overflow_h: float | None, replications: int
) -> Task[Advice]:
    """Try every fleet with every policy and compare the cheapest that serves with today's.

    ``most_overflow_h`` is the overflow accepted a day; None: today's. Raises ``ScenarioError`` on a fleet that is none.
    """
    if any(not 1 <= vehicles <= 10_000 for vehicles in fleets) or not fleets:
        raise ScenarioError("A fleet has 1 to 10000 vehicles.", "Give numbers such as 6,8,10.")
    seed, total = ground.world.seed, len(fleets) * len(POLICIES)
    today = yield from _today(ground, seed + TUNING, replications)
    tried: list[Weighed] = []
    for vehicles in fleets:
        for contender in POLICIES:
            progress = Progress("Trying fleets and policies", len(tried), total)
            work = _weighed(ground, base, vehicles, contender, seed + TUNING, replications)
            tried.append((yield from told_as(work, progress)))
    most = today.mean("overflow_h") if most_overflow_h is None else most_overflow_h
    advice = Advice(today, tuple(tried), most, None, None, None, None)
    serving = [one for one in tried if advice.serves(one)]
    if not serving:
        return advice
    chosen = min(serving, key=lambda one: (one.mean("cost"), one.vehicles))
    yield Progress("Comparing the choice with today's rounds", total, total)
    assert chosen.contender is not None  # noqa: S101  only today's has none
    best = yield from _weighed(ground, base, chosen.vehicles, chosen.contender, seed, replications)
    reference = yield from _today(ground, seed, replications)
    cost, overflow = (paired(best, reference, name) for name in ("cost", "overflow_h"))
    return replace(advice, best=best, reference=reference, cost=cost, overflow=overflow)


def _today(ground: Ground, seed: int, replications: int) -> Task[Weighed]:
    """Weigh the fleet and the policy that the scenario has."""
    vehicles = int(ground.world.router.vehicles.sum())
    means = np.empty((replications, len(SUMS)))
    for number in range(replications):
        found = yield from run_replication(replace(ground.world, seed=seed), number)
        means[number] = found.by_day.mean(axis=0)
    return Weighed(vehicles, None, _with_fleet(ground, means, vehicles))


def _weighed(ground: Ground, base: Snapshot, vehicles: int, contender: Contender, seed: int, replications: int) -> Task[Weighed]:
    router = replace(ground.world.router, vehicles=shared_out(ground.world.router.vehicles, vehicles))
    own = replace(ground, world=replace(ground.world, router=router))
    means = np.empty((replications, len(SUMS)))
    for number in range(replications):
        means[number] = yield from run_contender(own, base, contender, seed, number)
    return Weighed(vehicles, contender, _with_fleet(ground, means, vehicles))


def _with_fleet(ground: Ground, means: FloatArray, vehicles: int) -> FloatArray:
    """Return sums whose cost counts every truck of the fleet, not those alone that leave."""
    found = means.copy()
    idle = vehicles - means[:, SUMS.index("trucks")]
    found[:, SUMS.index("cost")] += ground.world.params.cost_per_truck_day * idle
    return found
