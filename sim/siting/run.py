"""The run: from a city and a scenario to the places of its new bins."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from sim.base import Simulation
from sim.digest import input_hash
from sim.siting.bound import upper_bound
from sim.siting.gains import Gains, find_gains, walk_to
from sim.siting.outcome import Plan, indicators, notes_of, tables
from sim.siting.params import BinSitingParams
from sim.siting.places import candidates, residents_at, stands
from sim.siting.search import Chosen, greedy, had, improve
from twin.errors import ScenarioError
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


def simulate(simulation: Simulation, base: Snapshot, scenario: Scenario, params: BinSitingParams, seed: int) -> Task[Result]:
    """Choose places for new bins. Raises ``ScenarioError`` where there is nothing to choose."""
    plan = yield from plan_of(base, scenario, params)
    digest = yield from input_hash(base, simulation.kinds, (), scenario)
    return Result(
        simulation.name,
        scenario.name,
        base.version,
        asdict(params),
        seed,
        simulation.input_hash(scenario, digest, params),
        indicators(plan, params),
        (yield from tables(base, plan, params)),
        {"relative_gap": plan.gap, "places": float(plan.places), "gains": float(plan.pairs)},
        notes_of(base, plan, params),
    )


def plan_of(base: Snapshot, scenario: Scenario, params: BinSitingParams) -> Task[Plan]:
    """Return the best places found.

    People live where the streets of the city as it is are, so that a new road moves nobody; bins may stand along the edited ones.
    """
    edited = scenario.apply(base)
    xy = yield from candidates(base["link"], params.spacing_m)
    residents = yield from residents_at(base["population_cell"], xy)
    same = edited["link"] is base["link"]
    place_xy = xy if same else (yield from candidates(edited["link"], params.spacing_m))
    if params.new_bins > len(place_xy):
        raise ScenarioError(
            f"{params.new_bins} new bins are asked for; the streets have {len(place_xy)} places for one.",
            "Ask for fewer bins, or choose less space between places.",
        )
    lived = np.flatnonzero(residents > 0.0)
    xy, residents = xy[lived], residents[lived]
    there = stands(edited["bin"], params.waste_kind)
    before_m, served_by = walk_to(xy, there.xy, params.detour)
    gains = yield from find_gains(xy, residents, place_xy, before_m, params)
    chosen = yield from _best(gains, params.new_bins)
    of_each = had(gains, chosen)
    found = float(of_each.sum())
    bound = yield from upper_bound(gains, params.new_bins, found, of_each)
    gap = max(0.0, (bound - found) / bound) if bound > 0.0 else 0.0
    return Plan(xy, residents, there, before_m, served_by, place_xy[chosen], gap, bound, len(place_xy), len(gains.place))


def _best(gains: Gains, count: int) -> Task[Chosen]:
    """Return the places, the one that brings most first."""
    begun, _ = yield from greedy(gains, count)
    better = yield from improve(gains, begun)
    ordered, _ = yield from greedy(gains, len(better), better)
    return ordered
