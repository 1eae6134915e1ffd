"""What every edit is: a name, the objects it is about, its parameters, and what it does to a copy of the city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from twin.errors import ScenarioError
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

PART = "|"
"""Stands between the key of a link and the number of a piece that an edit cut off it: 'a|2' is a piece of 'a'."""
NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One reversible thing that a planner does to the city in a scenario.

    ``apply`` returns the city as it would be; parameters that no entity carries (demand, policy, an hour)
    are read from the scenario by the simulation instead, and ``apply`` returns the city as it is.
    ``kinds`` are those that it reads or changes besides ``target_kind``.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    target_kind: ClassVar[str] = ""
    kinds: ClassVar[tuple[str, ...]] = ()

    target_ids: tuple[str, ...] = attribute("Objects", ())

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Return the city with this edit. Raises ``ScenarioError`` naming the objects that do not exist."""
        return snapshot

    def suits(self, snapshot: Snapshot) -> bool:
        """Return whether the snapshot has all kinds that the edit is about."""
        return all(kind in snapshot.frames for kind in (self.target_kind, *self.kinds) if kind)

    def rows(self, snapshot: Snapshot) -> NDArray[np.intp]:
        """Return the rows of the objects, pieces of cut links included. Raises ``ScenarioError`` naming those that are not there."""
        return self._rows_of(snapshot[self.target_kind], self.target_ids)

    def _rows_of(self, frame: Frame, keys: tuple[str, ...]) -> NDArray[np.intp]:
        gone = [key for key in keys if key not in frame.row_of]
        if gone or not keys:
            raise ScenarioError(
                f"The edit '{self.name}' names objects that this city does not have: {_some(gone) or '–'}.",
                "Choose them again on the map or remove the edit.",
            )
        return frame.rows([piece for key in keys for piece in pieces(frame, key)])

    def _others(self, snapshot: Snapshot) -> Frame:
        """Return the things of the kind that are not named."""
        frame = snapshot[self.target_kind]
        keep = np.ones(len(frame), dtype=bool)
        keep[self.rows(snapshot)] = False
        return frame.take(keep)

    def _set(self, snapshot: Snapshot, values: Mapping[str, Any]) -> Snapshot:
        frame = snapshot[self.target_kind]
        return snapshot.with_frame(frame.with_values(frame.ids[self.rows(snapshot)], values))


def pieces(frame: Frame, key: str) -> list[str]:
    """Return the key and those of the pieces that were cut off its link."""
    found, number = [key], 2
    while (piece := f"{key}{PART}{number}") in frame.row_of:
        found.append(piece)
        number += 1
    return found


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:NAMED]) + (" …" if len(keys) > NAMED else "")
