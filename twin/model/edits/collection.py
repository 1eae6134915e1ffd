"""Edits of bins, vehicles and the rounds that empty them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from twin.model.edits.base import Edit
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

POLICIES = ("fixed", "threshold")


@dataclass(frozen=True, kw_only=True)
class SetFleet(Edit):
    """Give depots another number of vehicles."""

    name: ClassVar[str] = "fleet"
    label: ClassVar[str] = "Set vehicles"
    target_kind: ClassVar[str] = "depot"

    vehicle_count: int = attribute("Vehicles per depot", 4, low=0, high=1000)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set the number of vehicles of each depot."""
        return self._set(snapshot, {"vehicle_count": self.vehicle_count})


@dataclass(frozen=True, kw_only=True)
class SetPolicy(Edit):
    """Choose how the day's stops are picked: fixed rounds or by fill level."""

    name: ClassVar[str] = "policy"
    label: ClassVar[str] = "Set collection policy"

    policy: str = attribute("Policy", "threshold", choices=POLICIES)
    period_days: int = attribute("Round every", 3, unit="d", low=1, high=28)
    threshold: float = attribute("Collect from fill level", 0.7, low=0.05, high=1)


@dataclass(frozen=True, kw_only=True)
class MoveBins(Edit):
    """Shift bins by ``dx_m, dy_m``."""

    name: ClassVar[str] = "move_bins"
    label: ClassVar[str] = "Move bins"
    target_kind: ClassVar[str] = "bin"

    dx_m: float = attribute("East", 0.0, unit="m", low=-1e5, high=1e5)
    dy_m: float = attribute("North", 0.0, unit="m", low=-1e5, high=1e5)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Move the points."""
        frame, rows = snapshot[self.target_kind], self.rows(snapshot)
        geometry = frame.shapes.copy()
        geometry[rows] = shapely.points(frame.xy[rows] + (self.dx_m, self.dy_m))
        return snapshot.with_frame(Frame(frame.kind, frame.ids, frame.columns, geometry))


@dataclass(frozen=True, kw_only=True)
class RemoveBins(Edit):
    """Take bins away; their waste goes to the nearest bin of the same kind that is left."""

    name: ClassVar[str] = "remove_bins"
    label: ClassVar[str] = "Remove bins"
    target_kind: ClassVar[str] = "bin"

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Drop the rows."""
        frame = snapshot[self.target_kind]
        keep = np.ones(len(frame), dtype=bool)
        keep[self.rows(snapshot)] = False
        return snapshot.with_frame(frame.take(keep))


@dataclass(frozen=True, kw_only=True)
class ResizeBins(Edit):
    """Give bins another capacity."""

    name: ClassVar[str] = "resize_bins"
    label: ClassVar[str] = "Resize bins"
    target_kind: ClassVar[str] = "bin"

    capacity_l: float = attribute("Capacity", 660.0, unit="L", low=1, high=100000)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set the capacity."""
        return self._set(snapshot, {"capacity_l": self.capacity_l})
