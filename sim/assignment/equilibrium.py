"""The user equilibrium of a network: nobody can arrive sooner by another road (Wardrop 1952)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sim.assignment import balance, bush, shortest
from sim.assignment.delay import refresh
from sim.assignment.graph import CLOSED_TIME_S, MESSAGE, Bushes, Delay, Floats, Graph, Ints, Loading, copied, empty_bushes, larger
from twin.errors import BugError
from twin.task import Progress, Task

INNER_SWEEPS = 10
"""Times that flow is shifted within the bushes between two changes of the bushes."""
ALONE = 3
"""Sweeps over a minority of unsettled origins before all are looked at again."""
SETTLING = 2
"""Sweeps over the bushes that met a closed link before all others are looked at."""
WORTH = 0.02
"""A bush is balanced again when its spread exceeds this share of the worst one."""
SETTLED = 0.25
"""An origin is left alone while its own gap is below this share of the target: what it does not feel does not move it."""
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
    is_close = start.relative_gap <= target_gap
    if is_close and same_demand and not np.any(differs & ~(slower & (start.volume == 0.0))):
        time = start.time.copy()
        refresh(delay, Loading(start.volume, time, np.empty_like(time)))
        return replace(start, time=time)
    bushes = yield from copied(start.bushes)
    run = _Run(problem, bushes, start.volume.copy())
    changed = np.flatnonzero(np.any(problem.demand != start_problem.demand, axis=1)).astype(np.int32)
    if len(changed):
        yield from run.reload(changed)
    yield from run.avoid((delay.free_time >= CLOSED_TIME_S) & (run.loading.volume > 0.0))
    solution = yield from run.iterate(target_gap, max_iterations)
    if solution.iterations == 0:  # what was unsettled before still is
        unsettled = np.maximum(solution.volume + (start.volume_before - start.volume), 0.0)
        solution = replace(solution, volume_before=unsettled)
    return solution


def unreachable(graph: Graph, free_time: Floats, zone_count: int) -> Task[NDArray[np.bool_]]:
    """Return which pairs of centroids ``(z, z)`` no open link joins.

    Mostly one look at the graph's parts tells that all are joined; only else every origin is asked.
    """
    nodes = len(graph.in_start) - 1
    is_open = (free_time < CLOSED_TIME_S) & (graph.tail >= graph.first_through) & (graph.head >= graph.first_through)
    matrix = coo_array((np.ones(int(is_open.sum())), (graph.tail[is_open], graph.head[is_open])), shape=(nodes, nodes))
    _, part = connected_components(matrix.tocsr(), directed=True, connection="strong")
    largest = part == np.argmax(np.bincount(part))
    leaves, enters = np.zeros(nodes, dtype=bool), np.zeros(nodes, dtype=bool)
    passable = free_time < CLOSED_TIME_S
    leaves[graph.tail[passable & largest[graph.head]]] = True
    enters[graph.head[passable & largest[graph.tail]]] = True
    if np.all(leaves[:zone_count] & enters[:zone_count]):
        return np.zeros((zone_count, zone_count), dtype=bool)
    times = yield from skim_times(graph, free_time, zone_count)
    return np.asarray(times >= CLOSED_TIME_S)


def skim_times(graph: Graph, time: Floats, zone_count: int) -> Task[Floats]:
    """Return shortest times between all centroids ``(z, z)`` at given link times."""
    out = np.zeros((zone_count, zone_count))
    for low, high in chunks(zone_count, graph, 4):
        shortest.skim(low, high, graph, time, out)
        yield Progress("Measuring travel times", high, zone_count)
    return out


def chunks(count: int, graph: Graph, passes: int) -> Iterator[tuple[int, int]]:
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
        self.spent = np.zeros(len(problem.demand))
        self.least = np.zeros(len(problem.demand))
        nodes, links = len(problem.graph.in_start) - 1, len(problem.graph.tail)
        self.labels = bush.make_labels(nodes)
        self.draft = bush.make_draft(nodes, links)
        # Differences of labels below this are rounding: labels are sums of times of the size of a trip.
        typical = problem.delay.free_time[problem.delay.free_time < CLOSED_TIME_S]
        self.tolerance = 1e-14 * float(np.sqrt(len(typical)) * np.mean(typical)) if len(typical) else 0.0

    def plant(self, origins: Ints) -> Task[None]:
        graph, delay, demand = self.problem.graph, self.problem.delay, self.problem.demand
        for low, high in chunks(len(origins), graph, 4):
            done = low
            while True:
                done += bush.plant(origins[done:high], graph, delay, demand, self.bushes, self.loading)
                yield Progress(MESSAGE, 0.0, 1.0)
                if done == high:
                    break
                self.bushes = yield from larger(self.bushes, graph)

    def reload(self, origins: Ints) -> Task[None]:
        for low, high in chunks(len(origins), self.problem.graph, 1):
            done = low
            while True:
                done += bush.reload(origins[done:high], self.problem.graph, self.problem.demand, self.bushes, self.draft)
                yield Progress(MESSAGE, 0.0, 1.0)
                if done == high:
                    break
                self.bushes = yield from larger(self.bushes, self.problem.graph)
        yield from self._sum_up()

    def avoid(self, closed: NDArray[np.bool_]) -> Task[None]:
        """Take all flow off closed links ``(m,)``, and bring those it belongs to near equilibrium before the others hear of it."""
        affected = self._users(closed)
        if not len(affected):
            return
        yield from self._look(affected, 0.0)
        graph, delay = self.problem.graph, self.problem.delay
        yield from self._each(
            lambda part: balance.leave(
                part,
                closed.astype(np.int32),
                graph,
                delay,
                self.bushes,
                self.loading,
                self.labels,
                self.draft,
                self.tolerance,
            ),
            affected,
            0.0,
        )
        left = self._users(closed)
        if len(left):
            yield from self.plant(left)
        for _ in range(SETTLING):
            yield from self._sweep(affected, 0.0)

    def _users(self, marked: NDArray[np.bool_]) -> Ints:
        uses = np.zeros(len(self.origins), np.int32)
        if marked.any():
            balance.users(self.bushes, marked.astype(np.int32), uses)
        return self.origins[uses > 0]

    @property
    def gap(self) -> float:
        """The relative gap when last measured."""
        least = float(self.least.sum())
        return float(self.spent.sum()) / least - 1.0 if least > 0.0 else 0.0

    def iterate(self, target_gap: float, max_iterations: int) -> Task[Solution]:
        """Improve and balance the bushes that are out of balance until the gap is reached."""
        yield from self.measure(0.0)
        before, iteration, first_gap = self.loading.volume.copy(), 0, self.gap
        while self.gap > target_gap and iteration < max_iterations:
            iteration += 1
            before[:] = self.loading.volume
            fraction = _fraction(self.gap, first_gap, target_gap)
            yield from self._settle(target_gap, fraction)
            yield from self.measure(fraction)
            yield Progress(MESSAGE, _fraction(self.gap, first_gap, target_gap), 1.0, f"{self.gap:.1e}")
        volume, time = self.loading.volume, self.loading.time
        return Solution(self.bushes, volume, time, before, self.gap, float(self.spent.sum()), iteration)

    def _settle(self, target_gap: float, fraction: float) -> Task[None]:
        """Work on the origins that are out of balance; while they are few, look at them alone as long as it pays."""
        for _ in range(ALONE):
            unsettled = self.origins[self.spent > self.least * (1.0 + SETTLED * target_gap)]
            yield from self._sweep(unsettled, fraction)
            if 2 * len(unsettled) > len(self.origins):
                return
            yield from self._look(unsettled, fraction)
            if self.gap <= SETTLED * target_gap:
                return

    def _sweep(self, origins: Ints, fraction: float) -> Task[None]:
        """Improve bushes once, then move flow within them until the worst are near balance."""
        graph, delay = self.problem.graph, self.problem.delay
        yield from self._each(
            lambda part: balance.sweep(
                part, graph, delay, self.bushes, self.loading, self.spreads, self.labels, self.draft, self.tolerance
            ),
            origins,
            fraction,
        )
        for _ in range(INNER_SWEEPS):
            spreads = self.spreads[origins]
            worth = origins[spreads > max(WORTH * float(spreads.max()), self.tolerance)]
            if not len(worth):
                break
            for low, high in chunks(len(worth), graph, 1):
                balance.rebalance(worth[low:high], delay, self.bushes, self.loading, self.spreads, self.labels, self.tolerance)
                yield Progress(MESSAGE, fraction, 1.0)

    def _each(self, kernel: Callable[[Ints], tuple[int, int]], origins: Ints, fraction: float) -> Task[None]:
        """Call a kernel that may need more room for bushes."""
        for low, high in chunks(len(origins), self.problem.graph, 2):
            done = low
            while True:
                count, said = kernel(origins[done:high])
                done += count
                yield Progress(MESSAGE, fraction, 1.0)
                if said == bush.CYCLE:
                    raise BugError("a bush has a cycle")
                if said == bush.DONE:
                    break
                self.bushes = yield from larger(self.bushes, self.problem.graph)

    def _sum_up(self) -> Task[None]:
        """Sum the volumes anew from the bushes: thousands of small shifts leave rounding behind."""
        volume = self.loading.volume
        volume[:] = 0.0
        for low, high in chunks(len(self.origins), self.problem.graph, 1):
            balance.add_up(low, high, self.bushes, volume)
            yield Progress(MESSAGE, 0.0, 1.0)
        refresh(self.problem.delay, self.loading)

    def measure(self, fraction: float) -> Task[None]:
        """Measure, per origin, the time spent and the time on shortest paths at the present volumes."""
        yield from self._sum_up()
        yield from self._look(self.origins, fraction)

    def _look(self, origins: Ints, fraction: float) -> Task[None]:
        graph, demand, time = self.problem.graph, self.problem.demand, self.loading.time
        for low, high in chunks(len(origins), graph, 3):
            shortest.measure(origins[low:high], graph, self.bushes, time, demand, self.spent, self.least)
            yield Progress(MESSAGE, fraction, 1.0)


def _fraction(gap: float, first_gap: float, target_gap: float) -> float:
    """Return how far the gap has come on its way, on a logarithmic scale."""
    if not np.isfinite(gap) or gap <= 0.0 or first_gap <= target_gap:
        return 0.0 if not np.isfinite(gap) else 1.0
    way = np.log(first_gap / target_gap)
    return float(np.clip(np.log(first_gap / gap) / way, 0.0, 1.0)) if way > 0.0 else 1.0
