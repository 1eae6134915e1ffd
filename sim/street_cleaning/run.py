"""The run: from a city and a scenario to the days of its sweepers."""

from __future__ import annotations

from dataclasses import asdict

from sim.arc_routing.area import find_areas, part_places
from sim.arc_routing.trips import trips_of
from sim.arc_routing.yards import READING, prepare_yards
from sim.base import Simulation
from sim.digest import input_hash
from sim.street_cleaning.day import Day, put_on_sweepers
from sim.street_cleaning.kerbs import Calendar, find_calendars
from sim.street_cleaning.outcome import DayDone, Site, indicators, notes_of, tables
from sim.street_cleaning.params import StreetCleaningParams
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task


def simulate(simulation: Simulation, base: Snapshot, scenario: Scenario, params: StreetCleaningParams, seed: int) -> Task[Result]:
    """Plan the sweepers' days of a scenario. Raises ``ScenarioError`` where there is nothing to sweep."""
    notes: list[str] = []
    before, site = yield from prepare(base, scenario, params, notes)
    done, drawn = yield from _days(site, before, params)
    digest = yield from input_hash(base, simulation.kinds, (), scenario)
    return Result(
        simulation.name,
        scenario.name,
        base.version,
        asdict(params),
        seed,
        simulation.input_hash(scenario, digest, params),
        indicators(done, site, params),
        (yield from tables(done, drawn, site, params)),
        {"kerbs": float(len(site.calendar.kerbs.link)), "replications": float(params.replications)},
        notes_of(base, done, notes),
    )


def prepare(base: Snapshot, scenario: Scenario, params: StreetCleaningParams, notes: list[str]) -> Task[tuple[Calendar, Site]]:
    """Return the days of kerbs before the edits, and what those of a scenario need; what is assumed is added to ``notes``."""
    yield READING
    edited = scenario.apply(base)
    before, calendar = find_calendars(base, edited, params)
    yield READING
    ground, yards = yield from prepare_yards(base, edited, params.speed_factor, notes)
    return before, Site(edited, calendar, ground, yards)


def _days(site: Site, before: Calendar, params: StreetCleaningParams) -> Task[tuple[list[DayDone], Day]]:
    """Return what the replications of each day add up to, and the first day's first plan; days alike are planned once."""
    known: dict[bytes, DayDone] = {}
    done: list[DayDone] = []
    drawn: Day | None = None
    for day in range(params.days):
        yield Progress("Planning the days of the sweepers", day, params.days)
        due = site.calendar.due(day)
        places = part_places(before.kerbs.along[before.due(day)])
        key = due.tobytes() + places.tobytes()
        if key not in known:
            areas = yield from find_areas(site.calendar.kerbs, due, places, site.ground, site.yards)
            plans = []
            for replication in range(params.replications):
                trips = yield from trips_of(site.calendar.kerbs, areas, site.yards, params.rules, replication)
                yield Progress("Planning the days of the sweepers", day, params.days)
                plans.append(put_on_sweepers(site.calendar, trips, site.yards, params))
            drawn = drawn or plans[0]
            known[key] = DayDone.of(site.calendar.kerbs, due, sum(area.least_s for area in areas), plans)
        done.append(known[key])
    assert drawn is not None  # noqa: S101  there is at least one day
    return done, drawn
