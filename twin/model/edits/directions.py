"""One-way and two-way: which directions of a road are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import ScenarioError
from twin.model.edits.base import Edit
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

BACK = "~back"
"""Added to a link's key, the key of its new opposite direction."""
DIRECTIONS = ("with", "against", "both")


@dataclass(frozen=True, kw_only=True)
class SetDirection(Edit):
    """Let roads be driven one way, the other way, or both ways, seen along the links that are named.

    A direction that was there keeps its lanes; one that was not gets those of the other.
    """

    name: ClassVar[str] = "direction"
    label: ClassVar[str] = "Set direction"
    target_kind: ClassVar[str] = "link"

    direction: str = attribute(
        "Open direction", "with", choices=DIRECTIONS, definition="As the selected road runs, against it, or both ways."
    )

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Open and close directions, making those that are missing.

        Raises ``ScenarioError`` when a road is named by both of its directions and only one shall be open.
        """
        links, rows = snapshot["link"], self.rows(snapshot)
        if self.direction != "with":
            links = _with_opposites(links, rows)
        back = links.rows(links["reverse_id"][rows])
        if self.direction != "both" and len(np.intersect1d(rows, back)):
            raise ScenarioError(
                "Both directions of a road are named, and only one shall be open.",
                "Say which one is meant: by its key, or on the command line with --towards east, say.",
            )
        closed = links["closed"].copy()
        closed[rows] = self.direction == "against"
        closed[back] = self.direction == "with"
        return snapshot.with_frame(links.with_values(links.ids, {"closed": closed}))


def _with_opposites(links: Frame, rows: NDArray[np.intp]) -> Frame:
    """Return the links, those at ``rows`` with an opposite direction each."""
    alone = np.array([row for row in rows.tolist() if links["reverse_id"][row] not in links.row_of], dtype=np.intp)
    if not len(alone):
        return links
    made = opposites(links.take(alone))
    links = links.with_values(links.ids[alone], {"reverse_id": made.ids})
    return links.joined(made)


def opposites(links: Frame) -> Frame:
    """Return the other direction of each link, with new keys."""
    columns = dict(links.columns)
    columns["tail_id"], columns["head_id"] = columns["head_id"], columns["tail_id"]
    columns["reverse_id"] = links.ids
    ids = np.array([f"{key}{BACK}" for key in links.ids.tolist()], dtype=object)
    geometry = None if links.geometry is None else shapely.reverse(links.geometry)
    return Frame(links.kind, ids, columns, geometry)
