"""How far the quick rounds of a day are from rounds planned at length.

Planned at length by PyVRP, warm-started from the quick rounds: Wouda, N. A., Lan, L., Kool, W. (2024). PyVRP: a
high-performance VRP solver package. INFORMS Journal on Computing 36(4), 943-955. https://doi.org/10.1287/ijoc.2023.0055
What is minimised is the same: the time of all trips, from a disposal site until unloaded, within capacity and shift.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp.stop import MaxIterations

from sim.cleanup.operation import IntArray
from sim.cleanup.routing import DayPlan, Router
from twin.geo import FloatArray
from twin.task import Progress, Task

TICKS_PER_S = 10
"""PyVRP reckons in whole numbers: tenths of a second, whole litres."""
SLICE = 50
"""Iterations between two looks at whether the work is cancelled."""


def optimisation_gap(
    router: Router, plan: DayPlan, load_l: FloatArray, waste: IntArray, iterations: int, seed: int = 0
) -> Task[float]:
    """Return by what share the trips of a day take longer than those found with so many iterations more, over all kinds.

    0 where there are no trips. The longer plan is a bound from above: the true gap is at least this.
    """
    quick_s = long_s = 0.0
    first = plan.trips.bins[plan.trips.start[:-1]]
    for kind in np.unique(waste[first]).tolist():
        trips = [
            plan.trips.bins[plan.trips.start[row] : plan.trips.start[row + 1]] for row in np.flatnonzero(waste[first] == kind)
        ]
        before, after = yield from _planned_at_length(router, trips, load_l, iterations, seed)
        quick_s, long_s = quick_s + before, long_s + after
    return quick_s / long_s - 1.0 if long_s > 0.0 else 0.0


def _planned_at_length(
    router: Router, trips: list[NDArray[np.intp]], load_l: FloatArray, iterations: int, seed: int
) -> Task[tuple[float, float]]:
    """Return the time of trips as they are and as found at length, without the time at the bins."""
    bins = np.concatenate(trips)
    data = _problem(router, bins, load_l, len(trips))
    ends = np.cumsum([len(trip) for trip in trips])
    visits = [list(range(end - len(trip), end)) for trip, end in zip(trips, ends.tolist(), strict=True)]
    best = start = pyvrp.Solution(data, visits)
    for slice_ in range(0, iterations, SLICE):
        yield Progress("Planning rounds", slice_, iterations)
        result = pyvrp.solve(data, MaxIterations(SLICE), seed + slice_, collect_stats=False, display=False, initial_solution=best)
        if result.best.is_feasible() and result.best.distance() < best.distance():
            best = result.best
    return start.distance() / TICKS_PER_S, best.distance() / TICKS_PER_S


def _problem(router: Router, bins: NDArray[np.intp], load_l: FloatArray, trips: int) -> pyvrp.ProblemData:
    """Return the problem of one waste kind: out from the nearest site, back to the best one with unloading."""
    place = router.bin_place[bins]
    time_s = np.zeros((len(bins) + 1, len(bins) + 1))
    time_s[1:, 1:] = router.ways.time_s[np.ix_(place, place)]
    time_s[0, 1:], time_s[1:, 0] = router.out_s[place], router.back_s[place]
    ticks = np.rint(time_s * TICKS_PER_S).astype(np.int64)
    np.fill_diagonal(ticks, 0)
    service = round(router.service_s * TICKS_PER_S)
    clients = [
        pyvrp.Client(row + 1, pickup=[int(np.floor(load_l[bin_]))], service_duration=service)
        for row, bin_ in enumerate(bins.tolist())
    ]
    vehicle = pyvrp.VehicleType(
        2 * trips + 2, capacity=[int(router.capacity_l)], shift_duration=int(router.limit_s * TICKS_PER_S) + len(bins)
    )
    locations = [pyvrp.Location(0, 0)] * (len(bins) + 1)
    matrices: Any = [ticks]  # PyVRP annotates shapes in a way that no array fits
    return pyvrp.ProblemData(locations, clients, [pyvrp.Depot(0)], [vehicle], matrices, matrices)
