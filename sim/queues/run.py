"""A scenario's vehicles on its roads, from the start of the period until the queues are gone or time is up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from sim.kinematic_wave.capacity import Windows, no_windows
from sim.kinematic_wave.run import Clock, Habits, Outcome, Problem, simulate, simulate_again
from sim.queues.habits import learn
from sim.queues.params import QueuesParams
from sim.queues.roads import CityRoads, blocked_lanes, make_roads
from sim.queues.vehicles import make_vehicles, zone_exits
from sim.travel.baseline import Baseline
from sim.travel.cells import Pieces, cut_into_cells
from sim.travel.edited_network import edit_network
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

SERIES_S = 300.0
SNAPSHOT_S = 900.0


@dataclass(frozen=True, eq=False)
class Ground:
    """An ordinary day: what is out of the ordinary, on the same roads with the same habits, is told from it."""

    key: str
    problem: Problem
    outcome: Outcome


@dataclass(frozen=True, eq=False)
class Ran:
    """What is to be told: the changed city, its roads in the engine and what happened on them."""

    city: Snapshot
    roads: CityRoads
    pieces: Pieces
    problem: Problem
    outcome: Outcome
    ground: Ground


def run_scenario(
    baseline: Baseline, snapshot: Snapshot, scenario: Scenario, params: QueuesParams, seed: int, kept: Ground | None
) -> Task[Ran]:
    """Simulate a scenario of the city that the baseline was made of.

    Its lasting edits, and events that are announced, make a day to which drivers are used; incidents break in upon that. With
    the ground of an earlier run ``kept``, an incident costs only the time from its last snapshot on; the outcome is the same to
    the last bit.
    """
    changed = scenario.apply(snapshot)
    edited = yield from edit_network(baseline.network, snapshot, changed, params)
    pieces = baseline.pieces
    if edited.successors is not None:
        pieces = yield from cut_into_cells(changed["link"], edited.network.length_m, snapshot.projection)
    yield Progress("Building the road network")
    roads = make_roads(changed, edited.network, params)
    clock = Clock(params.horizon_s, SERIES_S, params.renew_s, SNAPSHOT_S, params.groups, params.relief)
    trips = yield from make_vehicles(baseline, scenario, roads.network, params, seed)
    ground = yield from _ground(Problem(roads.network, trips, zone_exits(baseline.network.zones), clock), kept)
    windows, outcome = blocked_lanes(changed, roads, scenario, params.start_s), ground.outcome
    problem = _out_of_the_ordinary(ground, windows, params)
    if len(windows.link):
        outcome = yield from simulate_again(problem, ground.problem, ground.outcome)
    return Ran(changed, roads, pieces, problem, outcome, ground)


def _out_of_the_ordinary(ground: Ground, windows: Windows, params: QueuesParams) -> Problem:
    """Return the problem of the same day with incidents, of which some drivers hear."""
    habits = ground.problem.habits
    assert habits is not None  # noqa: S101  the ground has them
    informed = round(params.informed * params.groups)
    habits = replace(habits, informed=informed, usual_s=ground.outcome.seen_s)
    return replace(ground.problem, windows=windows, habits=habits)


def _ground(problem: Problem, kept: Ground | None) -> Task[Ground]:
    """Return the ordinary day: the one kept, if it was of the same roads and trips."""
    digest = hashlib.blake2b(repr(problem.clock).encode(), digest_size=16)
    network = problem.network
    for column in (network.link, network.is_open, problem.trips.trip, problem.trips.start, *problem.exits):
        digest.update(column.tobytes())
        yield Progress("Reading the city")
    key = digest.hexdigest()
    if kept is not None and kept.key == key:
        return kept
    problem = replace(problem, windows=no_windows(), habits=Habits((yield from learn(problem))))
    return Ground(key, problem, (yield from simulate(problem)))
