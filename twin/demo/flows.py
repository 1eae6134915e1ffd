"""Traffic of the peak hour, so that counts agree with where people live, work and can drive.

A gravity model between small zones, loaded on shortest paths whose times grow with the load
(method of successive averages; delay after Bureau of Public Roads 1964).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from twin.demo.built import Buildings
from twin.demo.network import LANES, Network
from twin.geo import FloatArray
from twin.model.network import ROAD_CLASSES

ZONE_M = 420.0
ROUNDS = 6
MEAN_TIME_S = 260.0
SIGNAL_S = 12.0
TRIPS_PER_RESIDENT = 0.104
"""Vehicle trips in the peak hour for each resident: as many as most stop lines can serve, with a few that cannot."""

WORK = {"commercial": 3.0, "education": 2.0, "health": 3.0, "industrial": 1.0, "residential": 0.1}
HOMEWARD = 0.2
"""Share of the morning's trips that go home."""

THROUGH_GATES = 0.1
"""Share of trips that come from or go to places outside the city."""

_CLASS = {item.name: item for item in ROAD_CLASSES}


@dataclass(frozen=True)
class Arcs:
    """Directed arcs of the network: number of the street, ends, free time and capacity."""

    street: NDArray[np.int_]
    tail: NDArray[np.int_]
    head: NDArray[np.int_]
    free_s: FloatArray
    capacity_vph: FloatArray


def peak_flows(network: Network, buildings: Buildings, residents: float) -> FloatArray:
    """Return vehicles per hour of the morning peak on each street, ``(n, 2)``: forward and backward."""
    arcs = _arcs(network)
    zones, production, attraction = _zones(network, buildings, residents)
    flow = np.zeros(len(arcs.street))
    trips = np.zeros((len(zones), len(zones)))
    for number in range(1, ROUNDS + 1):
        time_s = arcs.free_s * (1 + 0.15 * (flow / arcs.capacity_vph) ** 4)
        cost, before = _paths(arcs, time_s, len(network.xy), zones)
        if number == 1:
            trips = _gravity(cost[:, zones], production, attraction)
        flow += (_load(arcs, cost, before, zones, trips) - flow) / number
    flow = np.minimum(flow, arcs.capacity_vph)  # what is counted cannot be more than passes
    found = np.zeros((len(network.streets), 2))
    forward = arcs.tail == np.array([street.tail for street in network.streets])[arcs.street]
    found[arcs.street[forward], 0] = flow[forward]
    found[arcs.street[~forward], 1] = flow[~forward]
    return found


def _arcs(network: Network) -> Arcs:
    """Return both directions of every street; of streets between the same nodes the first one is kept."""
    rows = []
    for number, street in enumerate(network.streets):
        kind = _CLASS[street.way.road_class]
        time_s = street.line.length / kind.speed_mps
        for tail, head in ((street.tail, street.head), (street.head, street.tail))[: 2 if street.backward_id else 1]:
            wait_s = SIGNAL_S * bool(network.is_signal[head])
            rows.append((number, tail, head, time_s + wait_s, kind.capacity_vph * LANES[kind.name]))
    table = np.array(rows)
    _, first = np.unique(table[:, 1] * len(network.xy) + table[:, 2], return_index=True)
    table = table[first]
    return Arcs(table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2].astype(int), table[:, 3], table[:, 4])


def _zones(network: Network, buildings: Buildings, residents: float) -> tuple[NDArray[np.int_], FloatArray, FloatArray]:
    """Return the nodes that stand for zones, and the trips that begin and end at each."""
    local = np.array(
        [any(network.streets[i].way.road_class in {"residential", "tertiary"} for i in at) for at in network.streets_at]
    )
    cells = np.floor(network.xy[local] / ZONE_M)
    nodes = np.flatnonzero(local)[np.sort(np.unique(cells, axis=0, return_index=True)[1])]
    nearest = cKDTree(network.xy[nodes]).query(buildings.xy)[1]
    floor = buildings.floor_area_m2
    home = np.bincount(nearest, floor * (buildings.use == "residential"), minlength=len(nodes))
    work = np.bincount(nearest, floor * np.array([WORK.get(use, 0.1) for use in buildings.use]), minlength=len(nodes))
    gates, weight = _gates(network)
    total = residents * TRIPS_PER_RESIDENT
    outside = THROUGH_GATES * total * weight / weight.sum()
    home = np.append(home * total * (1 - THROUGH_GATES) / home.sum(), outside)
    work = np.append(work * total * (1 - THROUGH_GATES) / work.sum(), outside)
    nodes = np.append(nodes, gates)
    return nodes, (1 - HOMEWARD) * home + HOMEWARD * work, (1 - HOMEWARD) * work + HOMEWARD * home


def _gates(network: Network) -> tuple[NDArray[np.int_], FloatArray]:
    """Return the nodes at which main roads leave the city, and how much traffic comes through each."""
    share = {"motorway": 5.0, "primary": 1.0, "secondary": 0.3}
    found = [(node, share[network.streets[at[0]].way.road_class]) for node, at in enumerate(network.streets_at) if len(at) == 1]
    table = np.array(found)
    return table[:, 0].astype(int), table[:, 1]


def _paths(arcs: Arcs, time_s: FloatArray, count: int, zones: NDArray[np.int_]) -> tuple[FloatArray, NDArray[np.int32]]:
    """Return times from each zone to every node, and the node before each on the way."""
    graph = csr_array((time_s, (arcs.tail, arcs.head)), shape=(count, count))
    cost, before = dijkstra(graph, indices=zones, return_predecessors=True)
    return np.asarray(cost), np.asarray(before)


def _gravity(cost: FloatArray, production: FloatArray, attraction: FloatArray) -> FloatArray:
    """Return trips between zones, doubly constrained, deterred so that their mean time is about what is wanted."""
    beta = 1.0 / MEAN_TIME_S
    trips = np.zeros_like(cost)
    for _ in range(5):
        weight = np.exp(-beta * cost)
        np.fill_diagonal(weight, 0.0)
        a, b = np.ones(len(cost)), np.ones(len(cost))
        for _ in range(12):
            a = production / np.maximum(weight @ b, 1e-12)
            b = attraction / np.maximum(weight.T @ a, 1e-12)
        trips = a[:, None] * weight * b[None]
        beta *= float((trips * cost).sum() / trips.sum()) / MEAN_TIME_S
    return trips


def _load(arcs: Arcs, cost: FloatArray, before: NDArray[np.int32], zones: NDArray[np.int_], trips: FloatArray) -> FloatArray:
    """Send all trips along the shortest paths and return the flow on each arc."""
    origins = np.arange(len(zones))
    through = np.zeros_like(cost)
    through[:, zones] = trips
    outermost = np.argsort(-cost, axis=1, kind="stable")
    for step in range(cost.shape[1]):
        node = outermost[:, step]
        parent = before[origins, node]
        has = parent >= 0
        through[origins[has], parent[has]] += through[origins[has], node[has]]
    count = cost.shape[1]
    has = before >= 0
    pair = before[has].astype(np.int64) * count + np.nonzero(has)[1]
    keys = arcs.tail * count + arcs.head  # sorted and unique
    return np.asarray(np.bincount(np.searchsorted(keys, pair), through[has], minlength=len(keys)), dtype=np.float64)
