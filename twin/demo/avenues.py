"""The main roads on the sheet: avenues, the expressway ring with its frontage roads, motorways, embankments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from twin.demo.names import Name, NameGiver
from twin.demo.plan import HALF_HEIGHT_M, HALF_WIDTH_M, ROUNDNESS, Plan
from twin.geo import FloatArray

EMBANKMENT_M = 24.0
"""Distance of the embankment roads from the water."""

CORRIDOR_M = 34.0
"""Half the width of the strip in which an expressway lies, up to its frontage roads."""

GRID_M = 0.01
"""Precision of the sheet: coordinates are rounded to it wherever lines are cut against each other."""


@dataclass(frozen=True, slots=True)
class Way:
    """A named road on the sheet. ``road_class`` '' is a fence: it divides land but carries nobody."""

    line: LineString
    name: Name
    road_class: str
    tunnel: bool = False


@dataclass(frozen=True)
class Sheet:
    """The outlines that every other shape is cut against."""

    plan: Plan

    @cached_property
    def limit(self) -> Polygon:
        """The city's limit."""
        t = np.linspace(0, 2 * np.pi, 241)[:-1]
        power = 2.0 / ROUNDNESS
        u = HALF_WIDTH_M * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** power
        v = HALF_HEIGHT_M * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** power
        return Polygon(np.round(np.column_stack([u, v]), 2))

    def bank(self, side: int, distance_m: float) -> FloatArray:
        """Return the line at a distance from the water on the north (1) or south (-1) side, ``(n, 2)``."""
        u = np.arange(-4800.0, 4801.0, 60.0)
        return np.column_stack([u, side * (self.plan.river_v(u) + distance_m)])

    def band(self, distance_m: float) -> Polygon:
        """Return the river and what is within a distance of it."""
        return Polygon(np.vstack([self.bank(-1, distance_m), self.bank(1, distance_m)[::-1]]))

    @cached_property
    def ring(self) -> Polygon:
        """What the expressway ring encloses."""
        rounded = shapely.box(*self.plan.ring).buffer(-480).buffer(480, quad_segs=12)
        return Polygon(np.round(rounded.exterior.coords, 2))

    @cached_property
    def ring_corridor(self) -> Polygon:
        """The strip between the ring's frontage roads."""
        return shapely.set_precision(self.ring.exterior.buffer(CORRIDOR_M), GRID_M)

    @cached_property
    def motorways(self) -> tuple[LineString, ...]:
        """Motorways from the ring to the limit: east, west, and through the hills."""
        west, _, east, north = self.plan.ring
        rays = (
            LineString([(east, 755), (east + 500, 770), (4600, 810)]),
            LineString([(west, -745), (west - 500, -760), (-4600, -800)]),
            LineString([(240, north), (250, north + 300), (330, 3200)]),
        )
        return tuple(shapely.intersection(ray, self.limit) for ray in rays)

    @cached_property
    def motorway_corridor(self) -> BaseGeometry:
        """The strips along the motorways, outside the ring's own."""
        strips = shapely.union_all([way.buffer(CORRIDOR_M, cap_style="square") for way in self.motorways])
        outside = shapely.difference(strips, shapely.union(self.ring, self.ring_corridor))
        return shapely.set_precision(shapely.intersection(outside, self.limit), GRID_M)


def draw_avenues(sheet: Sheet, names: NameGiver) -> list[Way]:
    """Return every main road and fence of the sheet, clipped to the city's limit."""
    ways = [*_across_river(sheet, names), *_along_river(sheet, names), *_expressways(sheet)]
    return [
        Way(line, way.name, way.road_class, way.tunnel)
        for way in ways
        for line in _lines(shapely.intersection(way.line, sheet.limit))
    ]


def _across_river(sheet: Sheet, names: NameGiver) -> Iterable[Way]:
    """Yield avenues from north to south; the primary ones and the middle one have bridges."""
    plan, river = sheet.plan, sheet.band(EMBANKMENT_M)
    middle = min(plan.secondary_u, key=abs)
    north_is_up = plan.mirror[1] > 0
    for road_class, positions in (("primary", plan.primary_u), ("secondary", plan.secondary_u)):
        for u in positions:
            stem = names.avenue()
            south_bank = float(np.interp(u, *sheet.bank(-1, EMBANKMENT_M).T))
            for side in (1, -1):
                is_north = (side > 0) == north_is_up
                name = stem.with_suffix("北路" if is_north else "南路", "North Road" if is_north else "South Road")
                line = LineString([(u, south_bank), (u, side * 3000.0)])
                if road_class == "secondary":
                    line = shapely.difference(line, sheet.ring_corridor)
                    line = line if u == middle else shapely.difference(line, river)
                yield from (Way(part, name, road_class) for part in _lines(line))


def _along_river(sheet: Sheet, names: NameGiver) -> Iterable[Way]:
    """Yield avenues along the river, and the embankment roads."""
    plan = sheet.plan
    middle = min(plan.secondary_u, key=abs)
    east_is_right = plan.mirror[0] > 0
    for road_class, positions in (("primary", plan.primary_v), ("secondary", plan.secondary_v)):
        for v in positions:
            stem = names.avenue()
            for side in (1, -1):
                is_east = (side > 0) == east_is_right
                name = stem.with_suffix("东路" if is_east else "西路", "East Road" if is_east else "West Road")
                line = LineString([(middle, v), (side * 4500.0, v)])
                if road_class == "secondary":
                    line = shapely.difference(line, sheet.ring_corridor)
                yield from (Way(part, name, road_class) for part in _lines(line))
    for side in (1, -1):
        is_north = (side > 0) == (plan.mirror[1] > 0)
        name = Name("滨江北路", "Binjiang North Road") if is_north else Name("滨江南路", "Binjiang South Road")
        yield Way(LineString(sheet.bank(side, EMBANKMENT_M)), name, "secondary")


def _expressways(sheet: Sheet) -> Iterable[Way]:
    """Yield the ring, its frontage roads, the motorways and their fences."""
    yield Way(LineString(sheet.ring.exterior.coords), Name("环城快速路", "Ring Expressway"), "trunk")
    river = sheet.band(EMBANKMENT_M)
    corridor = sheet.ring_corridor
    for edge in (corridor.exterior, *corridor.interiors):
        for line in _lines(shapely.difference(LineString(edge.coords), river)):
            yield Way(line, Name("环城快速路辅路", "Ring Expressway Frontage Road"), "tertiary")
    for line in sheet.motorways:
        yield Way(line, _motorway_name(sheet, line), "motorway")
    for line in _lines(sheet.motorway_corridor.boundary):
        yield Way(line, Name("", ""), "")


def _motorway_name(sheet: Sheet, line: LineString) -> Name:
    """Name a motorway after the side of the city from which it leaves."""
    u, v = line.coords[-1]
    is_steep = abs(v) > 2000.0
    sign = float(np.sign(v) * sheet.plan.mirror[1]) if is_steep else float(np.sign(u) * sheet.plan.mirror[0])
    words = {
        (True, 1.0): "城北 Chengbei",
        (True, -1.0): "城南 Chengnan",
        (False, 1.0): "城东 Chengdong",
        (False, -1.0): "城西 Chengxi",
    }
    zh, en = words[is_steep, sign].split(" ")
    return Name(f"{zh}高速", f"{en} Motorway")


def _lines(shape: BaseGeometry) -> list[LineString]:
    """Return the lines in a shape that are long enough to be roads."""
    merged = shapely.line_merge(shape)
    return [part for part in shapely.get_parts(merged).tolist() if shapely.get_type_id(part) == 1 and part.length > 5.0]
