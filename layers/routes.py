"""The rounds of vehicles on a sample day, one colour a round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from layers import shapes
from layers.base import Legend, LegendEntry, Level, Picture, Scene
from layers.colours import meaning, palette, rgba
from layers.ground import ground_of
from twin.model.entity import attribute


@dataclass(frozen=True)
class RoutesStyle:
    """How rounds look."""

    width_px: float = attribute("Line width", 2.5, unit="px", low=1, high=8)


class RoutesLayer:
    """The rounds of trucks and sweepers as lines above the streets."""

    name: ClassVar[str] = "routes"
    label: ClassVar[str] = "Vehicle rounds"
    kinds: ClassVar[tuple[str, ...]] = ()
    style_type: ClassVar[type[RoutesStyle]] = RoutesStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: RoutesStyle) -> Picture:
        """Return the rounds of the result on show."""
        table = scene.tables.get("route")
        if table is None or table.geometry is None or not len(table.ids):
            return Picture(())
        here = np.array([item is not None and not item.is_empty for item in table.geometry], dtype=bool)
        geometry, ids = table.geometry[here], table.ids[here]
        parts, row = shapely.get_parts(geometry, return_index=True)
        colours = palette(meaning("truck"))
        tone = colours[row % len(colours)]
        ground = ground_of(scene.snapshot)
        xy, offsets, point_row = shapes.lines_of(parts, ground)
        # Rounds that share a street lie side by side.
        width = np.full(len(parts), 4.0)
        shift = (row % 4 - 1.5) * 4.5
        xyz = np.column_stack([xy, ground.at(xy) + 3.2 + 0.1 * (row[point_row] % 10)])
        near = shapes.chunked(shapes.ribbons(xyz, offsets, point_row, width_m=width, rgba=tone, shift_m=shift))
        far = shapes.lines(parts, tone, ground, 6.0, style.width_px)
        names = [LegendEntry(rgba(meaning("truck")[i % len(colours)]), text=str(key)) for i, key in enumerate(ids[:10].tolist())]
        return Picture(
            (),
            levels=(Level(near, to_m=1.6), Level((far,), from_m=1.6)),
            legend=Legend("Vehicle rounds", tuple(names)),
            pick_kind="route",
            pick_ids=ids,
            pick_geometry=geometry,
        )
