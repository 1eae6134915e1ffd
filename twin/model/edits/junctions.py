"""Edits of junctions: which turns may be driven, and how the signal shares the time out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from twin.errors import ScenarioError
from twin.model.edits.base import PART, Edit
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.network import Movement
from twin.model.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class BanTurn(Edit):
    """Forbid the turns from these roads into others, or allow them again."""

    name: ClassVar[str] = "turn"
    label: ClassVar[str] = "Ban turn"
    target_kind: ClassVar[str] = "link"
    kinds: ClassVar[tuple[str, ...]] = ("movement", "node")

    into: tuple[str, ...] = attribute("Into", (), names="link", definition="The roads into which the turns lead.")
    allowed: bool = attribute("Allowed again", False)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Write the restrictions of each of these roads anew. Raises ``ScenarioError`` when the roads do not meet."""
        links, movements = snapshot["link"], snapshot["movement"]
        turns = self._turns(links, self.rows(snapshot).tolist())
        if not turns:
            raise ScenarioError(
                "No turn leads from the first of these roads into the other.",
                "Choose two roads of which one begins where the other ends.",
            )
        rows = [_ban(snapshot, start, end) for start in turns for end in sorted(self._banned(snapshot, start, turns[start]))]
        written = {links.ids[start] for start in turns}
        kept = np.array([key not in written for key in movements["from_link_id"].tolist()], dtype=bool)
        return snapshot.with_frame(movements.take(kept).with_rows(rows))

    def _turns(self, links: Frame, starts: Sequence[int]) -> dict[int, set[int]]:
        """Return the rows of the links into which these turns lead, by the row of the link that they leave."""
        heads, tails = links["head_id"], links["tail_id"]
        begins: dict[str, list[int]] = defaultdict(list)
        for end in self._rows_of(links, self.into).tolist():
            begins[tails[end]].append(end)
        found = {
            start: {end for end in begins.get(heads[start], ()) if _whole(links.ids[start]) != _whole(links.ids[end])}
            for start in starts
        }
        return {start: ends for start, ends in found.items() if ends}

    def _banned(self, snapshot: Snapshot, start: int, ends: set[int]) -> set[int]:
        before = banned_ends(snapshot, start)
        return before - ends if self.allowed else before | ends


@dataclass(frozen=True, kw_only=True)
class SetSignal(Edit):
    """Give roads a signal at their end with a cycle and a share of green, or take the signal away."""

    name: ClassVar[str] = "signal"
    label: ClassVar[str] = "Set signal"
    target_kind: ClassVar[str] = "link"
    kinds: ClassVar[tuple[str, ...]] = ("node",)

    signal: bool = attribute("Traffic signal", True)
    cycle_s: float = attribute("Signal cycle", 90.0, unit="s", low=0, high=600, definition="Of the signal here; 0: not known.")
    green_share: float = attribute(
        "Share of green", 0.45, low=0, high=1, definition="Of the cycle of the signal at the link's end; 0: not known."
    )

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Set the signal of the junctions at the ends of the roads, and the roads' own green."""
        links, nodes = snapshot["link"], snapshot["node"]
        heads = links["head_id"][self.rows(snapshot)]
        snapshot = self._set(snapshot, {"green_share": self.green_share if self.signal else 0.0})
        values = {"signal": self.signal, "cycle_s": self.cycle_s if self.signal else 0.0}
        return snapshot.with_frame(nodes.with_values(heads, values))


def banned_ends(snapshot: Snapshot, start: int) -> set[int]:
    """Return the rows of the links into which a link may not turn; an 'only' rule bans all others."""
    links, movements = snapshot["link"], snapshot["movement"]
    rows = np.flatnonzero(movements["from_link_id"] == links.ids[start])
    banned: set[int] = set()
    for to, rule in zip(movements["to_link_id"][rows].tolist(), movements["rule"][rows].tolist(), strict=True):
        end = links.row_of.get(to)
        if end is not None and rule == "only":
            banned |= set(_exits(links, start)) - {end}
        elif end is not None:
            banned.add(end)
    return banned


def _exits(links: Frame, start: int) -> list[int]:
    return np.flatnonzero(links["tail_id"] == links["head_id"][start]).tolist()


def _ban(snapshot: Snapshot, start: int, end: int) -> Movement:
    links, nodes = snapshot["link"], snapshot["node"]
    node = links["head_id"][start]
    place = nodes.geometry[nodes.row_of[node]] if nodes.geometry is not None and node in nodes.row_of else None
    one, other = links.ids[start], links.ids[end]
    return Movement(id=f"{one}>{other}", geometry=place, from_link_id=one, via_node_id=node, to_link_id=other)


def _whole(key: str) -> str:
    return key.partition(PART)[0]
