"""Where crews stand and where cases are, and the ways between them on the scenario's roads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.crews.duty import IntArray
from sim.network.hierarchy import build_hierarchy, tables_between
from sim.network.kerb import Kerb, largest
from sim.network.streets import Streets, build_streets
from sim.network.yards import depot_nodes, not_cut_off
from twin.errors import ScenarioError
from twin.geo import FloatArray
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

MOST_PLACES = 3000
"""Junctions at which cases are kept apart: the tables of ways between them take 72 MB."""
TICK_S = 0.1
"""Times are told in tenths: the last digits depend on the whole network, and an edit must not change a far way by them."""
MESSAGE = "Measuring the ways between cases"

Table = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Ground:
    """Places by number: that of each case ``(cases,)`` (-1: no open road leads there) and each depot; the ways between all."""

    case: IntArray
    depot: IntArray
    time_s: Table
    length_m: Table


def prepare_ground(base: Snapshot, edited: Snapshot, xy: FloatArray, speed_factor: float, notes: list[str]) -> Task[Ground]:
    """Put cases ``(n, 2)`` and depots on the roads and measure their ways; what is assumed is added to ``notes``.

    Where they stop rests on the city before the edits, so that an edit moves none of them.
    """
    if not len(base["link"]):
        raise ScenarioError("This city has no roads for crews to drive on.", "Import a road network.")
    kerb = Kerb(base, largest(build_streets(base, speed_factor).component()))
    yield Progress("Reading the city")
    case, far = yield from kerb.nearest_of_many(xy)
    if far.any():
        notes.append(f"{int(far.sum())} of {len(far)} cases lie more than 200 m from every road; crews walk there in no time.")
    case = _thinned(case, kerb.node_xy, notes)
    streets = build_streets(edited, speed_factor)
    yield Progress("Reading the city")
    part = streets.component()
    main = np.bincount(part).argmax()
    depot = depot_nodes(kerb, edited["depot"], notes)
    depot = depot[not_cut_off(part[depot] == main, "depots", edited["depot"].ids, notes)]
    case = np.where(part[case] == main, case, -1).astype(np.int32)
    node, place = np.unique(np.concatenate([case[case >= 0], depot]), return_inverse=True)
    number = np.full(len(case), -1, np.int32)
    at = place.ravel().astype(np.int32)
    number[case >= 0] = at[: len(at) - len(depot)]
    time_s, length_m = yield from _ways(streets, node.astype(np.int32))
    return Ground(number, at[len(at) - len(depot) :], time_s, length_m)


def _thinned(node: IntArray, node_xy: FloatArray, notes: list[str]) -> IntArray:
    """Return the junction of each case; where there are very many, seldom ones give their cases to the nearest of the others."""
    found, count = np.unique(node, return_counts=True)
    if len(found) <= MOST_PLACES:
        return node
    kept = np.sort(found[np.argsort(-count, kind="stable")[:MOST_PLACES]])
    nearest = shapely.STRtree(shapely.points(node_xy[kept])).nearest(shapely.points(node_xy[node]))
    notes.append(f"Cases come at {len(found)} junctions; they are simulated at the {MOST_PLACES} that have most of them.")
    return np.asarray(kept[nearest], dtype=np.int32)


def _ways(streets: Streets, node: IntArray) -> Task[tuple[Table, Table]]:
    """Return seconds and metres ``(n, n)`` between some junctions."""
    goal = streets.arrival[node]
    hierarchy = yield from build_hierarchy(streets, np.unique(goal))
    time_s, length_m = yield from tables_between(hierarchy, node, goal, MESSAGE)
    np.round(time_s / TICK_S, out=time_s)
    time_s *= TICK_S
    np.fill_diagonal(time_s, 0.0)
    np.fill_diagonal(length_m, 0.0)
    return time_s, length_m
