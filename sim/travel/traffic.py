"""Traffic on the city's links at one moment: what every family of congestion indices is reckoned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.travel.cells import Pieces
from twin.model.results import Measure

QUEUE_HOURS = 1.0
"""The peak that the static model stands for: a queue grows for this long."""
JAM_SPACING_M = 7.5
"""Road that one standing vehicle takes: a jam density of 133 vehicles per kilometre and lane."""
VOLUME_MEASURE = Measure(
    "volume_vph",
    "Volume",
    "veh/h",
    worse="neither",
    definition="Vehicles per hour at user equilibrium; a truck or a bus counts as the cars whose room it takes.",
)


@dataclass(frozen=True, eq=False)
class Traffic:
    """Volume and time of each of the city's ``n`` links; all ``(n,)``.

    ``empty_time_s`` is the time on the empty road and ``wait_s`` the mean wait at the signal that is part of both
    times. Nobody drives on a link that ``is_closed``.
    """

    volume_vph: Floats
    capacity_vph: Floats
    lanes: Floats
    length_m: Floats
    time_s: Floats
    empty_time_s: Floats
    wait_s: Floats
    road_class: NDArray[np.object_]
    is_closed: NDArray[np.bool_]

    @property
    def vehicle_m(self) -> Floats:
        """Vehicle-metres per hour."""
        return self.volume_vph * self.length_m

    @property
    def vehicle_s(self) -> Floats:
        """Vehicle-seconds per hour."""
        return self.volume_vph * self.time_s

    @property
    def vehicle_empty_s(self) -> Floats:
        """Vehicle-seconds per hour that the same trips would spend on empty roads."""
        return self.volume_vph * self.empty_time_s

    @property
    def tti(self) -> Floats:
        """Travel time over the travel time on the empty road."""
        return self.time_s / self.empty_time_s

    @property
    def queue_veh(self) -> Floats:
        """Vehicles that stand before each link's end when the hour is over: (volume - capacity) x 1 h where positive.

        The deterministic queue of a bottleneck (Newell 1982, Applications of Queueing Theory, ch. 2): arrivals at the
        link's volume for one hour, departures at its capacity, nobody waiting at the start.
        """
        return np.asarray(np.maximum(self.volume_vph - self.capacity_vph, 0.0) * QUEUE_HOURS)

    @property
    def queue_m(self) -> Floats:
        """Length of that queue on the link's lanes; longer than the link where it reaches back beyond its beginning."""
        return np.asarray(self.queue_veh * JAM_SPACING_M / np.maximum(self.lanes, 1.0))


@dataclass(frozen=True, eq=False)
class Areas:
    """Parts of the city: piece k is ``share[k]`` of link ``link[k]`` in area ``area[k]`` of ``count``."""

    count: int
    area: NDArray[np.int64]
    link: NDArray[np.int64]
    share: Floats

    def total(self, of_link: Floats) -> Floats:
        """Return the sums by area ``(count,)`` of a number of the links ``(n,)``."""
        return np.bincount(self.area, of_link[self.link] * self.share, self.count).astype(np.float64)


def cells_as_areas(pieces: Pieces, length_m: Floats) -> Areas:
    """Return the H3 cells that roads were shared out among."""
    return Areas(len(pieces.cells), pieces.cell, pieces.link, pieces.length_m / length_m[pieces.link])


def whole_city(link_count: int) -> Areas:
    """Return one area with every link in it."""
    return Areas(1, np.zeros(link_count, np.int64), np.arange(link_count), np.ones(link_count))


def ratio(part: Floats, whole: Floats, otherwise: float) -> Floats:
    """Return ``part / whole``, and ``otherwise`` where the whole is 0."""
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), otherwise), where=whole > 0.0))
