"""Queues of a result: drawn from the stop line back along the road, as long as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers import shapes, streets
from layers.base import Legend, LegendEntry, Level, MeshMarks, Picture, Scene
from layers.colours import Colour, rgba, theme
from layers.ground import Ground, ground_of
from layers.ribbons import RANGES
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.results import ResultTable

COLUMN = "queue_m"

LEAST_M = 8.0
"""A shorter queue is one vehicle that waits."""

WIDTH_PX = 3.2


@dataclass(frozen=True)
class QueuesStyle:
    """Which queues are shown."""

    from_m: float = attribute("From a length of", LEAST_M, unit="m", low=0, high=1000)


class QueuesLayer:
    """The part of each road on which vehicles stand in a queue, counted from its end."""

    name: ClassVar[str] = "queues"
    label: ClassVar[str] = "Queues"
    kinds: ClassVar[tuple[str, ...]] = ("link",)
    style_type: ClassVar[type[QueuesStyle]] = QueuesStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: QueuesStyle) -> Picture:
        """Return bands over the roads' ends; nothing without a result that has queues, nor over a difference.

        A map of differences shows the effect of an edit and nothing else: how queues grew is a measure of it.
        """
        table, links = scene.tables.get("link"), scene.snapshot["link"]
        if table is None or scene.diverging or COLUMN not in table.columns or links.geometry is None:
            return Picture(())
        rows, length_m = _queues(table, links, style.from_m)
        colour = rgba(theme(dark=scene.dark)["queue"])
        legend = Legend("Queues", (LegendEntry(colour, "Standing vehicles"),))
        if not len(rows):
            return Picture((), legend=legend)
        levels = _levels(links, rows, length_m, colour, ground_of(scene.snapshot))
        return Picture((), levels=levels, legend=legend)


def _queues(table: ResultTable, links: Frame, from_m: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the rows of the links with a queue and how long it is, no longer than they are."""
    here = np.fromiter((key in links.row_of for key in table.ids.tolist()), bool, len(table.ids))
    rows, length_m = links.rows(table.ids), np.nan_to_num(table.columns[COLUMN][here])
    keep = length_m >= max(from_m, 1e-3)
    return rows[keep], length_m[keep]


def _levels(
    links: Frame, rows: NDArray[np.intp], length_m: NDArray[np.float64], colour: Colour, ground: Ground
) -> tuple[Level, ...]:
    xyz, offsets, _ = streets.points(links, rows, ground, np.full(len(rows), 3.4))
    xyz, offsets, row = streets.tails(xyz, offsets, length_m)
    tones = np.tile(np.array([colour], np.uint8), (len(rows), 1))
    levels = []
    for low, high, pixel_m in RANGES:
        width = np.full(len(rows), WIDTH_PX * pixel_m)
        two_way = links["reverse_id"][rows] != ""
        shift = np.where(two_way, width / 2 + 0.4 * pixel_m, 0.0)
        raised = np.column_stack([xyz[:, :2], xyz[:, 2] + 0.6 * pixel_m])
        mesh: MeshMarks = shapes.ribbons(raised, offsets, row, width_m=width, rgba=tones, shift_m=shift)
        levels.append(Level(shapes.chunked(mesh), low, high))
    return tuple(levels)
