"""Triangles from shapes: areas, solids, ribbons along lines, columns, cones; all in plain arrays, all at once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.base import LineMarks, MeshMarks, Rgba
from layers.colours import shaded
from layers.ground import Ground

SUN = np.array([-0.83, -0.55])
"""Direction on the plan from which walls are lit: the side from which a city is first seen."""

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


DARK_FOOT, LIGHT_FOOT = 0.62, 0.88
"""How much of its light a wall has left at its foot, on dark and on light ground."""


def light_on(normal_xy: Floats) -> Floats:
    """Return the light (about 0.6-0.98) on walls with these outward normals ``(n, 2)`` of length 1."""
    return np.asarray(0.78 + 0.2 * (normal_xy @ SUN))


def polygons_of(geometry: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Return all sound polygons in an array of areas, and the row that each comes from."""
    parts, rows = shapely.get_parts(geometry, return_index=True)
    good = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    parts, rows = parts[good], rows[good]
    broken = ~shapely.is_valid(parts)
    if broken.any():
        mended, where = shapely.get_parts(shapely.make_valid(parts[broken]), return_index=True)
        areas = shapely.get_type_id(mended) == 3
        parts = np.concatenate([parts[~broken], mended[areas]])
        rows = np.concatenate([rows[~broken], rows[broken][where[areas]]])
    return parts, rows.astype(np.intp)


def triangulated(polygons: NDArray[Any]) -> tuple[Floats, Ints]:
    """Return the corners ``(3 m, 2)`` of the triangles that fill polygons, and the polygon of each triangle ``(m,)``.

    Triangles run counter-clockwise seen from above.
    """
    parts, rows = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons), return_index=True)
    corners = shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3]
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    corners = np.where((turn < 0)[:, None, None], corners[:, ::-1], corners)
    return corners.reshape(-1, 2), rows.astype(np.intp)


def shared(corners: Floats, which: Ints) -> tuple[Floats, Ints, NDArray[np.int32]]:
    """Return corners without repetition ``(n, 2)``, the polygon of each, and the triangles ``(m, 3)`` between them.

    ``corners`` and ``which`` are as ``triangulated`` gives them; corners are the same within a millimetre and a polygon.
    """
    owner = np.repeat(which, 3)
    x, y = np.round(corners * 1000.0).astype(np.int64).T
    order = np.lexsort((y, x, owner))
    same = (np.diff(owner[order]) == 0) & (np.diff(x[order]) == 0) & (np.diff(y[order]) == 0)
    place = np.zeros(len(order), dtype=np.int32)
    place[1:] = np.cumsum(~same)
    index = np.empty(len(order), dtype=np.int32)
    index[order] = place
    first = order[np.concatenate([[True], ~same])] if len(order) else order
    return corners[first], owner[first], index.reshape(-1, 3)


def areas(geometry: NDArray[Any], rgba: Rgba, ground: Ground, lift_m: float, *, shading: float = 0.0) -> MeshMarks:
    """Lay areas on the ground, each in its colour; on relief they are cut along the ground's cells to follow it.

    With ``shading`` they are lit as the ground is, so that hills are seen through what covers them.
    """
    polygons, rows = polygons_of(geometry)
    if not ground.is_flat:
        polygons, inner = _cut(polygons, ground)
        rows = rows[inner]
    corners, owner, triangles = shared(*triangulated(polygons))
    tones = rgba[rows[owner]]
    if shading and not ground.is_flat:
        tones = shaded(tones, np.clip(1.0 + shading * ground.tone_at(corners), 0.5, 2.0))
    return MeshMarks(ground.on(corners, lift_m), triangles, tones, is_closed=False)


def _cut(polygons: NDArray[Any], ground: Ground) -> tuple[NDArray[Any], Ints]:
    """Cut polygons along the ground's grid: into squares of two cells, and where it is rough into its triangles."""
    step = ground.step_m * 2
    boxes = shapely.bounds(polygons)
    first = np.floor((boxes[:, :2] - (ground.x0_m, ground.y0_m)) / step).astype(np.intp)
    last = np.floor((boxes[:, 2:] - (ground.x0_m, ground.y0_m)) / step).astype(np.intp)
    wide = last - first + 1
    count = wide[:, 0] * wide[:, 1]
    rows = np.repeat(np.arange(len(polygons)), count)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    i = first[rows, 0] + place % wide[rows, 0]
    j = first[rows, 1] + place // wide[rows, 0]
    x, y = ground.x0_m + i * step, ground.y0_m + j * step
    pieces = polygons[rows]
    many = count[rows] > 1
    pieces[many] = shapely.intersection(pieces[many], shapely.box(x[many], y[many], x[many] + step, y[many] + step))
    rough = ground.is_rough(i, j) & ~shapely.is_empty(pieces)
    smooth, inner = polygons_of(pieces[~rough])
    fine, rough_inner = _cut_to_triangles(pieces[rough], x[rough], y[rough], ground.step_m)
    return np.concatenate([smooth, fine]), np.concatenate([rows[~rough][inner], rows[rough][rough_inner]])


def _cut_to_triangles(pieces: NDArray[Any], x: Floats, y: Floats, step_m: float) -> tuple[NDArray[Any], Ints]:
    """Cut pieces of squares of two by two cells along the eight triangles of the ground in them."""
    cells = np.array([(i, j) for i in (0, 1) for j in (0, 1)], dtype=np.float64)
    halves = np.array([[(0, 0), (1, 0), (1, 1)], [(0, 0), (1, 1), (0, 1)]], dtype=np.float64)
    corners = (cells[:, None, None, :] + halves[None]).reshape(8, 3, 2) * step_m
    triangles = shapely.polygons(np.column_stack([x, y])[:, None, None, :] + corners[None])
    parts, inner = polygons_of(shapely.intersection(pieces[:, None], triangles).ravel())
    return parts, inner // 8


def solids(
    geometry: NDArray[Any], base_m: Floats, top_m: Floats, *, roof: Rgba, wall: Rgba, foot: float = DARK_FOOT
) -> MeshMarks:
    """Raise areas to solids with flat roofs; walls are lit from the south-west and darker at their foot."""
    polygons, rows = polygons_of(geometry)
    corners, owner, roofs = shared(*triangulated(polygons))
    roof_rows = rows[owner]
    roof_xyz = np.column_stack([corners, top_m[roof_rows]])
    a, b, wall_rows = _edges(polygons, rows)
    along = b - a
    length = np.hypot(along[:, 0], along[:, 1])
    keep = length > 0.05
    a, b, wall_rows, along, length = a[keep], b[keep], wall_rows[keep], along[keep], length[keep]
    light = light_on(np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None])
    wall_xyz = _walls(a, b, base_m[wall_rows], top_m[wall_rows])
    tone = wall[wall_rows]
    below, above = shaded(tone, light * foot), shaded(tone, light)
    wall_rgba = np.stack([below, below, above, above], axis=1)
    quads = np.arange(len(a), dtype=np.int32)[:, None] * 4 + np.array([0, 1, 2, 0, 2, 3], dtype=np.int32)
    triangles = np.concatenate([roofs, quads.reshape(-1, 3) + len(corners)])
    xyz = np.concatenate([roof_xyz, wall_xyz]).astype(np.float32)
    return MeshMarks(xyz, triangles, np.concatenate([roof[roof_rows], wall_rgba.reshape(-1, 4)]))


def _walls(a: Floats, b: Floats, base: Floats, top: Floats) -> Floats:
    foot_a, foot_b = np.column_stack([a, base]), np.column_stack([b, base])
    head_a, head_b = np.column_stack([a, top]), np.column_stack([b, top])
    return np.stack([foot_a, foot_b, head_b, head_a], axis=1).reshape(-1, 3)


def _edges(polygons: NDArray[Any], rows: Ints) -> tuple[Floats, Floats, Ints]:
    """Return the edges of polygons with the inside on their left, and the row of each."""
    oriented = shapely.orient_polygons(polygons, exterior_cw=False)
    rings, which = shapely.get_rings(oriented, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    return xy[:-1][inside], xy[1:][inside], rows[which[ring[:-1][inside]]]


def outlines(geometry: NDArray[Any], z_m: Floats, rgba: Rgba, width_px: float = 1.0) -> LineMarks:
    """Return the edges of areas as lines at one height each."""
    polygons, rows = polygons_of(geometry)
    rings, which = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    row = rows[which[ring]]
    offsets = np.searchsorted(ring, np.arange(len(rings) + 1)).astype(np.int32)
    return LineMarks(np.column_stack([xy, z_m[row]]).astype(np.float32), offsets, rgba[row], width_px)


def lines_of(geometry: NDArray[Any], ground: Ground) -> tuple[Floats, Ints, Ints]:
    """Return the points of lines ``(n, 2)``, where each line starts ``(k + 1,)``, and the row of each point.

    On relief, points are added so that no piece is longer than a cell of the ground.
    """
    if not ground.is_flat:
        geometry = shapely.segmentize(geometry, ground.step_m * 0.7)
    xy, row = shapely.get_coordinates(geometry, return_index=True)
    offsets = np.searchsorted(row, np.arange(len(geometry) + 1))
    return np.asarray(xy, dtype=np.float64), offsets.astype(np.intp), row.astype(np.intp)


def lines(geometry: NDArray[Any], rgba: Rgba, ground: Ground, lift_m: float, width_px: float) -> LineMarks:
    """Lay lines on the ground, each in its colour."""
    xy, offsets, row = lines_of(geometry, ground)
    return LineMarks(ground.on(xy, lift_m), offsets.astype(np.int32), rgba[row], width_px)


def ribbons(
    xyz: NDArray[np.floating[Any]], offsets: Ints, row: Ints, *, width_m: Floats, rgba: Rgba, shift_m: Floats | None = None
) -> MeshMarks:
    """Return flat bands along lines: points ``(n, 3)`` and starts as ``lines_of`` gives them.

    ``width_m`` and ``rgba`` are per line; ``shift_m`` moves a band to the right of its line. Corners are mitred.
    """
    n = len(xyz)
    xy = np.asarray(xyz[:, :2], dtype=np.float64)
    step = np.zeros((n, 2))
    step[:-1] = xy[1:] - xy[:-1]
    first, last = _ends(offsets, n)
    length = np.hypot(step[:, 0], step[:, 1])
    ahead = step / np.maximum(length, 1e-9)[:, None]
    behind = np.roll(ahead, 1, axis=0)
    behind[first] = ahead[first]
    ahead[last] = behind[last]
    right_ahead = np.column_stack([ahead[:, 1], -ahead[:, 0]])
    right_behind = np.column_stack([behind[:, 1], -behind[:, 0]])
    middle = right_ahead + right_behind
    # Half the mitre's length is 1 / cos(half angle); it is cut at 2 so that hairpins do not make spikes.
    size = np.maximum((middle**2).sum(axis=1), 1.0)
    mitre = middle * (2.0 / size)[:, None]
    half = width_m[row] / 2
    centre = np.zeros(n) if shift_m is None else shift_m[row]
    left = np.column_stack([xy + mitre * (centre - half)[:, None], xyz[:, 2]])
    right = np.column_stack([xy + mitre * (centre + half)[:, None], xyz[:, 2]])
    points = np.stack([left, right], axis=1).reshape(-1, 3).astype(np.float32)
    joined = np.ones(n, dtype=bool)
    joined[last] = False
    start = np.flatnonzero(joined).astype(np.int32)[:, None] * 2
    triangles = (start + np.array([0, 1, 3, 0, 3, 2], dtype=np.int32)).reshape(-1, 3)
    return MeshMarks(points, triangles, np.repeat(rgba[row], 2, axis=0), is_closed=False)


def _ends(offsets: Ints, n: int) -> tuple[Ints, Ints]:
    filled = offsets[1:] > offsets[:-1]
    return offsets[:-1][filled], np.minimum(offsets[1:][filled], n) - 1


def columns(ring: Floats, counts: Ints, base_m: Floats, top_m: Floats, rgba: Rgba, *, has_sides: bool = True) -> MeshMarks:
    """Return columns over convex rings ``ring (n, k, 2)`` (counter-clockwise, the first ``counts`` corners of each used).

    Without sides they are flat plates at ``top_m``.
    """
    n, k, _ = ring.shape
    used = np.arange(k)[None, :] < counts[:, None]
    ring = np.where(used[..., None], ring, ring[:, :1])  # spare corners collapse onto the first
    top = np.concatenate([ring, np.broadcast_to(top_m[:, None, None], (n, k, 1))], axis=2)
    fan = np.array([(0, i, i + 1) for i in range(1, k - 1)], dtype=np.int32)
    triangles = (np.arange(n, dtype=np.int32)[:, None, None] * k + fan).reshape(-1, 3)
    colours = np.repeat(rgba, k, axis=0)
    if not has_sides:
        return MeshMarks(top.reshape(-1, 3).astype(np.float32), triangles, colours, is_closed=False)
    after = np.roll(ring, -1, axis=1)
    along = (after - ring).reshape(-1, 2)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    light = light_on(np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None])
    sides = _walls(ring.reshape(-1, 2), after.reshape(-1, 2), np.repeat(base_m, k), np.repeat(top_m, k))
    tone = np.repeat(rgba, k, axis=0)
    foot, head = shaded(tone, light * 0.7), shaded(tone, light)
    side_rgba = np.stack([foot, foot, head, head], axis=1).reshape(-1, 4)
    quads = np.arange(n * k, dtype=np.int32)[:, None] * 4 + np.array([0, 1, 2, 0, 2, 3], dtype=np.int32)
    xyz = np.concatenate([top.reshape(-1, 3), sides]).astype(np.float32)
    return MeshMarks(xyz, np.concatenate([triangles, quads.reshape(-1, 3) + n * k]), np.concatenate([colours, side_rgba]))


def discs(xy: Floats, radius_m: Floats | float, corners: int = 6) -> tuple[Floats, Ints]:
    """Return regular rings around points ``(n, corners, 2)`` and their corner counts, for ``columns``."""
    angle = np.arange(corners) * (2 * np.pi / corners)
    size = np.broadcast_to(np.asarray(radius_m, dtype=np.float64), (len(xy),))
    ring = xy[:, None, :] + size[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)[None]
    return ring, np.full(len(xy), corners, dtype=np.intp)


def sectors(xy: Floats, direction_deg: Floats, angle_deg: Floats, range_m: Floats, corners: int = 8) -> tuple[Floats, Ints]:
    """Return rings of the sectors that cameras see (compass directions), each with ``corners`` corners, for ``columns``."""
    share = np.linspace(0.5, -0.5, corners - 1)
    bearing = np.radians(direction_deg[:, None] - share[None, :] * np.minimum(angle_deg, 359.0)[:, None])
    arc = xy[:, None, :] + range_m[:, None, None] * np.stack([np.sin(bearing), np.cos(bearing)], axis=-1)
    ring = np.concatenate([xy[:, None, :], arc[:, ::-1]], axis=1)
    return ring, np.full(len(xy), corners, dtype=np.intp)


def chunked(mesh: MeshMarks, most_vertices: int = 50_000) -> tuple[MeshMarks, ...]:
    """Cut a mesh into pieces by place, so that what is out of view costs nothing and no upload takes long."""
    n = len(mesh.xyz)
    if n <= most_vertices or not len(mesh.triangles):
        return (mesh,) if len(mesh.triangles) else ()
    side = int(np.ceil(np.sqrt(n / most_vertices * 2)))
    at = mesh.xyz[mesh.triangles[:, 0], :2]
    low, high = at.min(axis=0), at.max(axis=0)
    tile = np.minimum(((at - low) / np.maximum(high - low, 1e-6) * side).astype(np.intp), side - 1)
    key = tile[:, 0] * side + tile[:, 1]
    order = np.argsort(key, kind="stable")
    bounds = np.searchsorted(key[order], np.arange(side * side + 1))
    pieces = [order[a:b] for a, b in pairwise(bounds.tolist()) if b > a]
    return tuple(_piece(mesh, rows) for rows in pieces)


def _piece(mesh: MeshMarks, rows: Ints) -> MeshMarks:
    used, triangles = np.unique(mesh.triangles[rows], return_inverse=True)
    return MeshMarks(mesh.xyz[used], triangles.reshape(-1, 3).astype(np.int32), mesh.rgba[used], mesh.is_closed)
