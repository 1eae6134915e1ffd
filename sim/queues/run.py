"""A scenario's vehicles on its roads, from the start of the period until the queues are gone or time is up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from sim.kinematic_wave.capacity import no_windows
from sim.kinematic_wave.run import Clock, Outcome, Problem, simulate, simulate_again
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
    """A run without incidents: any incident on the same roads and trips goes on from its snapshots."""

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

    With the ground of an earlier run ``kept``, an incident costs only the time from its last snapshot on; the
    outcome is the same to the last bit.
    """
    changed = scenario.apply(snapshot)
    edited = yield from edit_network(baseline.network, snapshot, changed, params)
    pieces = baseline.pieces
    if edited.successors is not None:
        pieces = yield from cut_into_cells(changed["link"], edited.network.length_m, snapshot.projection)
    yield Progress("Building the road network")
    roads = make_roads(changed, edited.network, params)
    trips = yield from make_vehicles(baseline, scenario, roads.network, params, seed)
    clock = Clock(params.horizon_s, SERIES_S, params.renew_s, SNAPSHOT_S, params.groups, params.relief)
    problem = Problem(roads.network, trips, zone_exits(baseline.network.zones), clock)
    ground = yield from _ground(problem, kept)
    problem = replace(ground.problem, windows=blocked_lanes(changed, roads, scenario, params.start_s))
    outcome = ground.outcome
    if len(problem.windows.link):
        outcome = yield from simulate_again(problem, ground.problem, ground.outcome)
    return Ran(changed, roads, pieces, problem, outcome, ground)


def _ground(problem: Problem, kept: Ground | None) -> Task[Ground]:
    """Return the run without incidents: the one kept, if it was of the same roads and trips."""
    digest = hashlib.blake2b(repr(problem.clock).encode(), digest_size=16)
    network = problem.network
    for column in (network.link, network.is_open, problem.trips.trip, problem.trips.start, *problem.exits):
        digest.update(column.tobytes())
        yield Progress("Reading the city")
    key = digest.hexdigest()
    if kept is not None and kept.key == key:
        return kept
    problem = replace(problem, windows=no_windows())
    return Ground(key, problem, (yield from simulate(problem)))
