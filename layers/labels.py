"""Names: streets, parks and waters, buildings; the window paints them and drops those that collide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray

from layers import streets
from layers.base import LabelMarks, Level, Picture, Scene
from layers.ground import Ground, ground_of
from twin.model.entity import attribute
from twin.model.frame import Frame


@dataclass(frozen=True)
class LabelsStyle:
    """Which names are shown."""

    streets: bool = attribute("Streets", True)
    places: bool = attribute("Parks and waters", True)
    buildings: bool = attribute("Buildings", True)


class LabelsLayer:
    """Names of streets and places; the more important ones already from afar."""

    name: ClassVar[str] = "labels"
    label: ClassVar[str] = "Names"
    kinds: ClassVar[tuple[str, ...]] = ("link", "land_use", "building")
    style_type: ClassVar[type[LabelsStyle]] = LabelsStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: LabelsStyle) -> Picture:
        """Return the names as labels, each level with the names that fit its scales."""
        ground, snapshot = ground_of(scene.snapshot), scene.snapshot
        levels: list[Level] = []
        if style.streets:
            levels += _street_levels(snapshot["link"], ground)
        if style.places:
            levels += _place_levels(snapshot["land_use"], ground)
        if style.buildings:
            levels += _building_levels(snapshot["building"], ground)
        return Picture((), levels=tuple(levels))


def _street_levels(links: Frame, ground: Ground) -> list[Level]:
    named = np.flatnonzero(links["name"] != "")
    if not len(named) or links.geometry is None:
        return []
    rank = streets.ranks(links)[named]
    # One label for each street and square kilometre, at its longest piece of the best class.
    square = np.floor(links.xy[named] / 1000.0).astype(np.intp)
    length = np.nan_to_num(links["length_m"][named])
    order = np.lexsort((-length, rank))
    seen: set[tuple[str, int, int]] = set()
    kept = []
    for place in order.tolist():
        key = (str(links["name"][named[place]]), int(square[place, 0]), int(square[place, 1]))
        if key not in seen:
            seen.add(key)
            kept.append(place)
    rows, rank = named[kept], rank[kept]
    weight = (20.0 - 2.0 * rank + np.log1p(length[kept]) * 0.1).astype(np.float32)
    marks = _labels(links, rows, ground, weight, lift_m=8.0, role="street")
    return [
        Level((_some(marks, rank <= 2),), 2.2, 9.0),
        Level((_some(marks, rank <= 4),), 1.0, 2.2),
        Level((marks,), 0.0, 1.0),
    ]


def _place_levels(frame: Frame, ground: Ground) -> list[Level]:
    rows = np.flatnonzero((frame["name"] != "") & np.isin(frame["use"].astype(str), ("green", "water")))
    if not len(rows) or frame.geometry is None:
        return []
    area = shapely.area(frame.geometry[rows])
    marks = _labels(frame, rows, ground, (np.log1p(area) * 1.4).astype(np.float32), lift_m=4.0)
    return [Level((_some(marks, area > 60_000),), 2.5, 14.0), Level((marks,), 0.0, 2.5)]


def _building_levels(frame: Frame, ground: Ground) -> list[Level]:
    rows = np.flatnonzero(frame["name"] != "")
    if not len(rows):
        return []
    height = np.nan_to_num(frame["height_m"][rows], nan=9.0)
    weight = (5.0 + height * 0.05).astype(np.float32)
    return [Level((_labels(frame, rows, ground, weight, lift_m=height + 3.0),), 0.0, 0.8)]


def _labels(
    frame: Frame, rows: NDArray[np.intp], ground: Ground, weight: NDArray[np.float32], *, lift_m: Any, role: Any = "place"
) -> LabelMarks:
    chinese, english = frame["name"][rows], frame["name_en"][rows]
    return LabelMarks(ground.on(frame.xy[rows], lift_m), chinese, np.where(english == "", chinese, english), weight, role)


def _some(marks: LabelMarks, keep: NDArray[np.bool_]) -> LabelMarks:
    return LabelMarks(marks.xyz[keep], marks.text_zh[keep], marks.text_en[keep], marks.priority[keep], marks.role)
