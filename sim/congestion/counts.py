"""Counted traffic: the peak hour at each count station, and how well the model agrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.congestion.graph import Floats
from sim.congestion.network import RoadNetwork
from twin.model.snapshot import Snapshot

MATCH_M = 40.0
"""A station without a link belongs to the nearest modelled road within this distance."""
FEWEST = 5
"""Stations needed before demand is scaled to them."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Volumes (veh/h, both directions together) at ``k`` stations.

    ``links (k, 2)`` are the rows of the two directions in the link frame, -1 where there is one only.
    """

    links: NDArray[np.int64]
    volume_vph: Floats
    hour: int

    def modelled(self, volume: Floats) -> Floats:
        """Return the modelled volumes at the stations from those of all links ``(n,)``."""
        return np.asarray(np.append(volume, 0.0)[self.links].sum(axis=1))

    def factor(self, volume: Floats) -> float:
        """Return counted over modelled volume, the median of the stations that the model reaches at all."""
        modelled = self.modelled(volume)
        reached = modelled > 0.0
        return float(np.median(self.volume_vph[reached] / modelled[reached])) if reached.any() else 1.0

    def agreement(self, volume: Floats) -> tuple[float, float]:
        """Return the median GEH and the share of stations with a GEH under 5."""
        statistic = geh(self.modelled(volume), self.volume_vph)
        return float(np.median(statistic)), float(np.mean(statistic < 5.0))


def geh(modelled: Floats, counted: Floats) -> Floats:
    """Return the GEH statistic of hourly volumes, sqrt(2 (m - c)^2 / (m + c)); under 5 is called good."""
    total = modelled + counted
    square = np.divide(2.0 * (modelled - counted) ** 2, total, out=np.zeros_like(total), where=total > 0.0)
    return np.asarray(np.sqrt(square))


def peak_counts(snapshot: Snapshot, network: RoadNetwork) -> Counts | None:
    """Return the counts of the newest year in its busiest hour of the day, or None with too few stations on the network."""
    columns = snapshot.histories.get("traffic_count")
    stations = snapshot.frames.get("counter")
    if columns is None or stations is None or not len(columns["at"]) or not len(stations):
        return None
    at = columns["at"].astype("datetime64[s]")
    hourly = (columns["duration_s"] == 3600.0) & (at >= at.max().astype("datetime64[Y]"))
    hour = (at.astype("datetime64[h]").astype(np.int64)) % 24
    per_hour = np.bincount(hour[hourly], columns["total"][hourly], 24)
    busiest = int(np.argmax(per_hour))
    chosen = np.flatnonzero(hourly & (hour == busiest))
    row_of = stations.row_of
    station = np.array([row_of.get(key, -1) for key in columns["subject_id"][chosen].tolist()], np.int64)
    chosen, station = chosen[station >= 0], station[station >= 0]
    total = np.bincount(station, columns["total"][chosen], len(stations))
    # Each direction is a row of its own; days are averaged, directions summed.
    moments = np.unique(np.stack([station, at[chosen].astype(np.int64)]), axis=1)[0]
    days = np.bincount(moments, minlength=len(stations))
    links = _links(snapshot, network)
    counted = (days > 0) & (links[:, 0] >= 0) & (total > 0.0)
    if counted.sum() < FEWEST:
        return None
    return Counts(links[counted], total[counted] / days[counted], busiest)


def _links(snapshot: Snapshot, network: RoadNetwork) -> NDArray[np.int64]:
    """Return the link and its opposite of each station, -1 where there is none."""
    links, stations = snapshot["link"], snapshot["counter"]
    row_of = links.row_of
    own = np.array([row_of.get(key, -1) for key in stations["link_id"].tolist()], np.int64)
    modelled = np.flatnonzero(network.place >= 0)
    lost = np.flatnonzero(own < 0)
    if len(lost) and stations.geometry is not None and links.geometry is not None:
        tree = shapely.STRtree(links.geometry[modelled])
        which, found = tree.query_nearest(stations.geometry[lost], max_distance=MATCH_M, all_matches=False)
        own[lost[which]] = modelled[found]
    own[network.place[own] < 0] = -1
    reverse = np.array([row_of.get(key, -1) for key in np.append(links["reverse_id"], "")[own].tolist()], np.int64)
    return np.column_stack([own, reverse])
