"""Time of the cleanup simulation on generated cities: one run of 30 days, two policies over ten seeds, a large city.

A city is a grid of streets with bins along them, two depots and two disposal sites; with a workspace given, that city is
measured instead. Each line has the longest step, which is how long a cancel may wait, and the highest memory of a process.
"""

from __future__ import annotations

import argparse
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.cleanup import Cleanup
from sim.cleanup.days import run_replication
from sim.cleanup.gap import optimisation_gap
from sim.cleanup.params import CleanupParams
from sim.cleanup.router import varied
from sim.cleanup.run import prepare_ground
from twin.geo import Projection
from twin.model.edits import SetPolicy
from twin.model.frame import Frame
from twin.model.results import Result
from twin.model.scenario import Scenario, baseline
from twin.model.snapshot import Snapshot
from twin.task import finish

BLOCK_M = 100.0
SAMPLED_DAYS = 3
WASTE = ("residual", "recyclable", "food", "hazardous", "litter")
WASTE_SHARES = (0.35, 0.25, 0.2, 0.05, 0.15)
EVERY_KIND = {"waste_kinds": np.array(["", ""], object)}
THRESHOLD = baseline().with_edit(SetPolicy(policy="threshold", threshold=0.7))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark cleanup", description=__doc__)
    parser.add_argument("--workspace", type=Path, help="a city to measure instead of the generated one")
    parser.add_argument("--bins", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=50_000, help="bins of the large city, 0 for none")
    parser.add_argument("--gap-iterations", type=int, default=300, help="of PyVRP, on each of the sampled days")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    snapshot = opened(options.workspace) if options.workspace else grid_city(options.bins, options.seed)
    print(f"{snapshot.name}: {len(snapshot['bin'])} bins, {len(snapshot['node'])} nodes, {len(snapshot['link'])} links")
    measured(snapshot, baseline(), CleanupParams(days=1, warm_up_days=0, replications=1), options.seed)  # compiles
    month = CleanupParams(days=25, warm_up_days=5, replications=1)
    tell("30 days, fixed rounds", snapshot, baseline(), month, options.seed)
    tell("30 days, fill-driven", snapshot, THRESHOLD, month, options.seed)
    tell_both(snapshot, CleanupParams(days=25, warm_up_days=5, replications=10), options.seed)
    tell_gap(snapshot, options.seed, options.gap_iterations)
    if options.large and not options.workspace:
        tell(
            f"30 days, {options.large} bins, fill-driven", grid_city(options.large, options.seed), THRESHOLD, month, options.seed
        )


def tell(what: str, snapshot: Snapshot, scenario: Scenario, params: CleanupParams, seed: int) -> None:
    """Measure a run and print a line."""
    processor = time.process_time()
    seconds, longest_s, result = measured(snapshot, scenario, params, seed)
    print(
        f"{what:34s} {seconds:7.2f} s, processor {time.process_time() - processor:6.2f} s, longest step {longest_s * 1000:4.0f} ms, "
        f"{memory_mib():5.0f} MiB, overflow {result.indicator('overflow_h').value:8.1f} h/d, "
        f"distance {result.indicator('distance_km').value:7.1f} km/d",
        flush=True,
    )


def tell_both(snapshot: Snapshot, params: CleanupParams, seed: int) -> None:
    """Measure two policies over the seeds of the parameters, each in a process of its own."""
    started = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(in_process, snapshot, scenario, params, seed) for scenario in (baseline(), THRESHOLD)]
        processor, memory = zip(*(job.result() for job in jobs), strict=True)
    print(
        f"{'30 days, two policies, ten seeds':34s} {time.perf_counter() - started:7.2f} s, processor {sum(processor):6.2f} s, "
        f"{sum(memory):5.0f} MiB in both processes",
        flush=True,
    )


def tell_gap(snapshot: Snapshot, seed: int, iterations: int) -> None:
    """Measure how far the quick rounds of sampled days are from rounds planned at length."""
    params = CleanupParams(days=1, warm_up_days=5, replications=1)
    ground = finish(prepare_ground(snapshot, THRESHOLD, params, seed))
    gaps = []
    for number in range(SAMPLED_DAYS):
        replication = finish(run_replication(ground.world, number))
        router = varied(ground.world.router, number)
        gaps.append(finish(optimisation_gap(router, replication.sample, replication.sample_load_l, iterations)))
    shown = ", ".join(f"{gap:.1%}" for gap in gaps)
    print(
        f"gap of {SAMPLED_DAYS} sampled days to PyVRP from the same start, {iterations} iterations a waste kind: {shown}",
        flush=True,
    )


def in_process(snapshot: Snapshot, scenario: Scenario, params: CleanupParams, seed: int) -> tuple[float, float]:
    """Run a policy and return its processor seconds and the highest memory."""
    measured(snapshot, scenario, params, seed)
    return time.process_time(), memory_mib()


def memory_mib() -> float:
    """Return the highest memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(snapshot: Snapshot, scenario: Scenario, params: CleanupParams, seed: int) -> tuple[float, float, Result]:
    """Return the seconds of a run, its longest step (how long a cancel may wait) and its result."""
    task = Cleanup().run(snapshot, scenario, params, seed)
    started = before = time.perf_counter()
    longest_s = 0.0
    while True:
        try:
            next(task)
        except StopIteration as stop:
            return time.perf_counter() - started, max(longest_s, time.perf_counter() - before), stop.value
        now = time.perf_counter()
        longest_s, before = max(longest_s, now - before), now


def opened(path: Path) -> Snapshot:
    """Return the snapshot of a workspace."""
    from twin.store import Store

    with Store.open(path, writable=False) as store:
        return store.snapshot(Cleanup.kinds, histories=Cleanup.histories)


def grid_city(bin_count: int, seed: int) -> Snapshot:
    """Return a made-up city: about one junction per two bins."""
    rng = np.random.default_rng(seed)
    side = max(4, round(np.sqrt(bin_count / 2)))
    corners = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * BLOCK_M
    number = np.arange(side * side).reshape(side, side)
    one_way = np.vstack(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    ends = np.vstack([one_way, one_way[:, ::-1]])
    speed = rng.choice([30 / 3.6, 40 / 3.6, 50 / 3.6], len(one_way))
    width_m = (side - 1) * BLOCK_M
    frames = (
        points("node", corners, {"signal": np.zeros(side * side, bool)}),
        Frame(
            "link",
            keys("link", len(ends)),
            {
                "tail_id": keys("node", side * side)[ends[:, 0]],
                "head_id": keys("node", side * side)[ends[:, 1]],
                "free_flow_speed_mps": np.tile(speed, 2),
                "length_m": np.full(len(ends), BLOCK_M),
                "closed": np.zeros(len(ends), bool),
            },
            np.asarray(shapely.linestrings(corners[ends])),
        ),
        points(
            "bin",
            rng.uniform(0, width_m, (bin_count, 2)),
            {
                "waste_kind": rng.choice(WASTE, bin_count, p=WASTE_SHARES).astype(object),
                "capacity_l": rng.choice([120.0, 240.0, 660.0], bin_count),
                "full_threshold": np.full(bin_count, 0.8),
                **{name: np.full(bin_count, np.nan) for name in ("fill_level", "access_from_s", "access_until_s")},
            },
        ),
        points(
            "depot",
            np.array([[0.0, 0.0], [width_m, 0.0]]),
            {"vehicle_count": np.full(2, max(2, bin_count // 400)), "vehicle_capacity_l": np.full(2, 18000.0), **EVERY_KIND},
        ),
        points(
            "disposal_site",
            np.array([[width_m, width_m], [0.0, width_m]]),
            {"unload_duration_s": np.full(2, 900.0), **EVERY_KIND},
        ),
        Frame("movement", keys("movement", 0), {name: keys("", 0) for name in ("from_link_id", "to_link_id", "rule")}),
    )
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Snapshot("Grid", 1, Projection(24.9, 60.2), {frame.kind: frame for frame in frames}, at=at, synthetic=True)


def keys(kind: str, count: int) -> NDArray[Any]:
    """Return keys for generated things."""
    return np.array([f"{kind}-{number:06d}" for number in range(count)], dtype=object)


def points(kind: str, xy: NDArray[Any], columns: dict[str, NDArray[Any]]) -> Frame:
    """Return a frame of points."""
    return Frame(kind, keys(kind, len(xy)), columns, np.asarray(shapely.points(xy)))


if __name__ == "__main__":
    main()
