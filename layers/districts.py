"""Administrative boundaries and unit grids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from layers import shapes
from layers.base import LabelMarks, Level, Picture, Scene
from layers.colours import palette, theme
from layers.ground import ground_of
from twin.model.entity import attribute


@dataclass(frozen=True)
class DistrictsStyle:
    """How districts look."""

    unit_grids: bool = attribute("Unit grids near by", True)


class DistrictsLayer:
    """Districts by their outline and name; near by also the unit grids."""

    name: ClassVar[str] = "districts"
    label: ClassVar[str] = "Districts"
    kinds: ClassVar[tuple[str, ...]] = ("district", "unit_grid")
    style_type: ClassVar[type[DistrictsStyle]] = DistrictsStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: DistrictsStyle) -> Picture:
        """Return outlines and names; only the outline answers clicks, so that what lies inside can be picked."""
        frame, ground, colours = scene.snapshot["district"], ground_of(scene.snapshot), theme(dark=scene.dark)
        levels = []
        grids = scene.snapshot.frames.get("unit_grid")
        if style.unit_grids and grids is not None and len(grids) and grids.geometry is not None:
            faint = np.repeat(palette([colours["boundary"]], 70), len(grids), axis=0)
            levels.append(Level((shapes.lines(_edges(grids.geometry), faint, ground, 2.0, 1.0),), to_m=3.0))
        if not len(frame) or frame.geometry is None:
            return Picture((), levels=tuple(levels))
        tone = np.repeat(palette([colours["boundary"]], 170), len(frame), axis=0)
        edges = _edges(frame.geometry)
        levels.append(Level((shapes.lines(edges, tone, ground, 3.0, 1.6),)))
        english = np.where(frame["name_en"] == "", frame["name"], frame["name_en"])
        weight = (100.0 + np.log1p(shapely.area(frame.geometry))).astype(np.float32)
        names = LabelMarks(ground.on(frame.xy, 10.0), frame["name"], english, weight, "district")
        levels.append(Level((names,), from_m=1.5))
        return Picture((), levels=tuple(levels), pick_kind="district", pick_ids=frame.ids, pick_geometry=edges)


def _edges(geometry: np.ndarray[tuple[int, ...], np.dtype[np.object_]]) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    """Return the outer ring of each area as a line (of the largest part, where there are several)."""
    parts, rows = shapely.get_parts(geometry, return_index=True)
    order = np.lexsort((shapely.area(parts), rows))
    last = np.append(np.flatnonzero(np.diff(rows[order])), len(order) - 1)
    return np.asarray(shapely.get_exterior_ring(parts[order[last]]), dtype=object)
