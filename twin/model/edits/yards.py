"""Edits of where trucks unload: a disposal site more, one less."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

import shapely

from twin.errors import ScenarioError
from twin.model.edits.base import Edit
from twin.model.entity import attribute
from twin.model.places import EVERY_KIND, DisposalSite
from twin.model.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class AddDisposalSite(Edit):
    """Open a landfill, plant or transfer station at ``x_m, y_m``; its key is made of its place, the same in every run."""

    name: ClassVar[str] = "new_disposal_site"
    label: ClassVar[str] = "Open site"
    kinds: ClassVar[tuple[str, ...]] = ("disposal_site",)

    x_m: float = attribute("East", 0.0, unit="m", low=-1e6, high=1e6)
    y_m: float = attribute("North", 0.0, unit="m", low=-1e6, high=1e6)
    unload_duration_s: float = attribute("Time to unload", 900.0, unit="s", low=0, high=14400)
    waste_kinds: str = attribute("Takes", "", definition=EVERY_KIND)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Add the site. Raises ``ScenarioError`` where one was opened at the same place already."""
        frame = snapshot["disposal_site"]
        key = f"new-{hashlib.blake2b(repr((self.x_m + 0.0, self.y_m + 0.0)).encode(), digest_size=8).hexdigest()}"
        if key in frame.row_of:
            raise ScenarioError("The same new disposal site is in this scenario twice.", "Remove one of the two edits.")
        site = DisposalSite(
            id=key,
            geometry=shapely.Point(self.x_m, self.y_m),
            unload_duration_s=self.unload_duration_s,
            waste_kinds=self.waste_kinds,
        )
        return snapshot.with_frame(frame.with_rows([site]))


@dataclass(frozen=True, kw_only=True)
class CloseDisposalSites(Edit):
    """Close disposal sites; trucks unload at those that are left."""

    name: ClassVar[str] = "close_disposal_sites"
    label: ClassVar[str] = "Close sites"
    target_kind: ClassVar[str] = "disposal_site"

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Drop the rows. Raises ``ScenarioError`` where none would be left: one would be assumed somewhere else."""
        left = self._others(snapshot)
        if not len(left):
            raise ScenarioError("The scenario closes every disposal site.", "Keep at least one, or open a new one first.")
        return snapshot.with_frame(left)
