"""Flow on its way to equilibrium: bushes grow and are balanced, origin by origin, until the gap is small."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.abreast import THREADS, abreast
from sim.assignment import balance, bush, graft, growth, reloading
from sim.assignment.delay import refresh, times
from sim.assignment.distances import Distances, make_distances
from sim.assignment.graph import CLOSED_TIME_S, MESSAGE, Bushes, Floats, Ints, Loading, chunks, larger
from sim.assignment.hierarchy import LANES, fit
from sim.assignment.problem import Problem, refuse_lost, skim_times
from sim.assignment.share import parts
from twin.errors import BugError, DataError
from twin.task import Progress, Task

INNER_SWEEPS = 10
"""Times that flow is shifted within the bushes between two changes of the bushes."""
ALONE = 3
"""Sweeps over a minority of unsettled origins before all are looked at again."""
SETTLING = 1
"""Times that the bushes that met a closed link grow and are balanced once more before all others are looked at."""
ABREAST = 8 * THREADS
"""Two threads look at so many times the origins at once before a cancel is heard: some 50 ms."""
WORTH = 0.2
"""A bush is balanced again when its spread exceeds this share of the worst one."""
IDLE = 0.2
"""Differences of time below this share of the target, of a mean trip's time, are left alone at first."""
SETTLED = 0.5
"""An origin is left alone while its own gap is below this share of the target: what it does not feel does not move it."""
ROUNDING = 1e-9
"""A gap that is negative by less is rounding; by more, times are so great or small that nothing can be told of them."""
DETOURS = 3
"""Times that a bush grows to find a way round what is closed."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Flow at (near) equilibrium.

    ``volume`` (with what is there whatever happens) and ``time`` are ``(m,)``; ``volume_before`` is the volume one
    iteration earlier, the measure of what is still unsettled. ``relative_gap`` is total time over the time of all
    trips on shortest paths, less 1. ``total_time`` is that of the trips alone, in the unit of the delay functions
    times trips.
    """

    bushes: Bushes
    volume: Floats
    time: Floats
    volume_before: Floats
    relative_gap: float
    total_time: float
    iterations: int


class Desk(NamedTuple):
    """What one thread needs for itself to look at origins."""

    distances: Distances
    labels: bush.Labels
    graft: graft.Graft


class Flow:
    """Flow on its way to equilibrium."""

    def __init__(self, problem: Problem, bushes: Bushes, volume: Floats, target_gap: float) -> None:
        self.problem = problem
        self.bushes = bushes
        self.trips, self.extras = problem.trips, problem.extras
        self.loading = Loading(volume, np.empty_like(volume), np.empty_like(volume), self.extras[0])
        refresh(problem.delay, self.loading)
        self.worth, self.idle = SETTLED * target_gap, IDLE * target_gap
        self.trip_count = float(self.trips.sum())
        self.origins = np.arange(len(self.trips), dtype=np.int32)
        self.spreads, self.outlay = np.zeros(len(self.trips)), growth.make_outlay(len(self.trips))
        nodes, links = len(problem.graph.in_start) - 1, len(problem.graph.tail)
        self.distances = make_distances(problem.graph.hierarchy)
        self.labels = bush.make_labels(nodes)
        self.draft = bush.make_draft(nodes, links)
        self.desks = [Desk(self.distances, self.labels, graft.make_graft(nodes, links))]
        # Differences of labels below this are rounding: labels are sums of times of the size of a trip.
        typical = problem.delay.free_time[problem.delay.free_time < CLOSED_TIME_S]
        self.tolerance = 1e-14 * float(np.sqrt(len(typical)) * np.mean(typical)) if len(typical) else 0.0

    @property
    def slack(self) -> float:
        """Differences of time that are left alone: rounding, and what does not matter for the gap that is wanted."""
        mean_time = float(self.outlay.least.sum()) / self.trip_count if self.trip_count > 0.0 else 0.0
        return max(self.tolerance, self.idle * mean_time)

    def _parts(self, origins: Ints, visits: float, *, fitted: bool = False) -> Iterator[Ints]:
        """Cut origins into parts of one class that take a short while, with the links' times as that class pays them.

        ``visits`` of links are made for each. ``fitted``: the costs of the hierarchy are those of the times, and
        origins come in multiples of those whose trees are found together.
        """
        for index, extra in enumerate(self.extras):
            of_class = origins // self.problem.zone_count == index
            if not of_class.any():
                continue
            if len(self.extras) > 1:
                self.loading = self.loading._replace(extra=extra)
                refresh(self.problem.delay, self.loading)
            if fitted:
                fit(self.problem.graph.hierarchy, self.loading.time, self.distances.costs)
            mine = origins[of_class]
            for low, high in chunks(len(mine), visits, multiple=THREADS * LANES if fitted else 1):
                yield mine[low:high]

    def _each(
        self, kernel: Callable[[Ints], tuple[int, int]], origins: Ints, visits: float, fraction: float, *, fitted: bool = False
    ) -> Task[None]:
        """Call a kernel that may need more room for bushes."""
        for part in self._parts(origins, visits, fitted=fitted):
            done = 0
            while True:
                count, said = kernel(part[done:])
                done += count
                yield Progress(MESSAGE, fraction, 1.0)
                if said == bush.CYCLE:
                    raise BugError("a bush has a cycle")
                if said == bush.DONE:
                    break
                self.bushes = yield from larger(self.bushes, self.problem.graph)

    def plant(self, origins: Ints) -> Task[None]:
        """Give origins a new bush each: the shortest paths at the present times."""
        graph, delay = self.problem.graph, self.problem.delay
        yield from self._each(
            lambda part: bush.plant(part, graph, delay, self.trips, self.bushes, self.loading), origins, 4 * len(graph.tail), 0.0
        )

    def reload(self, origins: Ints) -> Task[None]:
        """Let the bushes of origins carry the problem's trips, whatever they carried before."""
        graph = self.problem.graph
        yield from self._each(
            lambda part: reloading.reload(part, graph, self.loading.time, self.trips, self.distances, self.bushes, self.draft),
            origins,
            len(graph.tail),
            0.0,
            fitted=True,
        )
        yield from self.sum_up()

    def avoid(self) -> Task[None]:
        """Take all flow off closed links, and bring those it belongs to near equilibrium before the others hear of it."""
        affected = left = self._users()
        if not len(affected):
            return
        for _ in range(DETOURS):
            yield from self._survey(left, 0.0)
            yield from self._refuse_lost(left[self.outlay.farthest[left] >= CLOSED_TIME_S])
            for part in self._parts(left, 100 * self.bushes.mean_links):
                balance.leave(part, self.problem.delay, self.bushes, self.loading, self.labels)
                yield Progress(MESSAGE, 0.0, 1.0)
            left = self._users()
            if not len(left):
                break
        yield from self.plant(left)
        yield from self._balance(affected, 0.0)
        for _ in range(SETTLING):
            yield from self._survey(affected, 0.0)
            yield from self._balance(affected, 0.0)

    def _users(self) -> Ints:
        """Return the origins that use a link closed to them."""
        uses = np.zeros(len(self.origins), np.bool_)
        zones = self.problem.zone_count
        for index, closed in enumerate(self.problem.closed & (self.loading.volume > 0.0)):
            if closed.any():
                balance.users(self.origins[index * zones : (index + 1) * zones], self.bushes, closed, uses)
        return self.origins[uses]

    def _refuse_lost(self, origins: Ints) -> Task[None]:
        """Raise ``DataError`` when trips of these origins have no open way any more."""
        zones = self.problem.zone_count
        for index, extra in enumerate(self.extras):
            mine = origins[origins // zones == index] % zones
            if len(mine):
                open_time = self.problem.delay.free_time + extra
                times = yield from skim_times(self.problem.graph, open_time, zones, origins=mine)
                cut = np.zeros((zones, zones), dtype=bool)
                cut[mine] = times >= CLOSED_TIME_S
                refuse_lost(self.trips[index * zones : (index + 1) * zones], cut)

    @property
    def gap(self) -> float:
        """The relative gap when last measured."""
        least = float(self.outlay.least.sum())
        return float(self.outlay.spent.sum()) / least - 1.0 if least > 0.0 else 0.0

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
            self.idle *= 0.5  # many small differences may add up
            yield Progress(MESSAGE, _fraction(self.gap, first_gap, target_gap), 1.0, f"{self.gap:.1e}")
        volume = self.loading.volume
        time = times(self.problem.delay, volume)
        total = float((volume - self.problem.fixed_volume) @ time)
        return Solution(self.bushes, volume, time, before, self.gap, total, iteration)

    def _settle(self, target_gap: float, fraction: float) -> Task[None]:
        """Work on the origins that are out of balance; while they are few, look at them alone as long as it pays."""
        for left in range(ALONE - 1, -1, -1):
            unsettled = self.origins[self.outlay.spent > self.outlay.least * (1.0 + self.worth)]
            yield from self._balance(unsettled, fraction)
            if left == 0 or 2 * len(unsettled) > len(self.origins):
                return
            yield from self._survey(unsettled, fraction)
            if self.gap <= SETTLED * target_gap:
                return

    def _balance(self, origins: Ints, fraction: float) -> Task[None]:
        """Move flow within bushes, and again until the worst are near balance."""
        worth = origins
        for _ in range(INNER_SWEEPS + 1):
            if not len(worth):
                break
            for part in self._parts(worth, 4 * self.bushes.mean_links):
                balance.rebalance(part, self.problem.delay, self.bushes, self.loading, self.spreads, self.labels, self.slack)
                yield Progress(MESSAGE, fraction, 1.0)
            spreads = self.spreads[origins]
            worth = origins[spreads > max(WORTH * float(spreads.max()), self.slack)]

    def sum_up(self) -> Task[None]:
        """Sum the volumes anew from the bushes: thousands of small shifts leave rounding behind."""
        volume = self.loading.volume
        volume[:] = self.problem.fixed_volume
        for low, high in chunks(len(self.origins), self.bushes.mean_links):
            balance.add_up(low, high, self.bushes, volume)
            yield Progress(MESSAGE, 0.0, 1.0)
        refresh(self.problem.delay, self.loading)

    def measure(self, fraction: float) -> Task[None]:
        """Measure, per origin, the time spent and the time on shortest paths at the present volumes."""
        yield from self.sum_up()
        yield from self._survey(self.origins, fraction)
        if not (np.isfinite(self.gap) and self.gap > -ROUNDING):
            raise DataError(
                f"Travel times of this network are beyond all numbers: the relative gap came out as {self.gap:g}.",
                "Check the units of trips, capacities and powers: a road may carry many times what it can.",
            )

    def _survey(self, origins: Ints, fraction: float) -> Task[None]:
        """Look at origins, two threads abreast, and let those grow that are out of balance."""
        slack = self.slack  # once for all: it follows from what is found for each of them
        for part in self._parts(origins, len(self.problem.graph.tail) / ABREAST, fitted=True):
            left = parts(part)
            self._furnish(len(left))
            while any(len(one) for one in left):
                answers = abreast(partial(self._look, left, slack), len(left))
                yield Progress(MESSAGE, fraction, 1.0)
                left = [one[done:] for one, (done, _) in zip(left, answers, strict=True)]
                if any(said == bush.CYCLE for _, said in answers):
                    raise BugError("a bush has a cycle")
                if any(said == bush.FULL for _, said in answers):
                    self.bushes = yield from larger(self.bushes, self.problem.graph)

    def _look(self, origins: list[Ints], slack: float, number: int) -> tuple[int, int]:
        """Look at one of some parts of the origins at the desk of that number; return how many are done and what stopped it."""
        desk = self.desks[number]
        return growth.survey(
            origins[number],
            self.problem.graph,
            self.bushes,
            self.loading.time,
            self.trips,
            desk.distances,
            desk.labels,
            desk.graft,
            self.outlay,
            self.worth,
            slack,
        )

    def _furnish(self, count: int) -> None:
        """See to it that there are so many desks; the costs of the hierarchy are the same at all."""
        graph = self.problem.graph
        nodes, links = len(graph.in_start) - 1, len(graph.tail)
        while len(self.desks) < count:
            distances = make_distances(graph.hierarchy)._replace(costs=self.distances.costs)
            self.desks.append(Desk(distances, bush.make_labels(nodes), graft.make_graft(nodes, links)))


def _fraction(gap: float, first_gap: float, target_gap: float) -> float:
    """Return how far the gap has come on its way, on a logarithmic scale."""
    if not np.isfinite(gap) or gap <= 0.0 or first_gap <= target_gap:
        return 0.0 if not np.isfinite(gap) else 1.0
    way = np.log(first_gap / target_gap)
    return float(np.clip(np.log(first_gap / gap) / way, 0.0, 1.0)) if way > 0.0 else 1.0
