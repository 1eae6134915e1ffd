"""Bins: points from afar, near by small columns as high as they are full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers import shapes
from layers.base import Float32, Legend, LegendEntry, Level, Marks, Picture, PointMarks, Rgba, Scene
from layers.colours import coded, meaning, palette, rgba, shaded
from layers.ground import ground_of
from layers.scales import MISSING, ramp_points
from twin.model.entity import attribute
from twin.model.frame import Frame

FILL_EDGES = (0.3, 0.5, 0.8, 1.0)
"""Fill levels at which the colour changes; from 0.8 a bin is due, from 1.0 it overflows."""

_FILL_TEXTS = ("< 30 %", "30 – 50 %", "50 – 80 %", "80 – 100 %", "≥ 100 %")
_WASTE_LABELS = {
    "residual": "Residual waste",
    "recyclable": "Recyclables",
    "food": "Food waste",
    "hazardous": "Hazardous waste",
    "litter": "Litter",
}
NEAR_M = 0.9
"""Metres a pixel up to which bins are columns."""


@dataclass(frozen=True)
class BinsStyle:
    """How bins look."""

    colour_by: str = attribute("Colour by", "fill", choices=("fill", "waste kind"))
    size_px: float = attribute("Point size", 5.0, unit="px", low=1, high=20)


class BinsLayer:
    """Waste containers and litter bins, coloured by how full they are or by what they hold."""

    name: ClassVar[str] = "bins"
    label: ClassVar[str] = "Bins"
    kinds: ClassVar[tuple[str, ...]] = ("bin",)
    style_type: ClassVar[type[BinsStyle]] = BinsStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: BinsStyle) -> Picture:
        """Return points for far views and columns for near ones."""
        frame = scene.snapshot["bin"]
        if not len(frame):
            return Picture(())
        ground = ground_of(scene.snapshot)
        colours = fill_rgba(frame["fill_level"]) if style.colour_by == "fill" else _waste_rgba(frame)
        order = np.argsort(np.nan_to_num(frame["fill_level"], nan=-1.0), kind="stable")  # the fullest on top
        xyz = ground.on(frame.xy, 4.0)[order]
        points = colours[order]
        due = (np.nan_to_num(frame["fill_level"], nan=0.0) >= FILL_EDGES[2])[order]
        return Picture(
            (),
            levels=(
                Level(_columns(frame, colours, ground.at(frame.xy)), to_m=NEAR_M),
                Level((PointMarks(xyz, points, style.size_px + 2),), NEAR_M, 3.0),
                Level((PointMarks(xyz, points, style.size_px),), 3.0, 4.0),
                Level(_far(xyz, points, due, max(1.0, style.size_px - 2.5)), 4.0),
            ),
            legend=_legend(frame, style),
            pick_kind="bin",
            pick_ids=frame.ids,
            pick_geometry=frame.geometry,
        )


def _far(xyz: Float32, rgba: Rgba, due: NDArray[np.bool_], size_px: float) -> tuple[Marks, ...]:
    """Return bins as seen from afar: those that are due stand out from the thousands that are not."""
    return PointMarks(xyz[~due], shaded(rgba[~due], 0.8), size_px - 0.5), PointMarks(xyz[due], rgba[due], size_px + 1.5)


def fill_rgba(fill_level: NDArray[np.float64]) -> Rgba:
    """Return the colour of each fill level; grey where no reading is known."""
    classes = np.minimum(np.searchsorted(FILL_EDGES, fill_level, side="right"), 4)  # NaN sorts beyond the last
    out: Rgba = palette(ramp_points()["fill"])[classes]
    out[np.isnan(fill_level)] = (*MISSING[:3], 255)
    return out


def _waste_rgba(frame: Frame) -> Rgba:
    table: dict[str, str] = meaning("waste")
    return coded(frame["waste_kind"], table, table["residual"])


def _columns(frame: Frame, colours: Rgba, floor: NDArray[np.float64]) -> tuple[Marks, ...]:
    fill = np.clip(np.nan_to_num(frame["fill_level"], nan=0.5), 0.08, 1.2)
    radius = 1.1 + 0.5 * np.sqrt(np.clip(frame["capacity_l"], 50, 5000) / 1000)
    ring, counts = shapes.discs(frame.xy, radius)
    marks = shapes.chunked(shapes.columns(ring, counts, floor, floor + 1.5 + 6.0 * fill, colours))
    return (*marks,)


def _legend(frame: Frame, style: BinsStyle) -> Legend:
    if style.colour_by != "fill":
        table = meaning("waste")
        present = set(frame["waste_kind"].tolist())
        return Legend("Bins", tuple(LegendEntry(rgba(table[k]), label) for k, label in _WASTE_LABELS.items() if k in present))
    pairs = zip(ramp_points()["fill"], _FILL_TEXTS, strict=True)
    entries = [LegendEntry(rgba(colour), text=text) for colour, text in pairs][::-1]
    if np.isnan(frame["fill_level"]).any():
        entries.append(LegendEntry((*MISSING[:3], 255), "No reading"))
    return Legend("Bin fill level", tuple(entries))
