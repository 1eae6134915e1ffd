"""A plan: every route a ring of stops through a depot of its own, changed in place and taken back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.routing.places import IntArray, Places, leg
from twin.geo import FloatArray

ABSENT = -1


class Plan(NamedTuple):
    """Routes as linked rings; place ``n + r`` is the depot of route ``r``.

    ``after, before`` ``(n + routes,)`` are the next and the last place of each, ``onward`` the distance to the
    next, ``route`` its route (ABSENT while it is in none); ``load, size`` ``(routes,)`` what a route
    picks up and how many stops it has.
    """

    after: IntArray
    before: IntArray
    onward: FloatArray
    route: IntArray
    load: FloatArray
    size: IntArray


def empty_plan(stops: int, routes: int) -> Plan:
    """Return a plan in which no stop is in a route yet."""
    places = stops + routes
    ring = np.arange(places, dtype=np.int32)
    route = np.concatenate([np.full(stops, ABSENT), np.arange(routes)]).astype(np.int32)
    return Plan(ring, ring.copy(), np.zeros(places), route, np.zeros(routes), np.zeros(routes, np.int32))


def copy_plan(plan: Plan) -> Plan:
    """Return a plan of its own with the same routes."""
    return Plan(plan.after.copy(), plan.before.copy(), plan.onward.copy(), plan.route.copy(), plan.load.copy(), plan.size.copy())


@njit(cache=True, nogil=True, inline="always")
def put_in(places: Places, plan: Plan, stop: int, left: int) -> None:
    """Put a stop into the route of ``left``, right after it."""
    right, route = plan.after[left], plan.route[left]
    plan.after[left], plan.before[stop] = stop, left
    plan.after[stop], plan.before[right] = right, stop
    plan.onward[left], plan.onward[stop] = leg(places, left, stop), leg(places, stop, right)
    plan.route[stop] = route
    plan.load[route] += places.demand[stop]
    plan.size[route] += 1


@njit(cache=True, nogil=True, inline="always")
def take_out(places: Places, plan: Plan, stop: int) -> float:
    """Take a stop out of its route and return the distance that this adds (negative: saves)."""
    left, right, route = plan.before[stop], plan.after[stop], plan.route[stop]
    bridged = leg(places, left, right)
    added = bridged - plan.onward[left] - plan.onward[stop]
    plan.after[left], plan.before[right] = right, left
    plan.onward[left] = bridged
    plan.route[stop] = ABSENT
    plan.load[route] -= places.demand[stop]
    plan.size[route] -= 1
    return added  # type: ignore[no-any-return]  # numpy knows no scalar type here


@njit(cache=True, nogil=True)
def length(places: Places, plan: Plan) -> float:
    """Return the length of all routes, summed anew."""
    total = 0.0
    for place in range(len(plan.after)):
        if plan.route[place] != ABSENT:
            total += leg(places, place, plan.after[place])
    return total


def plan_of(places: Places, routes: list[list[int]], room: int) -> Plan:
    """Return the plan of routes given as lists of stops, with room for ``room`` routes."""
    plan = empty_plan(len(places.demand), room)
    n = len(places.demand)
    for number, stops in enumerate(routes):
        left = n + number
        for stop in stops:
            put_in(places, plan, stop, left)
            left = stop
    return plan


def routes_of(plan: Plan) -> list[list[int]]:
    """Return the routes that have stops, as lists of stops in driving order."""
    routes = []
    n = len(plan.after) - len(plan.size)
    for depot in range(n, len(plan.after)):
        stops, place = [], int(plan.after[depot])
        while place != depot:
            stops.append(place)
            place = int(plan.after[place])
        if stops:
            routes.append(stops)
    return routes
