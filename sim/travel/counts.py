"""Counted traffic: the peak hour at each count station, and how well the model agrees.

A station whose rows all name one direction counts the link that it is matched to; every other station
counts both directions of its road together. A one-way station without a link is left out: nothing says
which carriageway it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.assignment.adjustment import Counted
from sim.assignment.graph import Floats
from sim.travel.network import RoadNetwork
from sim.travel.profile import HOUR_S, hours, typical
from twin.model.snapshot import Snapshot

MATCH_M = 40.0
"""A station without a link belongs to the nearest modelled road within this distance."""
FEWEST = 5
"""Stations needed before demand is scaled to them."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Volumes (veh/h) at ``k`` stations with keys ``ids (k,)``.

    ``links (k, 2)`` are the rows of the directions counted in the link frame, -1 for none. ``hour`` is in UTC.
    """

    ids: NDArray[np.object_]
    links: NDArray[np.int64]
    volume_vph: Floats
    hour: int

    def __len__(self) -> int:
        """Return the number of stations."""
        return len(self.volume_vph)

    def modelled(self, volume: Floats) -> Floats:
        """Return the modelled volumes at the stations from those of all links ``(n,)``."""
        return np.asarray(np.append(volume, 0.0)[self.links].sum(axis=1))

    def on_graph(self, network: RoadNetwork) -> Counted:
        """Return the stations with the links of the graph that they count."""
        return Counted(np.where(self.links >= 0, network.place[self.links], -1), self.volume_vph)


def geh(modelled: Floats, counted: Floats) -> Floats:
    """Return the GEH statistic of hourly volumes, sqrt(2 (m - c)^2 / (m + c)); under 5 is called good."""
    total = modelled + counted
    square = np.divide(2.0 * (modelled - counted) ** 2, total, out=np.zeros_like(total), where=total > 0.0)
    return np.asarray(np.sqrt(square))


def peak_counts(snapshot: Snapshot, network: RoadNetwork, hour_wanted: int | None = None) -> Counts | None:
    """Return the counts of the newest year's working days in an hour (UTC), or None with too few stations.

    Without ``hour_wanted`` it is the busiest one.
    """
    columns = snapshot.histories.get("traffic_count")
    stations = snapshot.frames.get("counter")
    if columns is None or stations is None or not len(columns["at"]) or not len(stations):
        return None
    at = columns["at"].astype("datetime64[s]")
    wanted = typical(at) & (columns["duration_s"] == HOUR_S)
    hour = hours(at)
    busiest = int(np.argmax(np.bincount(hour[wanted], columns["total"][wanted], 24))) if hour_wanted is None else hour_wanted
    row_of = stations.row_of
    station = np.array([row_of.get(key, -1) for key in columns["subject_id"].tolist()], np.int64)
    chosen = np.flatnonzero(wanted & (hour == busiest) & (station >= 0))
    station = station[chosen]
    total = np.bincount(station, columns["total"][chosen], len(stations))
    days = _distinct(station, at[chosen].astype(np.int64), len(stations))
    known = np.char.str_len(columns["direction"][chosen].astype(str)) > 0
    is_one_way = known & (_distinct(station, columns["direction"][chosen].astype(str), len(stations))[station] == 1)
    links = _links(snapshot, network, np.bincount(station, is_one_way, len(stations)) > 0)
    counted = (days > 0) & (links[:, 0] >= 0) & (total > 0.0)
    if counted.sum() < FEWEST:
        return None
    return Counts(stations.ids[counted], links[counted], total[counted] / days[counted], busiest)


def _distinct(group: NDArray[np.int64], value: NDArray[np.generic], count: int) -> NDArray[np.int64]:
    """Return how many different values each group has."""
    _, code = np.unique(value, return_inverse=True)
    pairs = np.unique(np.stack([group, code]), axis=1)
    return np.bincount(pairs[0], minlength=count).astype(np.int64)


def _links(snapshot: Snapshot, network: RoadNetwork, one_way: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the link and its opposite of each station, -1 where there is none or it is not counted."""
    links, stations = snapshot["link"], snapshot["counter"]
    row_of = links.row_of
    own = np.array([row_of.get(key, -1) for key in stations["link_id"].tolist()], np.int64)
    lost = np.flatnonzero((own < 0) & ~one_way)
    modelled = np.flatnonzero(network.place >= 0)
    if len(lost) and stations.geometry is not None and links.geometry is not None:
        tree = shapely.STRtree(links.geometry[modelled])
        which, found = tree.query_nearest(stations.geometry[lost], max_distance=MATCH_M, all_matches=False)
        own[lost[which]] = modelled[found]
    own[(own >= 0) & (network.place[own] < 0)] = -1
    reverse = np.array([row_of.get(key, -1) for key in np.append(links["reverse_id"], "")[own].tolist()], np.int64)
    return np.column_stack([own, np.where(one_way, -1, reverse)])
