"""The road network of the demo city: nodes, directed links, one-way lanes, signals, turn restrictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString

from twin.demo.avenues import Way
from twin.demo.graph import Edge, Point, incident
from twin.demo.layout import EXPRESSWAYS, Layout
from twin.demo.makings import Makings
from twin.demo.plan import generator
from twin.geo import FloatArray
from twin.model.entity import Entity
from twin.model.network import ROAD_CLASSES, Link, Movement, Node

LANES = {"motorway": 2.0, "trunk": 3.0, "primary": 2.0, "secondary": 1.0, "tertiary": 1.0, "residential": 1.0}
HALF_WIDTH_M = {"motorway": 17.0, "trunk": 17.0, "primary": 17.0, "secondary": 12.0, "tertiary": 8.0, "residential": 6.0}
"""From the middle of the road to the line of the pavement."""

_CLASS = {item.name: item for item in ROAD_CLASSES}


@dataclass(frozen=True)
class Street:
    """Both directions of a piece of road; ``backward_id`` is '' when it is one-way."""

    line: LineString
    way: Way
    tail: int
    head: int
    forward_id: str
    backward_id: str
    bridge: bool
    zone: str

    @property
    def link_ids(self) -> tuple[str, ...]:
        """Keys of the links in it."""
        return (self.forward_id, self.backward_id) if self.backward_id else (self.forward_id,)


@dataclass(frozen=True)
class Network:
    """Streets between nodes; ``xy (n, 2)`` are the nodes in the city's metres."""

    xy: FloatArray
    node_ids: list[str]
    is_signal: NDArray[np.bool_]
    streets: list[Street]
    movements: list[tuple[str, int, str]]  # from link, at node, to link

    @cached_property
    def streets_at(self) -> list[list[int]]:
        """Numbers of the streets at each node."""
        found: list[list[int]] = [[] for _ in self.node_ids]
        for number, street in enumerate(self.streets):
            found[street.tail].append(number)
            found[street.head].append(number)
        return found

    def entities(self, makings: Makings) -> list[Entity]:
        """Return nodes, links and turn restrictions as they are stored."""
        nodes = makings.entities(Node, shapely.points(self.xy), {"signal": self.is_signal}, self.node_ids)
        bans = {
            "from_link_id": [one for one, _, _ in self.movements],
            "via_node_id": [self.node_ids[node] for _, node, _ in self.movements],
            "to_link_id": [two for _, _, two in self.movements],
        }
        places = shapely.points(self.xy[[node for _, node, _ in self.movements]])
        return [*nodes, *self._links(makings), *makings.entities(Movement, places, bans)]

    def _links(self, makings: Makings) -> list[Entity]:
        """Return both directions of every street."""
        rows = [row for street in self.streets for row in _directions(street, self.node_ids)]
        lines = np.array([line for line, _, _ in rows], dtype=object)
        columns = {name: [facts[name] for _, _, facts in rows] for name in rows[0][2]}
        columns["length_m"] = np.round(shapely.length(lines), 2).tolist()
        return makings.entities(Link, lines, columns, [key for _, key, _ in rows])


def draw_network(makings: Makings, layout: Layout) -> Network:
    """Turn the edges of the sheet into streets of the city."""
    edges = _connected(_split_at_river(layout))
    nodes = list(incident(edges))
    number_of = {node: number for number, node in enumerate(nodes)}
    xy = makings.warp(np.array(nodes))
    is_signal = _signals(edges, layout.ways, nodes, makings.plan.seed)
    node_ids = makings.keys(len(nodes))
    one_way = _one_way(edges, layout, number_of, makings.plan.seed)
    lines = makings.warp.geometries(np.array([edge.line for edge in edges], dtype=object), step_m=25.0)
    water = layout.sheet.band(0.0)
    shapely.prepare(water)
    zones = _zone_beside(layout, edges)
    streets = []
    for number, (edge, line) in enumerate(zip(edges, lines.tolist(), strict=True)):
        tail, head = number_of[edge.tail], number_of[edge.head]
        coords = np.vstack([xy[tail], shapely.get_coordinates(line)[1:-1], xy[head]])
        forward, backward = makings.keys(2)
        way = layout.ways[edge.way]
        is_bridge = water.intersects(edge.line)
        streets.append(
            Street(LineString(coords), way, tail, head, forward, "" if number in one_way else backward, is_bridge, zones[number])
        )
    return Network(xy, node_ids, is_signal, streets, _bans(streets, is_signal, makings.plan.seed))


def _directions(street: Street, node_ids: Sequence[str]) -> list[tuple[LineString, str, dict[str, object]]]:
    """Return line, key and attributes of each direction of a street."""
    kind = _CLASS[street.way.road_class]
    lanes = LANES[kind.name]
    speed = kind.speed_mps * (0.7 if street.zone == "old_town" and kind.name == "residential" else 1.0)
    shared = {
        "name": street.way.name.zh,
        "name_en": street.way.name.en,
        "road_class": kind.name,
        "lanes": lanes,
        "free_flow_speed_mps": round(speed, 3),
        "capacity_vph": kind.capacity_vph * lanes,
        "bridge": street.bridge,
        "tunnel": street.way.tunnel,
        "way_id": f"{street.way.name.en} ({kind.name})",
    }
    tail, head = node_ids[street.tail], node_ids[street.head]
    there = {"tail_id": tail, "head_id": head, "reverse_id": street.backward_id, **shared}
    rows = [(street.line, street.forward_id, there)]
    if street.backward_id:
        back = {"tail_id": head, "head_id": tail, "reverse_id": street.forward_id, **shared}
        rows.append((street.line.reverse(), street.backward_id, back))
    return rows


def _split_at_river(layout: Layout) -> list[Edge]:
    """Cut expressways where they reach the river, so that only the bridge is a bridge."""
    band = layout.sheet.band(14.0)
    shapely.prepare(band)
    edges = []
    for edge in layout.edges:
        if layout.ways[edge.way].road_class not in EXPRESSWAYS or not band.intersects(edge.line):
            edges.append(edge)
            continue
        parts = [
            *shapely.get_parts(shapely.difference(edge.line, band)),
            *shapely.get_parts(shapely.intersection(edge.line, band)),
        ]
        for part in parts:
            ends = [(round(x, 2), round(y, 2)) for x, y in (part.coords[0], part.coords[-1])]
            edges.append(Edge(part, edge.way, ends[0], ends[1]))
    return edges


def _connected(edges: list[Edge]) -> list[Edge]:
    """Keep the largest piece of the network."""
    number_of = {node: number for number, node in enumerate(incident(edges))}
    pairs = np.array([(number_of[edge.tail], number_of[edge.head]) for edge in edges])
    label = _components(pairs, len(number_of), "weak")
    main = int(np.argmax(np.bincount(label)))
    return [edge for edge, (tail, _) in zip(edges, pairs.tolist(), strict=True) if label[tail] == main]


def _components(pairs: NDArray[np.int_], count: int, connection: str) -> NDArray[np.int32]:
    """Return the number of the connected component ('strong' or 'weak') of each node."""
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=True, connection=connection)[1])


def _one_way(edges: Sequence[Edge], layout: Layout, number_of: dict[Point, int], seed: int) -> set[int]:
    """Choose lanes of the old town that are one-way and leave everything within reach of everything."""
    rng = generator(seed, "one-way")
    zones = _zone_beside(layout, edges)
    ends = np.array([(number_of[edge.tail], number_of[edge.head]) for edge in edges])
    lanes = [i for i, edge in enumerate(edges) if zones[i] == "old_town" and layout.ways[edge.way].road_class == "residential"]
    chosen: set[int] = set()
    for candidate in rng.permutation(lanes)[: len(lanes) // 5].tolist():
        back = np.ones(len(edges), dtype=bool)
        back[[*chosen, candidate]] = False
        if _components(np.vstack([ends, ends[back][:, ::-1]]), len(number_of), "strong").max() == 0:
            chosen.add(candidate)
    return chosen


def _zone_beside(layout: Layout, edges: Sequence[Edge]) -> list[str]:
    """Return the zone of the block nearest to the middle of each edge."""
    middles = shapely.line_interpolate_point(np.array([edge.line for edge in edges], dtype=object), 0.5, normalized=True)
    tree = shapely.STRtree([block.shape for block in layout.blocks])
    return [layout.blocks[number].zone for number in tree.nearest(middles).tolist()]


def _signals(edges: Sequence[Edge], ways: Sequence[Way], nodes: Sequence[Point], seed: int) -> NDArray[np.bool_]:
    """Return which nodes have traffic lights: where main roads meet, and some where a street meets an avenue."""
    rng = generator(seed, "signals")
    chance = rng.random(len(nodes))
    at = incident(edges)
    found = np.zeros(len(nodes), dtype=bool)
    for number, node in enumerate(nodes):
        classes = [ways[edges[i].way].road_class for i in at[node]]
        main = sum(name in {"primary", "secondary"} for name in classes)
        minor = sum(name == "tertiary" for name in classes)
        if EXPRESSWAYS.isdisjoint(classes):
            found[number] = main >= 3 or (main == 2 and minor >= 1 and chance[number] < 0.45)
    return found


def _bans(streets: Sequence[Street], is_signal: NDArray[np.bool_], seed: int) -> list[tuple[str, int, str]]:
    """Ban some left turns from one primary road into another at signals."""
    rng = generator(seed, "bans")
    arms: dict[int, list[tuple[str, str, float]]] = {}
    for street in streets:
        if street.way.road_class != "primary" or not street.backward_id:
            continue
        coords = shapely.get_coordinates(street.line)
        for node, step, inward, outward in (
            (street.tail, coords[1] - coords[0], street.backward_id, street.forward_id),
            (street.head, coords[-2] - coords[-1], street.forward_id, street.backward_id),
        ):
            arms.setdefault(node, []).append((inward, outward, float(np.arctan2(step[1], step[0]))))
    bans = []
    for node, here in sorted(arms.items()):
        if len(here) != 4 or not is_signal[node]:
            continue
        for inward, _, angle in here:
            left = min(here, key=lambda arm: abs(((angle - np.pi / 2) - arm[2] + np.pi) % (2 * np.pi) - np.pi))
            if rng.random() < 0.5:
                bans.append((inward, node, left[1]))
    return bans
