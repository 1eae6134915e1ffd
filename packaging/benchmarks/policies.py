"""Collection policies over many seeds: cost and overflow with paired intervals, and the cost at equal overflow.

On the demo city, or with ``--malaga`` on the 14,346 real containers of Málaga on generated streets, or on a workspace.
Settings are tuned on other seeds than those reported.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import shapely

from sim.cleanup import Cleanup
from sim.cleanup.front import (
    CONTENDERS,
    TUNING,
    Contender,
    Paired,
    Standing,
    at_equal_overflow,
    paired,
    run_contenders,
    tuned,
    verdict,
)
from sim.cleanup.params import CleanupParams
from sim.cleanup.run import prepare_ground
from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.scenario import baseline
from twin.model.snapshot import Snapshot
from twin.task import finish

MALAGA = Path(__file__).resolve().parents[3] / "shared" / "data" / "bins" / "malaga_waste_containers_osm_2022.geojson"
WASTE_OF = {"trash": "residual", "batteries": "hazardous", "oil": "hazardous"}
USUAL_M3 = {"residual": 1.1, "recyclable": 3.0, "hazardous": 0.3}
BLOCK_M = 300.0
TRUCKS, TRUCK_L = 120, 30_000.0
"""Of each of two yards in Málaga: assumed, enough for every policy; litres as the waste lies in the bins."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark policies", description=__doc__)
    parser.add_argument("--malaga", action="store_true")
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--tuning-seeds", type=int, default=4)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--reference-days", type=int, default=3, help="the rounds that policies are compared with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    started, snapshot = time.perf_counter(), city(options.malaga, options.workspace)
    params = CleanupParams(days=options.days, replications=options.seeds, period_days=options.reference_days)
    print(f"{snapshot.name}: {len(snapshot['bin'])} bins, {len(snapshot['node'])} nodes; {options.days} days after 5 of warm-up")
    sets = ((options.seed + TUNING, options.tuning_seeds), (options.seed, options.seeds))
    tuning, standings = run(snapshot, params, sets, options.processes)
    report(standings, tuning, options.reference_days)
    print(f"{time.perf_counter() - started:.0f} s")


Sets = tuple[tuple[int, int], ...]
"""Seeds with the number of their replications."""


def run(snapshot: Snapshot, params: CleanupParams, sets: Sets, processes: int) -> list[tuple[Standing, ...]]:
    """Run all contenders, parted among processes; return their standings for each set of seeds."""
    with ProcessPoolExecutor(processes) as pool:
        parts = list(
            pool.map(partial(run_part, snapshot, params, sets), [CONTENDERS[number::processes] for number in range(processes)])
        )
    found = [{standing.contender: standing for part in parts for standing in part[number]} for number in range(len(sets))]
    return [tuple(standings[contender] for contender in CONTENDERS) for standings in found]


def run_part(
    snapshot: Snapshot, params: CleanupParams, sets: Sets, contenders: Sequence[Contender]
) -> list[tuple[Standing, ...]]:
    """Run some contenders for each set of seeds."""
    ground = finish(prepare_ground(snapshot, baseline(), params, sets[0][0]))
    return [finish(run_contenders(ground, snapshot, baseline(), seed, count, contenders)) for seed, count in sets]


def report(standings: Sequence[Standing], tuning: Sequence[Standing], reference_days: int) -> None:
    """Print every contender against the reference, then each family at equal overflow."""
    name = f"fixed rounds, re-optimised, every {reference_days} d"
    reference = next(item for item in standings if item.contender.name == name)
    before = next(item for item in tuning if item.contender.name == name)
    families = dict.fromkeys(item.contender.family for item in standings)
    chosen = {tuned([item for item in tuning if item.contender.family == family], before) for family in families}
    print(
        f"Per day, mean over {len(reference.means)} seeds; differences to '{name}' with 95 % intervals of the pairs; * tuned setting"
    )
    heads = ("overflow h", "events", "cost", "km", "crew h", "trucks", "visits", "needless", "missed", "left", "t")
    names = ("overflow_h", "overflow_events", "cost", "distance_km", "crew_h", "trucks", "visits", "needless_visits", "missed_visits",
             "uncollected_stops", "collected_t")  # fmt: skip
    print(f"{'':40s}" + "".join(f"{head:>11s}" for head in heads))
    for item in standings:
        mark = "*" if item.contender in chosen else " "
        print(f"{mark}{item.contender.name:39s}" + "".join(f"{item.of(key).mean():11.1f}" for key in names))
    print()
    for item in standings:
        cost, overflow = paired(item, reference, "cost"), paired(item, reference, "overflow_h")
        text = "the reference" if item is reference else verdict(cost, overflow)
        print(f"{item.contender.name:40s} cost {shown(cost)}  overflow {shown(overflow)}  {text}")
    print("\nCost at the overflow of the reference, read off each family's front")
    for family in families:
        found = at_equal_overflow([item for item in standings if item.contender.family == family], reference)
        if found is None:
            print(f"{family:40s} its settings do not reach this overflow")
        else:
            print(f"{family:40s} cost {shown(found)} {found.share:+.1%} {'' if found.is_found else 'no difference found'}")


def shown(value: Paired) -> str:
    """Return a difference with its interval."""
    return f"{value.mean:+10.1f} [{value.low:+10.1f}, {value.high:+10.1f}]"


def city(is_malaga: bool, workspace: Path | None) -> Snapshot:
    """Return the city that was asked for, by default the demo."""
    from twin.store import Store

    if is_malaga:
        return malaga()
    with tempfile.TemporaryDirectory() as folder:
        if workspace is None:
            from ui.cli import main as citytwin

            citytwin(["demo", "--headless", "--out", folder])
            [workspace] = list(Path(folder).rglob("*.twin"))
        with Store.open(workspace, writable=False) as store:
            return store.snapshot(Cleanup.kinds, histories=Cleanup.histories)


def malaga() -> Snapshot:
    """Return the real containers of Málaga on a grid of generated streets."""
    features = json.loads(MALAGA.read_text())["features"]
    lon_lat = np.array([feature["geometry"]["coordinates"] for feature in features])
    projection = Projection(*lon_lat.mean(axis=0).tolist())
    waste = [WASTE_OF.get(feature["properties"]["layer"], "recyclable") for feature in features]
    litres = [litres_of(feature["properties"].get("capacity"), kind) for feature, kind in zip(features, waste, strict=True)]
    xy = projection.to_xy(lon_lat)
    frames = [
        *grid(xy),
        frame("bin", xy, waste_kind=np.array(waste, object), capacity_l=np.array(litres), fill_level=np.full(len(xy), np.nan)),
    ]
    yards = np.quantile(xy, (0.25, 0.75), axis=0)
    none = np.empty((0, 2))
    frames.append(frame("depot", yards, vehicle_count=np.full(2, TRUCKS), vehicle_capacity_l=np.full(2, TRUCK_L)))
    frames.append(frame("disposal_site", yards[:, ::-1] * (1.0, -1.0), unload_duration_s=np.full(2, 900.0)))
    frames.append(frame("movement", none, **{name: np.empty(0, object) for name in ("from_link_id", "to_link_id", "rule")}))
    name = "Containers of Málaga (OpenStreetMap 2022) on generated streets"
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Snapshot(name, 1, projection, {item.kind: item for item in frames}, at=at, synthetic=True)


def litres_of(capacity: str | None, waste: str) -> float:
    """Return a capacity given in cubic metres or litres, or the usual one."""
    try:
        value = float(capacity or "")
    except ValueError:
        value = 0.0
    value = USUAL_M3[waste] if not 0.0 < value < 10_000.0 else value
    return value * 1000.0 if value <= 30.0 else value


def grid(xy: np.ndarray) -> tuple[Frame, Frame]:
    """Return junctions and two-way streets over the extent of points."""
    low, high = xy.min(axis=0) - BLOCK_M, xy.max(axis=0) + BLOCK_M
    columns, rows = (np.ceil((high - low) / BLOCK_M).astype(int) + 1).tolist()
    corners = low + np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2) * BLOCK_M
    number = np.arange(columns * rows).reshape(rows, columns)
    pairs = [
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ]
    one_way = np.vstack(pairs)
    ends = np.vstack([one_way, one_way[:, ::-1]])
    speed = np.tile(np.random.default_rng(1).choice([30 / 3.6, 40 / 3.6, 50 / 3.6], len(one_way)), 2)
    nodes = frame("node", corners, signal=np.zeros(len(corners), bool))
    columns_ = {
        "tail_id": nodes.ids[ends[:, 0]],
        "head_id": nodes.ids[ends[:, 1]],
        "free_flow_speed_mps": speed,
        "length_m": np.full(len(ends), BLOCK_M),
        "closed": np.zeros(len(ends), bool),
    }
    links = Frame(
        "link",
        np.array([f"link-{row}" for row in range(len(ends))], object),
        columns_,
        np.asarray(shapely.linestrings(corners[ends])),
    )
    return nodes, links


def frame(kind: str, xy: np.ndarray, **columns: np.ndarray) -> Frame:
    """Return a frame of points."""
    return Frame(kind, np.array([f"{kind}-{row}" for row in range(len(xy))], object), columns, np.asarray(shapely.points(xy)))


if __name__ == "__main__":
    main()
