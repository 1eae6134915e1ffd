"""Cases whose answer is known on paper or published, solved by the engine: the first thing to look at when it is doubted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.assignment.benchmark import figures, make_problem
from sim.assignment.delay import AKCELIK, CONICAL, bpr, times
from sim.assignment.equilibrium import Problem, Solution, solve, solve_again
from sim.assignment.graph import CLOSED_TIME_S, Delay, make_graph
from sim.assignment.origin_flow import proportional
from sim.assignment.select_link import select_link
from sim.case import Case
from twin.model.tntp_network import TntpNetwork
from twin.task import finish

GAP = 1e-12
Links = list[tuple[int, int, float, float, float]]
"""Tail, head, free-flow time, b and capacity of links whose time grows in proportion to their volume."""


def problem(
    nodes: int, zones: int, links: Links, trips: dict[tuple[int, int], float]
) -> tuple[Problem, Solution, np.ndarray[tuple[int], np.dtype[np.int32]]]:
    """Return a problem of linear links, its solution, and the number of each link in the graph."""
    tail, head, free, b, capacity = (np.array(column) for column in zip(*links, strict=True))
    graph, place = make_graph(tail.astype(np.int32), head.astype(np.int32), nodes, 0)
    order = np.argsort(place)
    demand = np.zeros((zones, zones))
    for pair, number in trips.items():
        demand[pair] = number
    asked = Problem(graph, bpr(free[order], b[order], capacity[order], np.ones(len(links))), demand)
    return asked, finish(solve(asked, GAP)), place


def two_roads() -> list[Case]:
    """Two roads of 10 + v/10 and 20 + v/20 share 400 trips: 200 each, 30 long."""
    _, solution, place = problem(2, 2, [(0, 1, 10, 1, 100), (0, 1, 20, 1, 400)], {(0, 1): 400})
    return [
        Case("Two roads: volume of the first", 200.0, float(solution.volume[place[0]]), 1e-6, "veh/h"),
        Case("Two roads: time of both", 30.0, float(solution.time.max()), 1e-6, "min"),
    ]


BRAESS: Links = [(0, 2, 1e-9, 1e10, 1), (0, 3, 50, 0.02, 1), (2, 1, 50, 0.02, 1), (3, 1, 1e-9, 1e10, 1), (2, 3, 10, 0.1, 1)]
"""The network of D. Braess (1968), the new road last."""


def braess() -> list[Case]:
    """Open a new road to 6 trips: everyone needs 92 instead of 83 (Braess 1968); closed again, 83."""
    _, without, _ = problem(4, 2, BRAESS[:4], {(0, 1): 6})
    opened, with_road, place = problem(4, 2, BRAESS, {(0, 1): 6})
    free, b = opened.delay.free_time.copy(), opened.delay.b.copy()
    free[place[4]], b[place[4]] = CLOSED_TIME_S, 0.0
    shut = Problem(opened.graph, opened.delay._replace(free_time=free, b=b), opened.demand)
    again = finish(solve_again(shut, opened, with_road, GAP))
    return [
        Case("Braess: time of a trip without the new road", 83.0, without.total_time / 6, 1e-6, "min"),
        Case("Braess: time of a trip with it", 92.0, with_road.total_time / 6, 1e-6, "min"),
        Case("Braess: after it is closed again", 83.0, again.total_time / 6, 1e-6, "min"),
    ]


def delay_functions() -> list[Case]:
    """Look at roads at and beyond capacity: BPR, conical and Akçelik."""
    count, t0, room = 4, 60.0, 900.0
    b = np.array([0.15, 1.0, 900.0 / t0, 900.0 / t0])
    power = np.array([4.0, 6.0, 8 * 0.4 / 900.0, 8 * 0.4 / 900.0])
    form = np.array([0, CONICAL, AKCELIK, AKCELIK], np.int8)
    delay = Delay(np.full(count, t0), b, np.full(count, room), power, form)
    found = times(delay, np.array([room, room, room, 1.5 * room]))
    queue = 900.0 * (0.5 + np.sqrt(0.25 + power[3] * 1.5))
    return [
        Case("BPR: 60 s free, at capacity", 69.0, float(found[0]), 1e-9, "s"),
        Case("Conical: 60 s free, at capacity", 120.0, float(found[1]), 1e-9, "s"),
        Case(
            "Akçelik: 60 s free, J = 0.4, 900 veh/h, 1 h, at capacity",
            60.0 + 900 * float(np.sqrt(power[2])),
            float(found[2]),
            1e-9,
            "s",
        ),
        Case("Akçelik: the same at 1.5 times capacity", 60.0 + float(queue), float(found[3]), 1e-9, "s"),
    ]


def select() -> list[Case]:
    """Two origins that meet before two equal roads split alike: 300 and 100 trips, half of each on either."""
    links: Links = [(0, 3, 1, 0, 1), (1, 3, 1, 0, 1), (3, 4, 10, 1, 100), (3, 4, 10, 1, 100), (4, 2, 1, 0, 1)]
    asked, solution, place = problem(5, 3, links, {(0, 2): 300, (1, 2): 100})
    found = finish(select_link(asked.graph, finish(proportional(asked, solution)), place[2:3]))
    return [
        Case("Select link: trips of the first origin on one of two equal roads", 150.0, float(found.trips[0, 2]), 1e-4, "veh/h"),
        Case("Select link: trips of the second", 50.0, float(found.trips[1, 2]), 1e-4, "veh/h"),
    ]


CASES: tuple[Callable[[], list[Case]], ...] = (two_roads, braess, delay_functions, select)
"""Every case that needs no data, from the simplest on."""


@dataclass(frozen=True)
class Published:
    """The best known objective of a network of the TransportationNetworks collection, and its total travel time where published."""

    name: str
    folder: str
    gap: float
    objective: float
    total_time: float | None

    def cases(self, net: TntpNetwork) -> list[Case]:
        """Solve the network, as read, and compare."""
        asked = make_problem(net)
        solution = finish(solve(asked, self.gap, max_iterations=1000))
        found = figures(asked, solution)
        flow = finish(proportional(asked, solution))
        link = int(np.argmax(solution.volume))
        selected = finish(select_link(asked.graph, flow, np.array([link])))
        told = [
            Case(
                f"{self.name}: Beckmann objective", self.objective, found["beckmann_objective"], 1e-9 * self.objective, "veh·min"
            ),
            Case(f"{self.name}: relative gap", 0.0, max(found["relative_gap"], 0.0), self.gap, ""),
        ]
        if self.total_time is not None:
            told.append(
                Case(
                    f"{self.name}: total travel time",
                    self.total_time,
                    found["total_travel_time"],
                    1e-7 * self.total_time,
                    "veh·min",
                )
            )
        volume = float(solution.volume[link])
        told.append(
            Case(
                f"{self.name}: trips that use the fullest link, less its volume",
                0.0,
                float(selected.trips.sum()) - volume,
                1e-6 * volume,
                "veh/h",
            )
        )
        return told


PUBLISHED = (
    Published("Sioux Falls", "SiouxFalls", 1e-10, 4_231_335.287107, 7_480_225.344921),
    Published("Anaheim", "Anaheim", 1e-10, 1_286_032.171096, 1_419_913.851059),
    Published("Chicago-Sketch", "Chicago-Sketch", 1e-10, 16_771_189.905728, None),
)
"""Chicago-Sketch: time alone, trips within a zone left out; two other solvers agree on it."""
