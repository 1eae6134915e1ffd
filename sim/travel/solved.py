"""A scenario's equilibrium, solved from that of the unchanged city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.assignment.equilibrium import Problem, Solution, unreachable
from sim.assignment.graph import CLOSED_TIME_S, Floats
from sim.assignment.settle import FURTHER, settle
from sim.assignment.transplant import transplant
from sim.travel.baseline import Baseline, city_volume
from sim.travel.blocks import with_blocks
from sim.travel.cells import Pieces, cut_into_cells
from sim.travel.classes import with_classes
from sim.travel.edited_demand import EditedDemand, edited_demand
from sim.travel.edited_network import edit_network
from sim.travel.network import RoadNetwork
from sim.travel.params import TravelParams
from sim.travel.road_delay import RoadDelay, graph_delay, road_delay
from sim.travel.traffic import Traffic
from twin.model.frame import Frame
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


@dataclass(frozen=True, eq=False)
class Solved:
    """A scenario's city at equilibrium.

    ``network`` and ``pieces`` are those of the ``changed`` city, as are the links of ``traffic``; ``traffic_before`` is
    the same at a looser gap: what moved between the two is noise (see ``sim.assignment.settle``). ``unserved`` are
    trips (veh/h) that no open road serves any more.
    """

    baseline: Baseline
    changed: Snapshot
    network: RoadNetwork
    pieces: Pieces
    problem: Problem
    solution: Solution
    traffic: Traffic
    traffic_before: Traffic
    unserved: float
    notes: tuple[str, ...]
    is_draft: bool

    @property
    def trips(self) -> float:
        """Trips between zones that are made (veh/h; of trucks, where they are told apart, the cars that they count for)."""
        return float(self.problem.demand.sum())


def solve_scenario(
    baseline: Baseline,
    snapshot: Snapshot,
    scenario: Scenario,
    params: TravelParams,
    *,
    gap: float | None = None,
    near: Solved | None = None,
) -> Task[Solved]:
    """Solve a scenario of the snapshot that the baseline was made of.

    It is solved from the baseline, so that it does not depend on what was solved before. With a ``gap`` of its own it
    is a draft, which is no more than solved to it, from a scenario ``near`` it where that is nearer.
    """
    changed = scenario.apply(snapshot)
    driven, block_notes = with_blocks(changed, scenario, baseline.demand.hour)
    edited = yield from edit_network(baseline.network, snapshot, driven, params)
    network = edited.network
    demand = edited_demand(baseline.all_trips, network.zones, scenario)
    wanted = Problem(network.graph, graph_delay(driven, network, params), demand.trips)
    problem, unserved, lost_notes = yield from _served(wanted, demand, may_be_cut=edited.successors is not None)
    problem, class_notes = yield from with_classes(problem, driven, network, params)
    start_problem, start, pieces = baseline.problem, baseline.solution, baseline.pieces
    if edited.successors is not None:
        start_problem, start = yield from transplant(problem, start_problem, start, edited.successors)
        pieces = yield from cut_into_cells(changed["link"], network.length_m, snapshot.projection)
    elif near is not None and near.network.graph is network.graph and _away(problem, near) < _away(problem, baseline):
        start_problem, start = near.problem, near.solution
    solution = yield from settle(problem, start_problem, start, params.relative_gap if gap is None else gap * FURTHER)
    delay = road_delay(driven, network, params)
    now, before = (_traffic(volume, changed["link"], network, delay) for volume in (solution.volume, solution.volume_before))
    notes = (*network.notes[len(baseline.network.notes) :], *demand.notes, *lost_notes, *class_notes, *block_notes)
    return Solved(baseline, changed, network, pieces, problem, solution, now, before, unserved, notes, gap is not None)


def _away(problem: Problem, start: Baseline | Solved) -> float:
    """Return how many vehicles feel what differs between a problem and one that is solved."""
    differs = np.zeros(len(start.solution.volume), dtype=bool)
    for now, then in zip(problem.delay, start.problem.delay, strict=True):
        differs |= now != then
    return float(start.solution.volume[differs].sum() + np.abs(problem.demand - start.problem.demand).sum())


def _traffic(volume: Floats, links: Frame, network: RoadNetwork, delay: RoadDelay) -> Traffic:
    """Return the traffic on the links of a (changed) city at the volumes of the graph's links."""
    on_links = city_volume(network, volume)
    return Traffic(
        on_links,
        delay.capacity,
        links["lanes"],
        network.length_m,
        delay.at(on_links),
        delay.empty_time,
        delay.wait,
        links["road_class"],
        links["closed"].astype(bool),
    )


def _served(problem: Problem, demand: EditedDemand, *, may_be_cut: bool) -> Task[tuple[Problem, float, tuple[str, ...]]]:
    """Take out trips whose ends no open road joins any more; return how many (veh/h), and what is to be said of it."""
    if not may_be_cut and not np.any(problem.delay.free_time >= CLOSED_TIME_S):
        return problem, 0.0, ()
    cut_off = yield from unreachable(problem.graph, problem.delay.free_time, len(problem.demand))
    lost, to_events = float(problem.demand[cut_off].sum()), float(demand.to_events[cut_off].sum())
    if lost == 0.0:
        return problem, 0.0, ()
    notes = []
    notes.append(f"{lost:.0f} trips per hour have no way any more and are left out: no open road joins their ends.")
    if to_events > 0.0:
        notes.append(f"{to_events:.0f} of them were on their way to an event.")
    return Problem(problem.graph, problem.delay, np.where(cut_off, 0.0, problem.demand)), lost, tuple(notes)
