"""Buildings: rows that follow the shape of each plot, and houses or shops along its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.demo.ground import Plot
from twin.demo.plan import generator
from twin.demo.styles import Style, draw_style
from twin.geo import FloatArray

BUILDING_COUNT = 15_000

STOREY_M = {"residential": 3.0, "commercial": 3.9, "industrial": 6.0, "education": 3.8, "health": 4.0}

PRIORITY = {"houses": 0.0, "lanes": 1.0}
"""Where buildings are left out first when there are more than wanted; all other patterns come last."""

# Columns of a candidate: number of the plot, middle u and v in its frame, width, depth, turn (radians), storeys, chance.
Candidates = FloatArray


@dataclass(frozen=True)
class Buildings:
    """Footprints (city metres), land use, storeys, height and the number of the plot of each building."""

    shapes: NDArray[np.object_]
    use: NDArray[np.object_]
    levels: NDArray[np.int_]
    height_m: FloatArray
    plot: NDArray[np.int_]

    @property
    def xy(self) -> FloatArray:
        """The middle of each building, ``(n, 2)``."""
        return np.asarray(shapely.get_coordinates(shapely.centroid(self.shapes)))

    @property
    def floor_area_m2(self) -> FloatArray:
        """Area of all storeys together."""
        return np.asarray(shapely.area(self.shapes) * self.levels)


def draw_buildings(plots: Sequence[Plot], seed: int) -> Buildings:
    """Build up the plots: exactly ``BUILDING_COUNT`` buildings, each inside its plot and clear of the others.

    Where all that the plots hold is too little, farms are built in fields until there are enough.
    """
    rng = generator(seed, "buildings")
    rows = _candidates(plots, [plot.pattern for plot in plots], rng)
    if len(rows) < BUILDING_COUNT:
        farms = ["houses" if plot.use == "farmland" and not plot.pattern else "" for plot in plots]
        more = _candidates(plots, farms, rng)
        more[:, 7] -= 4.0  # less wanted than anything else
        rows = np.vstack([rows, more])
    return _thinned(rows, plots, rng)


def _candidates(plots: Sequence[Plot], patterns: Sequence[str], rng: np.random.Generator) -> Candidates:
    """Return what might be built on each plot in its pattern, without what would not fit or be in the way."""
    found = [np.empty((0, 8))]
    for number, (plot, pattern) in enumerate(zip(plots, patterns, strict=True)):
        if pattern:
            style = draw_style(pattern, rng)
            edge = _edge(number, plot, style, rng)
            found += [edge, _rows(number, plot, style, rng, inset_m=style.edge_depth + 4.0 if len(edge) else 0.0)]
    rows = np.vstack(found)
    plot_of = rows[:, 0].astype(int)
    frames = np.array([plot.frame for plot in plots], dtype=object)
    shapely.prepare(frames)
    rows = rows[shapely.contains_properly(frames[plot_of], _rectangles(rows))]
    one, two = shapely.STRtree(shapes := _in_city(rows, plots)).query(shapes, predicate="intersects")
    return np.delete(rows, np.unique(two[one < two]), axis=0)


def _rows(number: int, plot: Plot, style: Style, rng: np.random.Generator, inset_m: float) -> Candidates:
    """Fill a plot with rows, each as long as the plot is there."""
    width, depth = rng.uniform(*style.width), rng.uniform(*style.depth)
    gap, row_gap = rng.uniform(*style.gap), rng.uniform(*style.row_gap)
    room = plot.frame.buffer(-inset_m, join_style="mitre") if inset_m else plot.frame
    if room.is_empty:
        return np.empty((0, 8))
    v, u0, u1 = _best_rows(room, depth, row_gap, width, gap)
    in_row = _in_row(u0, u1, width, gap)
    owner = np.repeat(np.arange(len(v)), in_row)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(in_row) - in_row, in_row)
    alone = in_row[owner] == 1
    step = (u1 - u0 - width)[owner] / np.maximum(in_row[owner] - 1, 1)
    u = np.where(alone, (u0 + u1)[owner] / 2, u0[owner] + width / 2 + 0.05 + place * (step - 0.01))
    n = len(owner)
    middles = np.column_stack([u, v[owner]]) + rng.normal(0, style.jitter_m, (n, 2)) * (style.jitter_m > 0)
    size = 1 - style.slack * rng.random((n, 2))
    levels = np.maximum(np.round(style.levels(n, plot.centre, rng)), 1)
    chance = _near_middle(middles, room, rng) if style.clustered else rng.random(n)
    made = np.column_stack([np.full(n, number), middles, width * size[:, 0], depth * size[:, 1], np.zeros(n), levels, chance])
    return made[rng.random(n) < style.kept]


def _near_middle(middles: FloatArray, room: shapely.Polygon, rng: np.random.Generator) -> FloatArray:
    """Return 1 in the middle of a village, wherever that is in its plot, and less the farther out."""
    u0, v0, u1, v1 = room.bounds
    nucleus = np.array(
        [rng.uniform(0.7 * u0 + 0.3 * u1, 0.3 * u0 + 0.7 * u1), rng.uniform(0.7 * v0 + 0.3 * v1, 0.3 * v0 + 0.7 * v1)]
    )
    away = np.hypot(*(middles - nucleus).T) / rng.uniform(90.0, 150.0)
    return np.asarray(np.exp(-(away**2)) * rng.uniform(0.8, 1.0, len(middles)))


def _in_row(u0: FloatArray, u1: FloatArray, width: float, gap: float) -> NDArray[np.int_]:
    """Return how many buildings fit between the ends of each row."""
    return np.nan_to_num(np.maximum((u1 - u0 + gap) // (width + gap), 0)).astype(int)


def _best_rows(
    room: shapely.Polygon, depth: float, row_gap: float, width: float, gap: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return height and ends of rows, moved so that most buildings fit: ``v, u0, u1``."""
    _, v0, _, v1 = room.bounds
    pitch = depth + row_gap
    shifts = np.array([0.0, 0.5]) if pitch < 18 else np.array([0.0, 0.15, 0.35, 0.55, 0.8])
    starts = v0 + depth / 2 + 0.05 + pitch * shifts
    tries = [np.arange(start, v1 - depth / 2, pitch) for start in starts]
    owner = np.repeat(np.arange(len(tries)), [len(v) for v in tries])
    v = np.concatenate(tries)
    if not len(v):
        return v, v, v
    u0, u1 = _reach(room, v, depth)
    total = np.bincount(owner, _in_row(u0, u1, width, gap), minlength=len(tries))
    best = owner == int(np.argmax(total))
    return v[best], u0[best], u1[best]


def _reach(room: shapely.Polygon, v: FloatArray, depth: float) -> tuple[FloatArray, FloatArray]:
    """Return from where to where a row of a depth fits into a polygon, at each height ``v``."""
    u0, _, u1, _ = room.bounds
    low, high = np.full(len(v), u0), np.full(len(v), u1)
    for offset in (-depth / 2 + 0.05, depth / 2 - 0.05):
        ends = np.column_stack([np.full(len(v), u0 - 1), v + offset, np.full(len(v), u1 + 1), v + offset]).reshape(-1, 2, 2)
        bounds = shapely.bounds(shapely.intersection(shapely.linestrings(ends), room))
        low, high = np.fmax(low, bounds[:, 0]), np.fmin(high, bounds[:, 2])
    return low, high


def _edge(number: int, plot: Plot, style: Style, rng: np.random.Generator) -> Candidates:
    """Line the edge of a plot with houses or shops, leaving its corners free."""
    if not style.edge_depth or plot.frame.area < 1_500:
        return np.empty((0, 8))
    depth = style.edge_depth
    inner = plot.frame.buffer(-depth / 2 - 0.4, join_style="mitre")
    if inner.is_empty or shapely.get_type_id(inner) != 3:
        return np.empty((0, 8))
    line = inner.exterior
    width = rng.uniform(*style.edge_width)
    pitch = width + 0.6
    at = np.arange(pitch / 2 + rng.uniform(0, 3), line.length - pitch / 2, pitch)
    if not len(at):
        return np.empty((0, 8))
    points = [
        shapely.get_coordinates(shapely.line_interpolate_point(line, (at + d) % line.length))
        for d in (-(width + depth) / 2, -width / 4, width / 4, (width + depth) / 2)
    ]
    whole, part = points[3] - points[0], points[2] - points[1]
    straight = np.hypot(*whole.T) > 0.9985 * (width + depth)
    turn = np.arctan2(part[:, 1], part[:, 0])
    n = len(at)
    levels = rng.choice(style.edge_levels, n).astype(float)
    made = np.column_stack(
        [np.full(n, number), (points[1] + points[2]) / 2, np.full(n, width), np.full(n, depth), turn, levels, rng.random(n)]
    )
    return np.asarray(made[straight & _lined(n, style.edge_share, rng)])


def _lined(n: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which places along an edge are built on: single gaps in a full row, or whole runs of shops."""
    if share > 0.6:
        return np.asarray(rng.random(n) < share)
    phase = rng.uniform(0, 2 * np.pi)
    return np.asarray(np.sin(np.arange(n) / max(n, 1) * 4 * np.pi + phase) > np.cos(np.pi * share))


def _rectangles(rows: Candidates) -> NDArray[np.object_]:
    """Return the footprints in the frames of their plots."""
    cos, sin = np.cos(rows[:, 5]), np.sin(rows[:, 5])
    corners = []
    for a, b in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        u, v = a * rows[:, 3], b * rows[:, 4]
        corners.append(np.column_stack([rows[:, 1] + u * cos - v * sin, rows[:, 2] + u * sin + v * cos]))
    return np.asarray(shapely.polygons(np.stack([*corners, corners[0]], axis=1)), dtype=object)


def _thinned(rows: Candidates, plots: Sequence[Plot], rng: np.random.Generator) -> Buildings:
    """Keep exactly the number wanted and put them where they stand in the city."""
    wanted = np.array([PRIORITY.get(plots[int(number)].pattern, 2.0) for number in rows[:, 0]])
    rows = rows[np.sort(np.argsort(-(rows[:, 7] + 2.0 * wanted), kind="stable")[:BUILDING_COUNT])]
    plot_of = rows[:, 0].astype(int)
    use = np.array([_USE.get(plots[number].use, plots[number].use) for number in plot_of], dtype=object)
    levels = rows[:, 6].astype(int)
    storey = np.array([STOREY_M.get(name, 3.2) for name in use])
    height = np.round(levels * storey * rng.uniform(0.97, 1.05, len(rows)) + 0.8, 1)
    return Buildings(_in_city(rows, plots), use, levels, height, plot_of)


_USE = {"farmland": "residential"}
"""What buildings are for where that is not the use of their plot."""


def _in_city(rows: Candidates, plots: Sequence[Plot]) -> NDArray[np.object_]:
    """Return the footprints in the city's metres."""
    plot_of = rows[:, 0].astype(int)
    angle = np.array([plot.angle for plot in plots])[plot_of]
    middle = np.array([plot.middle for plot in plots])[plot_of]
    cos, sin = np.cos(angle), np.sin(angle)
    moved = rows.copy()
    moved[:, 1] = middle[:, 0] + rows[:, 1] * cos - rows[:, 2] * sin
    moved[:, 2] = middle[:, 1] + rows[:, 1] * sin + rows[:, 2] * cos
    moved[:, 5] += angle
    return _rectangles(moved)
