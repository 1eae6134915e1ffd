"""Solve a day of waste collection: few vehicles first, then short ways."""

from __future__ import annotations

import math

import numpy as np

from sim.routing import fleet
from sim.routing.chance import chance
from sim.routing.course import Course, Limit, Solved
from sim.routing.day import FEET_PER_MILE, Day, make_day, way_ft
from sim.routing.drive import drive, way_of
from sim.routing.rounds import ABSENT, Rounds, measure
from twin.errors import DataError
from twin.model.routing_instance import DEPOT, STOP, WasteInstance
from twin.task import Progress, Task

MESSAGE = "Improving the routes"
BLOCK = 2
"""Iterations between two looks at the clock: some tens of milliseconds."""
STOPS_AT_ONCE = 5
FLEET_SHARE = 0.6
"""Share of the time after which no more vehicles are saved."""
SCALE, COOLING = 1.0, 0.05
"""First temperature in mean distances to the five nearest stops, and the last in first ones."""


def solve_waste(instance: WasteInstance, seed: int, limit: Limit) -> Task[Solved]:
    """Find rounds with few vehicles, then with short ways, that keep every rule of the day.

    ``routes`` have the landfills on the way, without the depot; costs are miles. Raises ``DataError`` when
    a stop can be served by no vehicle.
    """
    course = Course(limit)
    yield Progress(MESSAGE, 0.0, 1.0)
    day = make_day(instance)
    search = yield from _first_rounds(instance, day, seed)
    start_ft = search.length_ft[0]
    yield from _save_vehicles(day, search, course)
    yield from _shorten(day, search, course)
    best = search.best
    routes = [_way(day, best, vehicle) for vehicle in range(len(best.size)) if best.size[vehicle] > 0]
    return Solved(routes, float(best.length_ft.sum()) / FEET_PER_MILE, start_ft / FEET_PER_MILE, course.iterations)


def _first_rounds(instance: WasteInstance, day: Day, seed: int) -> Task[fleet.Search]:
    """Put every stop, farthest first, where it adds least; a new vehicle where none can take it."""
    vehicles = 8
    search = fleet.make_search(day, vehicles, chance(seed, 0))
    far_first = np.argsort([-way_ft(day, stop, day.depot) for stop in day.stops], kind="stable")
    search.absent[:] = day.stops[far_first]
    while search.tally[0] > 0:
        before = search.tally[0]
        fleet.put_all_back(day, search, STOPS_AT_ONCE)
        if search.tally[0] == before and vehicles < len(day.stops):
            vehicles *= 2
            search = fleet.make_search(day, vehicles, chance(seed, 0))
            search.absent[:] = day.stops[far_first]
        elif search.tally[0] == before:
            raise DataError(
                f"{instance.name}: no vehicle can serve place {search.absent[0]}.", "Look at its window and its load."
            )
        yield Progress(MESSAGE, 0.0, 1.0)
    search.touched[:] = False
    used = int(np.count_nonzero(search.rounds.size))
    search.tally[1], search.tally[3] = 0, used
    search.length_ft[:] = search.rounds.length_ft.sum()
    fleet.copy_all(search.rounds, search.before)
    fleet.copy_all(search.rounds, search.best)
    return search


def _temperature_ft(day: Day) -> float:
    stops = day.stops
    near = day.near[stops, :5]
    across = np.abs(day.x_ft[near] - day.x_ft[stops, None]) + np.abs(day.y_ft[near] - day.y_ft[stops, None])
    return SCALE * float(across.mean()) if near.size else 0.0


def fewest_vehicles(day: Day) -> int:
    """Return how many vehicles are needed for the load and the number of stops alone."""
    load = float(day.load[day.stops].sum())
    return max(1, math.ceil(load / day.day_capacity - 1e-9), math.ceil(len(day.stops) / day.day_stops))


def _save_vehicles(day: Day, search: fleet.Search, course: Course) -> Task[None]:
    """Take one vehicle's stops away at a time and try to place them on the others."""
    least = fewest_vehicles(day)
    temperature_ft = _temperature_ft(day)
    while search.tally[3] > least and course.fraction < FLEET_SHARE:
        _dismiss(day, search)
        while search.tally[0] > 0 and course.fraction < FLEET_SHARE:
            fleet.anneal(day, search, BLOCK, temperature_ft, True)
            course.iterations += BLOCK
            yield Progress(MESSAGE, min(1.0, course.fraction), 1.0, f"{search.tally[3]} · {search.tally[0]}")
    if search.tally[0] > 0:
        search.tally[:2] = 0
        search.tally[3] += 1
        fleet.copy_all(search.best, search.rounds)
        fleet.copy_all(search.best, search.before)
        search.length_ft[:] = search.best.length_ft.sum()


def _dismiss(day: Day, search: fleet.Search) -> None:
    """Take the vehicle whose stops were absent least often out of use; its stops become absent."""
    rounds, last = search.rounds, int(search.tally[3]) - 1
    missed = [
        search.missed[rounds.stop[vehicle, : rounds.size[vehicle]]].sum() + rounds.size[vehicle] for vehicle in range(last + 1)
    ]
    gone = int(np.argmin(missed))
    stops = rounds.stop[gone, : rounds.size[gone]].copy()
    rounds.stop[gone], rounds.size[gone] = rounds.stop[last], rounds.size[last]
    rounds.size[last] = 0
    rounds.vehicle[stops] = ABSENT
    for vehicle in (gone, last):
        measure(day, rounds, vehicle)
    search.absent[: len(stops)] = stops
    search.before_absent[: len(stops)] = stops
    search.tally[0] = search.tally[1] = len(stops)
    search.tally[3] = last
    search.length_ft[0], search.length_ft[1] = rounds.length_ft.sum(), np.inf
    fleet.copy_all(rounds, search.before)


def _shorten(day: Day, search: fleet.Search, course: Course) -> Task[None]:
    """Anneal with the vehicles there are."""
    first_ft, begun = _temperature_ft(day), course.fraction
    while first_ft > 0.0 and (fraction := course.fraction) < 1.0:
        temperature_ft = first_ft * COOLING ** ((fraction - begun) / (1.0 - begun))
        fleet.anneal(day, search, BLOCK, temperature_ft, False)
        course.iterations += BLOCK
        yield Progress(MESSAGE, min(1.0, fraction), 1.0, f"{search.tally[3]}")


def _way(day: Day, rounds: Rounds, vehicle: int) -> list[int]:
    """Return a vehicle's stops in order with the landfills on its way."""
    stops = rounds.stop[vehicle, : rounds.size[vehicle]]
    drive(day, stops, 0, len(stops), rounds.labels)
    return way_of(rounds.labels, stops)


def warm_up_waste() -> None:
    """Bring all compiled code in by solving a day of two stops."""
    ones = np.ones(4)
    tiny = WasteInstance(
        name="tiny",
        xy_ft=np.arange(8.0).reshape(4, 2),
        kind=np.array([DEPOT, 2, STOP, STOP], np.int8),
        opens_s=0.0 * ones,
        closes_s=86400.0 * ones,
        service_s=ones,
        load=np.array([0.0, 0.0, 1.0, 1.0]),
        capacity=2.0,
        day_capacity=2.0,
        day_stops=2,
        lunch_s=3600.0,
        speed_mph=40.0,
    )
    for _ in solve_waste(tiny, 0, Limit(iterations=BLOCK)):
        pass
