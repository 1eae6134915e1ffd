"""Feedback: trips avoid what is congested, so that they are distributed by the times that they make themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.assignment.equilibrium import Problem, skim_times, solve, solve_again
from sim.assignment.movement import movement
from sim.travel.demand import Demand, distributed, with_diagonal
from sim.travel.params import TravelParams
from sim.travel.zones import Zones
from twin.task import Task

LOOSE_GAP = 1e-4


def fed_back(problem: Problem, demand: Demand, zones: Zones, params: TravelParams) -> Task[Demand]:
    """Return the demand after some rounds of equilibrium and distribution, each mixed in by the method of successive averages.

    Round k takes 1 / (k + 1) of the new trips. Deterrence stays as fitted on empty roads, totals by zone stay
    where the model keeps them; trips that were imported stay what they are.
    """
    if params.feedback_rounds == 0 or demand.generation is None:
        return demand
    trips, solution, moved = demand.trips, None, 0.0
    for number in range(1, params.feedback_rounds + 1):
        now = replace(problem, demand=trips)
        solution = yield from (solve(now, LOOSE_GAP) if solution is None else solve_again(now, problem, solution, LOOSE_GAP))
        problem = now
        congested = yield from skim_times(problem.graph, solution.time, len(trips))
        fresh = yield from distributed(with_diagonal(congested), demand.generation, zones, params, demand.beta_per_s)
        np.fill_diagonal(fresh, 0.0)
        mixed = trips + (fresh - trips) / (number + 1)
        moved, trips = movement(mixed, trips).mean_change, mixed
    note = (
        f"Trips were distributed anew by congested times in {params.feedback_rounds} rounds; "
        f"the last one moved {100 * moved:.1f} % of them."
    )
    return replace(demand, trips=trips, notes=(*demand.notes, note))
