"""Edits of bins, vehicles and the rounds that empty them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from twin.errors import ScenarioError
from twin.model.edits.base import Edit
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS, Bin
from twin.model.snapshot import Snapshot

POLICIES = ("fixed", "standing", "threshold", "risk", "look_ahead", "perfect")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BESIDE_M = 2.0
"""How far a bin stands from the one beside which it is put."""
NEW_BIN, NEW_BIN_EN = "新增垃圾桶", "New bin"


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
    """Choose how the day's stops are picked: in fixed rounds, by fill level, or by the risk that bins overflow."""

    name: ClassVar[str] = "policy"
    label: ClassVar[str] = "Set policy"

    policy: str = attribute(
        "Policy",
        "threshold",
        choices=POLICIES,
        definition="Fixed rounds are planned anew for each day's loads, standing ones are driven in one order. "
        "Perfect information knows what will come: a bound, no plan.",
    )
    period_days: int = attribute("Round every", 3, unit="d", low=1, high=28, definition="Fixed and standing rounds.")
    threshold: float = attribute("Collect from fill level", 0.7, low=0.05, high=1)
    risk: float = attribute(
        "Accepted risk of overflow",
        0.1,
        low=0.001,
        high=0.9,
        definition="A bin is due when it overflows before the next shift with a greater probability. For risk and look-ahead.",
    )
    horizon_days: int = attribute(
        "Look ahead",
        2,
        unit="d",
        low=0,
        high=14,
        definition="Bins due within these days more are taken along where they cost little. For look-ahead and perfect.",
    )
    detour_s: float = attribute(
        "Detour for a bin on the way", 30.0, unit="s", low=0, high=3600, definition="The driving time that it may cost at most."
    )


@dataclass(frozen=True, kw_only=True)
class SetCollectionDays(Edit):
    """Collect bins on weekdays of the planner's own choice, whatever the policy says of them."""

    name: ClassVar[str] = "collection_days"
    label: ClassVar[str] = "Collection days"
    target_kind: ClassVar[str] = "bin"

    monday: bool = attribute("Monday", True)
    tuesday: bool = attribute("Tuesday", False)
    wednesday: bool = attribute("Wednesday", False)
    thursday: bool = attribute("Thursday", True)
    friday: bool = attribute("Friday", False)
    saturday: bool = attribute("Saturday", False)
    sunday: bool = attribute("Sunday", False)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Return the city as it is, once the bins are found in it."""
        self.rows(snapshot)
        return snapshot

    @property
    def weekdays(self) -> tuple[bool, ...]:
        """Whether the bins are collected on each weekday, Monday first."""
        return tuple(getattr(self, day) for day in DAYS)


@dataclass(frozen=True, kw_only=True)
class ScaleFill(Edit):
    """Let more or less waste come into bins for some days: a market, a holiday, a festival."""

    name: ClassVar[str] = "fill"
    label: ClassVar[str] = "Scale waste"
    target_kind: ClassVar[str] = "bin"

    factor: float = attribute("Factor", 2.0, low=0, high=100)
    first_day: int = attribute("First day", 1, low=1, high=365, definition="Day 1 is the first that is reported.")
    duration_days: int = attribute("Days", 1, unit="d", low=1, high=365)
    every_days: int = attribute(
        "Again every", 7, unit="d", low=0, high=365, definition="7 for a weekly market, 0 for an event that happens once."
    )

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Return the city as it is, once the bins are found in it."""
        self.rows(snapshot)
        return snapshot

    def is_on(self, day: int) -> bool:
        """Say whether the event is on, ``day`` counted from 0; a weekly one was on before the first day as well."""
        since = day - (self.first_day - 1)
        if self.every_days:
            since %= self.every_days
        return 0 <= since < self.duration_days


@dataclass(frozen=True, kw_only=True)
class AddBins(Edit):
    """Put new bins of one kind and capacity, empty at first, at places ``at_m``, (x, y) in the city's metres.

    A bin's key is made of its place and kind, so that the same edit gives the same key on every machine.
    """

    name: ClassVar[str] = "add_bins"
    label: ClassVar[str] = "Add bins"
    kinds: ClassVar[tuple[str, ...]] = ("bin",)

    at_m: tuple[tuple[float, float], ...] = attribute("Places", ())
    waste_kind: str = attribute("Waste kind", "residual", choices=WASTE_KINDS)
    capacity_l: float = attribute("Capacity", 660.0, unit="L", low=1, high=100000)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Add the bins. Raises ``ScenarioError`` for values that are none, and for a bin that is there already."""
        frame = snapshot["bin"]
        bins = self._bins()
        keys = [item.id for item in bins]
        if len(set(keys)) < len(keys) or not frame.row_of.keys().isdisjoint(keys):
            raise ScenarioError(
                "The same new bin is in this scenario twice.", "Put the second one a little beside it, or remove one of them."
            )
        return snapshot.with_frame(frame.with_rows(bins))

    def _bins(self) -> list[Bin]:
        try:
            places = np.round(np.array(self.at_m, dtype=np.float64).reshape(-1, 2), 2)
        except (TypeError, ValueError):
            places = np.empty((0, 2))
        if not len(places) or not np.isfinite(places).all():
            raise ScenarioError("The new bins have no places.", "Give one or more points, or click them on the map.")
        if self.waste_kind not in WASTE_KINDS:
            raise ScenarioError(f"There is no waste kind '{self.waste_kind}'.", f"Choose one of {', '.join(WASTE_KINDS)}.")
        if not 1 <= self.capacity_l <= 100_000:
            raise ScenarioError(f"A new bin cannot hold {self.capacity_l:g} L.", "Give 1 to 100000 L.")
        return [self._bin(x, y) for x, y in places.tolist()]

    def _bin(self, x_m: float, y_m: float) -> Bin:
        # Adding 0.0 makes one zero of the two that floating point has.
        digest = hashlib.blake2b(f"{x_m + 0.0:.2f} {y_m + 0.0:.2f} {self.waste_kind}".encode(), digest_size=8).hexdigest()
        return Bin(
            id=f"new-{digest}",
            geometry=shapely.Point(x_m, y_m),
            name=NEW_BIN,
            name_en=NEW_BIN_EN,
            waste_kind=self.waste_kind,
            capacity_l=self.capacity_l,
            fill_level=0.0,
        )


def bins_beside(frame: Frame, keys: Iterable[str]) -> list[AddBins]:
    """Return the edits that put a bin of the same kind and capacity beside each bin that is named.

    It stands ``BESIDE_M`` east of it, or as often that distance farther as another bin of the kind stands there.
    """
    rows = frame.rows(sorted(keys))
    kinds = frame["waste_kind"].tolist()
    taken = {(kind, x, y) for kind, (x, y) in zip(kinds, np.round(frame.xy, 2).tolist(), strict=True)}
    places: dict[tuple[str, float], list[tuple[float, float]]] = {}
    for row in rows.tolist():
        kind, (x, y) = str(kinds[row]), np.round(frame.xy[row], 2).tolist()
        while (kind, x, y) in taken:
            x = round(x + BESIDE_M, 2)
        taken.add((kind, x, y))
        places.setdefault((kind, float(frame["capacity_l"][row])), []).append((x, y))
    return [AddBins(at_m=tuple(at_m), waste_kind=kind, capacity_l=size) for (kind, size), at_m in sorted(places.items())]


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
        return snapshot.with_frame(self._others(snapshot))


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
