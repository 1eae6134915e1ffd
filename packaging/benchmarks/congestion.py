"""Time to a relative gap of 1e-6 on Chicago-Sketch, cold and after closing a road, in shortest-path sweeps.

A sweep is one tree from every zone by ``scipy.sparse.csgraph.dijkstra`` on the same network in the same
process, so that the ratios can be compared between machines. AequilibraE is measured where it is installed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.congestion.benchmark import LEAST_TIME, figures, make_problem, warm_up
from sim.congestion.equilibrium import Problem, Solution, solve, solve_again
from sim.congestion.graph import CLOSED_TIME_S
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
    options = parser.parse_args()
    net = read_tntp(options.net, options.trips)
    warm_up()
    problem = make_problem(net)
    sweep, _ = median(lambda: sweep_all(problem), options.repeat)
    cold, solution = median(lambda: finish(solve(problem, options.gap)), options.repeat)
    print(f"{net.name}: {net.zone_count} zones, {net.node_count} nodes, {len(net.tail)} links")
    print(f"one sweep of shortest-path trees (scipy)  {sweep * 1000:9.1f} ms")
    tell(f"from nothing to a gap of {options.gap:g}", cold, sweep, problem, solution)
    for rank, closed in closures(problem, solution):
        seconds, again = median(lambda: finish(solve_again(closed, problem, solution, options.gap)), options.repeat)  # noqa: B023  called at once
        tell(f"road {rank} by volume closed", seconds, sweep, closed, again)
    if find_spec("aequilibrae") is None:
        print("AequilibraE is not installed here: not measured")


def median(work: Callable[[], object], repeat: int) -> tuple[float, object]:
    """Return the median of the seconds that work takes, and what it returned last."""
    seconds, value = [], None
    for _ in range(repeat):
        started = time.perf_counter()
        value = work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), value


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


def tell(what: str, seconds: float, sweep: float, problem: Problem, solution: Solution) -> None:
    """Print one line of figures."""
    found = figures(problem, solution)
    print(
        f"{what:40s}  {seconds * 1000:9.1f} ms  {seconds / sweep:6.1f} sweeps  gap {found['relative_gap']:.1e}  "
        f"objective {found['beckmann_objective']:.3f}  iterations {found['iterations']:.0f}"
    )


if __name__ == "__main__":
    main()
