"""Who shares the road beside cars: trucks as a class of their own, buses on their lines, and what a passage costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.assignment.equilibrium import Problem, Solution, unreachable
from sim.assignment.graph import CLOSED_TIME_S, Floats
from sim.travel.network import RoadNetwork
from sim.travel.params import TravelParams
from sim.travel.profile import HOUR_S
from twin.model.snapshot import Snapshot
from twin.task import Task

CARS, TRUCKS = 0, 1
"""Numbers of the classes."""


def with_classes(
    problem: Problem, city: Snapshot, network: RoadNetwork, params: TravelParams
) -> Task[tuple[Problem, tuple[str, ...]]]:
    """Return the problem with tolls, buses and trucks of a (changed) city, and what is to be said of it.

    Tolls are time at the value of time; buses are volume that is there whatever happens. Where trucks have a share,
    that part of the trips of every pair becomes a class in passenger-car equivalents that keeps out of roads
    banned to it; trucks that have no way then are left out.
    """
    links, count = city["link"], len(problem.graph.tail)
    inside = network.place >= 0
    place = network.place[inside]
    toll_s = np.bincount(place, links["toll"][inside] * (HOUR_S / params.value_of_time), count).astype(np.float64)
    background = np.zeros(count)
    np.maximum.at(background, place, links["bus_vph"][inside] * params.bus_pce)
    if background.any():
        problem = replace(problem, background=background)
    if params.truck_share == 0.0:
        return (replace(problem, extra=toll_s[None, :]) if toll_s.any() else problem), ()
    banned = np.bincount(place, links["truck_banned"][inside], count) > 0
    barred = np.where(banned, CLOSED_TIME_S, toll_s)
    cut_off = yield from unreachable(problem.graph, problem.delay.free_time + barred, len(problem.demand))
    cars, trucks = problem.demand * (1.0 - params.truck_share), problem.demand * params.truck_share
    lost = float(trucks[cut_off].sum())
    trucks = np.where(cut_off, 0.0, trucks * params.truck_pce)
    text = f"{lost:.0f} trucks per hour have no way that is open to them and are left out."
    return replace(problem, demand=np.stack([cars, trucks]), extra=np.stack([toll_s, barred])), (text,) if lost > 0.0 else ()


def class_volume(problem: Problem, solution: Solution, number: int) -> Floats:
    """Return the volume ``(m,)`` of one class in passenger-car equivalents."""
    volume = np.zeros(len(problem.graph.tail))
    for origin in range(number * problem.zone_count, (number + 1) * problem.zone_count):
        volume += solution.bushes.flow_of(origin, problem.graph)
    return volume
