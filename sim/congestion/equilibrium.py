"""The user equilibrium of a network: nobody can arrive sooner by another road (Wardrop 1952)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.congestion import bush, shortest
from sim.congestion.delay import refresh
from sim.congestion.graph import CLOSED_TIME_S, Bushes, Delay, Floats, Graph, Loading, empty_bushes
from twin.errors import BugError
from twin.task import Progress, Task

MESSAGE = "Finding the equilibrium"
INNER_SWEEPS = 10
"""Times that flow is shifted within the bushes between two changes of the bushes."""
WORTH = 0.02
"""A bush is balanced again when its spread exceeds this share of the worst one."""
CHUNK_LINKS = 1_000_000
"""Link visits between two chances to cancel: some 30 ms."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be solved: graph, delay functions, and trips per hour between centroids ``(z, z)``."""

    graph: Graph
    delay: Delay
    demand: Floats


@dataclass(frozen=True, eq=False)
class Solution:
    """Flow at (near) equilibrium.

    ``volume`` and ``time`` are ``(m,)``; ``volume_before`` is the volume one iteration earlier, the
    measure of what is still unsettled. ``relative_gap`` is total time over the time of all trips on
    shortest paths, less 1. ``total_time`` is in the unit of the delay functions times trips.
    """

    bushes: Bushes
    volume: Floats
    time: Floats
    volume_before: Floats
    relative_gap: float
    total_time: float
    iterations: int


def solve(problem: Problem, target_gap: float, *, max_iterations: int = 200) -> Task[Solution]:
    """Solve from nothing down to a relative gap, or to the best that ``max_iterations`` reach."""
    bushes = empty_bushes(problem.graph, len(problem.demand))
    run = _Run(problem, bushes, np.zeros(len(problem.graph.tail)))
    yield from run.plant(run.origins)
    return (yield from run.iterate(target_gap, max_iterations))


def solve_again(
    problem: Problem, start_problem: Problem, start: Solution, target_gap: float, *, max_iterations: int = 200
) -> Task[Solution]:
    """Solve a changed problem from the solution of the one before; both have the same graph.

    A change that nobody on the network can feel returns the same flows, bit by bit: nothing to compare
    is then different. Bushes with flow on a link that closed start again from their shortest paths.
    """
    delay, before = problem.delay, start_problem.delay
    differs = np.zeros(len(problem.graph.tail), dtype=bool)
    for now, then in zip(delay, before, strict=True):
        differs |= now != then
    slower = (delay.free_time >= before.free_time) & (delay.b >= before.b) & (delay.capacity <= before.capacity)
    slower |= delay.free_time >= CLOSED_TIME_S
    same_demand = np.array_equal(problem.demand, start_problem.demand)
    if same_demand and not np.any(differs & ~(slower & (start.volume == 0.0))):
        time = start.time.copy()
        refresh(delay, Loading(start.volume, time, np.empty_like(time)))
        return replace(start, time=time)
    kept = start.bushes
    bushes = Bushes(kept.flow.copy(), kept.member.copy(), kept.order.copy(), kept.reached.copy())
    run = _Run(problem, bushes, start.volume.copy())
    changed = np.flatnonzero(np.any(problem.demand != start_problem.demand, axis=1)).astype(np.int32)
    if len(changed):
        yield from run.reload(changed)
    closed = np.flatnonzero((delay.free_time >= CLOSED_TIME_S) & (run.loading.volume > 0.0))
    affected = np.flatnonzero(np.any(bushes.flow[:, closed] > 0.0, axis=1)).astype(np.int32)
    if len(affected):
        yield from run.plant(affected)
        yield from run.settle(affected)
    return (yield from run.iterate(target_gap, max_iterations))


def skim_times(graph: Graph, time: Floats, zone_count: int) -> Task[Floats]:
    """Return shortest times between all centroids ``(z, z)`` at given link times."""
    out = np.zeros((zone_count, zone_count))
    for low, high in _chunks(zone_count, graph, 4):
        shortest.skim(low, high, graph, time, out)
        yield Progress("Measuring travel times", high, zone_count)
    return out


def _chunks(count: int, graph: Graph, passes: int) -> Iterator[tuple[int, int]]:
    """Cut the origins so that a chunk of ``passes`` over the links stays short."""
    step = max(1, CHUNK_LINKS // (passes * (len(graph.tail) + 1)))
    for low in range(0, count, step):
        yield low, min(low + step, count)


class _Run:
    """Flow on its way to equilibrium."""

    def __init__(self, problem: Problem, bushes: Bushes, volume: Floats) -> None:
        self.problem = problem
        self.bushes = bushes
        self.loading = Loading(volume, np.empty_like(volume), np.empty_like(volume))
        refresh(problem.delay, self.loading)
        self.origins = np.arange(len(problem.demand), dtype=np.int32)
        self.spreads = np.zeros(len(problem.demand))
        # Differences of labels below this are rounding: labels are sums of times of the size of a trip.
        typical = problem.delay.free_time[problem.delay.free_time < CLOSED_TIME_S]
        self.tolerance = 1e-14 * float(np.sqrt(len(typical)) * np.mean(typical)) if len(typical) else 0.0

    def plant(self, origins: NDArray[np.int32]) -> Task[None]:
        graph, delay, demand = self.problem.graph, self.problem.delay, self.problem.demand
        for low, high in _chunks(len(origins), graph, 4):
            bush.plant(origins[low:high], graph, delay, demand, self.bushes, self.loading)
            yield Progress(MESSAGE, 0.0, 1.0)

    def reload(self, origins: NDArray[np.int32]) -> Task[None]:
        for low, high in _chunks(len(origins), self.problem.graph, 2):
            bush.reload(origins[low:high], self.problem.graph, self.problem.demand, self.bushes, self.loading.time)
            yield Progress(MESSAGE, 0.0, 1.0)
        yield from self._sum_up()

    def settle(self, origins: NDArray[np.int32]) -> Task[None]:
        """Bring the named bushes near equilibrium before the others hear of it."""
        for _ in range(2):
            yield from self._sweep(origins, 0.0)

    def iterate(self, target_gap: float, max_iterations: int) -> Task[Solution]:
        """Improve and balance all bushes until the gap is reached."""
        gap, first_gap = np.inf, 1.0
        total = 0.0
        for iteration in range(1, max_iterations + 1):
            before = self.loading.volume.copy()
            fraction = _fraction(gap, first_gap, target_gap)
            yield from self._sweep(self.origins, fraction)
            gap, total = yield from self._gap(fraction)
            if iteration == 1:
                first_gap = gap
            yield Progress(MESSAGE, _fraction(gap, first_gap, target_gap), 1.0, f"{gap:.1e}")
            if gap <= target_gap:
                break
        volume, time = self.loading.volume, self.loading.time
        return Solution(self.bushes, volume, time, before, gap, total, iteration)

    def _sweep(self, origins: NDArray[np.int32], fraction: float) -> Task[None]:
        yield from self._each(bush.sweep, origins, fraction)
        for _ in range(INNER_SWEEPS):
            spreads = self.spreads[origins]
            worth = origins[spreads > max(WORTH * float(spreads.max()), self.tolerance)]
            if not len(worth):
                break
            yield from self._each(bush.rebalance, worth, fraction)

    def _each(self, kernel: Callable[..., bool | None], origins: NDArray[np.int32], fraction: float) -> Task[None]:
        graph, delay = self.problem.graph, self.problem.delay
        for low, high in _chunks(len(origins), graph, 4):
            part = origins[low:high]
            if kernel(part, graph, delay, self.bushes, self.loading, self.spreads, self.tolerance) is False:
                raise BugError("a bush has a cycle")
            yield Progress(MESSAGE, fraction, 1.0)

    def _sum_up(self) -> Task[None]:
        """Sum the volumes anew from the bushes: thousands of small shifts leave rounding behind."""
        volume = self.loading.volume
        volume[:] = 0.0
        for low, high in _chunks(len(self.origins), self.problem.graph, 1):
            volume += self.bushes.flow[low:high].sum(axis=0)
            yield Progress(MESSAGE, 0.0, 1.0)
        refresh(self.problem.delay, self.loading)

    def _gap(self, fraction: float) -> Task[tuple[float, float]]:
        """Return the relative gap and the total time at the present volumes."""
        yield from self._sum_up()
        graph, demand, time = self.problem.graph, self.problem.demand, self.loading.time
        total = float(self.loading.volume @ time)
        least = 0.0
        for low, high in _chunks(len(self.origins), graph, 3):
            least += shortest.shortest_total(low, high, graph, self.bushes, time, demand)
            yield Progress(MESSAGE, fraction, 1.0)
        return (total / least - 1.0 if least > 0.0 else 0.0), total


def _fraction(gap: float, first_gap: float, target_gap: float) -> float:
    """Return how far the gap has come on its way, on a logarithmic scale."""
    if not np.isfinite(gap) or gap <= 0.0 or first_gap <= target_gap:
        return 0.0 if not np.isfinite(gap) else 1.0
    way = np.log(first_gap / target_gap)
    return float(np.clip(np.log(first_gap / gap) / way, 0.0, 1.0)) if way > 0.0 else 1.0
