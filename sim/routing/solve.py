"""Solve a capacitated problem: savings, then annealing in moving territories, for a time or a number of iterations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from sim.routing.anneal import Search, anneal
from sim.routing.chance import chance, draw
from sim.routing.course import Course, Limit, Solved
from sim.routing.giant import giant_routes
from sim.routing.places import Places, make_places
from sim.routing.plan import Plan, length, plan_of, routes_of
from sim.routing.savings import savings_routes
from sim.routing.territory import open_searches, part, together
from twin.errors import BugError
from twin.model.routing_instance import CapacityInstance
from twin.task import Progress, Task

MESSAGE = "Improving the routes"
BLOCK = 2000
"""Iterations between two looks at the clock: some tens of milliseconds."""
PHASE = 10
"""Blocks after which territories are parted anew."""
TERRITORIES = 2
SPARE_ROUTES = 0.1
"""Room for more routes than the first plan has, as a share of them."""
LONG_ROUTE = 100
"""Mean stops that a vehicle has room for, from which on the first plan is cut from one tour."""
SCALE = 1.0
"""First temperature, in mean distances to the five nearest stops."""
COOLING = 0.1
"""Last temperature, in first ones."""

Spread = Callable[[Callable[[Search], None], Iterable[Search]], Iterable[Any]]
"""What does one job for each of several searches: ``map``, or that of a pool of threads."""


def solve(instance: CapacityInstance, seed: int, limit: Limit, spread: Spread = map) -> Task[Solved]:
    """Find short routes that serve every stop once within the capacity.

    The same instance, seed and number of iterations give the same routes, with any ``spread``.
    """
    course = Course(limit)
    yield Progress(MESSAGE, 0.0, 1.0)
    places, plan = first_plan(instance)
    yield Progress(MESSAGE, course.fraction, 1.0)
    start = length(places, plan)
    best, iterations = yield from _improve(places, plan, start, seed, course, spread)
    cost = length(places, best)
    if cost > start + 1e-6:
        raise BugError("a search for shorter routes ended with longer ones")
    return Solved([[stop + 1 for stop in route] for route in routes_of(best)], cost, start, iterations)


def first_plan(instance: CapacityInstance) -> tuple[Places, Plan]:
    """Return the places of a problem and its plan by savings, with room for more routes."""
    places = make_places(instance, 1)
    is_long = len(places.demand) * places.capacity > LONG_ROUTE * places.demand.sum()
    routes = giant_routes(places) if is_long else savings_routes(places)
    room = len(routes) + 2 * TERRITORIES + int(SPARE_ROUTES * len(routes))
    places = make_places(instance, room)
    return places, plan_of(places, routes, room)


def _improve(places: Places, plan: Plan, start: float, seed: int, course: Course, spread: Spread) -> Task[tuple[Plan, int]]:
    """Anneal phase after phase; return the shortest plan met and the iterations done."""
    states = [chance(seed, stream) for stream in range(TERRITORIES + 1)]
    first_temperature = SCALE * float(places.reach[:, :5].mean()) if places.reach.size else 0.0
    now = least = start
    best = plan
    while course.fraction < 1.0 and first_temperature > 0.0:
        territories = part(places, plan, TERRITORIES, draw(states[-1]))
        searches = open_searches(places, plan, territories, states)
        yield from _phase(places, searches, first_temperature, course, spread)
        found, added = together(plan, searches, best=True)
        if now + added < least - 1e-7:
            best, least = found, now + added
        plan, added = together(plan, searches, best=False)
        now += added
    return best, course.iterations


def _phase(places: Places, searches: list[Search], first_temperature: float, course: Course, spread: Spread) -> Task[None]:
    """Let every search anneal for a number of blocks."""
    for _ in range(PHASE):
        fraction = course.fraction
        if fraction >= 1.0:
            return
        temperature = first_temperature * COOLING**fraction
        list(spread(lambda search: anneal(places, search, BLOCK, temperature), searches))  # noqa: B023  called at once
        course.iterations += BLOCK * len(searches)
        yield Progress(MESSAGE, min(1.0, fraction), 1.0)


def warm_up() -> None:
    """Bring all compiled code in by solving a problem of three stops."""
    xy = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [3.0, 3.0]])
    tiny = CapacityInstance("tiny", xy, np.array([0.0, 1.0, 1.0, 1.0]), 2.0, is_rounded=False)
    places, plan = first_plan(tiny)
    giant_routes(places)
    [search] = open_searches(places, plan, part(places, plan, 1, 0.0), [chance(0, 0)])
    anneal(places, search, 1, 1.0)
    length(places, plan)
    draw(search.state)
