"""The layout of the whole sheet: main roads, quarters with their zones, blocks and streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from twin.demo.avenues import EMBANKMENT_M, GRID_M, Sheet, Way, draw_avenues
from twin.demo.blocks import Block, Divider
from twin.demo.graph import Edge, cut, part_levels, without_dead_ends
from twin.demo.names import NameGiver
from twin.demo.plan import Plan, generator
from twin.demo.zones import zone_at

EXPRESSWAYS = frozenset({"motorway", "trunk"})

GAP_SHARE = 0.1
"""Share of the pieces of secondary avenues that were never built, so that the grid is not perfect."""


@dataclass(frozen=True)
class Layout:
    """The sheet with everything on it. ``faces`` tile the city: quarters, road strips and the river."""

    sheet: Sheet
    ways: list[Way]
    edges: list[Edge]
    faces: list[Polygon]
    face_zones: list[str]
    blocks: list[Block]


def draw_layout(plan: Plan, names: NameGiver) -> Layout:
    """Lay out one city."""
    sheet = Sheet(plan)
    avenues = draw_avenues(sheet, names)
    faces, pieces = _quarters(sheet, avenues)
    zones = _zones(sheet, faces)
    divider = Divider(plan.seed, names)
    for number in _from_the_middle(faces):
        divider.divide(faces[number], zones[number], number) if zones[number] not in ("strip", "river") else None
    ways = [*pieces, *divider.ways]
    edges = [edge for edge in cut(ways) if ways[edge.way].road_class]
    edges = part_levels(
        edges,
        is_high=lambda edge: ways[edge.way].road_class in EXPRESSWAYS,
        may_join=lambda edge: ways[edge.way].road_class == "primary",
    )
    rim = sheet.limit.exterior.buffer(2.0)
    shapely.prepare(rim)
    edges = without_dead_ends(edges, lambda edge: ways[edge.way].road_class in _OUTWARD and rim.intersects(edge.line))
    return Layout(sheet, ways, edges, faces, zones, divider.blocks)


_OUTWARD = frozenset({"motorway", "trunk", "primary", "secondary"})


def _quarters(sheet: Sheet, avenues: list[Way]) -> tuple[list[Polygon], list[Way]]:
    """Cut the sheet along the avenues; return the faces, and the avenues less what was never built."""
    rng = generator(sheet.plan.seed, "gaps")
    rim = LineString(sheet.limit.exterior.coords)
    edges = cut(avenues, [rim])
    chance = rng.random(len(edges))
    built = [
        edge
        for edge, draw in zip(edges, chance, strict=True)
        if edge.way < 0 or avenues[edge.way].road_class != "secondary" or draw > GAP_SHARE or _is_embankment(avenues[edge.way])
    ]
    built = without_dead_ends(built, lambda edge: edge.way < 0)
    lines = [edge.line for edge in built if edge.way < 0 or avenues[edge.way].road_class not in EXPRESSWAYS]
    faces = shapely.get_parts(shapely.polygonize(lines))
    faces = shapely.set_precision(faces[shapely.area(faces) > 10.0], GRID_M)
    pieces = [
        Way(edge.line, avenues[edge.way].name, avenues[edge.way].road_class, avenues[edge.way].tunnel)
        for edge in built
        if edge.way >= 0
    ]
    return list(faces), pieces


def _is_embankment(way: Way) -> bool:
    return way.name.zh.startswith("滨江")


def _zones(sheet: Sheet, faces: list[Polygon]) -> list[str]:
    """Return the zone of each face; 'strip' beside expressways and 'river' between the embankments."""
    rng = generator(sheet.plan.seed, "zones")
    inside = shapely.get_coordinates(shapely.point_on_surface(np.array(faces, dtype=object)))
    points = shapely.points(inside)
    strips = shapely.union(sheet.ring_corridor, sheet.motorway_corridor).buffer(1.0)
    in_strip = shapely.contains_xy(strips, inside)
    in_river = shapely.intersects(points, sheet.band(EMBANKMENT_M))
    middles = shapely.get_coordinates(shapely.centroid(np.array(faces, dtype=object)))
    return [
        "river" if river else "strip" if strip else zone_at(sheet.plan, u, v, rng)
        for (u, v), strip, river in zip(middles.tolist(), in_strip.tolist(), in_river.tolist(), strict=True)
    ]


def _from_the_middle(faces: list[Polygon]) -> list[int]:
    """Return the numbers of the faces from the centre outwards, so that streets grow from the centre."""
    middles = shapely.get_coordinates(shapely.centroid(np.array(faces, dtype=object)))
    return [int(i) for i in np.argsort(np.hypot(middles[:, 0], middles[:, 1]), kind="stable")]
