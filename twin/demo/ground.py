"""The ground between the roads: water, plots to build on, green."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from twin.demo.layout import Layout
from twin.demo.makings import Makings
from twin.demo.network import HALF_WIDTH_M, Network
from twin.demo.plan import generator
from twin.demo.zones import ZONES

SETBACK_M = {"lanes": 1.0, "towers": 4.0, "mixed": 3.0, "slabs": 3.0, "high_rise": 4.0}
LANE_HALF_WIDTH_M = 3.2


@dataclass(frozen=True)
class Plot:
    """A piece of ground with one use, in the city's metres; ``shape`` is the part that may be built on.

    ``angle`` is the direction of its rows (radians from east); ``frame`` is the shape moved to
    ``middle`` and turned by it, so that rows run along the first axis. ``centre`` is 1 in the middle of
    the business district and 0 far from it. ``block`` is the number of the block on the sheet.
    """

    ground: Polygon
    shape: Polygon
    block: int
    zone: str
    use: str
    pattern: str
    middle: tuple[float, float]
    angle: float
    frame: Polygon
    centre: float


@dataclass(frozen=True)
class Ground:
    """Everything that is not road. ``river`` and ``lakes`` are water."""

    limit: Polygon
    river: Polygon
    lakes: list[Polygon]
    plots: list[Plot]


def draw_ground(makings: Makings, layout: Layout, network: Network) -> Ground:
    """Cut the city along its roads and water and say what each piece is for."""
    sheet = layout.sheet
    outlines = np.array([sheet.limit, shapely.intersection(sheet.band(0.0), sheet.limit)], dtype=object)
    limit, river = makings.warp.geometries(outlines, step_m=20.0).tolist()
    lakes = _lakes(makings, layout)
    roads = _road_surface(network)
    land = shapely.difference(limit, shapely.union_all([roads, river.buffer(16.0), *(lake.buffer(10.0) for lake in lakes)]))
    pieces = shapely.get_parts(land)
    pieces = pieces[shapely.area(pieces) > 500.0]
    block_shapes = makings.warp.geometries(np.array([block.shape for block in layout.blocks], dtype=object))
    inside = shapely.point_on_surface(pieces)
    block_of = np.full(len(pieces), -1)
    hits = shapely.STRtree(block_shapes).query(inside, predicate="within")
    block_of[hits[0]] = hits[1]
    rng = generator(makings.plan.seed, "uses")
    cbd = makings.warp(np.array([makings.plan.cbd]))[0]
    plots = [
        _plot(piece, block, layout.blocks[block].zone if block >= 0 else "strip", cbd, rng)
        for piece, block in zip(pieces.tolist(), block_of.tolist(), strict=True)
    ]
    return Ground(limit, river, lakes, [plot for plot in plots if plot is not None])


def _road_surface(network: Network) -> BaseGeometry:
    """Return the ground that roads take."""
    lines = np.array([street.line for street in network.streets], dtype=object)
    width = np.array(
        [
            LANE_HALF_WIDTH_M
            if street.zone == "old_town" and street.way.road_class == "residential"
            else HALF_WIDTH_M[street.way.road_class]
            for street in network.streets
        ]
    )
    return shapely.union_all(shapely.buffer(lines, width, quad_segs=2))


def _lakes(makings: Makings, layout: Layout) -> list[Polygon]:
    """Return a lake for each park and a pond in some woods, well inside their blocks."""
    rng = generator(makings.plan.seed, "lakes")
    lakes = []
    for block in layout.blocks:
        share = 0.42 if block.zone == "park" else 0.16 if block.zone in {"wood", "farmland"} and rng.random() < 0.3 else 0.0
        if share and block.shape.area > 40_000:
            lakes.extend(_lake(block.shape, share, rng))
    if not lakes:
        return []
    return list(makings.warp.geometries(np.array(lakes, dtype=object), step_m=12.0).tolist())


def _lake(shape: Polygon, share: float, rng: np.random.Generator) -> list[Polygon]:
    """Return a lake with a winding shore inside a block."""
    room = shape.buffer(-55.0)
    if room.is_empty or room.area < 8_000:
        return []
    middle = shapely.point_on_surface(room)
    t = np.linspace(0, 2 * np.pi, 73)[:-1]
    radius = (
        1
        + 0.22 * np.sin(2 * t + rng.uniform(0, 6))
        + 0.12 * np.sin(3 * t + rng.uniform(0, 6))
        + 0.05 * np.sin(7 * t + rng.uniform(0, 6))
    )
    u0, v0, u1, v1 = shape.bounds
    size = np.sqrt(share * shape.area / np.pi)
    aspect = float(np.clip(np.sqrt((u1 - u0) / (v1 - v0)), 0.7, 1.5))
    lake = Polygon(
        np.column_stack([middle.x + size * aspect * radius * np.cos(t), middle.y + size / aspect * radius * np.sin(t)])
    )
    parts = shapely.get_parts(shapely.intersection(lake, room))
    return [part for part in parts.tolist() if part.area > 4_000 and shapely.get_type_id(part) == 3]


def _plot(piece: Polygon, block: int, zone_name: str, cbd: NDArray[np.float64], rng: np.random.Generator) -> Plot | None:
    """Give a piece of ground its use, frame and setback."""
    if zone_name == "strip":
        zone_use, pattern = "green", ""
    else:
        zone_use, pattern = _use(zone_name, piece.area, rng)
    ground = piece.buffer(-SETBACK_M.get(pattern, 5.0), join_style="mitre") if pattern else piece
    parts = shapely.get_parts(ground)
    if not len(parts):
        return None
    ground = parts[int(np.argmax(shapely.area(parts)))]
    angle = _row_angle(ground)
    x, y = ground.centroid.coords[0]
    turned = shapely.transform(ground, lambda xy: (xy - (x, y)) @ _turn(angle))
    away = float(np.hypot(x - cbd[0], y - cbd[1]))
    centre = float(np.exp(-((away / 620.0) ** 2)))
    return Plot(piece, ground, block, zone_name, zone_use, pattern, (x, y), angle, turned, centre)


def _turn(angle: float) -> NDArray[np.float64]:
    """Return the matrix that turns row vectors by minus an angle."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def _use(zone_name: str, area_m2: float, rng: np.random.Generator) -> tuple[str, str]:
    """Draw what a block of a zone is for: mostly what its zone says, sometimes a school, shops or a garden."""
    zone = ZONES[zone_name]
    chance = float(rng.random())
    others = _OTHER_USES.get(zone.pattern, ()) if area_m2 > 4_000 else ()
    return next(((use, pattern) for use, pattern, upper in others if chance < upper), (zone.use, zone.pattern))


# Other uses among blocks of a pattern, each with the sum of the shares up to it.
_IN_ESTATES = (("education", "campus", 0.06), ("health", "campus", 0.075), ("green", "", 0.13), ("commercial", "mixed", 0.2))
_OTHER_USES: dict[str, tuple[tuple[str, str, float], ...]] = {
    "slabs": _IN_ESTATES,
    "high_rise": _IN_ESTATES,
    "towers": (("green", "", 0.05),),
    "mixed": (("green", "", 0.05), ("residential", "slabs", 0.3), ("health", "campus", 0.34)),
    "houses": (("farmland", "", 0.52), ("green", "", 0.56)),
    "lanes": (("green", "", 0.05), ("commercial", "lanes", 0.16)),
}


def _row_angle(shape: Polygon) -> float:
    """Return the direction of the side of a plot that runs most nearly from west to east, in radians."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(shape))
    step = corners[1] - corners[0]
    angle = float(np.arctan2(step[1], step[0])) % (np.pi / 2)
    return angle if angle <= np.pi / 4 else angle - np.pi / 2
