"""A scenario's equilibrium, solved from that of the unchanged city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.assignment.equilibrium import Problem, Solution, solve_again, unreachable
from sim.assignment.graph import CLOSED_TIME_S, Floats
from sim.travel.baseline import Baseline, city_volume
from sim.travel.demand import scaled
from sim.travel.network import RoadNetwork
from sim.travel.params import TravelParams
from sim.travel.road_delay import RoadDelay, graph_delay, road_delay
from sim.travel.traffic import Traffic
from twin.model.edits import ScaleDemand
from twin.model.frame import Frame
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


@dataclass(frozen=True, eq=False)
class Solved:
    """A scenario's city at equilibrium.

    ``traffic`` is on the links of the ``changed`` city, ``traffic_before`` the same one iteration earlier: what still
    moved between the two is noise. ``unserved`` are trips (veh/h) that no open road serves any more.
    """

    baseline: Baseline
    changed: Snapshot
    problem: Problem
    solution: Solution
    traffic: Traffic
    traffic_before: Traffic
    unserved: float

    @property
    def trips(self) -> float:
        """Trips between zones that are made (veh/h)."""
        return float(self.problem.demand.sum())


def solve_scenario(baseline: Baseline, snapshot: Snapshot, scenario: Scenario, params: TravelParams) -> Task[Solved]:
    """Solve a scenario of the snapshot that the baseline was made of."""
    changed = scenario.apply(snapshot)
    links, network = changed["link"], baseline.network
    wanted = scaled(baseline.problem.demand, network.zones, scenario.edits_of(ScaleDemand))
    problem, unserved = yield from _served(Problem(network.graph, graph_delay(changed, network, params), wanted))
    solution = yield from solve_again(problem, baseline.problem, baseline.solution, params.relative_gap)
    delay = road_delay(changed, network, params)
    now, before = (_traffic(volume, links, network, delay) for volume in (solution.volume, solution.volume_before))
    return Solved(baseline, changed, problem, solution, now, before, unserved)


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


def _served(problem: Problem) -> Task[tuple[Problem, float]]:
    """Take out trips whose ends no open road joins any more; return how many (veh/h)."""
    if not np.any(problem.delay.free_time >= CLOSED_TIME_S):
        return problem, 0.0
    cut_off = yield from unreachable(problem.graph, problem.delay.free_time, len(problem.demand))
    lost = float(problem.demand[cut_off].sum())
    if lost == 0.0:
        return problem, 0.0
    return Problem(problem.graph, problem.delay, np.where(cut_off, 0.0, problem.demand)), lost
