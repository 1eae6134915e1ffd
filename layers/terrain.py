"""The ground itself: shaded hills, or a plain that fades away around the city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers import shapes
from layers.base import MeshMarks, Picture, Rgba, Scene
from layers.colours import mixed, palette, theme
from layers.ground import Ground, extent, ground_of
from twin.geo import Bounds
from twin.model.entity import attribute

_FULL_TINT_M = 400.0  # hills lower than this are tinted in part only: a mound is no mountain


@dataclass(frozen=True)
class TerrainStyle:
    """How the ground looks."""

    shading: float = attribute("Shading", 1.0, low=0, high=3, definition="Strength of light and shade on slopes.")


class TerrainLayer:
    """Hills with light from the north-west baked in; a flat city lies on a plain."""

    name: ClassVar[str] = "terrain"
    label: ClassVar[str] = "Terrain"
    kinds: ClassVar[tuple[str, ...]] = ()
    style_type: ClassVar[type[TerrainStyle]] = TerrainStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: TerrainStyle) -> Picture:
        """Return the surface of the ground."""
        ground, bounds = ground_of(scene.snapshot), extent(scene.snapshot)
        lowest = 0.0 if ground.is_flat else float(ground.z_m.min())
        marks = [_plain(bounds, scene.dark, lowest - 2.0)]
        if not ground.is_flat:  # first, so that what it hides of the plain is not painted
            marks.insert(0, _relief(ground, bounds, scene.dark, style.shading))
        return Picture(tuple(piece for mark in marks for piece in shapes.chunked(mark)))


def _plain(bounds: Bounds, dark: bool, z_m: float) -> MeshMarks:
    """Return a disc around the city whose rim has the colour of the sky's foot."""
    colours = theme(dark=dark)
    ground, rim = palette([colours["ground"], colours["ground_edge"]])
    x0, y0, x1, y1 = bounds
    radius = 0.5 * np.hypot(x1 - x0, y1 - y0)
    rings = np.array([0.0, 1.05, 1.6, 6.0])
    tone = np.array([0.0, 0.0, 0.7, 1.0])
    corners = 48
    angle = np.arange(corners) * (2 * np.pi / corners)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    xy = (rings[:, None, None] * radius * circle[None] + ((x0 + x1) / 2, (y0 + y1) / 2)).reshape(-1, 2)
    xyz = np.column_stack([xy, np.full(len(xy), z_m)]).astype(np.float32)
    rgba = np.repeat(mixed(ground[None], rim[None], tone), corners, axis=0)
    return MeshMarks(xyz, _grid(len(rings), corners, closed=True), rgba, is_closed=False)


def _relief(ground: Ground, bounds: Bounds, dark: bool, strength: float) -> MeshMarks:
    rows, columns = ground.z_m.shape
    xs = ground.x0_m + ground.step_m * np.arange(columns)
    ys = ground.y0_m + ground.step_m * np.arange(rows)
    xyz = np.column_stack([np.tile(xs, rows), np.repeat(ys, columns), ground.z_m.ravel()]).astype(np.float32)
    rgba = hillshade(ground, dark=dark, strength=strength)
    rim = palette([theme(dark=dark)["ground_edge"]])
    rgba = mixed(rgba, rim, _distance_outside(xyz, bounds))
    return MeshMarks(xyz, _grid(rows, columns, closed=False), rgba, is_closed=False)


def hillshade(ground: Ground, *, dark: bool, strength: float = 1.0) -> Rgba:
    """Return a colour for each point of the ground's grid ``(rows * columns, 4)``: tinted by height, lit from the north-west."""
    colours = theme(dark=dark)
    low, high, light, shade = (palette([colours[name]]) for name in ("hill_low", "hill_high", "hill_light", "hill_shade"))
    z = ground.z_m.astype(np.float64).ravel()
    rise = np.clip((z - z.min()) / max(float(np.ptp(z)), _FULL_TINT_M), 0, 1) * min(strength, 1.0)
    tone = ground.tone.ravel() * 1.6 * strength
    tinted = mixed(np.repeat(low, len(z), axis=0), high, rise)
    return mixed(mixed(tinted, light, np.clip(tone, 0, 1)), shade, np.clip(-tone, 0, 1))


def _distance_outside(xyz: NDArray[np.float32], bounds: Bounds) -> NDArray[np.float64]:
    """Return 0 inside the city, rising to 1 at the margin of the drawn ground."""
    x0, y0, x1, y1 = bounds
    margin = 0.15 * max(x1 - x0, y1 - y0)
    dx = np.maximum(np.maximum(x0 - xyz[:, 0], xyz[:, 0] - x1), 0)
    dy = np.maximum(np.maximum(y0 - xyz[:, 1], xyz[:, 1] - y1), 0)
    return np.asarray(np.clip(np.hypot(dx, dy) / margin, 0, 1) ** 1.5, dtype=np.float64)


def _grid(rows: int, columns: int, *, closed: bool) -> NDArray[np.int32]:
    """Return the triangles between the points of a grid; closed grids join their last column to the first."""
    i = np.arange(rows - 1, dtype=np.int32)[:, None] * columns
    j = np.arange(columns if closed else columns - 1, dtype=np.int32)[None, :]
    after = (j + 1) % columns
    sw, se, nw, ne = i + j, i + after, i + columns + j, i + columns + after
    return np.stack([sw, se, ne, sw, ne, nw], axis=-1).reshape(-1, 3)
