"""Where a siting would put bins: a point each, with its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from layers.base import LabelMarks, Legend, LegendEntry, Picture, PointMarks, Scene
from layers.colours import palette, rgba, theme
from layers.ground import ground_of
from twin.model.entity import attribute

LIFT_M = 14.0


@dataclass(frozen=True)
class NewBinsStyle:
    """How proposed bins look."""

    size_px: float = attribute("Point size", 11.0, unit="px", low=3, high=30)
    numbers: bool = attribute("Numbers", True)


class NewBinsLayer:
    """Places that a siting proposes; number 1 brings most."""

    name: ClassVar[str] = "new_bins"
    label: ClassVar[str] = "Proposed bins"
    kinds: ClassVar[tuple[str, ...]] = ()
    style_type: ClassVar[type[NewBinsStyle]] = NewBinsStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: NewBinsStyle) -> Picture:
        """Return the places of the result on show."""
        table = scene.tables.get("new_bin")
        if table is None or table.geometry is None or not len(table.ids):
            return Picture(())
        accent = theme(dark=scene.dark)["accent"]
        xyz = ground_of(scene.snapshot).on(shapely.get_coordinates(table.geometry), LIFT_M)
        marks = PointMarks(xyz, np.repeat(palette([accent]), len(xyz), axis=0), style.size_px)
        first = -np.arange(len(xyz), dtype=np.float32)  # who brings most is named first
        numbers = (LabelMarks(xyz, table.ids, table.ids, first + 100.0, "value"),) if style.numbers else ()
        return Picture(
            (marks, *numbers),
            legend=Legend("Proposed bins", (LegendEntry(rgba(accent), "New bin"),)),
            pick_kind="new_bin",
            pick_ids=table.ids,
            pick_geometry=table.geometry,
        )
