"""Junctions as a planner sees them: which turns there are, which are banned, and how an arrow of each runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.model.edits.junctions import banned_ends
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

ARM_M = 26.0
"""How far from the junction the arrow of a turn begins and ends."""

ASIDE_M = 3.5
"""How far beside the middle of a two-way street it runs."""

_CURVE = np.linspace(0.0, 1.0, 13)[:, None]


@dataclass(frozen=True, eq=False)
class Turn:
    """A turn from one link into another at a junction; ``xy (k, 2)`` is its arrow in metres."""

    from_id: str
    to_id: str
    banned: bool
    xy: NDArray[np.float64]


def street_of(links: Frame, key: str) -> tuple[str, ...]:
    """Return the link and, where there is one, that of the opposite direction."""
    reverse = str(links["reverse_id"][links.row_of[key]])
    return (key, reverse) if reverse in links.row_of else (key,)


def streets_of(links: Frame, keys: Iterable[str]) -> frozenset[str]:
    """Return the links with their opposite directions."""
    return frozenset(each for key in keys if key in links.row_of for each in street_of(links, key))


def turns_from(snapshot: Snapshot, key: str, side: int = 1) -> list[Turn]:
    """Return the turns at the end of a link, none back into the same street; ``side`` 1 drives on the right."""
    links = snapshot["link"]
    row = links.row_of.get(key)
    if row is None or links.geometry is None or links["closed"][row]:
        return []
    banned = banned_ends(snapshot, row)
    own = street_of(links, key)
    ends = np.flatnonzero((links["tail_id"] == links["head_id"][row]) & ~links["closed"].astype(bool))
    return [
        Turn(key, str(links.ids[end]), end in banned, _arrow(links, row, end, side))
        for end in ends.tolist()
        if links.ids[end] not in own
    ]


def turn_between(snapshot: Snapshot, one: str, other: str) -> tuple[str, str] | None:
    """Return the links by which one street turns into another, whichever of their directions were meant; None without any."""
    links = snapshot["link"]
    if one not in links.row_of or other not in links.row_of or other in street_of(links, one):
        return None
    for start in street_of(links, one):
        for end in street_of(links, other):
            row, to = links.row_of[start], links.row_of[end]
            if links["head_id"][row] == links["tail_id"][to] and not (links["closed"][row] or links["closed"][to]):
                return start, end
    return None


def is_banned(snapshot: Snapshot, start: str, end: str) -> bool:
    """Return whether a turn is forbidden."""
    links = snapshot["link"]
    return links.row_of[end] in banned_ends(snapshot, links.row_of[start])


def approaches(snapshot: Snapshot, node: str) -> tuple[str, ...]:
    """Return the open links that lead to a junction."""
    links = snapshot["link"]
    return tuple(links.ids[(links["head_id"] == node) & ~links["closed"].astype(bool)].tolist())


def signals(snapshot: Snapshot) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the keys of the junctions with a signal and where they are ``(n, 2)``."""
    nodes = snapshot["node"]
    rows = np.flatnonzero(nodes["signal"].astype(bool))
    return nodes.ids[rows], nodes.xy[rows] if len(rows) else np.empty((0, 2))


def _arrow(links: Frame, start: int, end: int, side: int) -> NDArray[np.float64]:
    """Return a curve from a link into another: a quadratic Bézier curve with the junction as its middle point."""
    assert links.geometry is not None  # noqa: S101  links have lines
    first, node = _arm(links, start, side, is_entry=True)
    last, _ = _arm(links, end, side, is_entry=False)
    # The middle point lies on the way to both ends, so that the curve cuts the corner instead of meeting the node.
    middle = node + 0.25 * ((first - node) + (last - node))
    s = _CURVE
    return np.asarray((1 - s) ** 2 * first + 2 * s * (1 - s) * middle + s**2 * last)


def _arm(links: Frame, row: int, side: int, *, is_entry: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a point on a link beside its junction, on the side of its traffic, and the junction's place."""
    line = links.geometry[row]  # type: ignore[index] # the caller has seen that there are lines
    reach = min(ARM_M, line.length * 0.45)
    near, far = (-reach, -1e-3) if is_entry else (reach, 1e-3)
    at = np.array(shapely.line_interpolate_point(line, near).coords[0])
    node = np.array(shapely.line_interpolate_point(line, 0.0 if not is_entry else line.length).coords[0])
    toward = np.array(shapely.line_interpolate_point(line, far).coords[0]) - at
    ahead = (toward if is_entry else -toward) / max(float(np.hypot(*toward)), 1e-9)
    aside = ASIDE_M if links["reverse_id"][row] != "" else 0.0
    return at + side * aside * np.array([ahead[1], -ahead[0]]), node
