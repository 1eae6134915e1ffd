"""What happened: accidents, fires, floods, spills, coloured by severity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from layers.base import Legend, LegendEntry, Level, Picture, PointMarks, Scene
from layers.colours import coded, meaning, rgba
from layers.ground import ground_of
from twin.model.entity import attribute
from twin.model.incidents import SEVERITIES

_LABELS = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}


@dataclass(frozen=True)
class IncidentsStyle:
    """How incidents look."""

    least_severity: str = attribute("Severity from", "low", choices=SEVERITIES)
    size_px: float = attribute("Point size", 6.0, unit="px", low=1, high=20)


class IncidentsLayer:
    """Incidents as points, the most severe on top."""

    name: ClassVar[str] = "incidents"
    label: ClassVar[str] = "Incidents"
    kinds: ClassVar[tuple[str, ...]] = ("incident",)
    style_type: ClassVar[type[IncidentsStyle]] = IncidentsStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: IncidentsStyle) -> Picture:
        """Return the incidents from the chosen severity upwards."""
        frame = scene.snapshot["incident"]
        degree = np.array([SEVERITIES.index(value) for value in frame["severity"].tolist()], dtype=np.intp)
        rows = np.argsort(degree, kind="stable")
        rows = rows[degree[rows] >= SEVERITIES.index(style.least_severity)]
        if not len(rows):
            return Picture(())
        frame = frame.take(rows)
        assert frame.geometry is not None  # noqa: S101  incidents have points
        table: dict[str, str] = meaning("severity")
        tones = coded(frame["severity"], table, table["medium"])
        xyz = ground_of(scene.snapshot).on(frame.xy, 7.0)
        present = set(frame["severity"].tolist())
        entries = tuple(LegendEntry(rgba(table[name]), label) for name, label in _LABELS.items() if name in present)
        return Picture(
            (),
            levels=(
                Level((PointMarks(xyz, tones, style.size_px + 2),), 0.0, 3.0),
                Level((PointMarks(xyz, tones, style.size_px - 1),), 3.0, 8.0),
                Level((PointMarks(xyz, tones, max(1.0, style.size_px - 3)),), 8.0),
            ),
            legend=Legend("Incidents", entries),
            pick_kind="incident",
            pick_ids=frame.ids,
            pick_geometry=frame.geometry,
        )
