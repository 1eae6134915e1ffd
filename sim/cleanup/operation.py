"""What is to be collected, from where, by whom: bins, depots and disposal sites of a scenario on the road network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.params import CleanupParams
from sim.cleanup.yards import Depots, Sites, place_depots, place_sites, reached
from sim.network.kerb import FAR_FROM_ROAD_M, IntArray, Kerb, largest
from sim.network.streets import Streets, build_streets
from sim.network.yards import some
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

MAX_PLACES = 8000
"""Stops are at no more distinct places than this: the matrices of times and lengths stay under 0.6 GB."""

READING = Progress("Reading the city")


@dataclass(frozen=True, eq=False)
class Bins:
    """The bins of a scenario: key, metres, waste kind (row of ``WASTE_KINDS``), capacity and node row, each ``(n,)``.

    ``window`` ``(n,)`` is the row in ``windows`` ``(m, 2)``, from when until when a truck may stop, in seconds since midnight;
    the first one is at any time.
    """

    ids: NDArray[np.object_]
    xy: FloatArray
    waste: IntArray
    capacity_l: FloatArray
    node: IntArray
    reachable: NDArray[np.bool_]
    window: IntArray
    windows: FloatArray


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


@dataclass(frozen=True, eq=False)
class Loaded:
    """Seconds on each link of the city ``before`` the scenario's edits and ``after``, with the traffic; ``key`` of what was read."""

    before_s: FloatArray
    after_s: FloatArray
    key: str
    notes: tuple[str, ...]


def prepare_operation(base: Snapshot, edited: Snapshot, params: CleanupParams, loaded: Loaded | None = None) -> Task[Operation]:
    """Place everything on the road network, with its traffic where that is known.

    ``base`` is the city without the scenario's edits: what is assumed rests on it, so that two
    scenarios assume the same. Raises ``ScenarioError`` where there is nothing to simulate.
    """
    _require(base, edited)
    roads = build_streets(base, params.speed_factor, loaded.before_s if loaded else None)
    yield READING
    in_main = largest(roads.component())
    yield READING
    kerb = Kerb(base, in_main)
    notes: list[str] = []
    frame = edited["bin"]
    before = yield from kerb.nearest_of_many(base["bin"].xy)
    is_moved = frame.geometry is not base["bin"].geometry
    node, far = (yield from kerb.nearest_of_many(frame.xy)) if is_moved else before
    if far.any():
        notes.append(
            f"{far.sum()} bins are more than {FAR_FROM_ROAD_M:.0f} m from a road; trucks stop at the nearest road: "
            f"{some(frame.ids[far])}."
        )
    yield READING
    sites = place_sites(base, edited, kerb, notes)
    depots = place_depots(base, edited, kerb, sites, params, notes)
    base_node = _merged(before[0], kerb.node_xy, [])
    base_node = np.unique(np.concatenate([base_node, depots.node, sites.node]))
    is_changed = loaded is not None or any(edited[kind] is not base[kind] for kind in ("node", "link", "movement"))
    streets = build_streets(edited, params.speed_factor, loaded.after_s if loaded else None) if is_changed else roads
    yield READING
    part = streets.component()
    main = np.bincount(part[node]).argmax()
    depots = reached(depots, part[depots.node] == main, "depots", edited["depot"].ids, notes)
    sites = reached(sites, part[sites.node] == main, "disposal sites", edited["disposal_site"].ids, notes)
    yield READING
    bins = bins_of(frame, _merged(node, kerb.node_xy, notes), part[node] == main)
    yield READING
    _note_limits(bins, depots, sites, params, notes)
    yield READING
    return Operation(streets, kerb.node_xy, bins, depots, sites, roads, base_node, tuple(notes))


def require_bins(base: Snapshot, edited: Snapshot) -> None:
    """Raise ``ScenarioError`` where there is no bin."""
    if not len(base["bin"]):
        raise ScenarioError(
            "This city has no bins, so there is nothing to collect.",
            "Import bins (a table with coordinates, or an OSM extract with waste containers) and run again.",
        )
    if not len(edited["bin"]):
        raise ScenarioError("The scenario removes every bin.", "Keep at least one bin.")


def _require(base: Snapshot, edited: Snapshot) -> None:
    require_bins(base, edited)
    if not len(base["link"]):
        raise ScenarioError(
            "This city has no roads, so trucks cannot reach its bins.", "Import a road network (an OSM extract) and run again."
        )


def bins_of(frame: Frame, node: IntArray, reachable: NDArray[np.bool_]) -> Bins:
    """Return the bins of a frame that stand at some nodes."""
    number = {kind: row for row, kind in enumerate(WASTE_KINDS)}
    access = np.column_stack(
        [
            np.nan_to_num(frame["access_from_s"].astype(np.float64), nan=-np.inf, neginf=-np.inf),
            np.nan_to_num(frame["access_until_s"].astype(np.float64), nan=np.inf, posinf=np.inf),
        ]
    )
    windows, window = np.unique(np.vstack([[-np.inf, np.inf], access]), axis=0, return_inverse=True)
    return Bins(
        frame.ids,
        frame.xy,
        np.array([number[kind] for kind in frame["waste_kind"].tolist()], dtype=np.int32),
        frame["capacity_l"].astype(np.float64),
        node,
        reachable,
        window.ravel()[1:].astype(np.int32),
        windows,
    )


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


def _note_limits(bins: Bins, depots: Depots, sites: Sites, params: CleanupParams, notes: list[str]) -> None:
    cut_off = ~bins.reachable
    if cut_off.any():
        notes.append(
            f"{cut_off.sum()} bins cannot be reached on the open roads; they stay uncollected: {some(bins.ids[cut_off])}."
        )
    if not depots.vehicles.sum():
        notes.append("No depot has a vehicle: nothing is collected.")
        return
    staffed = depots.collects & (depots.vehicles > 0)[:, None]
    differs = False
    for kind in np.unique(bins.waste).tolist():
        members = bins.waste == kind
        sizes = depots.capacity_l[staffed[:, kind]]
        if not len(sizes) or not sites.takes[:, kind].any():
            waste, count = WASTE_KINDS[kind], int(members.sum())
            if len(sizes):
                notes.append(f"No disposal site takes {waste} waste; its {count} bins stay uncollected.")
            else:
                notes.append(f"No vehicle collects {waste} waste; its {count} bins stay uncollected.")
            continue
        differs |= bool(sizes.min() < sizes.max())
        _note_large(bins, members & (bins.capacity_l > sizes.min()), notes)
    if differs:
        notes.append("Vehicles for the same waste are of different size; its trips are planned for the smallest.")
    _note_windows(bins, params, notes)


def _note_large(bins: Bins, large: NDArray[np.bool_], notes: list[str]) -> None:
    if large.any():
        notes.append(
            f"{large.sum()} bins hold more than one vehicle carries; a visit takes a vehicle's load from them: "
            f"{some(bins.ids[large])}."
        )


def _note_windows(bins: Bins, params: CleanupParams, notes: list[str]) -> None:
    """Name the bins at which no truck may stop within its shift."""
    opens, closes = bins.windows[bins.window].T
    latest_s = params.shift_start_s + params.shift_s + params.overtime_s + params.break_s
    outside = (opens >= closes) | (closes <= params.shift_start_s) | (opens >= latest_s)
    if outside.any():
        notes.append(
            f"{outside.sum()} bins may not be stopped at within the shift; they stay uncollected: {some(bins.ids[outside])}."
        )
