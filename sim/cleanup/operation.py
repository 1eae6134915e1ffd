"""What is to be collected, from where, by whom: bins, depots and disposal sites of a scenario on the road network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.cleanup.params import CleanupParams
from sim.cleanup.streets import Streets, build_streets, link_ends
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

IntArray = NDArray[np.int32]

MAX_PLACES = 8000
"""Stops are at no more distinct places than this: the matrices of times and lengths stay under 0.6 GB."""

ASSUMED_CAPACITY_L = 18000.0
ASSUMED_UNLOAD_S = 900.0
FAR_FROM_ROAD_M = 200.0
POINTS_AT_ONCE = 4000
NAMED = 5
"""Things that a note names; of more it tells the number."""


@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of a scenario: key, metres, waste kind (row of ``WASTE_KINDS``), capacity and node row, each ``(n,)``."""

    ids: NDArray[np.object_]
    xy: FloatArray
    waste: IntArray
    capacity_l: FloatArray
    node: IntArray
    reachable: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Depots:
    """Where trucks start: node row, number of trucks and litres that one carries, each ``(n,)``."""

    node: IntArray
    vehicles: IntArray
    capacity_l: FloatArray


@dataclass(frozen=True, eq=False)
class Sites:
    """Where trucks unload: node row and time to unload, each ``(n,)``."""

    node: IntArray
    unload_s: FloatArray


@dataclass(frozen=True, eq=False)
class Operation:
    """One scenario's collection, ready to be simulated.

    ``base_streets`` and ``base_node`` are the roads and the stops' nodes before the edits: the giant tour
    rests on them, so that an edit changes the order of no other stop.
    """

    streets: Streets
    node_xy: FloatArray
    bins: Bins
    depots: Depots
    sites: Sites
    base_streets: Streets
    base_node: IntArray
    notes: tuple[str, ...]


def prepare_operation(base: Snapshot, edited: Snapshot, params: CleanupParams) -> Task[Operation]:
    """Place everything on the road network.

    ``base`` is the city without the scenario's edits: what is assumed rests on it, so that two
    scenarios assume the same. Raises ``ScenarioError`` where there is nothing to simulate.
    """
    _require(base, edited)
    roads = build_streets(base, params.speed_factor)
    yield Progress("Reading the city")
    ground = _Ground(base, _largest(roads.component()))
    notes: list[str] = []
    bins_frame = edited["bin"]
    before = yield from ground.nearest_of_many(base["bin"].xy)
    is_moved = bins_frame.geometry is not base["bin"].geometry
    node, far = (yield from ground.nearest_of_many(bins_frame.xy)) if is_moved else before
    if far.any():
        notes.append(
            f"{far.sum()} bins are more than {FAR_FROM_ROAD_M:.0f} m from a road; trucks stop at the nearest road: "
            f"{_some(bins_frame.ids[far])}."
        )
    yield Progress("Reading the city")
    sites = _sites(base, edited, ground, notes)
    depots = _depots(base, edited, ground, sites, params, notes)
    base_node = _merged(before[0], ground.node_xy, [])
    base_node = np.unique(np.concatenate([base_node, depots.node, sites.node]))
    is_changed = any(edited[kind] is not base[kind] for kind in ("node", "link", "movement"))
    streets = build_streets(edited, params.speed_factor) if is_changed else roads
    yield Progress("Reading the city")
    part = streets.component()
    main = np.bincount(part[node]).argmax()
    depots = _reached(depots, part[depots.node] == main, "depots", edited["depot"].ids, notes)
    sites = _reached(sites, part[sites.node] == main, "disposal sites", edited["disposal_site"].ids, notes)
    bins = Bins(
        bins_frame.ids,
        bins_frame.xy,
        np.array([WASTE_KINDS.index(kind) for kind in bins_frame["waste_kind"].tolist()], dtype=np.int32),
        bins_frame["capacity_l"].astype(np.float64),
        _merged(node, ground.node_xy, notes),
        part[node] == main,
    )
    _note_limits(bins, depots, notes)
    return Operation(streets, ground.node_xy, bins, depots, sites, roads, base_node, tuple(notes))


def _require(base: Snapshot, edited: Snapshot) -> None:
    if not len(base["bin"]):
        raise ScenarioError(
            "This city has no bins, so there is nothing to collect.",
            "Import bins (a table with coordinates, or an OSM extract with waste containers) and run again.",
        )
    if not len(base["link"]):
        raise ScenarioError(
            "This city has no roads, so trucks cannot reach its bins.", "Import a road network (an OSM extract) and run again."
        )
    if not len(edited["bin"]):
        raise ScenarioError("The scenario removes every bin.", "Keep at least one bin.")


def _largest(component: NDArray[np.intp]) -> NDArray[np.bool_]:
    return np.asarray(component == np.bincount(component).argmax())


class _Ground:
    """Finds the node at which a truck stops for a point: the nearer end of the nearest road of the base city."""

    def __init__(self, base: Snapshot, in_main: NDArray[np.bool_]) -> None:
        self.node_xy = base["node"].xy
        self.in_main = in_main
        tail, head = link_ends(base)
        open_roads = (tail >= 0) & (head >= 0) & ~base["link"]["closed"].astype(bool)
        usable = np.flatnonzero(open_roads & in_main[tail] & in_main[head])
        if not len(usable):
            raise ScenarioError(
                "No two junctions of this city's road network can be reached from each other.",
                "Import a connected road network.",
            )
        lines = base["link"].geometry
        if lines is None:
            raise ScenarioError("The roads of this city have no lines.", "Import the road network again.")
        self.tree = shapely.STRtree(lines[usable])
        self.tail, self.head = tail[usable], head[usable]

    def nearest(self, xy: FloatArray) -> tuple[IntArray, NDArray[np.bool_]]:
        """Return the node row for each point ``(n, 2)`` and whether it is far from every road."""
        points = shapely.points(xy)
        pairs, distance = self.tree.query_nearest(points, return_distance=True, all_matches=False)
        line = pairs[1]
        tail, head = self.tail[line], self.head[line]
        to_tail = np.hypot(*(xy - self.node_xy[tail]).T)
        to_head = np.hypot(*(xy - self.node_xy[head]).T)
        # On equal distance the smaller row: both directions of a street then agree.
        closer_tail = (to_tail < to_head) | ((to_tail == to_head) & (tail < head))
        return np.where(closer_tail, tail, head).astype(np.int32), np.asarray(distance > FAR_FROM_ROAD_M)

    def nearest_of_many(self, xy: FloatArray) -> Task[tuple[IntArray, NDArray[np.bool_]]]:
        """Do as ``nearest`` in parts, so that a cancel is answered at once."""
        parts = [(np.empty(0, np.int32), np.empty(0, np.bool_))]
        for start in range(0, len(xy), POINTS_AT_ONCE):
            parts.append(self.nearest(xy[start : start + POINTS_AT_ONCE]))
            yield Progress("Reading the city", start, len(xy))
        return np.concatenate([node for node, _ in parts]), np.concatenate([far for _, far in parts])

    def node_near(self, xy: FloatArray) -> int:
        """Return the well-connected node nearest to one point ``(2,)``."""
        away = np.hypot(*(self.node_xy - xy).T)
        return int(np.where(self.in_main, away, np.inf).argmin())

    def edge_node(self, xy: FloatArray) -> int:
        """Return the well-connected node farthest from one point ``(2,)``."""
        away = np.hypot(*(self.node_xy - xy).T)
        return int(np.where(self.in_main, away, -1.0).argmax())


def _sites(base: Snapshot, edited: Snapshot, ground: _Ground, notes: list[str]) -> Sites:
    frame = edited["disposal_site"]
    if len(frame):
        return Sites(ground.nearest(frame.xy)[0], frame["unload_duration_s"].astype(np.float64))
    notes.append("This city has no disposal site; one is assumed at the edge of the road network farthest from the bins.")
    node = ground.edge_node(base["bin"].xy.mean(axis=0))
    return Sites(np.array([node], np.int32), np.array([ASSUMED_UNLOAD_S]))


def _depots(base: Snapshot, edited: Snapshot, ground: _Ground, sites: Sites, params: CleanupParams, notes: list[str]) -> Depots:
    frame: Frame = edited["depot"]
    if len(frame):
        return Depots(
            ground.nearest(frame.xy)[0],
            frame["vehicle_count"].astype(np.int32),
            frame["vehicle_capacity_l"].astype(np.float64),
        )
    vehicles = _assumed_fleet(base["bin"], params)
    notes.append(
        f"This city has no depot; one with {vehicles} vehicles of {ASSUMED_CAPACITY_L:.0f} L is assumed "
        "halfway between the bins and the disposal site."
    )
    middle = (base["bin"].xy.mean(axis=0) + ground.node_xy[sites.node].mean(axis=0)) / 2
    return Depots(np.array([ground.node_near(middle)], np.int32), np.array([vehicles], np.int32), np.array([ASSUMED_CAPACITY_L]))


def _assumed_fleet(bins: Frame, params: CleanupParams) -> int:
    """Return a number of trucks that is enough for fixed rounds, with a fifth to spare."""
    visits = len(bins) / params.period_days
    load_l = float(bins["capacity_l"].sum()) * 0.5 / params.period_days
    work_s = visits * (params.service_s + 90.0) + (load_l / ASSUMED_CAPACITY_L + 1.0) * (ASSUMED_UNLOAD_S + 2400.0)
    return int(np.ceil(1.2 * work_s / params.shift_s))


Placed = TypeVar("Placed", Depots, Sites)


def _reached(placed: Placed, reachable: NDArray[np.bool_], what: str, ids: NDArray[np.object_], notes: list[str]) -> Placed:
    """Leave out what the closures cut off; refuse when nothing is left."""
    if reachable.all():
        return placed
    lost = int((~reachable).sum())
    if lost == len(reachable):
        raise ScenarioError(
            f"The closed roads cut the bins off from every one of the {len(reachable)} {what}.",
            "Open one of the closed roads around them in the scenario.",
        )
    names = _some(ids[~reachable])  # one that is assumed is never lost alone
    notes.append(f"{lost} of {len(reachable)} {what} are cut off by closed roads and not used: {names}.")
    values = {name: column[reachable] for name, column in vars(placed).items()}
    return type(placed)(**values)


def _merged(node: IntArray, node_xy: FloatArray, notes: list[str]) -> IntArray:
    """Return the nodes with neighbouring ones merged until at most ``MAX_PLACES`` distinct ones are left."""
    distinct = np.unique(node)
    if len(distinct) <= MAX_PLACES:
        return node
    xy = node_xy[distinct]
    side_m = float(np.sqrt(np.ptp(xy, axis=0).prod() / MAX_PLACES)) / 2
    while True:
        cell = np.floor(xy / side_m).astype(np.int64)
        _, first, cell_of = np.unique(cell, axis=0, return_index=True, return_inverse=True)
        if len(first) <= MAX_PLACES:
            break
        side_m *= 1.1
    notes.append(f"Stops within {side_m:.0f} m of each other count as one place, so that the run fits in memory.")
    stand_in = np.zeros(len(node_xy), np.int32)
    stand_in[distinct] = distinct[first[cell_of.ravel()]]
    return np.asarray(stand_in[node], dtype=np.int32)


def _note_limits(bins: Bins, depots: Depots, notes: list[str]) -> None:
    cut_off = int((~bins.reachable).sum())
    if cut_off:
        notes.append(
            f"{cut_off} bins cannot be reached on the open roads; they stay uncollected: {_some(bins.ids[~bins.reachable])}."
        )
    if not depots.vehicles.sum():
        notes.append("No depot has a vehicle: nothing is collected.")
    if len(set(depots.capacity_l.tolist())) > 1:
        notes.append("Depots have vehicles of different size; trips are planned for the smallest.")
    large = bins.capacity_l > depots.capacity_l.min()
    if large.any():
        notes.append(
            f"{int(large.sum())} bins hold more than one vehicle carries; a visit takes a vehicle's load from them: "
            f"{_some(bins.ids[large])}."
        )


def _some(ids: NDArray[np.object_]) -> str:
    """Return the first few keys."""
    return ", ".join(ids[:NAMED].tolist()) + (" …" if len(ids) > NAMED else "")
