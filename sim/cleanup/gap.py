"""How far the quick rounds of a day are from rounds planned at length."""

from __future__ import annotations

from sim.cleanup.long_search import driving_s, search_trips
from sim.cleanup.router import Router
from sim.cleanup.routing import DayPlan
from twin.geo import FloatArray
from twin.task import Task


def optimisation_gap(router: Router, plan: DayPlan, load_l: FloatArray, iterations: int, seed: int = 0) -> Task[float]:
    """Return by what share the trips of a day take longer than those found with so many iterations more, over all kinds.

    0 where there are no trips. The longer plan is a bound from above: the true gap is at least this.
    """
    if not len(plan.trips.load_l):
        return 0.0
    longer = yield from search_trips(router, plan.trips, load_l, iterations, seed)
    return driving_s(router, plan.trips) / driving_s(router, longer) - 1.0
