"""Divides the land between main roads into blocks, and so makes the minor streets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from twin.demo.avenues import Way
from twin.demo.names import Name, NameGiver
from twin.demo.plan import generator
from twin.demo.zones import ZONES, Zone
from twin.geo import FloatArray

SNAP_M = 42.0
"""A new street that would end this near to one on the other side of the road continues it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of land with streets around it, on the sheet; ``face`` is the quarter that it is part of."""

    shape: Polygon
    zone: str
    face: int


@dataclass
class Divider:
    """Cuts quarters into blocks one after the other, continuing streets from one to the next."""

    seed: int
    names: NameGiver
    ways: list[Way] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    _ends: dict[bool, list[tuple[float, float]]] = field(default_factory=lambda: {False: [], True: []})  # by direction
    _end_names: dict[tuple[float, float, bool], Name] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = generator(self.seed, "blocks")

    def divide(self, quarter: Polygon, zone_name: str, face: int) -> None:
        """Cut one quarter; its blocks and streets are appended to ``blocks`` and ``ways``."""
        zone = ZONES[zone_name]
        open_shapes = [(quarter, 0)]
        while open_shapes:
            shape, depth = open_shapes.pop()
            pieces = self._cut(shape, zone, depth) if self._is_large(shape, zone) else None
            if pieces is None:
                self.blocks.append(Block(shape, zone_name, face))
            else:
                open_shapes.extend((piece, depth + 1) for piece in pieces)

    def _is_large(self, shape: Polygon, zone: Zone) -> bool:
        return zone.block_m2 > 0 and shape.area > zone.block_m2 * self._rng.uniform(1.25, 1.95)

    def _cut(self, shape: Polygon, zone: Zone, depth: int) -> list[Polygon] | None:
        """Cut a shape across its longer side; None when no good cut is found."""
        u0, v0, u1, v1 = shape.bounds
        for attempt in range(4):
            along_v = (u1 - u0) >= (v1 - v0) * self._rng.uniform(0.85, 1.15)
            if attempt > 1:
                along_v = not along_v
            street = self._street(shape, along_v, zone)
            if street is None:
                continue
            pieces = _split(shape, street)
            if pieces is not None and all(_is_usable(piece, zone) for piece in pieces):
                self._keep(street, along_v, zone, depth, shape.area)
                return pieces
        return None

    def _street(self, shape: Polygon, along_v: bool, zone: Zone) -> FloatArray | None:
        """Return the line of a new street across a shape, or None."""
        u0, v0, u1, v1 = shape.bounds
        share = self._rng.uniform(0.4, 0.6)
        bend = self._rng.normal(0.0, zone.bend) if zone.bend else 0.0
        middle = (
            np.array([u0 + share * (u1 - u0), (v0 + v1) / 2]) if along_v else np.array([(u0 + u1) / 2, v0 + share * (v1 - v0)])
        )
        towards = np.array([np.sin(bend), np.cos(bend)]) if along_v else np.array([np.cos(bend), np.sin(bend)])
        reach = 3000.0 * towards
        crossing = shapely.intersection(LineString([middle - reach, middle + reach]), shape)
        pieces = shapely.get_parts(crossing)
        pieces = pieces[shapely.get_type_id(pieces) == 1]
        if not len(pieces):
            return None
        longest = pieces[int(np.argmax(shapely.length(pieces)))]
        ends = np.array([longest.coords[0], longest.coords[-1]])[:, :2]
        ends = np.round(np.array([self._snapped(end, along_v, shape) for end in ends]), 2)
        length = float(np.hypot(*(ends[1] - ends[0])))
        if length < 40.0:
            return None
        if zone.bend < 0.1:
            return ends
        sideways = np.array([-(ends[1] - ends[0])[1], (ends[1] - ends[0])[0]]) / length
        shifts = self._rng.normal(0.0, zone.bend * 0.09 * length, 2)
        between = [ends[0] + (ends[1] - ends[0]) * f + sideways * shift for f, shift in zip((0.35, 0.68), shifts, strict=True)]
        return np.round(np.array([ends[0], *between, ends[1]]), 2)

    def _snapped(self, end: FloatArray, along_v: bool, shape: Polygon) -> FloatArray:
        """Return where a street from across the road ends, when that is near, else the same place."""
        for place in self._ends[along_v]:
            if (
                abs(place[0] - end[0]) < SNAP_M
                and abs(place[1] - end[1]) < SNAP_M
                and shape.exterior.distance(Point(place)) < 0.02
            ):
                return np.array(place)
        return end

    def _keep(self, street: FloatArray, along_v: bool, zone: Zone, depth: int, area_m2: float) -> None:
        """Add a street to the ways, with the name of the one that it continues if there is one."""
        road_class = "tertiary" if depth == 0 and area_m2 > 130_000 else "residential"
        ends = [(float(u), float(v)) for u, v in (street[0], street[-1])]
        name = next((self._end_names[u, v, along_v] for u, v in ends if (u, v, along_v) in self._end_names), None)
        name = name or self._new_name(zone, road_class, along_v)
        self.ways.append(Way(LineString(street), name, road_class))
        for u, v in ends:
            self._ends[along_v].append((u, v))
            self._end_names[u, v, along_v] = name

    def _new_name(self, zone: Zone, road_class: str, along_v: bool) -> Name:
        if zone.name == "old_town":
            return (
                self.names.lane().with_suffix("街", "Street")
                if road_class == "tertiary"
                else self.names.lane().with_suffix("巷", "Lane")
            )
        if zone.name == "industry":
            return self.names.stem().with_suffix("工业路", "Industrial Road")
        stem = self.names.stem()
        if road_class == "tertiary":
            return stem.with_suffix("路", "Road")
        return stem.with_suffix("街", "Street") if along_v else stem.with_suffix("路", "Road")


def _split(shape: Polygon, street: FloatArray) -> list[Polygon] | None:
    """Cut a polygon along a line that reaches from edge to edge; None unless there are two pieces."""
    first, last = street[0] - street[1], street[-1] - street[-2]
    longer = np.vstack([street[0] + first / np.hypot(*first), street, street[-1] + last / np.hypot(*last)])
    both = shapely.union_all([shape.exterior, LineString(longer)], grid_size=0.01)
    pieces = [piece for piece in shapely.get_parts(shapely.polygonize(shapely.get_parts(both))).tolist() if piece.area > 1.0]
    return pieces if len(pieces) == 2 else None


def _is_usable(piece: Polygon, zone: Zone) -> bool:
    """Whether a piece is large and wide enough to be built on."""
    if piece.area < 0.36 * zone.block_m2:
        return False
    return bool(piece.area / piece.length > 0.11 * np.sqrt(zone.block_m2))
