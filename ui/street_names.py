"""Pieces of a street told apart: by the streets between which they run, and whither."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.errors import ScenarioError
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot
from ui.language import mark, tr
from ui.wording import own_name

COMPASS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")
"""Directions as they are typed, clockwise, 45 degrees apart."""
_WORDS = (
    mark("northward"),
    mark("northeastward"),
    mark("eastward"),
    mark("southeastward"),
    mark("southward"),
    mark("southwestward"),
    mark("westward"),
    mark("northwestward"),
)
ASLANT = 0.2
"""Least cosine of the angle between a road and the direction towards which it is said to run: 78 degrees."""
_KEY_SIGNS = 6
"""Signs at the end of a key that tell pieces apart where nothing else does."""


@dataclass
class StreetNames:
    """The pieces of one city's streets in words. Who asks for many keeps it: it remembers what meets at a junction."""

    snapshot: Snapshot
    _names_at: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        links = self.snapshot["link"]
        for row, key in enumerate(links.ids.tolist()):
            name = own_name(self.snapshot, "link", key)
            for end in ("tail_id", "head_id") if name else ():
                self._names_at.setdefault(str(links[end][row]), []).append(name)

    def piece(self, key: str) -> str:
        """Return name, direction and the streets at both ends of a link: 'River Road, eastward, from Mill Lane to High Street'."""
        links = self.snapshot["link"]
        row = links.row_of[key]
        name = own_name(self.snapshot, "link", key) or tr("Street without a name")
        ends = [self._crossing(str(links[end][row]), name) for end in ("tail_id", "head_id")]
        direction = tr(_WORDS[compass_of(links, row)])
        if all(ends) and ends[0] != ends[1]:
            return tr(
                "{street}, {direction}, from {start} to {end}", street=name, direction=direction, start=ends[0], end=ends[1]
            )
        return tr("{street}, {direction} (… {key})", street=name, direction=direction, key=key[-_KEY_SIGNS:])

    def _crossing(self, node: str, own: str) -> str:
        """Return the first name, in alphabetical order, of another street at a junction; '' where there is none."""
        return min((name for name in self._names_at.get(node, ()) if name != own), default="")


def compass_of(links: Frame, row: int) -> int:
    """Return the number in ``COMPASS`` of the direction from the beginning of a link to its end."""
    east, north = _way(links, np.array([row]))[0].tolist()
    return round(math.degrees(math.atan2(east, north)) / 45.0) % len(COMPASS)


def towards(links: Frame, keys: Iterable[str], direction: str) -> tuple[str, ...]:
    """Return those of some links that run towards a direction of ``COMPASS``, also aslant, but not across it.

    Raises ``ScenarioError`` when none does.
    """
    chosen = tuple(keys)
    angle = math.radians(45.0 * COMPASS.index(direction))
    way = _way(links, links.rows(chosen))
    ahead = way @ np.array([math.sin(angle), math.cos(angle)]) > ASLANT * np.hypot(*way.T)
    kept = tuple(key for key, goes in zip(chosen, ahead.tolist(), strict=True) if goes)
    if not kept:
        raise ScenarioError(
            f"None of these pieces of road runs {direction}.", "'citytwin roads' lists them with their directions and keys."
        )
    return kept


def nearest(links: Frame, keys: Iterable[str], xy: tuple[float, float]) -> tuple[str, ...]:
    """Return the link nearest to a place in the city's metres, with its opposite direction where that is among them."""
    import shapely

    chosen = tuple(keys)
    rows = links.rows(chosen)
    if not len(rows) or links.geometry is None:
        return ()
    best = chosen[int(np.argmin(shapely.distance(links.geometry[rows], shapely.Point(xy))))]
    back = str(links["reverse_id"][links.row_of[best]])
    return tuple(key for key in chosen if key in (best, back))


def _way(links: Frame, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the vectors (east, north) from the beginnings of links to their ends ``(n, 2)``."""
    import shapely

    assert links.geometry is not None  # noqa: S101  links have lines
    lines = links.geometry[rows]
    ends = [shapely.get_coordinates(shapely.get_point(lines, place)) for place in (-1, 0)]
    return np.asarray(ends[0] - ends[1])
