"""Cases whose answer is known on paper, run by the engine: the first thing to look at when it is doubted.

All roads have the triangular diagram u = 20 m/s, w = 5 m/s, 0.2 veh/m and so 0.8 veh/s, unless a case says otherwise;
that of Newell (1993) and of the verification cases of UXsim (Seo 2025, doi:10.21105/joss.07617), which several repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.case import Case
from sim.kinematic_wave.capacity import Windows, no_windows
from sim.kinematic_wave.network import Floats, Network, Roads, Signals, make_network
from sim.kinematic_wave.run import Clock, Outcome, Problem, simulate
from sim.kinematic_wave.trip import make_exits, make_trips
from twin.task import finish

SPEED_MPS, WAVE_MPS, JAM_VPM, TOP_VPS = 20.0, 5.0, 0.2, 0.8


def streets(*links: tuple[int, int, float], **columns: Sequence[float]) -> Roads:
    """Return roads (tail, head, length in m); ``columns`` of ``Roads`` override the diagram of this module."""
    ends = np.array([link[:2] for link in links], np.int64)
    given = {"speed_mps": SPEED_MPS, "capacity_vps": TOP_VPS, "out_vps": TOP_VPS, "jam_vpm": JAM_VPM, "in_vps": TOP_VPS}
    filled = {name: np.array(columns.get(name, [value] * len(links)), float) for name, value in given.items()}
    return Roads(ends[:, 0], ends[:, 1], np.array([link[2] for link in links], float), **filled)


def flows(*streams: tuple[int, int, float, float, float]) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return origin node, destination and departure of vehicles that come evenly: (origin, destination, from s, to s, veh/s)."""
    counts = [round((end_s - start_s) * rate) for _, _, start_s, end_s, rate in streams]
    depart_s = [start_s + np.arange(count) / rate for (_, _, start_s, _, rate), count in zip(streams, counts, strict=True)]
    origin = np.repeat(np.array([stream[0] for stream in streams], np.int64), counts)
    return origin, np.repeat(np.array([stream[1] for stream in streams], np.int64), counts), np.concatenate(depart_s)


def problem(
    network: Network,
    vehicles: tuple[NDArray[np.int64], NDArray[np.int64], Floats],
    clock: Clock,
    *,
    windows: Windows | None = None,
    seed: int = 0,
) -> Problem:
    """Return a problem whose destinations are the nodes of the network."""
    nodes = np.arange(network.nodes)
    keys = np.arange(len(vehicles[0]), dtype=np.uint64)
    trips = make_trips(*vehicles, keys, node_count=network.nodes, destination_count=network.nodes, tables=clock.tables, seed=seed)
    exits = make_exits(nodes, nodes, np.zeros(network.nodes), network.nodes)
    return Problem(network, trips, exits, clock, no_windows() if windows is None else windows)


def delays(what: Problem, outcome: Outcome, free_s: float) -> Floats:
    """Return how much longer than ``free_s`` each vehicle took ``(v,)``."""
    return np.asarray(outcome.arrival_s - what.trips.trip["depart_s"] - free_s)


def _solve(
    roads: Roads, nodes: int, *streams: tuple[int, int, float, float, float], horizon_s: float = 7000.0, **more: object
) -> tuple[Problem, Outcome]:
    windows = more.pop("windows", None)
    network = make_network(roads, nodes, **more)  # type: ignore[arg-type]  # passed on as they are
    what = problem(network, flows(*streams), Clock(horizon_s, series_s=10.0, tables=1), windows=windows)  # type: ignore[arg-type]  # the same
    return what, finish(simulate(what))


def free_flow() -> list[Case]:
    """Nobody is in anybody's way: travel times of empty roads, density flow / speed."""
    _, outcome = _solve(streets((0, 1, 1000.0)), 2, (0, 1, 0.0, 500.0, 0.5))
    taken_s = outcome.arrival_s - np.arange(250) / 0.5
    on_it = outcome.looks.entered[20, 0] - outcome.looks.left[20, 0]
    return [
        Case("Free flow: travel time of 1 km at 20 m/s", 50.0, float(taken_s.max()), 1e-9, "s"),
        Case("Free flow: vehicles on 1 km at 0.5 veh/s", 25.0, float(on_it), 1.0, "veh"),
    ]


def bottleneck() -> list[Case]:
    """Grow a queue at a point: Newell's cumulative curves; then as a shock wave through the road behind it."""
    roads = streets((0, 1, 1000.0), (1, 2, 2000.0), (2, 3, 1000.0), out_vps=[0.8, 0.4, 0.8])
    what, outcome = _solve(roads, 4, (0, 3, 0.0, 400.0, 0.8))
    late_s = delays(what, outcome, 200.0)
    looks = outcome.looks
    return [
        Case("Bottleneck: delay of the last of 320 vehicles", 319 * (2.5 - 1.25), float(late_s[-1]), 1e-6, "s"),
        Case("Bottleneck: total delay", 1.25 * 319 * 320 / 2, float(late_s.sum()), 1e-3, "veh·s"),
        # Speed of a shock: (0.4 - 0.8) / (0.12 - 0.04) = -5 m/s, from the end at 150 s (Lighthill and Whitham 1955).
        Case("Bottleneck: the queue after 200 s of growth at 5 m/s", 1000.0, float(looks.queue_m[35, 1]), 10.0, "m"),
        # In the queue 0.2 - 0.4 / 5 = 0.12 veh/m, before it 0.8 / 20 = 0.04.
        Case("Bottleneck: vehicles on the road then", 160.0, float(looks.entered[35, 1] - looks.left[35, 1]), 2.0, "veh"),
    ]


def slower_road() -> list[Case]:
    """Drive from a road into one of half the speed, which has a lower top of its diagram: UXsim's two links, delay by the queue's triangle."""
    top = 0.2 * 10.0 * 5.0 / 15.0
    roads = streets((0, 1, 1000.0), (1, 2, 1000.0), speed_mps=[20.0, 10.0], capacity_vps=[0.8, top])
    what, outcome = _solve(roads, 3, (0, 2, 0.0, 500.0, 0.8), (0, 2, 500.0, 1500.0, 0.4))
    late = float(delays(what, outcome, 150.0).sum())
    return [Case("Slower road: total delay of 800 vehicles", 0.5 * (500 * (0.8 - top)) * 750.0, late, 100.0, "veh·s")]


def discharge() -> list[Case]:
    """Let a full road go at 300 s: room comes back to its beginning with the wave, 200 s later."""
    windows = Windows(np.array([0]), np.zeros(1), np.array([300.0]), np.zeros(1), np.ones(1))
    _, outcome = _solve(streets((0, 1, 1000.0)), 2, (0, 1, 0.0, 1000.0, 0.8), windows=windows)
    entered = outcome.looks.entered[:, 0]
    return [
        Case("Standing queue: vehicles on 1 km", 200.0, float(entered[49]), 0.0, "veh"),
        Case("Standing queue: it ends at the beginning of the road", 1000.0, float(outcome.looks.queue_m[29, 0]), 5.0, "m"),
        Case("Discharge: entered 100 s after the wave arrived", 280.0, float(entered[60]), 1.0, "veh"),
    ]


def merge() -> list[Case]:
    """Two roads into one: shares by priority where both are congested, else the smaller one gets all it wants."""
    roads = streets((0, 2, 1000.0), (1, 2, 1000.0), (2, 3, 1000.0))
    cases = []
    for what, wanted, expected in (
        ("both congested, priorities 1 to 2", (0.6, 0.6), 0.8 / 3.0),
        ("one wants less than its share", (0.1, 0.9), 0.1),
    ):
        streams = [(origin, 3, 0.0, 2000.0, rate) for origin, rate in enumerate(wanted)]
        _, outcome = _solve(roads, 4, *streams, priority=np.array([1.0, 2.0, 1.0]), horizon_s=2000.0)
        left = outcome.looks.left
        rates = (left[190] - left[90]) / 1000.0
        cases.append(Case(f"Merge, {what}: first road", expected, float(rates[0]), 0.002, "veh/s"))
        cases.append(Case(f"Merge, {what}: both", 0.8, float(rates[0] + rates[1]), 0.002, "veh/s"))
    return cases


def diverge() -> list[Case]:
    """One of two ways takes too little: first in, first out, so those behind wait as well (Daganzo 1995)."""
    roads = streets((0, 1, 1000.0), (1, 2, 1000.0), (1, 3, 1000.0), in_vps=[0.8, 0.2, 0.8])
    what, outcome = _solve(roads, 4, (0, 2, 0.0, 1000.0, 0.3), (0, 3, 0.0, 1000.0, 0.2))
    looks = outcome.looks
    return [
        Case("Diverge: flow through, 0.2 / 0.6", 1 / 3, float(looks.left[100, 0] - looks.left[40, 0]) / 600.0, 0.005, "veh/s"),
        Case("Diverge: mean delay of 500 vehicles", 250.0, float(delays(what, outcome, 100.0).mean()), 3.0, "s"),
    ]


def signal() -> list[Case]:
    """Wait at a fixed-time signal: Webster's uniform delay r² / (2 c (1 - q/s))."""
    rate = 0.3137  # vehicles come at another moment of each cycle
    lights = Signals(np.array([60.0, 0.0]), np.array([30.0, 0.0]), np.zeros(2))
    what, outcome = _solve(streets((0, 1, 1000.0), (1, 2, 1000.0)), 3, (0, 2, 0.0, 6000.0, rate), signals=lights)
    expected = 30.0**2 / (2 * 60.0 * (1 - rate / 0.8))
    found = float(delays(what, outcome, 100.0).mean())
    # Half a headway of tolerance: vehicles are whole, the first leaves when the light turns green.
    return [Case("Signal: mean delay, cycle 60 s, green 30 s", expected, found, 0.5 / TOP_VPS, "s")]


def incident() -> list[Case]:
    """Half the lanes blocked from 300 to 900 s: the area between the curves of arrival and departure."""
    windows = Windows(np.array([0]), np.array([300.0]), np.array([900.0]), np.array([0.5]), np.ones(1))
    what, outcome = _solve(streets((0, 1, 2000.0), (1, 2, 1000.0)), 3, (0, 2, 0.0, 3000.0, 0.6), windows=windows)
    late_s = delays(what, outcome, 150.0)
    return [
        Case("Incident: total delay", 0.5 * 120.0 * 1200.0, float(late_s.sum()), 500.0, "veh·s"),
        Case("Incident: longest delay", 600.0 * (1 - 0.4 / 0.6), float(late_s.max()), 3.0, "s"),
    ]


CASES: tuple[Callable[[], list[Case]], ...] = (
    free_flow, bottleneck, slower_road, discharge, merge, diverge, signal, incident,
)  # fmt: skip
"""Every case, from the simplest on."""
