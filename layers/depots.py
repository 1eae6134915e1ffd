"""Where collection vehicles come from and where they unload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from layers import shapes
from layers.base import LabelMarks, Legend, LegendEntry, Level, Marks, Picture, PointMarks, Scene
from layers.colours import palette, rgba, theme
from layers.ground import ground_of
from twin.model.entity import attribute

_KIND_LABELS = {"depot": "Depot", "disposal_site": "Disposal site"}


@dataclass(frozen=True)
class DepotsStyle:
    """How depots and disposal sites look."""

    names: bool = attribute("Names", True)


class DepotsLayer:
    """Depots and disposal sites as broad markers with their names."""

    name: ClassVar[str] = "depots"
    label: ClassVar[str] = "Depots and disposal sites"
    kinds: ClassVar[tuple[str, ...]] = ("depot", "disposal_site")
    style_type: ClassVar[type[DepotsStyle]] = DepotsStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: DepotsStyle) -> Picture:
        """Return the markers."""
        ground, colours = ground_of(scene.snapshot), theme(dark=scene.dark)
        near: list[Marks] = []
        far: list[Marks] = []
        entries, ids, places, which = [], [], [], []
        for kind, label in _KIND_LABELS.items():
            frame = scene.snapshot.frames.get(kind)
            if frame is None or not len(frame) or frame.geometry is None:
                continue
            tones = np.repeat(palette([colours[kind]]), len(frame), axis=0)
            floor = ground.at(frame.xy)
            ring, counts = shapes.discs(frame.xy, 14.0, 8)
            near.append(shapes.columns(ring, counts, floor, floor + 22.0, tones))
            far.append(PointMarks(ground.on(frame.xy, 24.0), tones, 10.0))
            if style.names:
                english = np.where(frame["name_en"] == "", frame["name"], frame["name_en"])
                rank = np.full(len(frame), 50.0, np.float32)
                far.append(LabelMarks(ground.on(frame.xy, 30.0), frame["name"], english, rank))
                near.append(far[-1])
            entries.append(LegendEntry(rgba(colours[kind]), label))
            ids.append(frame.ids)
            places.append(frame.geometry)
            which.append(np.full(len(frame), kind, dtype=object))
        if not entries:
            return Picture(())
        return Picture(
            (),
            levels=(Level(tuple(near), to_m=2.0), Level(tuple(far), from_m=2.0)),
            legend=Legend("Depots and disposal sites", tuple(entries)),
            pick_kind="depot",
            pick_ids=np.concatenate(ids),
            pick_geometry=np.concatenate(places),
            pick_kinds=np.concatenate(which),
        )
