"""How long each road takes as its volume grows, and the same for the links of the graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.assignment.delay import AKCELIK, BPR, CONICAL, times
from sim.assignment.graph import CLOSED_TIME_S, Delay, Floats
from sim.travel.network import RoadNetwork, bpr_power
from sim.travel.params import TravelParams
from sim.travel.profile import HOUR_S
from sim.travel.signals import uniform_wait
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

DELAY_PARAMETER = {"motorway": 0.1, "trunk": 0.2, "primary": 0.4, "secondary": 0.8}
"""J by class of road (Akçelik 1991): the more a stream is disturbed, the sooner it queues."""
DISTURBED = 1.6
"""J of all smaller streets."""
AT_SIGNAL = 0.5
"""J at a signal of fixed time: k I of the Highway Capacity Manual's incremental delay, with k = 0.5 and I = 1."""


@dataclass(frozen=True, eq=False)
class RoadDelay:
    """The delay of each city link: the time to drive it, which grows with its volume, and a wait at its end; ``(n,)``."""

    driving: Delay
    wait: Floats

    @property
    def capacity(self) -> Floats:
        """Vehicles per hour at which the delay function has its bend."""
        return self.driving.capacity

    @property
    def empty_time(self) -> Floats:
        """Time on the empty road, a mean wait at the signal included."""
        return self.driving.free_time + self.wait

    def at(self, volume: Floats) -> Floats:
        """Return the time (s) at a volume (veh/h)."""
        return times(self.driving, volume) + self.wait


def road_delay(city: Snapshot, network: RoadNetwork, params: TravelParams) -> RoadDelay:
    """Return the delay functions of the links of a (changed) city."""
    links = city["link"]
    free_time = network.length_m / np.maximum(links["free_flow_speed_mps"], 0.1)
    cycle_s, green, usual_green = network.signals.green(city, params.signal_cycle_s)
    # A road's capacity is told for the usual green: saturation flow is capacity / usual share.
    capacity = np.maximum(links["capacity_vph"] * (green / usual_green), 1.0)
    wait = uniform_wait(cycle_s, green)
    return RoadDelay(_DRIVING[params.delay_function](free_time, capacity, links, network, params), wait)


def _bpr(free_time: Floats, capacity: Floats, links: Frame, _network: RoadNetwork, params: TravelParams) -> Delay:
    b = np.where(links["bpr_b"] > 0.0, links["bpr_b"], params.bpr_b)
    return Delay(free_time, b, capacity, bpr_power(links, params), np.full(len(links), BPR, np.int8))


def _conical(free_time: Floats, capacity: Floats, _links: Frame, _network: RoadNetwork, params: TravelParams) -> Delay:
    count = len(free_time)
    alpha = np.full(count, params.conical_alpha)
    return Delay(free_time, np.ones(count), capacity, alpha, np.full(count, CONICAL, np.int8))


def _akcelik(free_time: Floats, capacity: Floats, links: Frame, network: RoadNetwork, params: TravelParams) -> Delay:
    of_class = np.array([DELAY_PARAMETER.get(name, DISTURBED) for name in links["road_class"].tolist()], float)
    j = np.where(network.signals.waits, AT_SIGNAL, of_class)
    peak_h = params.peak_duration_s / HOUR_S
    form = np.full(len(free_time), AKCELIK, np.int8)
    return Delay(free_time, params.peak_duration_s / (4.0 * free_time), capacity, 8.0 * j / (capacity * peak_h), form)


_DRIVING = {"bpr": _bpr, "conical": _conical, "akcelik": _akcelik}


def graph_delay(city: Snapshot, network: RoadNetwork, params: TravelParams) -> Delay:
    """Return the delay functions of the graph's links in a (changed) city.

    Roads in a row are summed exactly: with one power p, the sum of f_i (1 + b (v/c_i)^p) is
    F (1 + B (v/C)^p) with F the sum of f_i, C the least c_i and B = b sum of f_i (C/c_i)^p / F. Of the
    other forms, and of roads of several powers, no such sum exists: the network keeps them apart.
    """
    roads = road_delay(city, network, params)
    inside = network.place >= 0
    place, count = network.place[inside], len(network.graph.tail)
    free, share, room, exponent, kind = (column[inside] for column in roads.driving)
    capacity = np.full(count, np.inf)
    np.minimum.at(capacity, place, room)
    capacity[~np.isfinite(capacity)] = 1.0
    power, form = np.ones(count), np.zeros(count, np.int8)
    power[place], form[place] = exponent, kind
    free_time = network.fixed_time + np.bincount(place, free + roads.wait[inside], count)
    loaded = np.bincount(place, share * free * (capacity[place] / room) ** exponent, count)
    b = np.divide(loaded, free_time, out=np.zeros(count), where=free_time > 0.0)
    closed = np.bincount(place, shut(city["link"])[inside], count) > 0
    free_time[closed], b[closed] = CLOSED_TIME_S, 0.0
    return Delay(free_time, b, capacity, power, form)


def shut(links: Frame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which links nobody may drive on ``(n,)``."""
    return np.asarray(links["closed"] | (links["capacity_vph"] <= 0.0))
