"""What-if: a scenario is a named list of edits over the city, never written into it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from twin.errors import ScenarioError
from twin.model.edits import Edit
from twin.model.entity import Entity, attribute
from twin.model.snapshot import Snapshot

STATUSES = ("draft", "proposed", "approved", "rejected", "published")
"""How far a scenario has come: its author proposes it, who may approve decides, what is published everybody sees."""

REACHED_FROM: Mapping[str, tuple[str, ...]] = {
    "draft": ("proposed", "approved", "rejected", "published"),
    "proposed": ("draft",),
    "approved": ("proposed", "published"),
    "rejected": ("proposed", "approved"),
    "published": ("approved",),
}
"""The states from which each state is reached."""

BASELINE = "baseline"
"""Name of the scenario without edits; every comparison may start from it."""


@dataclass(frozen=True, kw_only=True)
class Scenario(Entity):
    """A named list of edits; stored, undone and shared like any other entity."""

    kind: ClassVar[str] = "scenario"
    label: ClassVar[str] = "Scenario"
    label_plural: ClassVar[str] = "Scenarios"

    name: str = attribute("Name")
    description: str = attribute("Description", "")
    edits: tuple[Edit, ...] = attribute("Edits", ())
    status: str = attribute("Status", "draft", choices=STATUSES)
    author: str = attribute("Author", "")
    department: str = attribute("Department", "", definition="For whom it was made.")

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Return the city with all edits, in order; those of kinds that the snapshot was not asked for are left out.

        So one scenario may close a road and add trucks, though congestion reads no depots.
        """
        for edit in self.edits:
            if edit.suits(snapshot):
                snapshot = edit.apply(snapshot)
        return snapshot

    def edits_of(self, edit_type: type[Edit]) -> tuple[Any, ...]:
        """Return the edits of one type, in order."""
        return tuple(edit for edit in self.edits if isinstance(edit, edit_type))

    def with_status(self, status: str) -> Scenario:
        """Return the scenario in another state. Raises ``ScenarioError`` when that state cannot be reached from here."""
        if self.status not in REACHED_FROM[status]:
            raise ScenarioError(
                f"Scenario '{self.name}' is {self.status}: it cannot become {status} from there.",
                "A scenario is proposed, then approved or rejected, then published; what is changed is a draft again.",
            )
        return dataclasses.replace(self, status=status)

    def with_edit(self, edit: Edit) -> Scenario:
        """Return the scenario with one more edit."""
        return dataclasses.replace(self, edits=(*self.edits, edit))


def baseline() -> Scenario:
    """Return the scenario without edits."""
    return Scenario(id="00000000-0000-7000-8000-000000000000", name=BASELINE)
