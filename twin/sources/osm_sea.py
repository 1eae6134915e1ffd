"""The sea of an OpenStreetMap extract: coastlines are lines with land on their left and water on their right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from twin.geo import Bounds, FloatArray

_GAP = 0.03  # of the diagonal: how far from the edge a coast cut off at the last node inside it may end
_ASIDE_DEG = 1e-7  # a centimetre
_SURE = 0.99  # share of a shore's length that must say the same


def sea(coast: Sequence[FloatArray], bounds: Bounds) -> tuple[Polygon, ...]:
    """Return the water beside coastlines ``(n, 2)`` in degrees, inside ``bounds`` (west, south, east, north).

    Where a coast ends inside the bounds, they are drawn in to the coast's own: what lies beyond is not known.
    Nothing is returned where the lines still do not part land from water.
    """
    lines = [line for line in coast if len(line) > 1]
    if not lines:
        return ()
    merged = shapely.line_merge(shapely.MultiLineString(lines), directed=True)
    parts = np.asarray(shapely.get_parts(merged), dtype=object)
    west, south, east, north = shapely.total_bounds(parts)
    drawn_in = max(bounds[0], west), max(bounds[1], south), min(bounds[2], east), min(bounds[3], north)
    for box in (bounds, drawn_in):
        if box[2] > box[0] and box[3] > box[1] and (found := _parted(parts, shapely.box(*box))):
            return found
    return ()


def _parted(parts: np.ndarray[tuple[int], np.dtype[np.object_]], box: Polygon) -> tuple[Polygon, ...]:
    """Return the faces of the box to the right of the lines; none where a line ends inside or sides contradict each other."""
    reach = float(np.hypot(box.bounds[2] - box.bounds[0], box.bounds[3] - box.bounds[1])) * _GAP
    lines = []
    for part in parts:
        whole = _to_the_edge(part, box, reach)
        if whole is None:
            return ()
        lines.append(whole)
    inside = shapely.intersection(shapely.MultiLineString(lines), box)
    faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(shapely.union_all([box.exterior, inside]))]))
    return _wet(faces, lines, box)


def _to_the_edge(line: BaseGeometry, box: Polygon, reach: float) -> BaseGeometry | None:
    """Return a line whose ends lie on or outside the edge, or closed; None where one lies too deep inside."""
    xy = shapely.get_coordinates(line)
    if (xy[0] == xy[-1]).all():
        return line
    ends = []
    for end in (xy[0], xy[-1]):
        point = shapely.Point(end)
        gap = float(shapely.distance(point, box.exterior))
        if not box.contains(point) or gap == 0.0:
            ends.append(end)
        elif gap > reach:
            return None
        else:
            nearest = shapely.get_coordinates(shapely.shortest_line(point, box.exterior))[-1]
            ends.append(nearest + (nearest - end) * 1e-3)  # a little over it, so that the lines cross
    return shapely.LineString(np.vstack([ends[0], xy, ends[1]]))


def _wet(faces: np.ndarray[tuple[int], np.dtype[np.object_]], lines: Sequence[BaseGeometry], box: Polygon) -> tuple[Polygon, ...]:
    """Return the faces that have shores with the water on their side; none when one face is told to be both."""
    xy, row = shapely.get_coordinates(np.array(lines, dtype=object), return_index=True)
    along, same = np.diff(xy, axis=0), np.diff(row) == 0
    keep = same & (np.hypot(along[:, 0], along[:, 1]) > 0)
    along = along[keep]
    shown = shapely.intersection(shapely.linestrings(np.stack([xy[:-1][keep], xy[1:][keep]], axis=1)), box)
    length = shapely.length(shown)
    along, shown, length = along[length > 0], shown[length > 0], length[length > 0]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(shown, 0.5, normalized=True))
    aside = (
        np.column_stack([along[:, 1], -along[:, 0]]) / np.hypot(along[:, 0], along[:, 1])[:, None] * _ASIDE_DEG
    )  # to the right
    told = []
    tree = shapely.STRtree(faces)
    for points in (middle + aside, middle - aside):
        which, face = tree.query(shapely.points(points), predicate="within")
        told.append(np.bincount(face, weights=length[which], minlength=len(faces)))
    water, land = told
    share = water / np.maximum(water + land, 1e-300)
    if ((share > 1 - _SURE) & (share < _SURE)).any():
        return ()
    found = [face for face, part in zip(faces, share, strict=True) if part >= _SURE]
    return tuple(sorted(found, key=lambda face: face.bounds))
