"""Traffic of a result on the roads: grade, any measure, or what a scenario changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from layers import colours, scales
from layers.base import Legend, LegendEntry, Picture, Scene
from layers.ground import ground_of
from layers.motion import LEAST_SPEED_MPS, Motion
from layers.ribbons import Ribbons, Widths, widths
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.grade import LABELS
from twin.model.results import ResultTable

SIDES = {"right": 1, "left": -1}
VOLUMES = ("volume_vph", "flow_vph")
"""Columns that make a band wide, the first that a table has."""

_EVEN_SIZE = 0.3
"""Size of bands that say nothing by their width."""


@dataclass(frozen=True)
class CongestionStyle:
    """How traffic looks."""

    colour_by: str = attribute("Colour by", "measure on show", choices=("measure on show", "grade"))
    width_by_volume: bool = attribute("Width by volume", True)
    ramp: str = attribute("Colours", "heat", choices=scales.RAMPS)
    side: str = attribute("Traffic drives on the", "right", choices=tuple(SIDES))


class CongestionLayer:
    """Links as bands on their side of the road: coloured by a result, as wide as their traffic."""

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
        traffic = _traffic(scene, table, links, name)
        if not len(traffic.rows):
            return Picture(())
        scale, legend = _scale(scene, table, name, traffic, style)
        wide, width_legend = _widths(scene, table, name, style)
        rgba = scale.rgba(traffic.shown)
        size = wide.size(traffic.volume) if wide else np.full(len(traffic.rows), _EVEN_SIZE)
        if traffic.closed.any():
            rgba[traffic.closed] = colours.rgba(colours.theme(dark=scene.dark)["road_closed"])
            size[traffic.closed] = _EVEN_SIZE
            legend = _with_closed(legend, scene)
        bands = Ribbons(links, traffic.rows, size, rgba, ground_of(scene.snapshot), SIDES[style.side])
        rows = traffic.rows
        return Picture(
            (),
            levels=bands.levels(),
            legend=legend,
            pick_kind="link",
            pick_ids=links.ids[rows],
            pick_geometry=links.geometry[rows],
            widths=width_legend,
            motion=_motion(scene, table, links, bands),
        )


@dataclass(frozen=True, eq=False)
class _Traffic:
    """The links to draw, the busiest last and above them what is closed: rows, number on show, volume, closed."""

    rows: NDArray[np.intp]
    shown: NDArray[np.float64]
    volume: NDArray[np.float64]
    closed: NDArray[np.bool_]

    def take(self, chosen: NDArray[np.generic]) -> _Traffic:
        """Return some of the links, chosen by a mask or in another order."""
        return _Traffic(self.rows[chosen], self.shown[chosen], self.volume[chosen], self.closed[chosen])


def _motion(scene: Scene, table: ResultTable, links: Frame, bands: Ribbons) -> Motion | None:
    """Return the traffic of a result that says how much there is and how fast it is; a difference does not drive."""
    volume = next((table.columns[name] for name in VOLUMES if name in table.columns), None)
    if scene.diverging or volume is None:
        return None
    of = {key: row for row, key in enumerate(table.ids.tolist())}
    rows = np.array([of[key] for key in links.ids[bands.rows].tolist()], dtype=np.intp)
    free = links["free_flow_speed_mps"][bands.rows]
    speed = np.nan_to_num(table.columns["speed_mps"][rows], nan=0.0) if "speed_mps" in table.columns else free
    length = np.nan_to_num(links["length_m"][bands.rows])
    vehicles = np.nan_to_num(volume[rows]) / 3600.0 * length / np.maximum(speed, LEAST_SPEED_MPS)
    return Motion(bands, np.where(links["closed"][bands.rows], 0.0, vehicles), speed)


def _traffic(scene: Scene, table: ResultTable, links: Frame, name: str) -> _Traffic:
    """Return what is drawn of a table, in the order in which it is drawn."""
    here = np.fromiter((key in links.row_of for key in table.ids.tolist()), bool, len(table.ids))
    rows = links.rows(table.ids)
    found = _Traffic(rows, table.columns[name][here], _volume(table, name)[here], links["closed"][rows].astype(bool))
    is_told = np.abs(found.shown) > scene.noise if scene.diverging else found.volume >= 1.0
    found = found.take(found.closed | np.isfinite(found.shown) & is_told)
    weight = np.nan_to_num(np.abs(found.shown)) if scene.diverging else found.volume
    return found.take(np.lexsort((weight, found.closed)))


def _measure(scene: Scene, style: CongestionStyle, table: ResultTable | None) -> str:
    """Return the column on show, '' when the result has none for links."""
    if table is None:
        return ""
    if style.colour_by == "measure on show" and scene.measure in table.columns:
        return scene.measure
    graded = (measure.name for measure in table.measures if measure.unit in LABELS)
    return "" if scene.diverging else next(graded, "")


def _volume(table: ResultTable, name: str) -> NDArray[np.float64]:
    """Return the traffic that makes a band wide: of a difference of volumes itself, else the larger of before and after."""
    columns = table.columns
    for volume in VOLUMES:
        if name == f"{volume}_difference":
            return np.nan_to_num(np.abs(columns[name]))
        if volume in columns:
            return np.nan_to_num(columns[volume])
        if f"{volume}_before" in columns:
            return np.nan_to_num(np.fmax(columns[f"{volume}_before"], columns[f"{volume}_after"]))
    return np.nan_to_num(np.abs(columns[name])) + 1.0


def _widths(scene: Scene, table: ResultTable, name: str, style: CongestionStyle) -> tuple[Widths | None, Legend | None]:
    """Return the scale of widths and its legend; none where widths say nothing."""
    of = next((volume for volume in VOLUMES if volume in table.columns or f"{volume}_before" in table.columns), "")
    if not style.width_by_volume or not of:
        return None, None
    is_itself = name == f"{of}_difference"
    wide = widths(scene.whole("link", of) if of in table.columns else _volume(table, name))
    ink = colours.rgba(colours.theme(dark=scene.dark)["boundary"])
    unit = table.measure(of if of in table.columns else f"{of}_before").unit
    return wide, wide.legend(title="Width: difference of volume" if is_itself else "Width: volume", unit=unit, ink=ink)


def _scale(scene: Scene, table: ResultTable, name: str, traffic: _Traffic, style: CongestionStyle) -> tuple[scales.Scale, Legend]:
    facts = table.measure(name)
    # Of a moment the scale is that of the whole day: a colour then means the same at every moment.
    numbers = scene.whole("link", name) if "link" in scene.series else traffic.shown[~traffic.closed]
    if scene.diverging:
        scale = scales.diverging(numbers, scene.noise, worse=facts.worse, dark=scene.dark)
        return scale, Legend(facts.label, scale.entries(), facts.unit, note="Difference: after minus before")
    standard = scales.fixed(facts, dark=scene.dark)
    if standard is not None:
        if facts.unit in LABELS:
            return standard, Legend(facts.label, scales.grade_entries(facts.unit))
        return standard, Legend(facts.label, standard.entries(), facts.unit)
    scale = scales.linear(numbers, style.ramp, dark=scene.dark, worse=facts.worse)
    return scale, Legend(facts.label, scale.entries(), facts.unit)


def _with_closed(legend: Legend, scene: Scene) -> Legend:
    """Return the legend with a line for closed roads, which have no grade and are neither better nor worse."""
    colour = colours.rgba(colours.theme(dark=scene.dark)["road_closed"])
    return replace(legend, entries=(*legend.entries, LegendEntry(colour, "Closed road")))
