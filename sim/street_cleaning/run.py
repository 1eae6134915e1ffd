"""The run: from a city and a scenario to the days of its sweepers."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from sim.base import Simulation
from sim.digest import input_hash
from sim.network.kerb import Kerb, largest
from sim.network.streets import Streets, build_streets
from sim.street_cleaning.area import Yards, find_areas, part_places
from sim.street_cleaning.day import Day, put_on_sweepers
from sim.street_cleaning.kerbs import Kerbs, find_kerbs
from sim.street_cleaning.outcome import DayDone, Site, indicators, notes_of, tables
from sim.street_cleaning.params import StreetCleaningParams
from sim.street_cleaning.trips import trips_of
from sim.street_cleaning.ways import measure_ways, prepare_ground
from twin.errors import ScenarioError
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

READING = Progress("Reading the city")
NAMED = 5
"""Things that a note names; of more it tells the number."""


@dataclass(frozen=True, eq=False)
class _Placed:
    """Nodes of depots and of sites to dump at; sweepers of each depot."""

    depot: NDArray[np.int32]
    site: NDArray[np.int32]
    sweepers: NDArray[np.int32]


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
        {"kerbs": float(len(site.kerbs.link)), "replications": float(params.replications)},
        notes_of(base, done, notes),
    )


def prepare(base: Snapshot, scenario: Scenario, params: StreetCleaningParams, notes: list[str]) -> Task[tuple[Kerbs, Site]]:
    """Return the kerbs before the edits, and what the days of a scenario need; what is assumed is added to ``notes``."""
    yield READING
    edited = scenario.apply(base)
    before, kerbs = find_kerbs(base, edited, params)
    yield READING
    roads = build_streets(base, params.speed_factor)
    yield READING
    kerb = Kerb(base, largest(roads.component()))
    yield READING
    is_changed = any(edited[kind] is not base[kind] for kind in ("node", "link", "movement"))
    streets = build_streets(edited, params.speed_factor) if is_changed else roads
    yield READING
    placed = _in_main(streets, edited, _placed(kerb, edited, params, notes), notes)
    yield READING
    yard_node = np.concatenate([placed.depot, placed.site])
    ground = yield from prepare_ground(streets, len(edited["link"]), yard_node)
    number = np.arange(len(yard_node))
    own = yield from measure_ways(ground, np.empty(0, np.int32))
    yards = Yards(number[: len(placed.depot)], number[len(placed.depot) :], placed.sweepers, own)
    return before, Site(edited, kerbs, ground, yards)


def _days(site: Site, before: Kerbs, params: StreetCleaningParams) -> Task[tuple[list[DayDone], Day]]:
    """Return what the replications of each day add up to, and the first day's first plan; days alike are planned once."""
    known: dict[bytes, DayDone] = {}
    done: list[DayDone] = []
    drawn: Day | None = None
    for day in range(params.days):
        yield Progress("Planning the days of the sweepers", day, params.days)
        due = site.kerbs.due(day)
        places = part_places(before.along[before.due(day)])
        key = due.tobytes() + places.tobytes()
        if key not in known:
            areas = yield from find_areas(site.kerbs, due, places, site.ground, site.yards)
            plans = []
            for replication in range(params.replications):
                trips = yield from trips_of(site.kerbs, areas, site.yards, params, replication)
                yield Progress("Planning the days of the sweepers", day, params.days)
                plans.append(put_on_sweepers(site.kerbs, trips, site.yards, params))
            drawn = drawn or plans[0]
            known[key] = DayDone.of(site.kerbs, due, sum(area.least_s for area in areas), plans)
        done.append(known[key])
    assert drawn is not None  # noqa: S101  there is at least one day
    return done, drawn


def _placed(kerb: Kerb, edited: Snapshot, params: StreetCleaningParams, notes: list[str]) -> _Placed:
    """Put depots and sites on the roads; what the city does not have is assumed and noted."""
    depots, sites = edited["depot"], edited["disposal_site"]
    if len(depots):
        depot = kerb.nearest(depots.xy)[0]
    else:
        middle = kerb.node_xy[kerb.in_main].mean(axis=0)
        depot = np.array([kerb.node_near(middle)], np.int32)
        notes.append("This city has no depot; one is assumed in the middle of its roads.")
    if not len(sites):
        notes.append("This city has no disposal site; sweepers dump at their depots.")
    site = kerb.nearest(sites.xy)[0] if len(sites) else depot
    return _Placed(depot, site, np.full(len(depot), params.sweepers, np.int32))


def _in_main(streets: Streets, edited: Snapshot, placed: _Placed, notes: list[str]) -> _Placed:
    """Leave out what closures cut off. Raises ``ScenarioError`` when no depot or no site is left."""
    part = streets.component()
    main = np.bincount(part).argmax()
    kept = {}
    for name, what, ids in (
        ("depot", "depots", edited["depot"].ids),
        ("site", "disposal sites", edited["disposal_site"].ids),
    ):
        mine = part[getattr(placed, name)] == main
        if not mine.any():
            raise ScenarioError(
                f"The closed roads cut every one of the {len(mine)} {what} off from the other roads.",
                "Open one of the closed roads around them in the scenario.",
            )
        if not mine.all():
            lost = ids[~mine]
            named = ", ".join(lost[:NAMED].tolist()) + (" …" if len(lost) > NAMED else "")
            notes.append(f"{len(lost)} of {len(mine)} {what} are cut off by closed roads and not used: {named}.")
        kept[name] = mine
    return _Placed(placed.depot[kept["depot"]], placed.site[kept["site"]], placed.sweepers[kept["depot"]])
