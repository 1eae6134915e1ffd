"""What-if: a scenario is a named list of edits over the city, never written into it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely

from twin.errors import ScenarioError
from twin.model.entity import Entity, attribute
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

BASELINE = "baseline"
"""Name of the scenario without edits; every comparison may start from it."""

POLICIES = ("fixed", "threshold")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One reversible thing that a planner does to the city in a scenario.

    ``apply`` returns the city as it would be; parameters that no entity carries (demand, policy) are
    read from the scenario by the simulation instead, and ``apply`` returns the city as it is.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    target_kind: ClassVar[str] = ""

    target_ids: tuple[str, ...] = attribute("Objects", ())

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Return the city with this edit. Raises ``ScenarioError`` when none of its objects exists."""
        return snapshot

    def _set(self, snapshot: Snapshot, values: Mapping[str, Any]) -> Snapshot:
        frame = snapshot[self.target_kind]
        if not len(frame.rows(self.target_ids)):
            raise ScenarioError(
                f"The edit '{self.name}' names {len(self.target_ids)} object(s) that this city does not have.",
                "Choose them again on the map or remove the edit.",
            )
        return snapshot.with_frame(frame.with_values(self.target_ids, values))


@dataclass(frozen=True, kw_only=True)
class CloseLinks(Edit):
    """No vehicle may enter these roads."""

    name: ClassVar[str] = "close"
    label: ClassVar[str] = "Close road"
    target_kind: ClassVar[str] = "link"

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Mark the links closed."""
        return self._set(snapshot, {"closed": True})


@dataclass(frozen=True, kw_only=True)
class SetLanes(Edit):
    """Give roads another number of lanes; capacity follows in proportion."""

    name: ClassVar[str] = "lanes"
    label: ClassVar[str] = "Set lanes"
    target_kind: ClassVar[str] = "link"

    lanes: float = attribute("Lanes", 1.0, low=0.5, high=16)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set lanes and scale capacity."""
        links = snapshot["link"]
        rows = links.rows(self.target_ids)
        before = np.maximum(links["lanes"][rows], 0.5)
        return self._set(snapshot, {"lanes": self.lanes, "capacity_vph": links["capacity_vph"][rows] * (self.lanes / before)})


@dataclass(frozen=True, kw_only=True)
class SetSpeed(Edit):
    """Give roads another free-flow speed."""

    name: ClassVar[str] = "speed"
    label: ClassVar[str] = "Set speed"
    target_kind: ClassVar[str] = "link"

    speed_mps: float = attribute("Speed", 30 / 3.6, unit="m/s", low=0.5, high=60)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set the free-flow speed."""
        return self._set(snapshot, {"free_flow_speed_mps": self.speed_mps})


@dataclass(frozen=True, kw_only=True)
class ScaleDemand(Edit):
    """Multiply all trips, or those that start or end within ``radius_m`` of ``x_m, y_m`` (radius 0: everywhere)."""

    name: ClassVar[str] = "demand"
    label: ClassVar[str] = "Scale demand"

    factor: float = attribute("Factor", 1.2, low=0, high=10)
    x_m: float = attribute("East", 0.0, unit="m")
    y_m: float = attribute("North", 0.0, unit="m")
    radius_m: float = attribute("Radius", 0.0, unit="m", low=0, high=1e5)


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
        frame = self._set(snapshot, {})[self.target_kind]
        rows = frame.rows(self.target_ids)
        assert frame.geometry is not None  # noqa: S101  bins have points
        geometry = frame.geometry.copy()
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
        frame = self._set(snapshot, {})[self.target_kind]
        keep = np.ones(len(frame), dtype=bool)
        keep[frame.rows(self.target_ids)] = False
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


EDITS: tuple[type[Edit], ...] = (
    CloseLinks,
    SetLanes,
    SetSpeed,
    ScaleDemand,
    SetFleet,
    SetPolicy,
    MoveBins,
    RemoveBins,
    ResizeBins,
)


@dataclass(frozen=True, kw_only=True)
class Scenario(Entity):
    """A named list of edits; stored, undone and shared like any other entity."""

    kind: ClassVar[str] = "scenario"
    label: ClassVar[str] = "Scenario"
    label_plural: ClassVar[str] = "Scenarios"

    name: str = attribute("Name")
    description: str = attribute("Description", "")
    edits: tuple[Edit, ...] = attribute("Edits", ())

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Return the city with all edits, in order; those of kinds that the snapshot was not asked for are left out.

        So one scenario may close a road and add trucks, though congestion reads no depots.
        """
        for edit in self.edits:
            if not edit.target_kind or edit.target_kind in snapshot.frames:
                snapshot = edit.apply(snapshot)
        return snapshot

    def edits_of(self, edit_type: type[Edit]) -> tuple[Any, ...]:
        """Return the edits of one type, in order."""
        return tuple(edit for edit in self.edits if isinstance(edit, edit_type))

    def with_edit(self, edit: Edit) -> Scenario:
        """Return the scenario with one more edit."""
        return dataclasses.replace(self, edits=(*self.edits, edit))


def baseline() -> Scenario:
    """Return the scenario without edits."""
    return Scenario(id="00000000-0000-7000-8000-000000000000", name=BASELINE)
