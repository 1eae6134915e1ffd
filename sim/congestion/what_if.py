"""A solved scenario told in tables and indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.assignment.delay import beckmann_objective
from sim.congestion import outcome
from sim.congestion.params import CongestionParams
from sim.travel.baseline import city_volume
from sim.travel.classes import TRUCKS, class_volume
from sim.travel.desire import desire_lines
from sim.travel.indices import family_named
from sim.travel.noted import table
from sim.travel.solved import Solved
from sim.travel.traffic import cells_as_areas
from twin.model.results import Indicator, ResultTable
from twin.task import Progress, Task


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The outcome of one scenario."""

    indicators: tuple[Indicator, ...]
    tables: Mapping[str, ResultTable]
    diagnostics: Mapping[str, float]
    notes: tuple[str, ...]


def indicators(solved: Solved, params: CongestionParams) -> tuple[Indicator, ...]:
    """Return the city's indicators, each with its noise: what moved between the last two gaps."""
    family, trips = family_named(params.index_family), solved.trips
    trip_time_s = solved.solution.total_time / trips if trips > 0.0 else 0.0
    moved_s = float(solved.traffic_before.vehicle_s.sum() - solved.traffic.vehicle_s.sum())
    trip_time_before_s = trip_time_s + (moved_s / trips if trips > 0.0 else 0.0)
    now, before = (
        outcome.indicators(traffic, family, trips=trips, unserved=solved.unserved, trip_time_s=each_s)
        for traffic, each_s in ((solved.traffic, trip_time_s), (solved.traffic_before, trip_time_before_s))
    )
    return outcome.with_noise(now, before)


def described(solved: Solved, params: CongestionParams) -> Task[WhatIf]:
    """Return all that a planner reads of a scenario."""
    yield Progress("Measuring congestion")
    family, baseline = family_named(params.index_family), solved.baseline
    cells = cells_as_areas(solved.pieces, solved.network.length_m)
    link_now, link_before = (outcome.link_columns(each, family) for each in (solved.traffic, solved.traffic_before))
    yield Progress("Measuring congestion")
    cell_now, cell_before = (outcome.cell_columns(each, cells, family) for each in (solved.traffic, solved.traffic_before))
    ids, measures = solved.changed["link"].ids, outcome.measures("link", family)
    if solved.problem.class_count > 1:
        trucks = city_volume(solved.network, class_volume(solved.problem, solved.solution, TRUCKS)) / params.truck_pce
        link_before["truck_vph"] = trucks + (link_before["volume_vph"] - link_now["volume_vph"])
        link_now["truck_vph"] = trucks
        measures = (*measures, outcome.TRUCK_MEASURE)
    return WhatIf(
        indicators(solved, params),
        {
            "link": table("link", ids, measures, link_now, link_before),
            "cell": table("cell", solved.pieces.cells, outcome.measures("cell", family), cell_now, cell_before),
            "desire": desire_lines(solved.problem.demand, solved.network.zones),
            **baseline.fit.tables(),
        },
        _diagnostics(solved),
        (*_draft_notes(solved), *baseline.notes, *_gap_notes(solved, params)),
    )


def _diagnostics(solved: Solved) -> dict[str, float]:
    solution, network, demand = solved.solution, solved.network, solved.baseline.demand
    return {
        "relative_gap": solution.relative_gap,
        "beckmann_objective": beckmann_objective(solution.volume, solved.problem.delay),
        "total_travel_time": solution.total_time,
        "iterations": float(solution.iterations),
        "zones": float(len(network.zones)),
        "graph_nodes": float(len(network.graph.in_start) - 1),
        "graph_links": float(len(network.graph.tail)),
        "residents": demand.residents,
        "trips_within_zones": demand.within_zones,
        "beta_per_s": demand.beta_per_s,
        **solved.baseline.fit.figures(),
    }


def _draft_notes(solved: Solved) -> tuple[str, ...]:
    if not solved.is_draft:
        return ()
    return (f"Draft, solved to a relative gap of {solved.solution.relative_gap:.1e}: the final answer follows.",)


def _gap_notes(solved: Solved, params: CongestionParams) -> tuple[str, ...]:
    gap = solved.solution.relative_gap
    if solved.is_draft or gap <= params.relative_gap:
        return solved.notes
    return (
        *solved.notes,
        f"The equilibrium stopped at a relative gap of {gap:.1e}, above the {params.relative_gap:.1e} asked for.",
    )
