"""Zones: H3 cells where trips begin and end, and the junctions by which they reach the roads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import h3
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sim.travel.gates import NO_GATES, Gates
from twin.errors import ScenarioError
from twin.geo import FloatArray, Projection

FINEST = 9
CONNECTORS = 6
"""Junctions per zone through which its trips enter and leave the network."""
ACCESS_SPEED_MPS = 20 / 3.6
REACH_M = 1000.0
"""Residents and buildings farther than this from every junction do not count."""
OUT, BOTH, IN = 1, 0, -1
CUT_OFF = -2


@dataclass(frozen=True, eq=False)
class Zones:
    """``z`` zones: ``names`` (H3 address, or key of a zone), centres ``xy (z, 2)``, and connectors as pairs (zone, node).

    Each connector has a time and a way: trips go ``OUT`` of the zone by it, ``IN``, or ``BOTH``. The last zones are
    the ``gates`` to the world outside. ``member_xy (k, 2)`` are the junctions of the other zones and
    ``member_zone (k,)`` says whose they are.
    """

    names: tuple[str, ...]
    xy: FloatArray
    connector_zone: NDArray[np.int64]
    connector_node: NDArray[np.int64]
    connector_time_s: FloatArray
    connector_way: NDArray[np.int8]
    member_xy: FloatArray
    member_zone: NDArray[np.int64]
    gates: Gates = NO_GATES

    def __len__(self) -> int:
        """Return the number of zones."""
        return len(self.names)

    def totals(self, xy: FloatArray, amount: FloatArray) -> FloatArray:
        """Return the sum of amounts at points ``(n, 2)`` by zone ``(z,)``: each goes to the zone of its nearest junction.

        Points farther than ``REACH_M`` from every junction belong to no zone.
        """
        if not len(xy):
            return np.zeros(len(self))
        away, member = cKDTree(self.member_xy).query(xy)
        near = away <= REACH_M
        return np.bincount(self.member_zone[member[near]], amount[near], len(self)).astype(np.float64)


def make_zones(node_xy: FloatArray, eligible: NDArray[np.bool_], projection: Projection, most: int) -> Zones:
    """Cut the city into at most ``most`` zones around the junctions that trips may use, ``eligible (n,)``.

    Cells of resolution 9 if there are few enough, else of resolution 8, of which the emptiest families are
    merged into their parents until there are. Deterministic: ties go by address.
    """
    nodes = np.flatnonzero(eligible)
    lon_lat = projection.to_lon_lat(node_xy[nodes])
    cells = [h3.latlng_to_cell(lat, lon, FINEST) for lon, lat in lon_lat.tolist()]
    if len(set(cells)) > most:
        cells = _merged([h3.cell_to_parent(cell, FINEST - 1) for cell in cells], most)
    members: dict[str, list[int]] = defaultdict(list)
    for cell, member in zip(cells, nodes.tolist(), strict=True):
        members[cell].append(member)
    names = tuple(sorted(members))
    centres = np.array([node_xy[members[name]].mean(axis=0) for name in names]).reshape(-1, 2)
    member_zone = _indices(cells, names)
    return _connected(names, centres, node_xy, nodes, member_zone)


@dataclass(frozen=True, eq=False)
class OwnZones:
    """Zones that a city has itself: keys, places ``xy (z, 2)``, and the nodes where trips enter and leave the network.

    ``out_node`` and ``in_node`` ``(z,)`` are -1 where nothing says, ``CUT_OFF`` where they are in no part of the network.
    """

    names: tuple[str, ...]
    xy: FloatArray
    out_node: NDArray[np.int64]
    in_node: NDArray[np.int64]

    @property
    def joined(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of nodes (from, to) that only a zone joins: trips end at one and begin at the other, and none passes."""
        apart = (self.out_node >= 0) & (self.in_node >= 0) & (self.out_node != self.in_node)
        return self.in_node[apart], self.out_node[apart]

    def kept(self, reached: NDArray[np.bool_]) -> OwnZones:
        """Return the zones as they are joined to the network's nodes, ``reached (nodes,)``: some may be cut off."""
        known = (self.out_node >= 0) & (self.in_node >= 0)
        inside = known & reached[self.out_node] & reached[self.in_node]
        lost = np.where(known & ~inside, CUT_OFF, -1)
        return replace(self, out_node=np.where(inside, self.out_node, lost), in_node=np.where(inside, self.in_node, lost))


def zones_at(own: OwnZones, node_xy: FloatArray, eligible: NDArray[np.bool_]) -> Zones:
    """Return the zones that a city has itself.

    One without nodes of its own has the junctions of ``eligible (n,)`` that are nearer to it than to any other
    zone, or else the nearest one. One that is cut off has none: nobody gets there.
    """
    names, xy, known = own.names, own.xy, own.out_node >= 0
    nodes, here = np.flatnonzero(eligible), np.flatnonzero(own.out_node != CUT_OFF)
    if not len(here) or not len(nodes):
        raise ScenarioError(
            "None of the city's own zones is joined to its roads.",
            "Import zones and roads that belong together, or undo one of the two.",
        )
    member_zone = here[cKDTree(xy[here]).query(node_xy[nodes])[1]]
    bare = here[np.bincount(member_zone, minlength=len(names))[here] == 0]
    if len(bare):  # a junction of another zone serves this one, too
        nearest = cKDTree(node_xy[nodes]).query(xy[bare])[1]
        nodes, member_zone = np.append(nodes, nodes[nearest]), np.append(member_zone, bare)
    found = _connected(names, xy, node_xy, nodes, member_zone)
    others, rows = ~known[found.connector_zone], np.flatnonzero(known)
    ways = np.repeat(np.array([OUT, IN], np.int8), len(rows))
    return replace(
        found,
        connector_zone=np.concatenate([found.connector_zone[others], rows, rows]),
        connector_node=np.concatenate([found.connector_node[others], own.out_node[rows], own.in_node[rows]]),
        connector_time_s=np.concatenate([found.connector_time_s[others], np.zeros(len(ways))]),
        connector_way=np.concatenate([found.connector_way[others], ways]),
    )


def with_gates(zones: Zones, gates: Gates, node_xy: FloatArray) -> Zones:
    """Return the zones with a zone for each gate after them."""
    count = len(gates)
    if not count:
        return zones
    enters, leaves = gates.enter_vph > 0.0, gates.leave_vph > 0.0
    centres = np.array([node_xy[gates.node[gates.gate == number]].mean(axis=0) for number in range(count)])
    ways = np.repeat(np.array([OUT, IN], np.int8), [int(enters.sum()), int(leaves.sum())])
    return replace(
        zones,
        names=(*zones.names, *(f"gate {number + 1}" for number in range(count))),
        xy=np.concatenate([zones.xy, centres]),
        connector_zone=np.concatenate([zones.connector_zone, len(zones) + gates.gate[enters], len(zones) + gates.gate[leaves]]),
        connector_node=np.concatenate([zones.connector_node, gates.node[enters], gates.node[leaves]]),
        connector_time_s=np.concatenate([zones.connector_time_s, np.zeros(len(ways))]),
        connector_way=np.concatenate([zones.connector_way, ways]),
        gates=gates,
    )


def _connected(
    names: tuple[str, ...],
    centres: FloatArray,
    node_xy: FloatArray,
    nodes: NDArray[np.int64],
    member_zone: NDArray[np.int64],
) -> Zones:
    """Return zones that reach the roads by some of their member junctions ``nodes (k,)``."""
    zone: list[int] = []
    node: list[int] = []
    time: list[float] = []
    for index in np.unique(member_zone).tolist():
        members = nodes[member_zone == index]
        chosen = _spread(node_xy[members], centres[index])
        away = np.hypot(*(node_xy[members][chosen] - centres[index]).T)
        zone += [index] * len(chosen)
        node += members[chosen].tolist()
        time += (away / ACCESS_SPEED_MPS).tolist()
    way = np.full(len(zone), BOTH, np.int8)
    connectors = np.array(zone, np.int64), np.array(node, np.int64), np.array(time), way
    return Zones(names, centres, *connectors, node_xy[nodes], member_zone)


def _indices(cells: list[str], names: tuple[str, ...]) -> NDArray[np.int64]:
    index_of = {name: index for index, name in enumerate(names)}
    return np.array([index_of[cell] for cell in cells], np.int64)


def _merged(cells: list[str], most: int) -> list[str]:
    """Replace cells by their parents, the family with the fewest junctions first, until few enough are left."""
    weight: dict[str, int] = defaultdict(int)
    for cell in cells:
        weight[cell] += 1
    into = {cell: cell for cell in weight}
    for resolution in range(FINEST - 2, -1, -1):
        families: dict[str, list[str]] = defaultdict(list)
        for cell in weight:
            families[h3.cell_to_parent(cell, resolution)].append(cell)
        order = sorted(families, key=lambda parent: (sum(weight[cell] for cell in families[parent]), parent))
        for parent in order:
            if len(weight) <= most:
                break
            weight[parent] = sum(weight.pop(cell) for cell in families[parent])
            for cell, target in into.items():
                if target in families[parent]:
                    into[cell] = parent
        if len(weight) <= most:
            break
    return [into[cell] for cell in cells]


def _spread(xy: FloatArray, centre: FloatArray) -> list[int]:
    """Choose up to ``CONNECTORS`` points: the one nearest to the centre, then always the farthest from those chosen."""
    chosen = [int(np.argmin(np.hypot(*(xy - centre).T)))]
    away = np.hypot(*(xy - xy[chosen[0]]).T)
    while len(chosen) < min(CONNECTORS, len(xy)) and away.max() > 0.0:
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.hypot(*(xy - xy[chosen[-1]]).T))
    return chosen
