"""Time to an equilibrium, from nothing and after closing a road, on published networks and on a city of one's own.

Chicago-Sketch is solved to 1e-6 and told in sweeps: one tree from every zone by ``scipy.sparse.csgraph.dijkstra``
on the same network in the same process, so that the ratios can be compared between machines. Berlin-Center is
solved to 1e-4, then its busiest roads and others down to the emptiest are closed one by one and told as shares of
the time from nothing. ``--city`` does the same for a workspace, with the demand made for it. Beside the seconds
on the clock stand those of the processor, which other work on the machine disturbs less. AequilibraE is measured
on the same problems where it is installed, or found in the folder of packages given as ``--rival``.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.assignment.benchmark import LEAST_TIME, figures, make_problem, warm_up
from sim.assignment.equilibrium import Problem, Solution, solve, solve_again, unreachable
from sim.assignment.graph import CLOSED_TIME_S
from sim.congestion.params import CongestionParams
from sim.travel.baseline import make_baseline
from twin.sources.tntp import read_tntp
from twin.task import finish
from ui.session import Session

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "tntp"
BUSIEST = 20
"""Of the roads that are closed, so many are the busiest ones; the others are spread over all ranks of volume."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark congestion", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the published networks")
    parser.add_argument("--only", choices=("chicago", "berlin", "city"), help="leave the others out")
    parser.add_argument("--closures", type=int, default=60, help="roads closed one by one, of Berlin and of the city")
    parser.add_argument("--city", type=Path, help="workspace whose roads are solved, too")
    parser.add_argument("--rival", type=Path, help="folder of packages that AequilibraE is in")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    if options.rival is not None:
        sys.path.append(str(options.rival))
    print(f"{os.cpu_count()} cores, load of the machine before: {os.getloadavg()[0]:.1f}")
    warm_up()
    if options.only in (None, "chicago"):
        in_sweeps(published(options.data / "Chicago-Sketch" / "ChicagoSketch"), options.repeat)
    if options.only in (None, "berlin"):
        in_shares(published(options.data / "Berlin-Center" / "berlin-center"), "Berlin-Center", options)
    if options.city is None:
        print("no city was given (--city WORKSPACE.twin): not measured")
    elif options.only in (None, "city"):
        in_shares(city(options.city), options.city.stem, options)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def published(path: Path) -> Problem:
    """Read the problem of a published network."""
    return make_problem(read_tntp(path.with_name(f"{path.name}_net.tntp"), path.with_name(f"{path.name}_trips.tntp")))


def city(path: Path) -> Problem:
    """Make the problem of a city: its roads and the trips made for it."""
    with Session.open(path, writable=False) as session:
        started = time.perf_counter()
        baseline = finish(make_baseline("benchmark", session.snapshot, CongestionParams(relative_gap=1e-4)))
        print(f"{path.stem}: network, trips and equilibrium of the city in {time.perf_counter() - started:.1f} s")
    return baseline.problem


def in_sweeps(problem: Problem, repeat: int) -> None:
    """Print times on Chicago-Sketch as multiples of a sweep of shortest-path trees."""
    sweep, _ = median(lambda: sweep_all(problem), repeat)
    cold, solution = median(lambda: finish(solve(problem, 1e-6)), repeat)
    print(f"Chicago-Sketch: {problem.zone_count} zones, {len(problem.graph.in_start) - 1} nodes, {len(problem.graph.tail)} links")
    print(f"one sweep of shortest-path trees (scipy)  {sweep[0] * 1000:9.1f} ms  {sweep[1] * 1000:9.1f} ms of CPU")
    tell("from nothing to a gap of 1e-06", cold, sweep, problem, solution)
    for rank, closed in closures(problem, solution, 8, 4):
        seconds, again = median(partial(closed_again, closed, problem, solution, 1e-6), repeat)
        tell(f"road {rank} by volume closed", seconds, sweep, closed, again)
    tell_rival(problem, sweep)


def in_shares(problem: Problem, name: str, options: argparse.Namespace) -> None:
    """Print the time from nothing to 1e-4, and the times after closures as shares of it."""
    cold, solution = median(lambda: finish(solve(problem, 1e-4)), options.repeat)
    print(f"{name}: {problem.zone_count} zones, {len(problem.graph.in_start) - 1} nodes, {len(problem.graph.tail)} links")
    tell("from nothing to a gap of 1e-04", cold, cold, problem, solution)
    shares, slowest = [], 0.0
    for rank, closed in closures(problem, solution, options.closures, BUSIEST):
        seconds, again = median(partial(closed_again, closed, problem, solution, 1e-4), 1)
        shares.append(seconds[1] / cold[1])
        slowest = max(slowest, seconds[1])
        print(
            f"  road {rank:6d} by volume closed: {seconds[0]:7.3f} s  {seconds[1]:7.3f} s of CPU  {shares[-1]:6.1%} of the time "
            f"from nothing  gap {again.relative_gap:.1e}",
            flush=True,
        )
    within = sum(share <= 0.2 for share in shares)
    print(
        f"{within} of {len(shares)} closures in a fifth of it or less; mean {np.mean(shares):.1%}, worst {max(shares):.1%}, {slowest:.2f} s"
    )
    tell_rival(problem, cold)


def tell_rival(problem: Problem, unit: tuple[float, float]) -> None:
    """Print what AequilibraE needs for the same problem to 1e-4, where it is there."""
    if find_spec("aequilibrae") is None:
        print("AequilibraE is not installed here (see --rival): not measured")
        return
    own, _ = median(lambda: finish(solve(problem, 1e-4)), 1)
    wall_s, cpu_s, gap, iterations = rival(problem, 1e-4)
    print(
        f"to 1e-04: ours {own[0]:.3f} s, {own[1]:.3f} s of CPU; AequilibraE {wall_s:.3f} s, {cpu_s:.3f} s of CPU, "
        f"{wall_s / unit[0]:.1f} times the first line, gap {gap:.1e} after {iterations} iterations"
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


def closures(problem: Problem, solution: Solution, count: int, busiest: int) -> Iterator[tuple[int, Problem]]:
    """Yield the problem with one road closed: each of the ``busiest``, then others over all ranks of volume.

    Roads without which somebody could not arrive are left out.
    """
    graph = problem.graph
    is_road = (problem.delay.free_time > LEAST_TIME) & (graph.tail >= graph.first_through) & (graph.head >= graph.first_through)
    order = np.argsort(-solution.volume * is_road, kind="stable")
    used = int(np.count_nonzero(solution.volume * is_road))
    spread = np.linspace(busiest, used - 1, max(count - busiest, 0)).astype(int)
    for rank in (*range(busiest), *spread.tolist()):
        free_time, b = problem.delay.free_time.copy(), problem.delay.b.copy()
        free_time[order[rank]], b[order[rank]] = CLOSED_TIME_S, 0.0
        cut = finish(unreachable(graph, free_time, problem.zone_count))
        if not np.any(problem.demand[cut] > 0.0):
            yield rank + 1, Problem(graph, problem.delay._replace(free_time=free_time, b=b), problem.demand)


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
