"""Quality and time of street cleaning on a city: its quick tours beside PyVRP's on the same kerbs, from nothing and from those tours.

For the first days' areas the total time of all trips is told, and by how much each of PyVRP's is shorter (negative: longer).
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from sim.arc_routing.area import Area, find_areas, part_places
from sim.arc_routing.kerbs import Kerbs
from sim.arc_routing.trips import Trip, limit_s, trips_of
from sim.street_cleaning import StreetCleaning, StreetCleaningParams
from sim.street_cleaning.run import prepare
from twin.model.scenario import baseline
from twin.model.snapshot import Snapshot
from twin.store import Store
from twin.task import finish

TICKS_PER_S = 10


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark street_cleaning", description=__doc__)
    parser.add_argument("workspace", type=Path, help="a city with roads, such as the one that 'citytwin demo' makes")
    parser.add_argument("--seconds", type=float, default=20, help="of PyVRP, for each area")
    parser.add_argument("--areas", type=int, default=2, help="areas of the first day to compare, the first ones")
    options = parser.parse_args()
    with Store.open(options.workspace, writable=False) as store:
        city = store.snapshot(StreetCleaning.kinds)
    tell_run(city)
    params = StreetCleaningParams(replications=1)
    before, site = finish(prepare(city, baseline(), params, []))
    due = site.calendar.due(0)
    for area in finish(
        find_areas(site.calendar.kerbs, due, part_places(before.kerbs.along[before.due(0)]), site.ground, site.yards)
    )[: options.areas]:
        started = time.perf_counter()
        trips = finish(trips_of(site.calendar.kerbs, [area], site.yards, params.rules, 0))
        quick_s, limit = time.perf_counter() - started, limit_s(area, site.yards, params.rules)
        own = total_s(area, trips)
        cold = solved(site.calendar.kerbs, area, params, limit, options.seconds, None)
        warm = solved(site.calendar.kerbs, area, params, limit, options.seconds, trips)
        print(
            f"area of {len(area.kerbs)} kerbs: {own / 3600:.2f} h in {quick_s:.2f} s; without sweeping at least {area.least_s / 3600:.3f} h; "
            f"PyVRP {options.seconds:g} s from nothing {1 - cold / own:+.2%}, from the same tours {1 - warm / own:+.2%}",
            flush=True,
        )


def tell_run(city: Snapshot) -> None:
    """Measure a whole run with its longest step, which is how long a cancel may wait."""
    for _ in range(2):  # the first one compiles
        task = StreetCleaning().run(city, baseline(), StreetCleaningParams(), 1)
        started = before = time.perf_counter()
        longest_s = 0.0
        for _ in task:
            now = time.perf_counter()
            longest_s, before = max(longest_s, now - before), now
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{city.name}: {len(city['link'])} links; seven days, three replications {time.perf_counter() - started:.2f} s, "
        f"longest step {longest_s * 1000:.0f} ms, {memory:.0f} MiB",
        flush=True,
    )


def total_s(area: Area, trips: list[Trip]) -> float:
    """Return the time of trips, each from its nearest site."""
    first = np.searchsorted(area.kerbs, [trip.kerbs[0] for trip in trips])
    return float(area.out_s[first].sum() + sum(trip.inner_s for trip in trips))


def solved(
    kerbs: Kerbs, area: Area, params: StreetCleaningParams, limit: float, seconds: float, trips: list[Trip] | None
) -> float:
    """Return the time of PyVRP's trips along the kerbs of an area; infinite where it finds none that keep the rules."""
    n = len(area.kerbs)
    time_s = np.zeros((n + 1, n + 1))
    time_s[1:, 1:] = area.ways.time_s[:n, :n] + kerbs.work_s[area.kerbs][:, None]
    turns = np.flatnonzero(area.across >= 0)
    time_s[1 + turns, 1 + area.across[turns]] += params.u_turn_s
    time_s[0, 1:], time_s[1:, 0] = area.out_s, area.back_s + params.dump_s + kerbs.work_s[area.kerbs]
    ticks = np.rint(time_s * TICKS_PER_S).astype(np.int64)
    np.fill_diagonal(ticks, 0)
    clients = [pyvrp.Client(row + 1, pickup=[int(np.ceil(load))]) for row, load in enumerate(kerbs.load_l[area.kerbs].tolist())]
    vehicle = pyvrp.VehicleType(n, capacity=[int(params.hopper_l)], shift_duration=int(limit * TICKS_PER_S) + n)
    data = pyvrp.ProblemData([pyvrp.Location(0, 0)] * (n + 1), clients, [pyvrp.Depot(0)], [vehicle], [ticks], [ticks])
    start = None
    if trips is not None:
        start = pyvrp.Solution(data, [np.searchsorted(area.kerbs, trip.kerbs).tolist() for trip in trips])
    found = pyvrp.solve(data, MaxRuntime(seconds), 1, collect_stats=False, display=False, initial_solution=start)
    return found.best.distance() / TICKS_PER_S if found.best.is_feasible() else float("inf")


if __name__ == "__main__":
    main()
