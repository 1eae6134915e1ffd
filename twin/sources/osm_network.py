"""Ways of OpenStreetMap become a directed network: nodes where roads meet or end, links between them.

A node of a way that only bends the road stays in the link's line and is no node of the network.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.geo import FloatArray
from twin.model.network import Link, Movement, Node
from twin.sources.base import Problem
from twin.sources.osm_tags import HIGHWAYS, KMH, Tags, access, directions, lanes, names, speed_mps

SIGNAL_SNAP_M = 30.0  # stop lines stand this far from the middle of a junction at most
PRIVATE_SPEED_MPS = 10 * KMH  # so that nobody is led through a private yard
PRIVATE_CAPACITY_VPH = 100.0
MISSING = 2147483647  # pyosmium's coordinate of a node that the file lacks
_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Way:
    """A road as its file has it: ``points`` are ``(n, 3)`` int64: node, longitude and latitude in 1e-7 degrees."""

    id: int
    tags: Tags
    points: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Restriction:
    """A turn restriction as its file has it."""

    id: int
    value: str
    from_ways: tuple[int, ...]
    via_node: int | None
    to_ways: tuple[int, ...]
    except_modes: str = ""


@dataclass
class RoadNetwork:
    """Builds nodes, links and movements from ways, signals and restrictions."""

    ways: list[Way]
    signals: frozenset[int]
    restrictions: list[Restriction]
    where: str
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay all points of all ways end to end; the work is done on arrays."""
        self._runs: list[tuple[int, NDArray[np.int64]]] = []
        for row, way in enumerate(self.ways):
            runs = _whole_runs(way.points)
            self._runs.extend((row, run) for run in runs)
            if not runs:
                self.problems.append(Problem(f"way/{way.id}", "no piece of this road lies in the file", self.where))
        self._into: dict[tuple[int, int], list[str]] = {}
        self._out_of: dict[tuple[int, int], list[str]] = {}

    def entities(self) -> Iterator[Node | Link | Movement | Problem]:
        """Give nodes first, then links, then turn restrictions, then what was left out."""
        if self._runs:
            yield from self._network()
        for restriction in self.restrictions:
            yield from self._movements(restriction)
        yield from self.problems

    def _network(self) -> Iterator[Node | Link]:
        points = np.concatenate([run for _, run in self._runs])
        starts = np.cumsum([0, *(len(run) for _, run in self._runs)])
        refs, first, inverse, uses = np.unique(points[:, 0], return_index=True, return_inverse=True, return_counts=True)
        lon_lat = points[:, 1:] * 1e-7
        self._refs, self._inverse, self._lon_lat, self._starts = refs, inverse, lon_lat, starts
        self._along_m = _along(lon_lat)
        is_node = uses > 1
        is_node[inverse[starts[:-1]]] = True
        is_node[inverse[starts[1:] - 1]] = True
        is_signal = np.isin(refs, np.fromiter(self.signals, dtype=np.int64, count=len(self.signals)))
        is_node, has_signal = self._place_signals(is_node, is_signal)
        pieces = self._pieces(is_node)
        used = np.unique(inverse[[end for _, start, stop in pieces for end in (start, stop)]])
        places = shapely.points(lon_lat[first[used]])
        for row, place in zip(used.tolist(), places, strict=True):
            key = f"node/{refs[row]}"
            yield Node(id=key, source="osm", source_id=key, geometry=place, signal=bool(has_signal[row]))
        yield from self._links(pieces)

    def _place_signals(self, is_node: NDArray[Any], is_signal: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Give a signal before a junction to the junction; one in the middle of a road makes a node of its own."""
        is_node, has_signal = is_node.copy(), is_signal & is_node
        waiting = np.flatnonzero(is_signal[self._inverse] & ~is_node[self._inverse])
        nodes_at = np.flatnonzero(is_node[self._inverse])
        for place in waiting.tolist():
            after = int(np.searchsorted(nodes_at, place))  # a run begins and ends with a node: both neighbours are there
            near = min((nodes_at[after - 1], nodes_at[after]), key=lambda at: abs(self._along_m[at] - self._along_m[place]))
            if abs(self._along_m[near] - self._along_m[place]) <= SIGNAL_SNAP_M:
                has_signal[self._inverse[near]] = True
            else:
                is_node[self._inverse[place]] = has_signal[self._inverse[place]] = True
        return is_node, has_signal

    def _pieces(self, is_node: NDArray[Any]) -> list[tuple[int, int, int]]:
        """Return (way, first point, last point) of every piece between nodes; a loop is cut in its middle."""
        pieces = []
        for (row, _), start, stop in zip(self._runs, self._starts[:-1].tolist(), self._starts[1:].tolist(), strict=True):
            cuts = (np.flatnonzero(is_node[self._inverse[start:stop]]) + start).tolist()
            for one, two in itertools.pairwise(cuts):
                if self._inverse[one] != self._inverse[two]:
                    pieces.append((row, one, two))
                elif two - one >= 2:
                    middle = (one + two) // 2
                    pieces += [(row, one, middle), (row, middle, two)]
        return pieces

    def _links(self, pieces: list[tuple[int, int, int]]) -> Iterator[Link]:
        used: set[str] = set()
        facts: dict[int, _WayFacts] = {}
        lines = _lines(self._lon_lat, pieces)
        turn_ways = {way for item in self.restrictions for way in (*item.from_ways, *item.to_ways)}
        for (row, start, stop), line in zip(pieces, lines, strict=True):
            if row not in facts:
                facts[row] = _WayFacts.of(self.ways[row])
            ends = int(self._refs[self._inverse[start]]), int(self._refs[self._inverse[stop]])
            length_m = max(0.1, float(self._along_m[stop] - self._along_m[start]))
            keys = _keys(self.ways[row].id, ends, used, facts[row].lanes)
            for link in facts[row].links(keys, ends, line, length_m):
                yield link
                if self.ways[row].id in turn_ways:
                    self._remember(link, self.ways[row].id)

    def _remember(self, link: Link, way_id: int) -> None:
        self._into.setdefault((way_id, int(link.head_id[5:])), []).append(link.id)
        self._out_of.setdefault((way_id, int(link.tail_id[5:])), []).append(link.id)

    def _movements(self, restriction: Restriction) -> Iterator[Movement | Problem]:
        key = f"relation/{restriction.id}"
        rule, _, turn = restriction.value.partition("_")
        if rule not in {"no", "only"}:
            yield Problem(key, f"the turn restriction {restriction.value!r} is not one that is known", self.where)
            return
        via = restriction.via_node
        if via is None:
            yield Problem(key, "the turn restriction leads over a way, not a node: not used", self.where)
            return
        from_links = [link for way in restriction.from_ways for link in self._into.get((way, via), ())]
        to_links = [link for way in restriction.to_ways for link in self._out_of.get((way, via), ())]
        if not from_links or not to_links:
            yield Problem(key, "a road of the turn restriction is not in the file, or may not be driven that way", self.where)
            return
        if (len(from_links) > 1 and turn != "entry") or (len(to_links) > 1 and turn != "exit"):
            yield Problem(key, "a road of the turn restriction goes on through the junction: unclear which turn", self.where)
            return
        node = shapely.Point(self._lon_lat[int(np.flatnonzero(self._refs[self._inverse] == via)[0])])
        for number, (one, two) in enumerate((one, two) for one in from_links for two in to_links):
            name = key if number == 0 else f"{key}#{number}"
            yield Movement(
                id=name,
                source="osm",
                source_id=name,
                geometry=node,
                from_link_id=one,
                via_node_id=f"node/{via}",
                to_link_id=two,
                rule=rule,
            )


@dataclass(frozen=True, slots=True)
class _WayFacts:
    """What all links of a way have in common."""

    common: dict[str, Any]
    lanes: tuple[float, float]
    speeds_mps: tuple[float, float]
    lane_capacity_vph: float
    is_private: bool

    @classmethod
    def of(cls, way: Way) -> _WayFacts:
        tags, highway = way.tags, HIGHWAYS[way.tags["highway"]]
        forward, backward = directions(tags)
        may_enter = access(tags)
        speed = speed_mps(tags.get("maxspeed", "")) or highway.speed_mps
        speeds = tuple(speed_mps(tags.get(f"maxspeed:{way_along}", "")) or speed for way_along in ("forward", "backward"))
        if may_enter == "private":
            speeds = tuple(min(item, PRIVATE_SPEED_MPS) for item in speeds)
        name, name_en = names(tags)
        common = {
            "source": "osm",
            "name": name or tags.get("ref", ""),
            "name_en": name_en,
            "road_class": highway.road_class,
            "closed": may_enter == "closed",
            "bridge": tags.get("bridge", "no") != "no",
            "tunnel": tags.get("tunnel", "no") not in {"no", "building_passage"},
            "way_id": f"way/{way.id}",
        }
        found_lanes = lanes(tags, highway, forward=forward, backward=backward)
        return cls(common, found_lanes, (speeds[0], speeds[1]), highway.capacity_vph, may_enter == "private")

    def links(self, keys: tuple[str, str], ends: tuple[int, int], line: Any, length_m: float) -> Iterator[Link]:
        """Give a link for each direction that may be driven."""
        for side in (0, 1):
            if not self.lanes[side]:
                continue
            capacity_vph = self.lanes[side] * self.lane_capacity_vph
            yield Link(
                id=keys[side],
                source_id=keys[side],
                geometry=line if side == 0 else line.reverse(),
                tail_id=f"node/{ends[side]}",
                head_id=f"node/{ends[1 - side]}",
                reverse_id=keys[1 - side] if self.lanes[1 - side] else "",
                lanes=self.lanes[side],
                free_flow_speed_mps=self.speeds_mps[side],
                capacity_vph=min(capacity_vph, PRIVATE_CAPACITY_VPH) if self.is_private else capacity_vph,
                length_m=length_m,
                **self.common,
            )


def _keys(way: int, ends: tuple[int, int], used: set[str], lanes: tuple[float, float]) -> tuple[str, str]:
    """Return the source keys of both directions of a piece.

    They name the nodes at its ends, so a piece keeps its key when the way is cut elsewhere.
    """
    there, back = f"way/{way}/{ends[0]}-{ends[1]}", f"way/{way}/{ends[1]}-{ends[0]}"
    number = 2
    while (lanes[0] and there in used) or (lanes[1] and back in used):  # a way that joins the same two nodes twice
        there, back = (f"{key.split('#', maxsplit=1)[0]}#{number}" for key in (there, back))
        number += 1
    used.update(key for key, count in zip((there, back), lanes, strict=True) if count)
    return there, back


def _whole_runs(points: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the runs of two or more points that the file has; a node repeated at once counts once."""
    if len(points) > 1:
        points = points[np.append(True, np.diff(points[:, 0]) != 0)]
    is_here = points[:, 1] != MISSING
    if is_here.all():
        return [points] if len(points) > 1 else []
    breaks = np.flatnonzero(np.diff(is_here)) + 1
    return [run for run in np.split(points, breaks) if len(run) > 1 and run[0, 1] != MISSING]


def _along(lon_lat: FloatArray) -> FloatArray:
    """Return metres along all points laid end to end (equirectangular: better than 0.1 % for a street)."""
    steps = np.diff(lon_lat, axis=0)
    middle = np.radians((lon_lat[1:, 1] + lon_lat[:-1, 1]) / 2.0)
    # Radii of curvature of WGS 84 by latitude, as factors of the mean degree.
    east = (111_412.84 * np.cos(middle) - 93.5 * np.cos(3 * middle)) / _METRES_PER_DEGREE
    north = (111_132.92 - 559.82 * np.cos(2 * middle)) / _METRES_PER_DEGREE
    return np.append(0.0, np.cumsum(np.hypot(steps[:, 0] * east, steps[:, 1] * north) * _METRES_PER_DEGREE))


def _lines(lon_lat: FloatArray, pieces: list[tuple[int, int, int]]) -> NDArray[Any]:
    """Return one line for each piece, all made at once."""
    starts = np.array([start for _, start, _ in pieces])
    counts = np.array([stop - start + 1 for _, start, stop in pieces])
    line = np.repeat(np.arange(len(pieces)), counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(shapely.linestrings(lon_lat[starts[line] + offset], indices=line), dtype=object)
