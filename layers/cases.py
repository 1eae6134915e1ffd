"""Cases of digital urban management (GB/T 30428), coloured by the stage of their handling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from layers.base import Legend, LegendEntry, Level, Picture, PointMarks, Scene
from layers.colours import coded, meaning, rgba
from layers.ground import ground_of
from twin.model.entity import attribute

_LABELS = {
    "reported": "Reported",
    "filed": "Filed",
    "dispatched": "Dispatched",
    "handling": "Being handled",
    "handled": "Handled",
    "checking": "Being checked",
    "closed": "Closed",
    "rejected": "Rejected",
}
_DONE = ("closed", "rejected")


@dataclass(frozen=True)
class CasesStyle:
    """How cases look."""

    show_closed: bool = attribute("Closed cases too", False)
    size_px: float = attribute("Point size", 5.0, unit="px", low=1, high=20)


class CasesLayer:
    """Cases as points; those that are closed or rejected only when asked for."""

    name: ClassVar[str] = "cases"
    label: ClassVar[str] = "Cases"
    kinds: ClassVar[tuple[str, ...]] = ("case",)
    style_type: ClassVar[type[CasesStyle]] = CasesStyle
    visible_at_start: ClassVar[bool] = True

    def encode(self, scene: Scene, style: CasesStyle) -> Picture:
        """Return the cases."""
        frame = scene.snapshot["case"]
        if not style.show_closed:
            frame = frame.take(~np.isin(frame["stage"].astype(str), _DONE))
        if not len(frame):
            return Picture(())
        table: dict[str, str] = meaning("stage")
        tones = coded(frame["stage"], table, table["reported"])
        xyz = ground_of(scene.snapshot).on(frame.xy, 5.0)
        present = set(frame["stage"].tolist())
        entries = tuple(LegendEntry(rgba(table[name]), label) for name, label in _LABELS.items() if name in present)
        return Picture(
            (),
            levels=(
                Level((PointMarks(xyz, tones, style.size_px + 2),), 0.0, 3.0),
                Level((PointMarks(xyz, tones, style.size_px),), 3.0, 8.0),
                Level((PointMarks(xyz, tones, max(1.0, style.size_px - 2)),), 8.0),
            ),
            legend=Legend("Cases", entries),
            pick_kind="case",
            pick_ids=frame.ids,
            pick_geometry=frame.geometry,
        )
