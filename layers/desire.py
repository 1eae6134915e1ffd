"""Desire lines: where trips begin and end, whatever roads they take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from layers import shapes
from layers.base import Legend, LegendEntry, Level, Picture, Scene
from layers.colours import rgba, theme
from layers.ground import ground_of
from twin.model.entity import attribute

LIFT_M = 12.0


@dataclass(frozen=True)
class DesireStyle:
    """How desire lines look."""

    widest_px: float = attribute("Widest line", 9.0, unit="px", low=1, high=30)
    count: int = attribute("Most lines", 100, low=1, high=300)


class DesireLayer:
    """Straight lines between the zones that exchange the most trips."""

    name: ClassVar[str] = "desire"
    label: ClassVar[str] = "Desire lines"
    kinds: ClassVar[tuple[str, ...]] = ()
    style_type: ClassVar[type[DesireStyle]] = DesireStyle
    visible_at_start: ClassVar[bool] = False

    def encode(self, scene: Scene, style: DesireStyle) -> Picture:
        """Return the fullest pairs of the result on show, the wider the fuller."""
        table = scene.tables.get("desire")
        if table is None or table.geometry is None or not len(table.ids) or "between_vph" not in table.columns:
            return Picture(())
        rows = np.argsort(-table.columns["between_vph"], kind="stable")[: style.count]
        trips, geometry = table.columns["between_vph"][rows], table.geometry[rows]
        colour = rgba(theme(dark=scene.dark)["accent"], 200)
        ground = ground_of(scene.snapshot)
        width = np.ceil(np.sqrt(trips / trips.max()) * style.widest_px)  # by the root, so that small ones can be seen
        marks = tuple(
            shapes.lines(geometry[width == px], np.full((np.count_nonzero(width == px), 4), colour, np.uint8), ground, LIFT_M, px)
            for px in np.unique(width).tolist()
        )
        entries = tuple(
            LegendEntry(colour, text=f"{share * trips.max():,.0f}", values=(share * float(trips.max()),), width_px=px)
            for share, px in ((1.0, style.widest_px), (0.25, style.widest_px / 2.0))
        )
        return Picture((), levels=(Level(marks),), legend=Legend("Desire lines", entries, "veh/h"))
