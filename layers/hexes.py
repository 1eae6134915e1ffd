"""Any number per H3 cell, as flat cells or columns, coarser cells from afar and in motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from layers import measures, scales, shapes
from layers.base import Legend, Level, Marks, Picture, Scene
from layers.cells import EDGE_M, CellValues, resolution_of, rings, texts
from layers.ground import extent, ground_of
from twin.model.entity import attribute
from twin.model.grade import LABELS

MOST_COLUMNS = 12_000
MOST_FLAT = 60_000
"""Cells that software draws in time while the view moves."""

LEAST_EDGE_PX = 6.0
"""Edge of a hexagon on the screen below which its parent is drawn instead."""


@dataclass(frozen=True)
class HexesStyle:
    """How cells look and what they show."""

    measure: str = attribute("Measure", "fill_level", choices=measures.MEASURE_NAMES)
    resolution: int = attribute("H3 resolution", 9, low=6, high=11)
    shape: str = attribute("Shape", "columns", choices=("columns", "flat"))
    ramp: str = attribute("Colours", "heat", choices=scales.RAMPS)
    classes: str = attribute("Classes", "linear", choices=("linear", "quantile"))
    opacity: float = attribute("Opacity", 0.85, low=0.1, high=1)
    height_scale: float = attribute("Height factor", 1.0, low=0, high=10)


class HexesLayer:
    """A number of the city or of a result, gathered into H3 cells."""

    name: ClassVar[str] = "hexes"
    label: ClassVar[str] = "Hexagons"
    kinds: ClassVar[tuple[str, ...]] = ("bin", "case", "incident", "camera", "population_cell")
    style_type: ClassVar[type[HexesStyle]] = HexesStyle
    visible_at_start: ClassVar[bool] = False

    def encode(self, scene: Scene, style: HexesStyle) -> Picture:
        """Return a level of cells for each range of scales, all in the colours of one legend."""
        found, title, unit, is_mean = _numbers(scene, style)
        if not len(found.cells):
            return Picture(())
        finest = resolution_of(found.cells)
        sheet = _Sheet(scene, style, _scale(_shown(found, is_mean, finest), style, scene), is_mean)
        levels = _levels(sheet, found)
        graded = unit in LABELS and not scene.diverging
        entries = scales.grade_entries(unit) if graded else sheet.scale.entries()
        ring, _ = rings(found.cells, scene.snapshot.projection)
        return Picture(
            (),
            levels=levels,
            legend=Legend(
                title,
                entries,
                "" if graded else unit,
                note="Difference: after minus before" if sheet.scale.mode == "diverging" else "",
            ),
            pick_kind="cell",
            pick_ids=texts(found.cells),
            pick_geometry=np.asarray(shapely.polygons(ring), dtype=object),
        )


def _numbers(scene: Scene, style: HexesStyle) -> tuple[CellValues, str, str, bool]:
    """Return the numbers, their title and unit, and whether coarser cells take their mean."""
    if style.measure != "result":
        item = measures.measure_named(style.measure)
        return measures.values(scene, item, style.resolution), item.label, item.unit, item.is_mean
    for kind in ("cell", *scene.tables):
        table = scene.tables.get(kind)
        placed = table is not None and (kind == "cell" or kind in scene.snapshot.frames)
        if table is not None and placed and scene.measure in table.columns:
            facts = table.measure(scene.measure)
            found = measures.table_values(scene, table, scene.measure, style.resolution)
            return found, facts.label, facts.unit, True
    return CellValues(np.empty(0, np.uint64), np.empty(0), np.empty(0)), "", "", True


def _shown(found: CellValues, is_mean: bool, resolution: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the number on show: the mean, or the sum per square kilometre."""
    if is_mean:
        return found.mean
    edge_km = EDGE_M[resolution] / 1000.0
    return np.asarray(found.total / (1.5 * np.sqrt(3.0) * edge_km**2))


def _scale(shown: np.ndarray[tuple[int], np.dtype[np.float64]], style: HexesStyle, scene: Scene) -> scales.Scale:
    alpha = round(style.opacity * 255)
    if scene.diverging and style.measure == "result":
        return scales.diverging(shown, scene.noise, worse=measures.measure_on_show(scene).worse, dark=scene.dark, alpha=alpha)
    standard = scales.fixed(measures.measure_on_show(scene), dark=scene.dark) if style.measure == "result" else None
    if standard is not None:
        standard.colours[:, 3] = alpha
        return standard
    if style.classes == "quantile":
        return scales.quantile(shown, style.ramp, dark=scene.dark, alpha=alpha)
    return scales.linear(shown, style.ramp, dark=scene.dark, alpha=alpha, start=0.0)


@dataclass(frozen=True, eq=False)
class _Sheet:
    """What all levels of a picture share."""

    scene: Scene
    style: HexesStyle
    scale: scales.Scale
    is_mean: bool

    @property
    def tallest_m(self) -> float:
        """Height of the tallest column: a share of the city's width."""
        x0, y0, x1, y1 = extent(self.scene.snapshot)
        return 0.07 * max(x1 - x0, y1 - y0) * self.style.height_scale

    def marks(self, found: CellValues) -> tuple[Marks, ...]:
        """Return the cells as columns or flat plates."""
        shown = _shown(found, self.is_mean, resolution_of(found.cells))
        known = np.isfinite(shown)
        if self.scale.mode == "diverging":
            known &= np.abs(shown) > self.scene.noise  # what does not differ is not drawn
        ring, counts = rings(found.cells[known], self.scene.snapshot.projection)
        if not len(ring):
            return ()
        shown = shown[known]
        middle = ring[:, :6].mean(axis=1)
        ring = middle[:, None, :] + (ring - middle[:, None, :]) * 0.94  # a gap, so that single cells can be told apart
        base = ground_of(self.scene.snapshot).at(middle)
        has_sides = self.style.shape == "columns"
        top = base + (self.tallest_m * self.scale.fraction(shown) + 2.0 if has_sides else 12.0)
        return (*shapes.chunked(shapes.columns(ring, counts, base, top, self.scale.rgba(shown), has_sides=has_sides)),)


def _levels(sheet: _Sheet, found: CellValues) -> tuple[Level, ...]:
    """Return the cells and their parents, each for the scales at which its edge is long enough on the screen.

    In motion, resolutions with more cells than software draws in time give way to their parents.
    """
    finest = resolution_of(found.cells)
    coarsest = max(finest - 3, 0)
    most = MOST_FLAT if sheet.style.shape == "flat" else MOST_COLUMNS
    levels: list[Level] = []
    from_m = moving_from_m = 0.0
    for resolution in range(finest, coarsest - 1, -1):
        cells = found if resolution == finest else found.at(resolution)
        to_m = EDGE_M[resolution] / LEAST_EDGE_PX if resolution > coarsest else np.inf
        marks = sheet.marks(cells)
        levels.append(Level(marks, from_m, to_m, "resting"))
        if len(cells.cells) <= most or resolution == coarsest:
            levels.append(Level(marks, moving_from_m, to_m, "moving"))
            moving_from_m = to_m
        from_m = to_m
    return tuple(levels)
