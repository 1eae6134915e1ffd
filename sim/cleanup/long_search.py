"""The day that will be driven: its quick rounds, planned on at length.

By PyVRP, warm-started from the quick rounds: Wouda, N. A., Lan, L., Kool, W. (2024). PyVRP: a high-performance VRP solver
package. INFORMS Journal on Computing 36(4), 943-955. https://doi.org/10.1287/ijoc.2023.0055
What is minimised is the same: the time of all trips, from a disposal site until unloaded, within capacity, shift and access.
Trips that lie beside each other on the giant tour are searched together, a territory at a time; the second time the borders
lie elsewhere. The trips are then put on the trucks as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp.search import NeighbourhoodParams
from pyvrp.stop import MaxIterations

from sim.abreast import THREADS, abreast
from sim.cleanup.router import Router
from sim.cleanup.routing import DayPlan, Trips, described, joined, limit_of, put_on_trucks
from twin.geo import FloatArray
from twin.task import Progress, Task

TICKS_PER_S = 10
TICKS_PER_L = 1000
"""PyVRP reckons in whole numbers: tenths of a second, thousandths of a litre."""
SLICE = 50
"""Iterations between two looks at whether the work is cancelled."""
MOST_STOPS = 200
"""Stops of a territory: with more the same work improves a day less, and a cancel would wait for it."""
NEIGHBOURS = 20
"""Stops that each one is tried beside: with PyVRP's 50 a day became no better and took half as long again."""
SEARCH = pyvrp.SolveParams(neighbourhood=NeighbourhoodParams(num_neighbours=NEIGHBOURS))
ORDERS = 24
"""Orders in which trips are put on the trucks; the best is taken."""
MESSAGE = "Planning the day that will be driven"

Bins = NDArray[np.intp]


def plan_at_length(router: Router, plan: DayPlan, load_l: FloatArray, iterations: int, seed: int = 0) -> Task[DayPlan]:
    """Return the day with its trips searched on, or as it is where that makes it no better.

    ``load_l`` ``(bins,)`` is what is taken from each bin; ``iterations`` are those of each territory and border.
    """
    if not iterations or not len(plan.trips.load_l):
        return plan
    trips = yield from search_trips(router, plan.trips, load_l, iterations, seed)
    return min(_days(router, trips, seed), plan, key=_merit)


def _merit(plan: DayPlan) -> tuple[int, float]:
    """Return what a day is better by, the less: stops that are left, then work."""
    return len(plan.trips.bins) - len(plan.served), float(plan.truck_s.sum())


def _days(router: Router, trips: Trips, seed: int) -> DayPlan:
    """Return the best day of trips that are put on the trucks in several orders."""
    chance = np.random.default_rng(seed)
    best = put_on_trucks(router, trips)
    for _ in range(ORDERS):
        # Long trips first, but not strictly.
        weight = trips.inner_s * chance.uniform(0.5, 1.5, len(trips.inner_s))
        best = min(best, put_on_trucks(router, trips, weight), key=_merit)
    return best


def search_trips(router: Router, trips: Trips, load_l: FloatArray, iterations: int, seed: int) -> Task[Trips]:
    """Return shorter trips to the same stops, by kind of waste and window."""
    parts = []
    for kind, window in sorted(set(zip(trips.kind.tolist(), trips.window.tolist(), strict=True))):
        members = np.flatnonzero((trips.kind == kind) & (trips.window == window)).tolist()
        stops = [trips.bins[trips.start[row] : trips.start[row + 1]] for row in members]
        for is_shifted in (False, True):
            stops = yield from _searched(router, kind, window, stops, load_l, iterations, seed, is_shifted=is_shifted)
        bins = np.concatenate(stops)
        start = np.concatenate([[0], np.cumsum([len(trip) for trip in stops])])
        parts.append(described(router, kind, window, bins, start, load_l[bins]))
    return joined(parts)


def _searched(
    router: Router,
    kind: int,
    window: int,
    trips: list[Bins],
    load_l: FloatArray,
    iterations: int,
    seed: int,
    *,
    is_shifted: bool,
) -> Task[list[Bins]]:
    """Return the trips of one kind and window, each territory searched."""
    trips = sorted(trips, key=lambda trip: (float(np.median(router.rank[router.bin_place[trip]])), int(trip[0])))
    found: list[Bins] = []
    borders = _borders([len(trip) for trip in trips], is_shifted=is_shifted)
    parts = [trips[first:last] for first, last in pairwise(borders)]
    for low in range(0, len(parts), THREADS):
        territories = [_territory(router, kind, window, part, load_l) for part in parts[low : low + THREADS]]
        for slice_ in range(0, iterations, SLICE):
            yield Progress(MESSAGE, low + slice_ / iterations, len(parts))
            work = partial(_better, territories, min(SLICE, iterations - slice_), seed + slice_)
            territories = abreast(work, len(territories))
        found.extend(trip for territory in territories for trip in territory.trips())
    return found


def _borders(sizes: Sequence[int], *, is_shifted: bool) -> list[int]:
    """Return the trips at which territories begin, with the end; shifted, the first one has half the stops."""
    borders, stops, most = [0], 0, MOST_STOPS // 2 if is_shifted else MOST_STOPS
    for number, size in enumerate(sizes):
        if stops and stops + size > most:
            borders.append(number)
            stops, most = 0, MOST_STOPS
        stops += size
    return [*borders, len(sizes)]


@dataclass(frozen=True, eq=False)
class Territory:
    """Trips that are searched together; ``best`` is None where nothing can be searched."""

    bins: Bins
    start: list[Bins]
    data: pyvrp.ProblemData
    best: pyvrp.Solution | None

    def trips(self) -> list[Bins]:
        """Return the bins of each trip in their order."""
        if self.best is None:
            return self.start
        return [self.bins[[visit.idx for visit in route if visit.is_client()]] for route in self.best.routes()]


def _territory(router: Router, kind: int, window: int, trips: list[Bins], load_l: FloatArray) -> Territory:
    """Return what there is to search of some trips."""
    bins = np.concatenate(trips)
    data = _problem(router, kind, window, bins, load_l, len(trips))
    ends = np.cumsum([len(trip) for trip in trips])
    start = pyvrp.Solution(data, [list(range(end - len(trip), end)) for trip, end in zip(trips, ends.tolist(), strict=True)])
    # Not feasible: by a rounding, or by a stop so far away that it breaks the limit alone.
    return Territory(bins, trips, data, start if start.is_feasible() else None)


def _better(territories: list[Territory], iterations: int, seed: int, number: int) -> Territory:
    """Return one of some territories searched on; PyVRP lets go of the interpreter's lock."""
    mine = territories[number]
    if mine.best is None:
        return mine
    stop = MaxIterations(iterations)
    said = pyvrp.solve(mine.data, stop, seed, params=SEARCH, collect_stats=False, display=False, initial_solution=mine.best)
    is_better = said.best.is_feasible() and said.best.distance() < mine.best.distance()
    return replace(mine, best=said.best) if is_better else mine


def _problem(router: Router, kind: int, window: int, bins: Bins, load_l: FloatArray, trips: int) -> pyvrp.ProblemData:
    """Return the problem of some stops: out from the nearest site, back to the best one with unloading."""
    place, work = router.bin_place[bins], router.work[kind]
    time_s = np.zeros((len(bins) + 1, len(bins) + 1))
    time_s[1:, 1:] = router.ways.time_s[np.ix_(place, place)]
    time_s[0, 1:], time_s[1:, 0] = work.out_s[place], work.back_s[place]
    ticks = np.rint(time_s * TICKS_PER_S).astype(np.int64)
    np.fill_diagonal(ticks, 0)
    service = round(router.service_s * TICKS_PER_S)
    clients = [
        pyvrp.Client(row + 1, pickup=[int(np.ceil(load_l[bin_] * TICKS_PER_L))], service_duration=service)
        for row, bin_ in enumerate(bins.tolist())
    ]
    limit_s = limit_of(router, kind, window, place)
    vehicle = pyvrp.VehicleType(
        2 * trips + 2, capacity=[int(work.capacity_l * TICKS_PER_L)], shift_duration=int(limit_s * TICKS_PER_S) + len(bins)
    )
    locations = [pyvrp.Location(0, 0)] * (len(bins) + 1)
    matrices: Any = [ticks]  # PyVRP annotates shapes in a way that no array fits
    return pyvrp.ProblemData(locations, clients, [pyvrp.Depot(0)], [vehicle], matrices, matrices)


def driving_s(router: Router, trips: Trips) -> float:
    """Return the time of trips from a disposal site until unloaded, without the time at the bins."""
    first = router.bin_place[trips.bins[trips.start[:-1]]]
    out_s = sum(float(router.work[kind].out_s[first[trips.kind == kind]].sum()) for kind in set(trips.kind.tolist()))
    return out_s + float(trips.inner_s.sum()) - router.service_s * len(trips.bins)
