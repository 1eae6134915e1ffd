"""Cost and gap of published routing problems within a time, by the wall clock and in processor time."""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sim.routing.benchmark import run_benchmark
from twin.sources.routing_instance import read_routing_instance
from twin.task import finish

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "waste"
BEST_KNOWN = {"X-n1001-k43": 72_355, "Leuven1": 192_848, "bins_West": 4_101_686.0, "bins_R3": 180_597.9}
"""Costs of the best solutions published (the bins: the best run of FILO; its mean on bins_West is 4,225,730)."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark routing", description=__doc__)
    parser.add_argument(
        "instances",
        type=Path,
        nargs="*",
        default=[path for ending in ("*.vrp", "*.inp", "*_stop.txt") for path in sorted(DATA.glob(f"*/{ending}"))],
    )
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    for path in options.instances:
        tell(path, options.seconds, options.seed, options.threads)


def tell(path: Path, seconds: float, seed: int, threads: int) -> None:
    """Solve one problem and print one line."""
    instance = read_routing_instance(path)
    processor = time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        found = finish(run_benchmark(instance, seconds, seed, time.perf_counter, pool.map))
    processor = time.process_time() - processor
    best = BEST_KNOWN.get(path.stem)
    gap = "" if best is None else f"gap {100 * (found['cost'] / best - 1):6.2f} %"
    print(
        f"{path.stem:12s} cost {found['cost']:13,.1f} {gap} start {found['start_cost']:13,.1f} routes {found['routes']:4.0f} "
        f"{'feasible' if found['feasible'] else 'NOT FEASIBLE'} {found['seconds']:6.1f} s, processor {processor:6.1f} s, "
        f"loading {found['load_seconds']:4.1f} s, iterations {found['iterations']:,.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
