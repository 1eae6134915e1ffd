"""The run: from a city and a scenario to the days of its crews."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np

from sim.base import Simulation
from sim.cells import cells_of
from sim.crews.days import Days, spend
from sim.crews.outcome import RESOLUTION, Department, cell_table, indicators, notes_of
from sim.crews.params import CrewsParams
from sim.crews.ways import Ground, prepare_ground
from sim.crews.workload import Course, Workload, draw_course, find_workload
from sim.digest import input_hash
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

MESSAGE = "Simulating the days of the crews"
MOST_MORE = 30
"""Crews more than the work alone takes, up to which it is looked for what is enough."""


def simulate(simulation: Simulation, base: Snapshot, scenario: Scenario, params: CrewsParams, seed: int) -> Task[Result]:
    """Simulate the crews of a scenario. Raises ``ScenarioError`` where there is nothing to do or no road to it."""
    notes: list[str] = []
    yield Progress("Reading the city")
    load = find_workload(base, params)
    edited = scenario.apply(base)
    yield Progress("Reading the city")
    ground = yield from prepare_ground(base, edited, load.xy, params.speed_factor, notes)
    courses = yield from _courses(load, params, seed)
    departments = []
    for name, kinds in load.departments().items():
        own = [course.of(kinds) for course in courses]
        crews = params.crews_for(name)
        days = yield from _all_days(own, load, ground, crews, params)
        enough = yield from _enough(own, load, ground, params)
        departments.append(Department(name, crews, enough, tuple(days)))
    cells, cell = yield from cells_of(base.projection, load.xy, RESOLUTION, Progress("Putting the result together"))
    digest = yield from input_hash(base, simulation.kinds, (), scenario)
    return Result(
        simulation.name,
        scenario.name,
        base.version,
        asdict(params),
        seed,
        simulation.input_hash(scenario, digest, params, seed),
        indicators(departments, load, params),
        {"cell": cell_table(departments, cells, cell, params)},
        {"places": float(len(ground.time_s)), "depots": float(len(ground.depot)), "replications": float(params.replications)},
        notes_of(base, load, departments, params, notes),
    )


def _courses(load: Workload, params: CrewsParams, seed: int) -> Task[list[Course]]:
    courses = []
    for replication in range(params.replications):
        yield Progress(MESSAGE, replication, params.replications)
        courses.append(draw_course(load, params, seed, replication, 2 * params.warm_up_days + params.days))
    return courses


def _all_days(courses: list[Course], load: Workload, ground: Ground, crews: int, params: CrewsParams) -> Task[list[Days]]:
    days = []
    for number, course in enumerate(courses):
        yield Progress(MESSAGE, number, len(courses))
        days.append(spend(course, load, ground, crews, params))
    return days


def _enough(courses: list[Course], load: Workload, ground: Ground, params: CrewsParams) -> Task[int | None]:
    """Return how many crews do enough of the cases in time; None where no number does."""
    in_time = np.concatenate(
        [(course.work_s <= load.limit_s[course.kind]) & (ground.case[course.where] >= 0) for course in courses]
    )
    if not len(in_time) or in_time.mean() < params.target:
        return None
    until_s = (2 * params.warm_up_days + params.days) * params.shift_h * 3600.0
    at_least = max(1, math.ceil(float(np.mean([course.work_s.sum() for course in courses])) / until_s))
    for crews in range(at_least, at_least + MOST_MORE):
        days = yield from _all_days(courses, load, ground, crews, params)
        late = np.concatenate([day.is_late for day in days])
        if not len(late) or 1.0 - late.mean() >= params.target:
            return crews
    return None
