"""Counted traffic: the peak hour at each count station, and how well the model agrees.

A station whose rows all name one direction counts the link that it is matched to; every other station
counts both directions of its road together, also where these are two carriageways. A one-way station
without a link is left out: nothing says which carriageway it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.assignment.adjustment import Counted
from sim.assignment.graph import Floats
from sim.travel.network import RoadNetwork
from sim.travel.profile import HOUR_S, hourly, hours, typical
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

MATCH_M = 40.0
"""A station without a link belongs to the nearest modelled road within this distance."""
NAMED_M = 150.0
"""A road of the station's own name is taken first, within this distance."""
OPPOSED = -0.8
"""Cosine under which two roads run against each other."""
GOOD_GEH = 5.0
"""An hour whose GEH statistic is below this is called well met."""
FEWEST = 5
"""Stations needed before demand is scaled to them."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Volumes (veh/h) at ``k`` stations with keys ``ids (k,)``.

    ``links (k, 2)`` are the rows of the directions counted in the link frame, -1 for none.
    """

    ids: NDArray[np.object_]
    links: NDArray[np.int64]
    volume_vph: Floats

    def __len__(self) -> int:
        """Return the number of stations."""
        return len(self.volume_vph)

    def on_graph(self, network: RoadNetwork) -> Counted:
        """Return the stations with the links of the graph that they count."""
        return Counted(np.where(self.links >= 0, network.place[self.links], -1), self.volume_vph)


def geh(modelled: Floats, counted: Floats) -> Floats:
    """Return the GEH statistic of hourly volumes, sqrt(2 (m - c)^2 / (m + c)); under 5 is called good."""
    total = modelled + counted
    square = np.divide(2.0 * (modelled - counted) ** 2, total, out=np.zeros_like(total), where=total > 0.0)
    return np.asarray(np.sqrt(square))


def geh_bound(counted: Floats, limit: float) -> tuple[Floats, Floats]:
    """Return the least and the most that may be modelled with a GEH of ``limit`` at most.

    2 (m - c)^2 = g^2 (m + c) solved for m: m = c + (g^2 ± g sqrt(g^2 + 16 c)) / 4.
    """
    wide = limit * np.sqrt(limit**2 + 16.0 * counted)
    return np.maximum(counted + (limit**2 - wide) / 4.0, 0.0), np.asarray(counted + (limit**2 + wide) / 4.0)


def peak_counts(snapshot: Snapshot, network: RoadNetwork, hour_utc: int) -> Counts | None:
    """Return the counts of the newest year's working days in an hour, or None with too few stations."""
    columns = snapshot.histories.get("traffic_count")
    stations = snapshot.frames.get("counter")
    if columns is None or stations is None or not len(columns["at"]) or not len(stations):
        return None
    at = columns["at"].astype("datetime64[s]")
    row_of = stations.row_of
    station = np.array([row_of.get(key, -1) for key in columns["subject_id"].tolist()], np.int64)
    chosen = np.flatnonzero(hourly(columns) & typical(at) & (hours(at) == hour_utc) & (station >= 0))
    series, of = np.unique(
        np.column_stack([station[chosen], np.unique(columns["direction"][chosen].astype(str), return_inverse=True)[1]]),
        axis=0,
        return_inverse=True,
    )
    flow = np.bincount(of.ravel(), columns["total"][chosen], len(series)) * HOUR_S
    flow = flow / np.bincount(of.ravel(), columns["duration_s"][chosen], len(series))
    total = np.bincount(series[:, 0], flow, len(stations)).astype(np.float64)
    directions = np.bincount(series[:, 0], minlength=len(stations))
    is_named = np.bincount(station[chosen], columns["direction"][chosen].astype(str) != "", len(stations)) > 0.0
    links = _links(snapshot, network, (directions == 1) & is_named)
    counted = (links[:, 0] >= 0) & (total > 0.0)
    if counted.sum() < FEWEST:
        return None
    return Counts(stations.ids[counted], links[counted], total[counted])


def _links(snapshot: Snapshot, network: RoadNetwork, one_way: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the link and its opposite of each station, -1 where there is none or it is not counted."""
    links, stations = snapshot["link"], snapshot["counter"]
    row_of = links.row_of
    own = np.array([row_of.get(key, -1) for key in stations["link_id"].tolist()], np.int64)
    lost = np.flatnonzero((own < 0) & ~one_way)
    modelled = np.flatnonzero(network.place >= 0)
    if len(lost) and len(modelled):
        own[lost] = _nearest(links.take(modelled), modelled, stations.take(lost))
    own[(own >= 0) & (network.place[own] < 0)] = -1
    reverse = np.array([row_of.get(key, -1) for key in np.append(links["reverse_id"], "")[own].tolist()], np.int64)
    lone = np.flatnonzero((own >= 0) & (reverse < 0) & ~one_way)
    if len(lone) and stations.geometry is not None:
        reverse[lone] = _other_carriageways(links, modelled, own[lone], stations.geometry[lone])
    return np.column_stack([own, np.where(one_way, -1, reverse)])


def _nearest(roads: Frame, rows: NDArray[np.int64], stations: Frame) -> NDArray[np.int64]:
    """Return for each station the row of the nearest road within reach, of those of its name where there are any; else -1."""
    assert roads.geometry is not None  # noqa: S101  roads have lines
    assert stations.geometry is not None  # noqa: S101  stations have points
    tree, names = shapely.STRtree(roads.geometry), np.array([name.casefold() for name in roads["name"].tolist()])
    out = np.full(len(stations), -1)
    for row, (name, place) in enumerate(zip(stations["name"].tolist(), stations.geometry.tolist(), strict=True)):
        near = tree.query(place, predicate="dwithin", distance=NAMED_M)
        same = near[(names[near] == name.casefold()) & (name != "")]
        near = same if len(same) else near[shapely.dwithin(roads.geometry[near], place, MATCH_M)]
        if len(near):
            out[row] = rows[near[np.argmin(shapely.distance(roads.geometry[near], place))]]
    return out


def _other_carriageways(
    links: Frame, modelled: NDArray[np.int64], own: NDArray[np.int64], places: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Return for one-way roads ``own (k,)`` that are counted both ways the nearest one of their class that runs against them.

    -1 where there is none within reach of the station: then the road is counted alone.
    """
    assert links.geometry is not None  # noqa: S101  roads have lines
    course = _courses(links.geometry)
    tree = shapely.STRtree(links.geometry[modelled])
    out = np.full(len(own), -1)
    for row, (link, place) in enumerate(zip(own.tolist(), places.tolist(), strict=True)):
        near = modelled[tree.query(place, predicate="dwithin", distance=MATCH_M)]
        against = near[(course[near] @ course[link] < OPPOSED) & (links["road_class"][near] == links["road_class"][link])]
        if len(against):
            out[row] = against[np.argmin(shapely.distance(links.geometry[against], place))]
    return out


def _courses(lines: NDArray[np.object_]) -> Floats:
    """Return the direction of each line from its first to its last point, ``(n, 2)`` of length 1."""
    ends = shapely.get_coordinates(shapely.get_point(lines, -1)) - shapely.get_coordinates(shapely.get_point(lines, 0))
    return np.asarray(ends / np.maximum(np.hypot(*ends.T), 1e-9)[:, None])
