"""The city as it is, solved once: every scenario starts from here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.assignment.equilibrium import Problem, Solution, skim_times, solve, solve_again
from sim.assignment.graph import Floats
from sim.travel.cells import Pieces, cut_into_cells
from sim.travel.counts import Counts, peak_counts
from sim.travel.demand import Demand, make_demand
from sim.travel.network import RoadNetwork, make_network
from sim.travel.params import TravelParams
from sim.travel.road_delay import graph_delay
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

LOOSE_GAP = 1e-3
SLICE = 10_000
"""Shapes read between two chances to cancel."""
CALIBRATIONS = 4
"""Most rounds of scaling the demand to counts; the median moves by under 2 % after two or three."""
FULLEST, EMPTIEST = 1.8, 1.0
"""Without counts: bounds of the mean volume / capacity along all trips if each took the shortest empty way."""

_READ = {
    "node": ("signal", "cycle_s"),
    "link": (
        "tail_id", "head_id", "reverse_id", "road_class", "free_flow_speed_mps", "capacity_vph", "length_m", "closed",
        "bpr_b", "bpr_power", "green_share",
    ),
    "movement": ("from_link_id", "to_link_id", "rule"),
    "building": ("use", "height_m", "levels"),
    "land_use": ("use",),
    "population_cell": ("residents",),
    "counter": ("link_id",),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Baseline:
    """The unchanged city: network, demand, and its equilibrium at the relative gap asked for."""

    key: str
    network: RoadNetwork
    demand: Demand
    problem: Problem
    solution: Solution
    pieces: Pieces
    notes: tuple[str, ...]


def input_key(snapshot: Snapshot, params: TravelParams) -> Task[str]:
    """Return a digest of all that a run reads of the city and of the parameters."""
    digest = hashlib.blake2b(digest_size=16)
    # Only what is declared for all simulations on the roads: what one of them adds does not change the baseline.
    digest.update(repr(sorted((item.name, getattr(params, item.name)) for item in fields(TravelParams))).encode())
    digest.update(snapshot.projection.proj4.encode())
    for kind, names in _READ.items():
        frame = snapshot.frames.get(kind)
        if frame is None:
            continue
        columns = [frame.ids, *(frame[name] for name in names)]
        for column in columns:
            _feed(digest, column)
            yield Progress("Reading the city")
        shapes = frame.geometry if frame.geometry is not None else ()
        for low in range(0, len(shapes), SLICE):
            _feed(digest, shapely.to_wkb(shapes[low : low + SLICE]))
            yield Progress("Reading the city")
    for column in snapshot.histories.get("traffic_count", {}).values():
        _feed(digest, column)
        yield Progress("Reading the city")
    return digest.hexdigest()


def _feed(digest: hashlib.blake2b, column: NDArray[np.generic]) -> None:
    digest.update(str(len(column)).encode())
    if column.dtype == object:
        digest.update("\x1f".join(map(str, column.tolist())).encode())
    else:
        digest.update(np.ascontiguousarray(column).tobytes())


def make_baseline(key: str, snapshot: Snapshot, params: TravelParams) -> Task[Baseline]:
    """Build the network and the demand of a city and solve it."""
    network = yield from make_network(snapshot, params)
    links = snapshot["link"]
    delay = graph_delay(snapshot, network, params)
    skim = yield from skim_times(network.graph, delay.free_time, len(network.zones))
    demand = yield from make_demand(snapshot, network, skim, params)
    counts = peak_counts(snapshot, network) if params.calibrate else None
    problem = Problem(network.graph, delay, demand.trips)
    if counts is None:
        problem, note = yield from _bounded(problem)
        solution = yield from solve(problem, params.relative_gap)
    else:
        problem, solution, note = yield from _calibrated(problem, network, counts, params)
    pieces = yield from cut_into_cells(links, network.length_m, snapshot.projection)
    notes = (*demand.notes, note, *network.notes)
    return Baseline(key, network, demand, problem, solution, pieces, tuple(text for text in notes if text))


def city_volume(network: RoadNetwork, volume: Floats) -> Floats:
    """Return the volume of each of the city's links from those of the graph's."""
    return np.where(network.place >= 0, volume[network.place], 0.0)


def _bounded(problem: Problem) -> Task[tuple[Problem, str]]:
    """Keep the total within what such roads carry: neither empty nor beyond any peak hour.

    All trips are put on their shortest ways on empty roads. The mean volume / capacity that a vehicle-second
    then meets is proportional to the total; where it leaves the bounds, the total is scaled to meet them.
    """
    empty = problem.delay._replace(b=np.zeros_like(problem.delay.b))
    # A gap of 1 is met by the first trees: with constant times they are the answer.
    loaded = yield from solve(Problem(problem.graph, empty, problem.demand), 1.0)
    roads = problem.delay.b > 0.0
    volume, capacity = loaded.volume[roads], problem.delay.capacity[roads]
    spent = volume * problem.delay.free_time[roads]
    fullness = float(spent @ (volume / capacity) / spent.sum()) if spent.sum() > 0.0 else 0.0
    factor = float(np.clip(fullness, EMPTIEST, FULLEST) / fullness) if fullness > 0.0 else 1.0
    if factor == 1.0:
        return problem, ""
    text = f"No counts to scale demand to: trips were multiplied by {factor:.3g} to suit the capacity of the roads."
    return Problem(problem.graph, problem.delay, problem.demand * factor), text


def _calibrated(
    problem: Problem, network: RoadNetwork, counts: Counts, params: TravelParams
) -> Task[tuple[Problem, Solution, str]]:
    """Scale all trips until the median of counted over modelled volume is 1, then solve to the gap asked for."""
    factor = 1.0
    solution = yield from solve(problem, max(LOOSE_GAP, params.relative_gap))
    for _ in range(CALIBRATIONS):
        step = counts.factor(city_volume(network, solution.volume))
        if abs(step - 1.0) < 0.005:
            break
        factor *= step
        scaled = Problem(problem.graph, problem.delay, problem.demand * factor)
        now = Problem(problem.graph, problem.delay, problem.demand * (factor / step))
        solution = yield from solve_again(scaled, now, solution, max(LOOSE_GAP, params.relative_gap))
    problem = Problem(problem.graph, problem.delay, problem.demand * factor)
    solution = yield from solve_again(problem, problem, solution, params.relative_gap)
    geh, good = counts.agreement(city_volume(network, solution.volume))
    text = (
        f"Trips were multiplied by {factor:.3g} so that volumes meet the counts of {len(counts.volume_vph)} stations "
        f"in the median; median GEH {geh:.1f}, {100 * good:.0f} % of the stations under 5."
    )
    return problem, solution, text
