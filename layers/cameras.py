"""City cameras and what they can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from layers import shapes
from layers.base import Legend, LegendEntry, Level, Picture, PointMarks, Scene
from layers.colours import palette, rgba, theme
from layers.ground import ground_of
from twin.model.entity import attribute


@dataclass(frozen=True)
class CamerasStyle:
    """How cameras look."""

    view_cones: bool = attribute("Fields of view", True)
    size_px: float = attribute("Point size", 5.0, unit="px", low=1, high=20)


class CamerasLayer:
    """Cameras as points; near by also the sector of ground that each looks at."""

    name: ClassVar[str] = "cameras"
    label: ClassVar[str] = "Cameras"
    kinds: ClassVar[tuple[str, ...]] = ("camera",)
    style_type: ClassVar[type[CamerasStyle]] = CamerasStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: CamerasStyle) -> Picture:
        """Return points and sectors; a camera without a known direction has no sector."""
        frame, ground, colours = scene.snapshot["camera"], ground_of(scene.snapshot), theme(dark=scene.dark)
        if not len(frame):
            return Picture(())
        offline = frame["online"] == False  # noqa: E712  the column may hold None: unknown counts as working
        tones = palette([colours["camera"], colours["camera_offline"]])[offline.astype(np.intp)]
        xyz = ground.on(frame.xy, np.nan_to_num(frame["height_m"], nan=6.0) + 2.0)
        levels = [
            Level((PointMarks(xyz, tones, style.size_px + 2),), 0.0, 2.5),
            Level((PointMarks(xyz, tones, style.size_px),), 2.5, 4.0),
            Level((PointMarks(xyz, tones, max(1.0, style.size_px - 2.5)),), 4.0),
        ]
        aimed = np.flatnonzero(np.isfinite(frame["direction_deg"]))
        if style.view_cones and len(aimed):
            ring, counts = shapes.sectors(
                frame.xy[aimed], frame["direction_deg"][aimed], frame["view_angle_deg"][aimed], frame["range_m"][aimed]
            )
            top = ground.at(frame.xy[aimed]) + 2.6
            cones = tones[aimed].copy()
            cones[:, 3] = 70
            levels.append(Level(shapes.chunked(shapes.columns(ring, counts, top, top, cones, has_sides=False)), to_m=4.0))
        entries = [LegendEntry(rgba(colours["camera"]), "Camera")]
        if offline.any():
            entries.append(LegendEntry(rgba(colours["camera_offline"]), "Camera offline"))
        return Picture(
            (),
            levels=tuple(levels),
            legend=Legend("Cameras", tuple(entries)),
            pick_kind="camera",
            pick_ids=frame.ids,
            pick_geometry=frame.geometry,
        )
