"""Time to a relative gap of 1e-6 on Chicago-Sketch, cold and after closing a road, in shortest-path sweeps.

A sweep is one tree from every zone by ``scipy.sparse.csgraph.dijkstra`` on the same network in the same
process, so that the ratios can be compared between machines. Beside the seconds on the clock stand those
of the processor, which other work on the machine disturbs less. AequilibraE is measured where it is
installed, at the gap of ``--rival-gap``: its bi-conjugate Frank-Wolfe needs very long for a tight one.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.assignment.benchmark import LEAST_TIME, figures, make_problem, warm_up
from sim.assignment.equilibrium import Problem, Solution, solve, solve_again
from sim.assignment.graph import CLOSED_TIME_S
from twin.sources.tntp import read_tntp
from twin.task import finish

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "tntp" / "Chicago-Sketch"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark congestion", description=__doc__)
    parser.add_argument("--net", type=Path, default=DATA / "ChicagoSketch_net.tntp")
    parser.add_argument("--trips", type=Path, default=DATA / "ChicagoSketch_trips.tntp")
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--rival-gap", type=float, default=1e-4)
    options = parser.parse_args()
    net = read_tntp(options.net, options.trips)
    warm_up()
    problem = make_problem(net)
    sweep, _ = median(lambda: sweep_all(problem), options.repeat)
    cold, solution = median(lambda: finish(solve(problem, options.gap)), options.repeat)
    print(f"{net.name}: {net.zone_count} zones, {net.node_count} nodes, {len(net.tail)} links")
    print(f"one sweep of shortest-path trees (scipy)  {sweep[0] * 1000:9.1f} ms  {sweep[1] * 1000:9.1f} ms of CPU")
    tell(f"from nothing to a gap of {options.gap:g}", cold, sweep, problem, solution)
    for rank, closed in closures(problem, solution):
        seconds, again = median(partial(closed_again, closed, problem, solution, options.gap), options.repeat)
        tell(f"road {rank} by volume closed", seconds, sweep, closed, again)
    if find_spec("aequilibrae") is None:
        print("AequilibraE is not installed here: not measured")
        return
    own, solution = median(lambda: finish(solve(problem, options.rival_gap)), options.repeat)
    tell(f"from nothing to a gap of {options.rival_gap:g}", own, sweep, problem, solution)
    wall_s, cpu_s, gap, iterations = rival(problem, options.rival_gap)
    print(
        f"AequilibraE to {options.rival_gap:g}: {wall_s * 1000:9.1f} ms  {cpu_s * 1000:9.1f} ms of CPU  "
        f"{wall_s / sweep[0]:6.1f} sweeps  gap {gap:.1e}  iterations {iterations}"
    )


def closed_again(closed: Problem, problem: Problem, solution: Solution, gap: float) -> Solution:
    """Solve a problem with a closed road from the solution without."""
    return finish(solve_again(closed, problem, solution, gap))


def rival(problem: Problem, gap: float, *, most: int = 1000) -> tuple[float, float, float, int]:
    """Solve the same problem with AequilibraE on all cores; return seconds, those of the CPU, gap and iterations.

    The time is that of the assignment alone, without the making of its graph.
    """
    os.environ["AEQ_SHOW_PROGRESS"] = "FALSE"  # bars alone take longer than the work on a small network
    import pandas as pd
    from aequilibrae.matrix import AequilibraeMatrix
    from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

    graph, delay, zones = problem.graph, problem.delay, np.arange(1, len(problem.demand) + 1)
    links = np.arange(1, len(graph.tail) + 1)
    theirs = Graph()
    columns = {"link_id": links, "a_node": graph.tail + 1, "b_node": graph.head + 1, "direction": np.ones(len(links), np.int8)}
    columns |= {"free_time": delay.free_time, "b": delay.b, "capacity": delay.capacity, "power": delay.power, "id": links}
    theirs.network = pd.DataFrame(columns)
    theirs.prepare_graph(zones)
    theirs.set_graph("free_time")
    theirs.set_skimming(["free_time"])
    theirs.set_blocked_centroid_flows(graph.first_through > 0)
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=len(zones), matrix_names=["trips"], memory_only=True)
    matrix.index = zones
    matrix.matrix["trips"][:, :] = problem.demand
    matrix.computational_view(["trips"])
    assignment = TrafficAssignment()
    assignment.set_classes([TrafficClass("car", theirs, matrix)])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_time")
    assignment.set_algorithm("bfw")
    assignment.set_cores(os.cpu_count() or 1)
    assignment.max_iter = most
    assignment.rgap_target = gap
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    assignment.execute()
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    report = assignment.report()
    return wall_s, cpu_s, float(report["rgap"].iloc[-1]), int(report["iteration"].iloc[-1])


def median(work: Callable[[], object], repeat: int) -> tuple[tuple[float, float], object]:
    """Return the median seconds that work takes, on the clock and of the CPU, and what it returned last."""
    wall_s, cpu_s, value = [], [], None
    for _ in range(repeat):
        started, started_cpu = time.perf_counter(), time.process_time()
        value = work()
        wall_s.append(time.perf_counter() - started)
        cpu_s.append(time.process_time() - started_cpu)
    return (statistics.median(wall_s), statistics.median(cpu_s)), value


def sweep_all(problem: Problem) -> None:
    """Find one tree of shortest paths from every zone."""
    graph = problem.graph
    nodes = len(graph.in_start) - 1
    matrix = csr_array((problem.delay.free_time, (graph.tail, graph.head)), shape=(nodes, nodes))
    dijkstra(matrix, indices=np.arange(len(problem.demand)), return_predecessors=True)


def closures(problem: Problem, solution: Solution) -> list[tuple[int, Problem]]:
    """Return the problem with one road closed: the 4th busiest, one of the first 5 %, one of the middle."""
    graph = problem.graph
    is_road = (problem.delay.free_time > LEAST_TIME) & (graph.tail >= graph.first_through) & (graph.head >= graph.first_through)
    order = np.argsort(-solution.volume * is_road, kind="stable")
    used = int(np.count_nonzero(solution.volume * is_road))
    closed = []
    for rank in (3, used // 20, used // 4, used // 2):
        free_time, b = problem.delay.free_time.copy(), problem.delay.b.copy()
        free_time[order[rank]], b[order[rank]] = CLOSED_TIME_S, 0.0
        closed.append((rank + 1, Problem(graph, problem.delay._replace(free_time=free_time, b=b), problem.demand)))
    return closed


def tell(what: str, seconds: tuple[float, float], sweep: tuple[float, float], problem: Problem, solution: Solution) -> None:
    """Print one line of figures; ``seconds`` and ``sweep`` are on the clock and of the CPU."""
    found = figures(problem, solution)
    print(
        f"{what:40s}  {seconds[0] * 1000:9.1f} ms  {seconds[1] * 1000:9.1f} ms of CPU  {seconds[0] / sweep[0]:6.1f} sweeps  "
        f"({seconds[1] / sweep[1]:.1f} by CPU)  gap {found['relative_gap']:.1e}  "
        f"objective {found['beckmann_objective']:.3f}  iterations {found['iterations']:.0f}"
    )


if __name__ == "__main__":
    main()
