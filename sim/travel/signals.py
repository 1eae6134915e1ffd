"""Traffic signals: how long vehicles wait at them on average, and how many get through.

The wait is the uniform delay of F. V. Webster (1958), Traffic signal settings, Road Research Technical
Paper 39, for an approach with little traffic: C (1 - g/C)^2 / 2 of cycle C and green g. What its volume
adds is left to the delay function.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.travel.bearings import entering_deg
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASSES
from twin.model.snapshot import Snapshot

LOST_S = 8.0
"""Time of each cycle in which nobody has green: two changes of four seconds."""
PEDESTRIANS = 0.5
"""What a crossing without cross traffic weighs against the road."""
SAME_JUNCTION_M = 30.0
"""A signal this close behind another belongs to the same junction: one wait is counted."""
ALONG_DEG = 45.0
"""Approaches within this angle of the most important one's axis have green together with it."""


@dataclass(frozen=True, eq=False)
class Signals:
    """Which links end at a signal, ``waits (n,)``, at which node's row, and their usual share of the green time.

    Approaches along the axis of the most important road have green together, then all others; the two share
    the green as the capacities of their roads' classes do.
    """

    waits: NDArray[np.bool_]
    node: NDArray[np.int64]
    share: Floats

    def green(self, city: Snapshot, usual_cycle_s: float) -> tuple[Floats, Floats, Floats]:
        """Return cycle (s), share of green in it and usual share of green of each link ``(n,)``; 0, 1, 1 without a signal."""
        own_cycle, own_share = city["node"]["cycle_s"][self.node], city["link"]["green_share"]
        cycle_s = np.where(self.waits, np.where(own_cycle > LOST_S, own_cycle, usual_cycle_s), 0.0)
        usual = np.where(self.waits, self.share * (1.0 - LOST_S / usual_cycle_s), 1.0)
        by_cycle = self.share * (1.0 - LOST_S / np.maximum(cycle_s, LOST_S))
        green = np.where(self.waits, np.where(own_share > 0.0, own_share, by_cycle), 1.0)
        return cycle_s, green, usual


def uniform_wait(cycle_s: Floats, green: Floats) -> Floats:
    """Return the mean wait (s) at a signal that is green for the share ``green`` of its cycle (Webster 1958, first term)."""
    return np.asarray(0.5 * cycle_s * (1.0 - green) ** 2)


def make_signals(links: Frame, nodes: Frame, tail: NDArray[np.int64], head: NDArray[np.int64], length_m: Floats) -> Signals:
    """Find the approaches of a city's signals; ``tail`` and ``head`` are the rows of each link's nodes, -1 where unknown."""
    signal = np.append(nodes["signal"].astype(bool), False)  # the row of unknown nodes
    waits = signal[head] & ~(signal[tail] & (length_m < SAME_JUNCTION_M)) & (tail >= 0)
    share = np.ones(len(links))
    rows = np.flatnonzero(waits)
    if len(rows):
        approaches = links.take(rows)
        share[rows] = _shares(head[rows], entering_deg(approaches), _weight(approaches))
    return Signals(waits, np.maximum(head, 0), share)


def _weight(links: Frame) -> Floats:
    """Return the capacity per lane of each link's class: edits of one road do not change the green of another."""
    of_class = {item.name: item.capacity_vph for item in ROAD_CLASSES}
    return np.array([of_class[name] for name in links["road_class"].tolist()], float)


def _shares(node: NDArray[np.int64], bearing_deg: Floats, weight: Floats) -> Floats:
    """Return the share of green time of each approach ``(k,)`` of the signals at ``node (k,)``."""
    order = np.lexsort((np.arange(len(node)), -weight, node))
    _, first, group = np.unique(node[order], return_index=True, return_inverse=True)
    axis = bearing_deg[order][first][group]
    off = np.abs((bearing_deg[order] - axis + 90.0) % 180.0 - 90.0)
    phase = (off > ALONG_DEG).astype(int)
    heaviest = np.zeros((len(first), 2))
    np.maximum.at(heaviest, (group, phase), weight[order])
    heaviest[:, 1] = np.where(heaviest[:, 1] > 0.0, heaviest[:, 1], PEDESTRIANS * heaviest[:, 0])
    share = np.empty(len(node))
    share[order] = heaviest[group, phase] / heaviest[group].sum(axis=1)
    return share
