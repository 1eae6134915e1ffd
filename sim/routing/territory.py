"""Routes parted among searches that work beside one another, each on a plan of its own, and put together again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.routing.anneal import Search
from sim.routing.chance import Chance
from sim.routing.places import Places
from sim.routing.plan import Plan, copy_plan
from sim.routing.ruin import make_work

FEWEST_ROUTES = 3
"""Routes that a territory must have to be worth a search of its own."""


def part(places: Places, plan: Plan, count: int, turned: float) -> list[NDArray[np.bool_]]:
    """Return marks ``(routes,)`` of the routes of each territory: sectors around the depot with as many stops each.

    ``turned`` (0-1) is where the first sector begins, so that borders move from phase to phase.
    """
    n = len(places.demand)
    used = plan.size > 0
    count = max(1, min(count, int(used.sum()) // FEWEST_ROUTES))
    owner = np.arange(len(used)) % count
    route, sizes = plan.route[:n], np.maximum(plan.size, 1)
    middle = [np.bincount(route, at[:n], len(used)) / sizes - at[n] for at in (places.x, places.y)]
    around = (np.arctan2(middle[1], middle[0]) / (2.0 * np.pi) - turned) % 1.0
    order = np.flatnonzero(used)[np.argsort(around[used], kind="stable")]
    before = np.cumsum(plan.size[order]) - plan.size[order]
    owner[order] = before * count // max(1, n)
    return [owner == one for one in range(count)]


def open_searches(places: Places, plan: Plan, territories: list[NDArray[np.bool_]], states: list[Chance]) -> list[Search]:
    """Return a search for each territory, its lengths counted from 0."""
    n, routes = len(places.demand), len(plan.size)
    return [
        Search(
            plan=copy_plan(plan),
            best=copy_plan(plan),
            work=make_work(n, routes),
            own=own,
            seeds=np.flatnonzero(own[plan.route[:n]]).astype(np.int32),
            differs=np.zeros(n + routes, bool),
            changed=np.empty(n + routes, np.int32),
            length=np.zeros(2),
            tally=np.zeros(2, np.int64),
            state=state,
        )
        for own, state in zip(territories, states, strict=False)
    ]


def together(plan: Plan, searches: list[Search], *, best: bool) -> tuple[Plan, float]:
    """Return the plan of all territories, each as its search has it now or had it at best, and the length added."""
    whole = copy_plan(plan)
    for search in searches:
        found = search.best if best else search.plan
        rows = search.own[plan.route]
        whole.after[rows], whole.before[rows] = found.after[rows], found.before[rows]
        whole.onward[rows], whole.route[rows] = found.onward[rows], found.route[rows]
        whole.load[search.own], whole.size[search.own] = found.load[search.own], found.size[search.own]
    return whole, float(sum(search.length[1 if best else 0] for search in searches))
