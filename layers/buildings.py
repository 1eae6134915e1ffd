"""Buildings as solids with roofs; while a large city moves, its low buildings are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray

from layers import shapes
from layers.base import Legend, LegendEntry, Level, MeshMarks, Picture, Rgba, Scene
from layers.colours import coded, palette, shaded, theme
from layers.ground import Ground, ground_of
from twin.model.entity import attribute
from twin.model.frame import Frame

MOST_MOVING = 12_000
"""Solids that software draws in time while the view moves."""

_ROOF = {True: 1.22, False: 1.04}
"""How much lighter than its walls a roof is, by whether the theme is dark."""

_LABELS = {
    "residential": "Housing",
    "commercial": "Commerce",
    "industrial": "Industry",
    "education": "Education",
    "health": "Health",
    "other": "Other building",
}


@dataclass(frozen=True)
class BuildingsStyle:
    """How buildings look."""

    colour_by: str = attribute("Colour by", "use", choices=("use", "height", "plain"))
    height_scale: float = attribute("Height factor", 1.0, low=0, high=5)
    edges: bool = attribute("Roof edges near by", True)


class BuildingsLayer:
    """Every building, standing on the ground, lit from the south-west."""

    name: ClassVar[str] = "buildings"
    label: ClassVar[str] = "Buildings"
    kinds: ClassVar[tuple[str, ...]] = ("building",)
    style_type: ClassVar[type[BuildingsStyle]] = BuildingsStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: BuildingsStyle) -> Picture:
        """Return solids, their roof edges near by, and the tall ones alone for a far view in motion."""
        frame = scene.snapshot["building"]
        if not len(frame) or frame.geometry is None:
            return Picture(())
        ground = ground_of(scene.snapshot)
        base, top = _heights(frame, style, ground)
        blocks = _Blocks(shapely.simplify(frame.geometry, 0.4), base, top, _colours(frame, style, scene))
        levels = [*_far(blocks, np.nan_to_num(frame["height_m"], nan=9.0), dark=scene.dark)]
        if style.edges:
            edge = np.repeat(palette([theme(dark=scene.dark)["building_edge"]], 150), len(frame), axis=0)
            levels.append(Level((shapes.outlines(blocks.geometry, top + 0.1, edge),), to_m=1.3, when="resting"))
        return Picture(
            (),
            levels=tuple(levels),
            legend=_legend(frame, style, scene),
            pick_kind="building",
            pick_ids=frame.ids,
            pick_geometry=frame.geometry,
        )


def _heights(frame: Frame, style: BuildingsStyle, ground: Ground) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    floor = ground.at(frame.xy)
    height = np.clip(np.nan_to_num(frame["height_m"], nan=9.0), 1.0, 1000.0) * style.height_scale
    sunk = 0.0 if ground.is_flat else 6.0  # a foot below ground, so that no slope shows beneath a wall
    # Roofs of one height that overlap (a building and its parts) must not flicker: each a little above the other.
    return floor - sunk, floor + height + 0.5 + 0.06 * (np.arange(len(frame)) % 9)


@dataclass(frozen=True, eq=False)
class _Blocks:
    """Footprints, heights of foot and roof, colours of the walls; a row a building."""

    geometry: NDArray[np.object_]
    base_m: NDArray[np.float64]
    top_m: NDArray[np.float64]
    wall: Rgba

    def solids(self, *, dark: bool) -> tuple[MeshMarks, ...]:
        """Return them as solids whose roofs are lighter than their walls."""
        roof = shaded(self.wall, _ROOF[dark])
        foot = shapes.DARK_FOOT if dark else shapes.LIGHT_FOOT
        return shapes.chunked(shapes.solids(self.geometry, self.base_m, self.top_m, roof=roof, wall=self.wall, foot=foot))

    def take(self, rows: NDArray[np.intp]) -> _Blocks:
        """Return some of them."""
        return _Blocks(self.geometry[rows], self.base_m[rows], self.top_m[rows], self.wall[rows])


def _far(blocks: _Blocks, height_m: NDArray[np.float64], *, dark: bool) -> tuple[Level, ...]:
    """Return the levels: everything at rest or near by; in motion far away only what catches the eye."""
    everything = blocks.solids(dark=dark)
    if len(blocks.geometry) <= MOST_MOVING:
        return (Level(everything),)
    bulk = height_m * np.sqrt(np.maximum(shapely.area(blocks.geometry), 1.0))
    few = blocks.take(np.argsort(-bulk, kind="stable")[:MOST_MOVING]).solids(dark=dark)
    return (
        Level(everything, when="resting"),
        Level(everything, to_m=1.5, when="moving"),
        Level(few, from_m=1.5, when="moving"),
    )


def _colours(frame: Frame, style: BuildingsStyle, scene: Scene) -> Rgba:
    colours = theme(dark=scene.dark)
    if style.colour_by == "plain":
        return np.repeat(palette([colours["building"]["other"]]), len(frame), axis=0)
    tone = coded(frame["use"], colours["building"], colours["building"]["other"])
    height = np.clip(np.nan_to_num(frame["height_m"], nan=9.0) / 100.0, 0, 1)
    if style.colour_by == "height":
        from layers.scales import linear

        return linear(frame["height_m"], "heat", dark=scene.dark, start=0.0).rgba(frame["height_m"])
    # A tall building catches more light: the skyline reads at once.
    return shaded(tone, 0.92 + (0.75 if scene.dark else 0.08) * np.sqrt(height))


def _legend(frame: Frame, style: BuildingsStyle, scene: Scene) -> Legend | None:
    if style.colour_by == "height":
        from layers.scales import linear

        return Legend("Building height", linear(frame["height_m"], "heat", dark=scene.dark, start=0.0).entries(), "m")
    if style.colour_by == "plain":
        return None
    present = set(frame["use"].tolist())
    colours = theme(dark=scene.dark)["building"]
    shown = palette([colours[use] for use in _LABELS])
    roofs = dict(zip(_LABELS, shaded(shown, _ROOF[scene.dark]).tolist(), strict=True))  # what is seen of a town are its roofs
    return Legend("Buildings", tuple(LegendEntry((*roofs[use],), label) for use, label in _LABELS.items() if use in present))
