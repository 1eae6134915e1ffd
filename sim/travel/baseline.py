"""The city as it is, solved once: every scenario starts from here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.assignment.equilibrium import Problem, Solution, skim_times, solve
from sim.assignment.graph import Floats
from sim.assignment.settle import tighten
from sim.travel.calibration import Calibration, bounded, calibrated
from sim.travel.cells import Pieces, cut_into_cells
from sim.travel.classes import with_classes
from sim.travel.counts import peak_counts
from sim.travel.demand import Demand, make_demand, of_matrix, with_ways
from sim.travel.feedback import fed_back
from sim.travel.network import RoadNetwork, make_network
from sim.travel.od_matrix import imported
from sim.travel.params import TravelParams
from sim.travel.profile import HOURS, chosen_hour, city_profile
from sim.travel.road_delay import graph_delay
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

SLICE = 10_000
"""Shapes read between two chances to cancel."""

_READ = {
    "node": ("signal", "cycle_s"),
    "link": (
        "tail_id", "head_id", "reverse_id", "name", "road_class", "free_flow_speed_mps", "capacity_vph", "length_m", "closed",
        "bpr_b", "bpr_power", "green_share", "toll", "bus_vph", "truck_banned",
    ),
    "movement": ("from_link_id", "to_link_id", "rule"),
    "building": ("use", "height_m", "levels"),
    "land_use": ("use",),
    "population_cell": ("residents",),
    "counter": ("link_id", "name"),
    "zone": ("out_node_id", "in_node_id"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Baseline:
    """The unchanged city: network, demand, and its equilibrium at the relative gap asked for.

    ``all_trips (z, z)`` are the vehicles of all classes together, after their fit to counts.
    """

    key: str
    network: RoadNetwork
    demand: Demand
    fit: Calibration
    solution: Solution
    all_trips: Floats
    pieces: Pieces
    notes: tuple[str, ...]

    @property
    def problem(self) -> Problem:
        """What was solved: graph, delay functions, and trips after their fit to counts."""
        return self.fit.problem


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
    for kind in ("traffic_count", "od_matrix"):
        for column in snapshot.histories.get(kind, {}).values():
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
    profile, _ = city_profile(snapshot)
    hour = chosen_hour(snapshot, profile, params.peak_hour)
    given = imported(snapshot, network.zones, hour)
    if given is None:
        demand = yield from make_demand(snapshot, network, skim, params, profile, hour)
    else:
        demand = of_matrix(given, network.zones, profile, hour)
    demand = with_ways(demand, skim, network.zones)
    # Trucks become a class of their own once trips are fitted: until then they drive like cars.
    alike = replace(params, truck_share=0.0)
    problem, _ = yield from with_classes(Problem(network.graph, delay, demand.trips), snapshot, network, alike)
    demand = yield from fed_back(problem, demand, network.zones, params)
    hour_utc = (hour - profile.shift_h) % HOURS
    counts = peak_counts(snapshot, network, hour_utc) if params.calibration != "none" else None
    problem = replace(problem, demand=demand.trips)
    capped: tuple[str, ...] = ()
    if counts is None and given is None and params.calibration != "none":
        problem, capped = yield from bounded(problem)
    fit = yield from calibrated(problem, network, counts, params)
    all_trips = fit.problem.demand
    if params.truck_share > 0.0:
        problem, lost = yield from with_classes(replace(fit.problem, extra=None), snapshot, network, params)
        fit = replace(fit, problem=problem, solution=(yield from solve(problem, params.relative_gap)), notes=(*fit.notes, *lost))
    solution = yield from tighten(fit.problem, fit.solution, params.relative_gap)
    pieces = yield from cut_into_cells(links, network.length_m, snapshot.projection)
    notes = (*demand.notes, *capped, *fit.notes, *network.notes)
    return Baseline(key, network, demand, fit, solution, all_trips, pieces, notes)


def city_volume(network: RoadNetwork, volume: Floats) -> Floats:
    """Return the volume of each of the city's links from those of the graph's."""
    return np.where(network.place >= 0, volume[network.place], 0.0)
