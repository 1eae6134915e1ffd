"""Traffic of a result on the roads: grade, any measure, or what a scenario changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers import colours, scales, shapes, streets
from layers.base import Legend, LegendEntry, Level, Marks, Picture, Rgba, Scene
from layers.ground import Ground, ground_of
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.grade import LABELS
from twin.model.results import ResultTable

# Metres a pixel at which a width on the screen is reckoned, and the scales between which it is used.
_RANGES = ((0.0, 1.6, 0.0), (1.6, 4.0, 2.5), (4.0, 9.0, 6.0), (9.0, np.inf, 13.0))
MOST_MOVING = 25_000
"""Links that software draws in time while the view moves."""

_LEAST_PX, _MOST_PX = 1.3, 4.5


@dataclass(frozen=True)
class CongestionStyle:
    """How traffic looks."""

    colour_by: str = attribute("Colour by", "measure on show", choices=("measure on show", "grade"))
    width_by_volume: bool = attribute("Width by volume", True)
    ramp: str = attribute("Colours", "heat", choices=scales.RAMPS)


class CongestionLayer:
    """Links as bands beside their road's middle line: coloured by a result, as wide as their traffic."""

    name: ClassVar[str] = "congestion"
    label: ClassVar[str] = "Traffic"
    kinds: ClassVar[tuple[str, ...]] = ("link",)
    style_type: ClassVar[type[CongestionStyle]] = CongestionStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: CongestionStyle) -> Picture:
        """Return bands; of a difference only what differs by more than the noise, and what is closed as closed."""
        table, links = scene.tables.get("link"), scene.snapshot["link"]
        name = _measure(scene, style, table)
        if table is None or not name or links.geometry is None:
            return Picture(())
        rows = links.rows(table.ids)
        here = np.fromiter((key in links.row_of for key in table.ids.tolist()), bool, len(table.ids))
        shown = table.columns[name][here]
        volume = _volume(table, name)[here]
        closed = links["closed"][rows].astype(bool)
        keep = closed | np.isfinite(shown) & (np.abs(shown) > scene.noise if scene.diverging else volume >= 1.0)
        rows, shown, volume, closed = rows[keep], shown[keep], volume[keep], closed[keep]
        if not len(rows):
            return Picture(())
        scale, legend = _scale(shown[~closed], name, table, scene, style)
        weight = np.nan_to_num(np.abs(shown)) if scene.diverging else volume
        order = np.lexsort((weight, closed))  # the busiest on top, and above them what is closed
        rows, shown, volume, closed = rows[order], shown[order], volume[order], closed[order]
        size = np.sqrt(np.clip(volume / max(float(np.percentile(volume, 98)), 1e-9), 0, 1))
        size = np.where(closed | (not style.width_by_volume), 0.5, size)
        rgba = scale.rgba(shown)
        if closed.any():
            rgba[closed] = colours.rgba(colours.theme(dark=scene.dark)["road_closed"])
            legend = _with_closed(legend, scene)
        bands = _Bands(links, rows, size, rgba, ground_of(scene.snapshot))
        levels = _levels(bands)
        return Picture(
            (), levels=levels, legend=legend, pick_kind="link", pick_ids=links.ids[rows], pick_geometry=links.geometry[rows]
        )


def _measure(scene: Scene, style: CongestionStyle, table: ResultTable | None) -> str:
    """Return the column on show, '' when the result has none for links."""
    if table is None:
        return ""
    if style.colour_by == "measure on show" and scene.measure in table.columns:
        return scene.measure
    graded = (measure.name for measure in table.measures if measure.unit in LABELS)
    return "" if scene.diverging else next(graded, "")


def _volume(table: ResultTable, name: str) -> NDArray[np.float64]:
    """Return the traffic that makes a band wide; for a comparison the larger of before and after."""
    columns = table.columns
    if "volume_vph" in columns:
        return np.nan_to_num(columns["volume_vph"])
    if "volume_vph_before" in columns:
        return np.nan_to_num(np.fmax(columns["volume_vph_before"], columns["volume_vph_after"]))
    return np.nan_to_num(np.abs(columns[name])) + 1.0


def _scale(
    shown: NDArray[np.float64], name: str, table: ResultTable, scene: Scene, style: CongestionStyle
) -> tuple[scales.Scale, Legend]:
    facts = table.measure(name)
    if scene.diverging:
        scale = scales.diverging(shown, scene.noise, worse=facts.worse, dark=scene.dark)
        return scale, Legend(facts.label, scale.entries(), facts.unit, note="Difference: after minus before")
    if facts.unit in LABELS:
        return scales.grades(facts.unit), Legend(facts.label, scales.grade_entries(facts.unit))
    standard = scales.fixed(name)
    if standard is not None:
        return standard, Legend(facts.label, standard.entries(), facts.unit)
    scale = scales.linear(shown, style.ramp, dark=scene.dark)
    return scale, Legend(facts.label, scale.entries(), facts.unit)


def _with_closed(legend: Legend, scene: Scene) -> Legend:
    """Return the legend with a line for closed roads, which have no grade and are neither better nor worse."""
    colour = colours.rgba(colours.theme(dark=scene.dark)["road_closed"])
    return replace(legend, entries=(*legend.entries, LegendEntry(colour, "Closed road")))


def _levels(bands: _Bands) -> tuple[Level, ...]:
    """Return the bands for each range of scales; in motion far away only the busiest of a large network."""
    busiest = bands.last(MOST_MOVING)
    levels: list[Level] = []
    for low, high, pixel_m in _RANGES:
        everything = bands.marks(pixel_m)
        if pixel_m and busiest is not bands:
            levels += [Level(everything, low, high, "resting"), Level(busiest.marks(pixel_m), low, high, "moving")]
        else:
            levels.append(Level(everything, low, high))
    return tuple(levels)


@dataclass(frozen=True, eq=False)
class _Bands:
    """Links to draw: rows of the frame, their size 0-1 and their colours."""

    links: Frame
    rows: NDArray[np.intp]
    size: NDArray[np.float64]
    rgba: Rgba
    ground: Ground

    def last(self, count: int) -> _Bands:
        """Return the last links, which are the busiest; all where there are no more."""
        if len(self.rows) <= count:
            return self
        return _Bands(self.links, self.rows[-count:], self.size[-count:], self.rgba[-count:], self.ground)

    def marks(self, pixel_m: float) -> tuple[Marks, ...]:
        """Return bands of true width (``pixel_m`` 0), or as wide as they must be where a pixel covers ``pixel_m``."""
        if pixel_m:
            width = pixel_m * (_LEAST_PX + (_MOST_PX - _LEAST_PX) * self.size)
        else:
            width = streets.width_m(self.links, both_ways=False)[self.rows] * (0.35 + 0.65 * self.size)
        two_way = self.links["reverse_id"][self.rows] != ""
        shift = np.where(two_way, width / 2 + pixel_m * 0.25 + 0.3, 0.0)
        lift = np.full(len(self.rows), 2.6 + pixel_m * 0.4)
        xyz, offsets, row = streets.points(self.links, self.rows, self.ground, lift)
        return (*shapes.chunked(shapes.ribbons(xyz, offsets, row, width_m=width, rgba=self.rgba, shift_m=shift)),)
