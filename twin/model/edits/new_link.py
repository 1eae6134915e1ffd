"""A new road: its ends are joined to what is there, cutting a road in two where they meet it in the middle."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import ScenarioError
from twin.model.edits.base import Edit
from twin.model.edits.cut import cut
from twin.model.edits.directions import opposites
from twin.model.entity import attribute
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASS_NAMES, ROAD_CLASSES, Link, Node
from twin.model.snapshot import Snapshot

SNAP_M = 25.0
"""An end of a new road joins the junction, else the road, that is this near."""
NAME, NAME_EN = "新建道路", "New road"


@dataclass(frozen=True, kw_only=True)
class AddLink(Edit):
    """Build a road along a line; only its ends are joined to other roads, what it crosses it passes over.

    ``path_m`` are the points of the line, (x, y) in the city's metres. An end joins the nearest junction
    within ``SNAP_M``, else cuts the nearest road within that distance in two, else is a dead end.
    """

    name: ClassVar[str] = "new_road"
    label: ClassVar[str] = "New road"
    kinds: ClassVar[tuple[str, ...]] = ("link", "node", "movement")

    path_m: tuple[tuple[float, float], ...] = attribute("Line", (), unit="m")
    road_class: str = attribute("Road class", "secondary", choices=ROAD_CLASS_NAMES)
    lanes: float = attribute("Lanes", 1.0, low=0.5, high=16, definition="In each direction.")
    speed_mps: float = attribute("Speed", 50 / 3.6, unit="m/s", low=0.5, high=60)
    two_way: bool = attribute("Both ways", True)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """Add the road. Raises ``ScenarioError`` for a line that is none, joins no road, or is there already."""
        path = self._path()
        key = f"new-{hashlib.blake2b(repr((path.tolist(), self.two_way)).encode(), digest_size=8).hexdigest()}"
        if key in snapshot["link"].row_of:
            raise ScenarioError("The same new road is in this scenario twice.", "Remove one of the two edits.")
        snapshot, tail, meets_first = _joined(snapshot, shapely.Point(path[0]), f"{key}-a")
        snapshot, head, meets_last = _joined(snapshot, shapely.Point(path[-1]), f"{key}-b")
        if tail == head or not (meets_first or meets_last):
            raise ScenarioError(
                f"The new road joins nothing: it needs two ends, one of them within {SNAP_M:.0f} m of a road.",
                "Begin or end it on a junction or a road.",
            )
        made = _built(snapshot, self._link(key, tail, head), path)
        links = snapshot["link"].joined(made)
        if self.two_way:
            back = opposites(made)
            links = links.with_values(made.ids, {"reverse_id": back.ids}).joined(back)
        return snapshot.with_frame(links)

    def _path(self) -> NDArray[np.float64]:
        try:
            path = np.array(self.path_m, dtype=np.float64).reshape(-1, 2)
        except (TypeError, ValueError):
            path = np.empty((0, 2))
        if len(path) < 2 or not np.isfinite(path).all():
            raise ScenarioError("The line of the new road is not two or more points.", "Draw it on the map.")
        return path

    def _link(self, key: str, tail: str, head: str) -> Link:
        per_lane = next(item.capacity_vph for item in ROAD_CLASSES if item.name == self.road_class)
        return Link(
            id=key,
            tail_id=tail,
            head_id=head,
            name=NAME,
            name_en=NAME_EN,
            road_class=self.road_class,
            lanes=self.lanes,
            free_flow_speed_mps=self.speed_mps,
            capacity_vph=self.lanes * per_lane,
        )


def _built(snapshot: Snapshot, link: Link, path: NDArray[np.float64]) -> Frame:
    """Return the link as a frame, its line drawn from junction to junction."""
    nodes = snapshot["node"]
    ends = nodes.xy[[nodes.row_of[link.tail_id], nodes.row_of[link.head_id]]]
    line = shapely.LineString([ends[0], *path[1:-1], ends[1]])
    empty = snapshot["link"].take(np.empty(0, np.intp))
    return empty.with_rows([replace(link, geometry=line, length_m=line.length)])


def _joined(snapshot: Snapshot, place: shapely.Point, key: str) -> tuple[Snapshot, str, bool]:
    """Return the city, the junction where a road that ends at a place begins or ends, and whether it meets another there."""
    links, nodes = snapshot["link"], snapshot["node"]
    in_use = {*links["tail_id"].tolist(), *links["head_id"].tolist()}
    away = np.hypot(*(nodes.xy - shapely.get_coordinates(place)).T)
    away[[node not in in_use for node in nodes.ids.tolist()]] = np.inf
    if len(away) and away.min() <= SNAP_M:
        return snapshot, str(nodes.ids[np.argmin(away)]), True
    from_road = shapely.distance(links.geometry, place)
    if len(from_road) and from_road.min() <= SNAP_M:
        return cut(snapshot, int(np.argmin(from_road)), place, key), key, True
    return snapshot.with_frame(nodes.with_rows([Node(id=key, geometry=place)])), key, False
