"""How long and how far it is between the places where trucks stop, on the scenario's streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.abreast import by_rows
from sim.cleanup.operation import Operation
from sim.network.hierarchy import build_hierarchy, tables_between
from sim.network.kerb import IntArray
from sim.network.streets import Streets
from sim.routing.neighbours import Near, nearest_columns
from twin.task import Progress, Task

NEAR = 160
"""Nearest other places kept for each place; neighbours of a day's stops are looked up in them."""


@dataclass(frozen=True, eq=False)
class Distances:
    """Fastest ways between all places: ``time_s`` and ``length_m`` are float32 ``(places, places)``.

    Places are the distinct nodes (``node``) of bins, depots and sites that can be reached.
    ``place_of_node`` is -1 elsewhere. ``near`` ``(places, k)`` has the places in order of the shorter
    of the two directions, the place itself first.
    """

    node: IntArray
    place_of_node: IntArray
    time_s: NDArray[np.float32]
    length_m: NDArray[np.float32]
    near: Near


def stop_nodes(operation: Operation) -> IntArray:
    """Return the distinct nodes, sorted, at which trucks of a scenario stop."""
    bins = operation.bins
    return np.unique(np.concatenate([bins.node[bins.reachable], operation.depots.node, operation.sites.node]))


def measure_distances(streets: Streets, node: IntArray) -> Task[Distances]:
    """Search the ways from every node given (distinct, sorted) to every other."""
    count = len(node)
    place_of_node = np.full(streets.node_count, -1, np.int32)
    place_of_node[node] = np.arange(count, dtype=np.int32)
    near = Near(np.empty((count, min(NEAR, count)), np.int32), np.empty((count, min(NEAR, count)), np.float32))
    targets = streets.arrival[node]
    ways = yield from build_hierarchy(streets, targets)
    time_s, length_m = yield from tables_between(ways, node, targets, "Measuring the ways between stops", 0.6)
    np.fill_diagonal(time_s, 0.0)
    np.fill_diagonal(length_m, 0.0)
    step = max(1, 2_000_000 // count)
    for done in by_rows(lambda part: _nearest(time_s, part, near), count, step):
        yield Progress("Finding neighbouring stops", done, count)
    return Distances(node, place_of_node, time_s, length_m, near)


def _nearest(time_s: NDArray[np.float32], part: slice, near: Near) -> None:
    """Fill in the nearest places of some places; ties by number."""
    k = near.other.shape[1]
    either = np.minimum(time_s[part], time_s[:, part].T)
    rows = np.arange(len(either))
    either[rows, rows + part.start] = -1.0  # itself first, also where others are at no distance
    found, apart_s = nearest_columns(either, k)
    near.other[part], near.apart_s[part] = found, np.maximum(apart_s, 0.0)
