"""A scenario solved from the baseline's equilibrium, told in tables and indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.assignment.delay import beckmann_objective
from sim.assignment.equilibrium import Problem, solve_again, unreachable
from sim.assignment.graph import CLOSED_TIME_S
from sim.congestion import outcome
from sim.congestion.params import CongestionParams
from sim.travel.baseline import Baseline, city_volume
from sim.travel.demand import scaled
from sim.travel.indices import family_named
from sim.travel.road_delay import graph_delay, road_delay
from sim.travel.traffic import cells_as_areas
from twin.model.results import Indicator, ResultTable
from twin.model.scenario import ScaleDemand, Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The outcome of one scenario."""

    indicators: tuple[Indicator, ...]
    tables: Mapping[str, ResultTable]
    diagnostics: Mapping[str, float]
    notes: tuple[str, ...]


def solve_scenario(baseline: Baseline, snapshot: Snapshot, scenario: Scenario, params: CongestionParams) -> Task[WhatIf]:
    """Solve a scenario of the snapshot from the baseline and describe the outcome."""
    changed = scenario.apply(snapshot)
    links, network = changed["link"], baseline.network
    wanted = scaled(baseline.problem.demand, network.zones, scenario.edits_of(ScaleDemand))
    problem, unserved = yield from _served(Problem(network.graph, graph_delay(changed, network, params), wanted))
    solution = yield from solve_again(problem, baseline.problem, baseline.solution, params.relative_gap)
    yield Progress("Measuring congestion")
    delay, family = road_delay(changed, network, params), family_named(params.index_family)
    now, before = (
        outcome.traffic_at(city_volume(network, volume), links, network.length_m, delay)
        for volume in (solution.volume, solution.volume_before)
    )
    cells = cells_as_areas(baseline.pieces, network.length_m)
    link_now, link_before = (outcome.link_columns(each, family) for each in (now, before))
    yield Progress("Measuring congestion")
    cell_now, cell_before = (outcome.cell_columns(each, cells, family) for each in (now, before))
    trips = float(problem.demand.sum())
    total_s = float(solution.volume @ solution.time)
    return WhatIf(
        outcome.indicators(now, family, trips=trips, unserved=unserved, trip_time_s=total_s / trips if trips > 0.0 else 0.0),
        {
            "link": outcome.table("link", links.ids, outcome.measures("link", family), link_now, link_before),
            "cell": outcome.table("cell", baseline.pieces.cells, outcome.measures("cell", family), cell_now, cell_before),
        },
        {
            "relative_gap": solution.relative_gap,
            "beckmann_objective": beckmann_objective(solution.volume, problem.delay),
            "total_travel_time": total_s,
            "iterations": float(solution.iterations),
            "zones": float(len(network.zones)),
            "graph_nodes": float(len(network.graph.in_start) - 1),
            "graph_links": float(len(network.graph.tail)),
            "residents": baseline.demand.residents,
            "trips_within_zones": baseline.demand.within_zones,
            "beta_per_s": baseline.demand.beta_per_s,
        },
        (*baseline.notes, *_said(solution.relative_gap, unserved, params)),
    )


def _served(problem: Problem) -> Task[tuple[Problem, float]]:
    """Take out trips whose ends no open road joins any more; return how many (veh/h)."""
    if not np.any(problem.delay.free_time >= CLOSED_TIME_S):
        return problem, 0.0
    cut_off = yield from unreachable(problem.graph, problem.delay.free_time, len(problem.demand))
    lost = float(problem.demand[cut_off].sum())
    if lost == 0.0:
        return problem, 0.0
    return Problem(problem.graph, problem.delay, np.where(cut_off, 0.0, problem.demand)), lost


def _said(gap: float, unserved: float, params: CongestionParams) -> tuple[str, ...]:
    notes = []
    if unserved > 0.0:
        notes.append(f"{unserved:.0f} trips per hour have no way any more and are left out: no open road joins their ends.")
    if gap > params.relative_gap:
        notes.append(f"The equilibrium stopped at a relative gap of {gap:.1e}, above the {params.relative_gap:.1e} asked for.")
    return tuple(notes)
