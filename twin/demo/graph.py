"""Cuts lines where they meet: from roads drawn over each other to edges between nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString

from twin.demo.avenues import GRID_M, Way

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Edge:
    """A piece of a road between two nodes; ``way`` is its number in the list of ways."""

    line: LineString
    way: int
    tail: Point
    head: Point


def cut(ways: Sequence[Way], extra: Sequence[LineString] = ()) -> list[Edge]:
    """Return the edges of a planar graph of the ways and of extra lines (whose way is -1)."""
    lines = [*(way.line for way in ways), *extra]
    parts = shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M))
    parts = parts[shapely.length(parts) > 0.05]
    middles = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    pairs = shapely.STRtree(lines).query_nearest(middles, all_matches=False)
    way_of = np.empty(len(parts), dtype=int)
    way_of[pairs[0]] = pairs[1]
    return [_edge(part, way if way < len(ways) else -1) for part, way in zip(parts.tolist(), way_of.tolist(), strict=True)]


def _edge(line: LineString, way: int) -> Edge:
    return Edge(line, way, _point(line, 0), _point(line, -1))


def _point(line: LineString, i: int) -> Point:
    x, y = line.coords[i][:2]
    return round(x, 2), round(y, 2)


def incident(edges: Sequence[Edge]) -> dict[Point, list[int]]:
    """Return the numbers of the edges at each node."""
    at: dict[Point, list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        at[edge.tail].append(number)
        at[edge.head].append(number)
    return at


def without_dead_ends(edges: Sequence[Edge], may_end: Callable[[Edge], bool]) -> list[Edge]:
    """Remove, again and again, edges that end nowhere, except those that may."""
    kept = list(edges)
    while True:
        at = incident(kept)
        stay = [edge for edge in kept if may_end(edge) or min(len(at[edge.tail]), len(at[edge.head])) > 1]
        if len(stay) == len(kept):
            return kept
        kept = stay


def part_levels(edges: Sequence[Edge], is_high: Callable[[Edge], bool], may_join: Callable[[Edge], bool]) -> list[Edge]:
    """Let expressways and the roads that may not join them pass each other without a junction.

    At a node where edges that are ``is_high`` meet others of which none ``may_join``, each road is
    run through: its two edges become one.
    """
    kept = set(edges)
    at = {node: [edges[number] for number in numbers] for node, numbers in incident(edges).items() if len(numbers) == 4}
    for node, here in at.items():
        high = [edge for edge in here if is_high(edge)]
        low = [edge for edge in here if not is_high(edge)]
        if len(high) != 2 or any(map(may_join, low)):
            continue
        for one, two in (high, low):
            through = _through(one, two, node)
            kept -= {one, two}
            kept.add(through)
            for end in (through.tail, through.head):
                if end in at:
                    at[end] = [through if edge in (one, two) else edge for edge in at[end]]
    return sorted(kept, key=lambda edge: (edge.tail, edge.head, edge.way, edge.line.wkb))


def _through(one: Edge, two: Edge, node: Point) -> Edge:
    """Join two edges at their common node."""
    before = one.line.coords[:] if one.head == node else one.line.coords[::-1]
    after = two.line.coords[:] if two.tail == node else two.line.coords[::-1]
    return _edge(LineString([*before, *after[1:]]), one.way)
