"""A million trips on Chicago-Sketch: seconds, trips per second, memory, an incident from its snapshot; UXsim on the same input.

All trips of the published table (without those inside a zone) begin within ``--hours``, evenly by chance. Lengths, speeds and
capacities are the published ones; the diagram is UXsim's, 0.2 vehicles per metre of lane and waves of 5 m/s, with
as many lanes as the capacity needs. Centroids and their connectors are left out: trips begin and end at the node that
they lead to. UXsim is measured where it is installed, with platoons of ``--platoons`` vehicles, one size after the other:
of each origin, every so many-th vehicle stands for its platoon.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kinematic_wave.capacity import Windows
from sim.kinematic_wave.closed_form import CASES
from sim.kinematic_wave.network import Roads, make_network
from sim.kinematic_wave.run import Clock, Outcome, Problem, simulate, simulate_again
from sim.kinematic_wave.trip import draw, make_exits, make_trips
from twin.model.tntp_network import TntpNetwork
from twin.sources.tntp import read_tntp
from twin.task import finish

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "tntp" / "Chicago-Sketch"
MILE_M = 1609.344
JAM_VPM, WAVE_MPS, LANE_VPS = 0.2, 5.0, 0.8
STEP_S, RENEW_S, HORIZON_S = 5.0, 600.0, 10_000.0


@dataclass(frozen=True, eq=False)
class Input:
    """The same roads and trips for every engine; nodes are those beyond the centroids."""

    roads: Roads
    lanes: NDArray[np.int64]
    node_count: int
    origin: NDArray[np.int64]
    destination: NDArray[np.int64]
    depart_s: NDArray[np.float64]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark kinematic_wave", description=__doc__)
    parser.add_argument("--net", type=Path, default=DATA / "ChicagoSketch_net.tntp")
    parser.add_argument("--trips", type=Path, default=DATA / "ChicagoSketch_trips.tntp")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--tables", type=int, default=2)
    parser.add_argument("--platoons", type=int, nargs="*", default=[30, 10])
    options = parser.parse_args()
    given = make_input(read_tntp(options.net, options.trips), options.hours)
    for case in CASES[:1]:
        case()  # compiled code is brought in
    problem, outcome = own(given, options.tables, options.repeat)
    incident(problem, outcome)
    if find_spec("uxsim") is None:
        print("UXsim is not installed here: not measured")
        return
    for platoon in options.platoons:
        rival(given, platoon)


def make_input(net: TntpNetwork, hours: float) -> Input:
    """Return roads and trips of a published network."""
    zones = net.zone_count
    is_road = (net.tail >= zones) & (net.head >= zones)
    node_of = np.full(zones, -1)
    leads_in = net.tail < zones
    node_of[net.tail[leads_in]] = net.head[leads_in] - zones
    speed_mps = net.length[is_road] * MILE_M / (net.free_time[is_road] * 60.0)
    capacity_vps = net.capacity[is_road] / 3600.0
    lanes = np.maximum(np.ceil(capacity_vps / LANE_VPS), 1.0)
    top_vps = lanes * JAM_VPM / (1.0 / speed_mps + 1.0 / WAVE_MPS)
    most_vps = np.minimum(capacity_vps, top_vps)
    length_m = net.length[is_road] * MILE_M
    roads = Roads(
        net.tail[is_road] - zones, net.head[is_road] - zones, length_m, speed_mps, top_vps, most_vps, lanes * JAM_VPM, most_vps
    )
    origin, destination = np.nonzero(net.demand)
    whole = np.floor(net.demand[origin, destination] + draw(np.arange(len(origin), dtype=np.uint64), 0)).astype(np.int64)
    ends = [node_of[np.repeat(zone, whole)] for zone in (origin, destination)]
    travels = ends[0] != ends[1]
    depart_s = draw(np.arange(int(travels.sum()), dtype=np.uint64), 1) * hours * 3600.0
    return Input(roads, lanes.astype(np.int64), net.node_count - zones, ends[0][travels], ends[1][travels], depart_s)


def own(given: Input, tables: int, repeat: int) -> tuple[Problem, Outcome]:
    """Run the engine and tell how quick it was."""
    nodes = np.arange(given.node_count)
    keys = np.arange(len(given.origin), dtype=np.uint64)
    trips = make_trips(
        given.origin, given.destination, given.depart_s, keys,
        node_count=given.node_count, destination_count=given.node_count, tables=tables, seed=1,
    )  # fmt: skip
    goals = np.unique(given.destination)
    number = np.zeros(given.node_count, np.int32)
    number[goals] = np.arange(len(goals))
    trips.trip["destination"] = number[trips.trip["destination"]]
    exits = make_exits(np.arange(len(goals)), nodes[goals], np.zeros(len(goals)), len(goals))
    clock = Clock(HORIZON_S, renew_s=RENEW_S, tables=tables)
    problem = Problem(make_network(given.roads, given.node_count, step_s=STEP_S), trips, exits, clock)
    best_s, best_cpu_s, outcome = np.inf, np.inf, None
    for _ in range(repeat):
        started, started_cpu = time.perf_counter(), time.process_time()
        outcome = finish(simulate(problem))
        best_s, best_cpu_s = min(best_s, time.perf_counter() - started), min(best_cpu_s, time.process_time() - started_cpu)
    assert outcome is not None  # noqa: S101  repeat is at least 1
    moves = int(outcome.looks.entered[-1].sum())
    tell("this engine", len(keys), best_s, best_cpu_s, outcome.arrival_s - trips.trip["depart_s"])
    print(f"  {moves / 1e6:.2f} M moves, {len(outcome.gridlocks)} gridlocks, {len(outcome.snapshots)} snapshots")
    return problem, outcome


def incident(problem: Problem, base: Outcome) -> None:
    """Close the busiest road for half an hour and run on from the last snapshot before."""
    link = int(np.argmax(base.looks.entered[-1]))
    windows = Windows(np.array([link]), np.array([3000.0]), np.array([4800.0]), np.zeros(1), np.ones(1))
    started, started_cpu = time.perf_counter(), time.process_time()
    outcome = finish(simulate_again(replace(problem, windows=windows), problem, base))
    spent = (time.perf_counter() - started, time.process_time() - started_cpu)
    tell("incident from its snapshot", len(base.arrival_s), *spent, outcome.arrival_s - problem.trips.trip["depart_s"])
    early = base.arrival_s < 3000.0
    same = np.array_equal(base.arrival_s[early], outcome.arrival_s[early])
    print(f"  before it nothing differs: {same}; roads whose vehicles differ: {_differing(base, outcome)}")


def _differing(base: Outcome, outcome: Outcome) -> int:
    return int(np.count_nonzero(base.looks.entered[-1] != outcome.looks.entered[-1]))


def rival(given: Input, platoon: int) -> None:
    """Run UXsim's compiled engine on the same roads and trips."""
    from uxsim import World

    started, started_cpu = time.perf_counter(), time.process_time()
    world: Any = World(
        name="",
        deltan=platoon,
        tmax=HORIZON_S,
        duo_update_time=RENEW_S,
        print_mode=0,
        save_mode=0,
        show_mode=0,
        random_seed=0,
        cpp=True,
    )
    for node in range(given.node_count):
        world.addNode(str(node), 0.0, 0.0)
    roads = given.roads
    for row in range(len(roads.tail)):
        world.addLink(
            str(row), str(roads.tail[row]), str(roads.head[row]), length=float(roads.length_m[row]),
            free_flow_speed=float(roads.speed_mps[row]), number_of_lanes=int(given.lanes[row]), jam_density_per_lane=JAM_VPM,
            capacity_out=float(roads.out_vps[row]), capacity_in=float(roads.out_vps[row]),
        )  # fmt: skip
    total = 0
    for origin, destination, moment_s in platoons(given, platoon):
        world.addVehicle(str(origin), str(destination), moment_s)
        total += platoon
    built = (time.perf_counter() - started, time.process_time() - started_cpu)
    world.exec_simulation()
    wall_s, cpu_s = time.perf_counter() - started - built[0], time.process_time() - started_cpu - built[1]
    world.analyzer.basic_analysis()
    mean_s = world.analyzer.average_travel_time
    done = world.analyzer.trip_completed
    print(
        f"UXsim, platoons of {platoon}: {wall_s:.2f} s  {cpu_s:.2f} s of CPU  {total / wall_s / 1e6:.2f} M trips/s  "
        f"arrived {done:.0f} of {total}  mean travel time {mean_s:.0f} s  memory {memory_mib():.0f} MiB"
    )


def platoons(given: Input, size: int) -> list[tuple[int, int, float]]:
    """Return origin, destination and departure of every ``size``-th vehicle of each origin, in the order of departure.

    Each origin sends out as many vehicles as in the input, by the destinations of those who stand for their platoon.
    """
    order = np.lexsort((given.depart_s, given.origin))
    leaders = order[size // 2 :: size]
    return list(
        zip(given.origin[leaders].tolist(), given.destination[leaders].tolist(), given.depart_s[leaders].tolist(), strict=True)
    )


def tell(what: str, count: int, wall_s: float, cpu_s: float, taken_s: NDArray[np.float64]) -> None:
    """Print one line of figures; ``taken_s`` is NaN for who has not arrived."""
    arrived = np.isfinite(taken_s)
    print(
        f"{what}: {wall_s:.2f} s  {cpu_s:.2f} s of CPU  {count / wall_s / 1e6:.2f} M trips/s ({count / cpu_s / 1e6:.2f} by CPU)  "
        f"arrived {arrived.sum()} of {count}  mean travel time {taken_s[arrived].mean():.0f} s  memory {memory_mib():.0f} MiB"
    )


def memory_mib() -> float:
    """Return the most memory that this process has used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


if __name__ == "__main__":
    main()
