"""What lies under the pointer: a point on the ground, then the nearest thing of the layers that are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from layers.base import Picture

_POINT_PX, _LINE_PX = 8.0, 5.0


@dataclass(frozen=True)
class Pick:
    """A thing that was found: its layer, kind, key and shape (metres)."""

    layer: str
    kind: str
    id: str
    geometry: shapely.Geometry


def find(x_m: float, y_m: float, pixel_m: float, pictures: Iterable[tuple[str, Picture]]) -> Pick | None:
    """Return what is at a place: points before lines before areas, then the topmost layer.

    ``pixel_m`` is the size of a pixel there; ``pictures`` are the shown layers, the topmost first.
    """
    place = shapely.Point(x_m, y_m)
    best: tuple[int, Pick] | None = None
    for name, picture in pictures:
        tree = picture.pick_tree
        if tree is None or picture.pick_geometry is None:
            continue
        rows = tree.query(place, predicate="dwithin", distance=_POINT_PX * pixel_m)
        if not len(rows):
            continue
        geometry = picture.pick_geometry[rows]
        dimension = shapely.get_dimensions(geometry)
        distance = shapely.distance(geometry, place)
        reach = np.array([_POINT_PX, _LINE_PX, 1e-3])[dimension] * pixel_m
        good = np.flatnonzero(distance <= reach)
        if not len(good):
            continue
        nearest = good[np.lexsort((distance[good], dimension[good]))[0]]
        if best is None or dimension[nearest] < best[0]:
            kind, key = picture.picked(int(rows[nearest]))
            best = int(dimension[nearest]), Pick(name, kind, key, geometry[nearest])
            if best[0] == 0:
                break
    return best[1] if best else None
