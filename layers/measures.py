"""The numbers that cells can show: counts and means of the city's things, and any number of a result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.base import Scene
from layers.cells import CellValues, cells_from_text, cells_of, gathered
from twin.model.frame import Frame
from twin.model.results import Measure, ResultTable
from twin.model.snapshot import Snapshot


@dataclass(frozen=True)
class CellMeasure:
    """A number per cell: how many of a kind, or the mean of ``value`` over the things of a kind.

    Counts and sums are shown per square kilometre, so that cells of every size have one legend.
    """

    name: str
    kind: str
    unit: str = ""
    is_mean: bool = False
    value: Callable[[Frame], NDArray[np.float64]] | None = None
    weight: Callable[[Frame], NDArray[np.float64]] | None = None

    @property
    def label(self) -> str:
        """What a legend calls it."""
        return MEASURE_LABELS[self.name]


def _overflowing(bins: Frame) -> NDArray[np.float64]:
    fill = bins["fill_level"]
    return np.where(np.isnan(fill), np.nan, (fill >= 1.0).astype(np.float64))


MEASURE_LABELS = {
    "fill_level": "Mean fill level of bins",
    "overflow": "Share of overflowing bins",
    "bins": "Bins",
    "cases": "Cases",
    "incidents": "Incidents",
    "cameras": "Cameras",
    "residents": "Residents",
    "building_height": "Mean building height",
    "speed_limit": "Mean free-flow speed of roads",
}

CELL_MEASURES: tuple[CellMeasure, ...] = (
    CellMeasure("fill_level", "bin", "%", is_mean=True, value=lambda f: f["fill_level"] * 100),
    CellMeasure("overflow", "bin", "%", is_mean=True, value=lambda f: _overflowing(f) * 100),
    CellMeasure("bins", "bin", "1/km²"),
    CellMeasure("cases", "case", "1/km²"),
    CellMeasure("incidents", "incident", "1/km²"),
    CellMeasure("cameras", "camera", "1/km²"),
    CellMeasure("residents", "population_cell", "1/km²", value=lambda f: f["residents"]),
    CellMeasure("building_height", "building", "m", is_mean=True, value=lambda f: f["height_m"]),
    CellMeasure(
        "speed_limit",
        "link",
        "km/h",
        is_mean=True,
        value=lambda f: f["free_flow_speed_mps"] * 3.6,
        weight=lambda f: f["length_m"],
    ),
)
MEASURE_NAMES = ("result", *(item.name for item in CELL_MEASURES))


def measure_named(name: str) -> CellMeasure:
    """Return one measure of the catalogue."""
    return next(item for item in CELL_MEASURES if item.name == name)


def values(scene: Scene, measure: CellMeasure, resolution: int) -> CellValues:
    """Return a measure of the city per cell."""
    frame = scene.snapshot.frames.get(measure.kind)
    if frame is None or not len(frame):
        return _nothing()
    value = np.ones(len(frame)) if measure.value is None else measure.value(frame)
    weight = np.ones(len(frame)) if measure.weight is None else np.nan_to_num(measure.weight(frame))
    total = value * weight if measure.is_mean else value
    return gathered(_cells(scene.snapshot, frame, resolution), total, weight)


def table_values(scene: Scene, table: ResultTable, measure: str, resolution: int) -> CellValues:
    """Return a column of a result per cell: as it is for cells, the mean over the things inside for others."""
    column = table.columns[measure]
    if table.kind == "cell":
        found = gathered(cells_from_text(table.ids), column, np.ones(len(column)))
    else:
        frame = scene.snapshot[table.kind]
        here = np.fromiter((key in frame.row_of for key in table.ids.tolist()), bool, len(table.ids))
        placed = frame.take(frame.rows(table.ids))
        found = gathered(_cells(scene.snapshot, placed, resolution), column[here], np.ones(int(here.sum())))
    return found


def measure_on_show(scene: Scene) -> Measure:
    """Return what the result says of the number on show."""
    tables = (table for table in scene.tables.values() if scene.measure in table.columns)
    return next((table.measure(scene.measure) for table in tables), Measure(scene.measure, scene.measure))


def _cells(snapshot: Snapshot, frame: Frame, resolution: int) -> NDArray[np.uint64]:
    return cells_of(snapshot.projection.to_lon_lat(frame.xy), resolution)


def _nothing() -> CellValues:
    return CellValues(np.empty(0, np.uint64), np.empty(0), np.empty(0))
