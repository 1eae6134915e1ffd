"""Edits of roads as they are: lanes, capacity, speed, money, and who may enter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from twin.errors import ScenarioError
from twin.model.edits.base import Edit
from twin.model.entity import CLOCK_UNIT, attribute
from twin.model.snapshot import Snapshot

LEAST_LANES = 0.5
"""A road that says it has fewer lanes is taken to have this much of one."""
DAY_S = 86400.0


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
class OpenLinks(Edit):
    """Vehicles may enter these roads again."""

    name: ClassVar[str] = "open"
    label: ClassVar[str] = "Open road"
    target_kind: ClassVar[str] = "link"

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Mark the links open."""
        return self._set(snapshot, {"closed": False})


@dataclass(frozen=True, kw_only=True)
class SetLanes(Edit):
    """Give roads another number of lanes; capacity follows in proportion."""

    name: ClassVar[str] = "lanes"
    label: ClassVar[str] = "Set lanes"
    target_kind: ClassVar[str] = "link"

    lanes: float = attribute("Lanes", 1.0, low=0.5, high=16)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set lanes and scale capacity."""
        links, rows = snapshot["link"], self.rows(snapshot)
        before = np.maximum(links["lanes"][rows], LEAST_LANES)
        return self._set(snapshot, {"lanes": self.lanes, "capacity_vph": links["capacity_vph"][rows] * (self.lanes / before)})


@dataclass(frozen=True, kw_only=True)
class SetCapacity(Edit):
    """Give roads another capacity, of all lanes of a direction together."""

    name: ClassVar[str] = "capacity"
    label: ClassVar[str] = "Set capacity"
    target_kind: ClassVar[str] = "link"

    capacity_vph: float = attribute("Capacity", 600.0, unit="veh/h", low=0, high=40000, definition="Of all lanes together.")

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set the capacity."""
        return self._set(snapshot, {"capacity_vph": self.capacity_vph})


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
class SetToll(Edit):
    """Let each car pay for one passage of these roads."""

    name: ClassVar[str] = "toll"
    label: ClassVar[str] = "Set toll"
    target_kind: ClassVar[str] = "link"

    toll: float = attribute("Toll", 5.0, low=0, high=1e6, definition="Money that each car pays for one passage.")

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set the toll."""
        return self._set(snapshot, {"toll": self.toll})


@dataclass(frozen=True, kw_only=True)
class BanTrucks(Edit):
    """Keep trucks out of these roads, or let them in again."""

    name: ClassVar[str] = "trucks"
    label: ClassVar[str] = "Ban trucks"
    target_kind: ClassVar[str] = "link"

    banned: bool = attribute("Closed to trucks", True)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Mark the links."""
        return self._set(snapshot, {"truck_banned": self.banned})


@dataclass(frozen=True, kw_only=True)
class SetBuses(Edit):
    """Let another number of buses per hour run on these roads."""

    name: ClassVar[str] = "buses"
    label: ClassVar[str] = "Set buses"
    target_kind: ClassVar[str] = "link"

    bus_vph: float = attribute("Buses", 12.0, unit="veh/h", low=0, high=2000, definition="They keep to their line.")

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set the buses."""
        return self._set(snapshot, {"bus_vph": self.bus_vph})


@dataclass(frozen=True, kw_only=True)
class BlockLanes(Edit):
    """An incident blocks lanes of these roads for a while; the roads themselves stay as they are.

    No entity carries it: a simulation takes the share of the capacity that is left, from ``start_s`` to ``end_s``.
    """

    name: ClassVar[str] = "block"
    label: ClassVar[str] = "Block lanes"
    target_kind: ClassVar[str] = "link"

    lanes: float = attribute("Lanes blocked", 1.0, low=0.5, high=16)
    start_s: float = attribute("From", 8 * 3600.0, unit=CLOCK_UNIT, low=0, high=DAY_S)
    end_s: float = attribute("Until", 8.5 * 3600.0, unit=CLOCK_UNIT, low=0, high=DAY_S)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Refuse a window that ends before it begins, and roads that are not there."""
        self.rows(snapshot)
        if not self.start_s < self.end_s:
            raise ScenarioError("The lanes are free again before they are blocked.", "Give an end later than the start.")
        return snapshot

    def share_left(self, snapshot: Snapshot) -> NDArray[np.float64]:
        """Return the share of the capacity of each of its roads that is left meanwhile, in the order of ``rows``."""
        lanes = np.maximum(snapshot["link"]["lanes"][self.rows(snapshot)], LEAST_LANES)
        return np.asarray(np.maximum(1.0 - self.lanes / lanes, 0.0))
