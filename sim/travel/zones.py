"""Zones: H3 cells where trips begin and end, and the junctions by which they reach the roads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import h3
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from twin.geo import FloatArray, Projection

FINEST = 9
CONNECTORS = 6
"""Junctions per zone through which its trips enter and leave the network."""
ACCESS_SPEED_MPS = 20 / 3.6
REACH_M = 1000.0
"""Residents and buildings farther than this from every junction do not count."""


@dataclass(frozen=True, eq=False)
class Zones:
    """``z`` zones: ``names`` (H3 address), centres ``xy (z, 2)``, and connectors as pairs (zone, node) with a time.

    ``member_xy (k, 2)`` are the junctions of all zones and ``member_zone (k,)`` says whose they are.
    """

    names: tuple[str, ...]
    xy: FloatArray
    connector_zone: NDArray[np.int64]
    connector_node: NDArray[np.int64]
    connector_time_s: FloatArray
    member_xy: FloatArray
    member_zone: NDArray[np.int64]

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
    zone: list[int] = []
    node: list[int] = []
    time: list[float] = []
    for index, name in enumerate(names):
        chosen = _spread(node_xy[members[name]], centres[index])
        away = np.hypot(*(node_xy[members[name]][chosen] - centres[index]).T)
        zone += [index] * len(chosen)
        node += [members[name][row] for row in chosen]
        time += (away / ACCESS_SPEED_MPS).tolist()
    return Zones(
        names, centres, np.array(zone, np.int64), np.array(node, np.int64), np.array(time), node_xy[nodes], _indices(cells, names)
    )


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
