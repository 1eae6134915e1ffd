"""The road network: bands of true width near by, lines by class far away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers import shapes, streets
from layers.base import Legend, LegendEntry, Level, LineMarks, Marks, Picture, Rgba, Scene
from layers.colours import coded, palette, rgba, theme
from layers.ground import Ground, ground_of
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASSES

# Width on the screen of each rank, in a view of a quarter and in a view of the whole city.
_MIDDLE_PX = (3.0, 3.0, 2.4, 1.8, 1.4, 1.0, 1.0)
_FAR_PX = (2.4, 2.2, 1.6, 1.2, 1.0, 1.0, 1.0)
NEAR_M = 1.6
"""Metres a pixel up to which roads are bands of true width."""


@dataclass(frozen=True)
class RoadsStyle:
    """How roads look."""

    width_scale: float = attribute("Width factor", 1.0, low=0.2, high=5)
    service_roads: bool = attribute("Service roads", True)


class RoadsLayer:
    """Streets coloured by class; motorways above service roads; bridges above the ground; tunnels faint."""

    name: ClassVar[str] = "roads"
    label: ClassVar[str] = "Roads"
    kinds: ClassVar[tuple[str, ...]] = ("link",)
    style_type: ClassVar[type[RoadsStyle]] = RoadsStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: RoadsStyle) -> Picture:
        """Return bands with a dark edge for near views and lines for far ones."""
        links = scene.snapshot["link"]
        if not len(links) or links.geometry is None:
            return Picture(())
        rank = streets.ranks(links)
        shown = np.ones(len(links), dtype=bool) if style.service_roads else rank < 6
        rows = np.flatnonzero(shown & (streets.one_per_street(links) | links["closed"]))
        network = _Network(links, rank, _colours(links, scene), ground_of(scene.snapshot))
        far = network.lines(rows, _FAR_PX, 3.0)
        coarse = tuple(mark for _, mark in far)
        middle = tuple(mark for _, mark in network.lines(rows, _MIDDLE_PX, 0.7))
        main = tuple(mark for value, mark in far if value <= 4)
        bands = network.bands(rows, style.width_scale, casing=theme(dark=scene.dark)["road_casing"])
        return Picture(
            (),
            levels=(
                Level(bands, to_m=NEAR_M),
                Level(middle, NEAR_M, 5.0),
                Level(coarse, 5.0, 18.0, "resting" if len(rows) > 60_000 else "always"),
                Level(main, 5.0, 18.0, "moving") if len(rows) > 60_000 else Level(()),
                Level(main, 18.0),
            ),
            legend=_legend(links, scene),
            pick_kind="link",
            pick_ids=links.ids[rows],
            pick_geometry=links.geometry[rows],
        )


def _colours(links: Frame, scene: Scene) -> Rgba:
    colours = theme(dark=scene.dark)
    tones = coded(links["road_class"], colours["road"], colours["road"]["residential"])
    tones[links["tunnel"], 3] = 70
    tones[links["closed"]] = rgba(colours["road_closed"])
    return tones


def lift(rank: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return how far a road lies above the ground, so that the more important one is seen at a crossing."""
    return np.asarray(1.2 + 0.08 * (6 - rank))


@dataclass(frozen=True, eq=False)
class _Network:
    """The links with their ranks and colours on their ground."""

    links: Frame
    rank: NDArray[np.intp]
    rgba: Rgba
    ground: Ground

    def lines(self, rows: NDArray[np.intp], width_px: tuple[float, ...], tolerance_m: float) -> list[tuple[int, LineMarks]]:
        """Return line marks by rank, the least important first; tunnels apart, since they are blended."""
        assert self.links.geometry is not None  # noqa: S101  links have lines
        plain = replace(self.links, geometry=streets.shorten(self.links.geometry, tolerance_m))
        marks = []
        for value in range(6, -1, -1):
            chosen = rows[self.rank[rows] == value]
            for faint in (False, True):
                some = chosen[self.links["tunnel"][chosen] == faint]
                if len(some):
                    xyz, offsets, row = streets.points(plain, some, self.ground, lift(self.rank[some]) + 0.6)
                    line = LineMarks(xyz.astype(np.float32), offsets.astype(np.int32), self.rgba[some][row], width_px[value])
                    marks.append((value, line))
        return marks

    def bands(self, rows: NDArray[np.intp], width_scale: float, *, casing: str) -> tuple[Marks, ...]:
        """Return bands of true width with an edge in the colour ``casing``; tunnels without one."""
        width = streets.width_m(self.links, both_ways=True) * width_scale
        marks: list[Marks] = []
        for is_tunnel in (False, True):
            some = rows[self.links["tunnel"][rows] == is_tunnel]
            if not len(some):
                continue
            xyz, offsets, row = streets.points(self.links, some, self.ground, lift(self.rank[some]))
            if not is_tunnel:
                edge = np.repeat(palette([casing]), len(some), axis=0)
                below = xyz - (0, 0, 0.55)
                marks += shapes.chunked(shapes.ribbons(below, offsets, row, width_m=width[some] + 2.0, rgba=edge))
            marks += shapes.chunked(shapes.ribbons(xyz, offsets, row, width_m=width[some], rgba=self.rgba[some]))
        return tuple(marks)


def _legend(links: Frame, scene: Scene) -> Legend:
    colours = theme(dark=scene.dark)
    present = set(links["road_class"].tolist())
    entries = [LegendEntry(rgba(colours["road"][item.name]), item.label) for item in ROAD_CLASSES if item.name in present]
    if links["closed"].any():
        entries.append(LegendEntry(rgba(colours["road_closed"]), "Closed road"))
    return Legend("Roads", tuple(entries))
