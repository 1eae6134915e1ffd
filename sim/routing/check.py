"""Check routes against their problem, with nothing in common with the engine that made them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from twin.model.routing_instance import CapacityInstance

SLACK = 1e-6
"""Rounding of sums that is no fault."""


def route_cost(instance: CapacityInstance, routes: Sequence[Sequence[int]]) -> float:
    """Return the total distance of routes given as rows of the problem, each from and to the depot."""
    total = 0.0
    for route in routes:
        way = [0, *route, 0]
        total += sum(_distance(instance, a, b) for a, b in pairwise(way))
    return total


def capacity_faults(instance: CapacityInstance, routes: Sequence[Sequence[int]]) -> list[str]:
    """Return what is wrong with routes: stops not served once, loads over the capacity. Empty if they are sound."""
    served = Counter(stop for route in routes for stop in route)
    stops = range(1, len(instance.demand))
    faults = [f"stop {stop} is served {served[stop]} times" for stop in stops if served[stop] != 1]
    faults += [f"there is no stop {stop}" for stop in sorted(served) if stop not in stops]
    for number, route in enumerate(routes, 1):
        load = math.fsum(instance.demand[stop] for stop in route if stop in stops)
        if load > instance.capacity + SLACK:
            faults.append(f"route {number} carries {load:g} of {instance.capacity:g}")
    return faults


def _distance(instance: CapacityInstance, a: int, b: int) -> float:
    if instance.matrix is not None:
        return float(instance.matrix[a, b])
    distance = math.dist(instance.xy[a], instance.xy[b])
    return float(math.floor(distance + 0.5)) if instance.is_rounded else distance
