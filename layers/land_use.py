"""What the ground is used for: water, parks, housing, trade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from layers import shapes
from layers.base import Legend, LegendEntry, Level, Marks, Picture, Scene
from layers.colours import coded, palette, rgba, theme
from layers.ground import ground_of
from twin.model.entity import attribute

# What lies above what: a park may hold a pond, a housing area a park.
_ORDER = {
    "farmland": 0.25,
    "residential": 0.3,
    "commercial": 0.3,
    "industrial": 0.3,
    "other": 0.35,
    "education": 0.4,
    "health": 0.4,
}
_TOP = {"green": 0.6, "water": 0.85}
_SHADING = {True: 1.9, False: 0.55}  # by whether the theme is dark: dark colours need more light to differ
_SHOWN_LABELS = {"water": "Water", "green": "Green space"}


@dataclass(frozen=True)
class LandUseStyle:
    """How land use looks."""

    built_up: bool = attribute("Show built-up areas", True)


class LandUseLayer:
    """Areas on the ground, coloured by their use; water with a light shore."""

    name: ClassVar[str] = "land_use"
    label: ClassVar[str] = "Land use"
    kinds: ClassVar[tuple[str, ...]] = ("land_use",)
    style_type: ClassVar[type[LandUseStyle]] = LandUseStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: LandUseStyle) -> Picture:
        """Return the areas, the least important lowest."""
        frame, ground, colours = scene.snapshot["land_use"], ground_of(scene.snapshot), theme(dark=scene.dark)
        if not len(frame) or frame.geometry is None:
            return Picture(())
        geometry = shapely.simplify(frame.geometry, 1.0)
        tones = coded(frame["use"], colours["land_use"], colours["land_use"]["other"])
        lifts = {**(_ORDER if style.built_up else {}), **_TOP}
        marks: list[Marks] = []
        for lift in sorted(set(lifts.values())):
            rows = np.flatnonzero(np.isin(frame["use"], [use for use, height in lifts.items() if height == lift]))
            if len(rows):
                # A lake is level, whatever the grid of heights makes of its shore.
                shading = 0.0 if lift == _TOP["water"] else _SHADING[scene.dark]
                marks += shapes.chunked(shapes.areas(geometry[rows], tones[rows], ground, lift, shading=shading))
        water = np.flatnonzero(frame["use"] == "water")
        shore = shapely.boundary(geometry[water])
        shore = shapely.get_parts(shore[~shapely.is_empty(shore)])
        shore = shore[shapely.get_type_id(shore) == 1]
        edge = shapes.lines(shore, np.repeat(palette([colours["shore"]]), len(shore), axis=0), ground, 0.95, 1.0)
        entries = tuple(LegendEntry(rgba(colours["land_use"][use]), label) for use, label in _SHOWN_LABELS.items())
        return Picture(
            tuple(marks),
            levels=(Level((edge,), to_m=6.0),),
            legend=Legend("Land use", entries),
        )
