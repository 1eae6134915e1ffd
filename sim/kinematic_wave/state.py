"""The whole state of traffic at one moment: what a snapshot holds, and from which a run goes on to the last bit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.kinematic_wave.network import Floats, Longs, Network, Records
from sim.kinematic_wave.trip import Trips

LINE = np.dtype(
    [
        ("entered", np.int32), ("left", np.int32), ("goal", np.int32), ("blocked", np.bool_), ("due_s", np.float64), ("moment_s", np.float64),
        ("out_next_s", np.float64), ("in_next_s", np.float64), ("out_factor", np.float64), ("in_factor", np.float64),
        ("credit", np.float64), ("entries_s", np.float64), ("exits_s", np.float64), ("travel_s", np.float64),
    ], align=True,
)  # fmt: skip
"""What changes of a link while vehicles move.

``entered`` and ``left`` count vehicles. ``goal`` is where the first of them wants to go, ``due_s`` when it could if there
were room and ``moment_s`` when it can, as found when last looked at. ``blocked``: somebody waits to enter. ``out_next_s`` and ``in_next_s`` are when the
next vehicle may leave or enter by capacity, ``out_factor`` and ``in_factor`` the share of the capacity that is there now.
``credit`` remembers whose turn it is where links compete. ``entries_s`` and ``exits_s`` are the sums of the moments at which
vehicles entered and left, ``travel_s`` that of the time spent by those who left.
"""

SPOT = np.dtype([("at_s", np.float64), ("vehicle", np.int32)])
"""A place of a link's ring: who is there since when, or, once they have left, when that was."""


UNKNOWN = -3
"""A link's goal that has to be looked up again: another vehicle is first, or the tables were renewed."""
NOBODY = -1
"""The vehicle of a spot that was left."""


class State(NamedTuple):
    """Everything that changes while vehicles move.

    ``line (m + n,)`` are records ``LINE`` of links and origins; an origin counts its trips by their rows in ``Trips``. The
    i-th vehicle to enter a link has the spot i modulo the link's size in its part of ``ring``. ``wake_s (n,)`` is when
    something may next happen at a node, ``arrival_s (v,)`` when each vehicle arrived (NaN: not yet).
    ``changes (1,)`` counts the changes of capacity so far; ``renewed_s (1,)`` is when route tables were last renewed.
    """

    line: Records
    ring: Records
    wake_s: Floats
    arrival_s: Floats
    changes: Longs
    renewed_s: Floats


def empty_state(network: Network, trips: Trips) -> State:
    """Return an empty network with everybody still at home."""
    line = np.zeros(len(network.link), LINE)
    line["out_next_s"] = line["in_next_s"] = -np.inf
    line["goal"] = UNKNOWN
    line["out_factor"] = line["in_factor"] = 1.0
    line["left"][network.links :], line["entered"][network.links :] = trips.start[:-1], trips.start[1:]
    ring = np.zeros(int(network.link["size"].sum(dtype=np.int64)), SPOT)
    arrival_s = np.full(len(trips.trip), np.nan)
    return State(line, ring, np.zeros(network.nodes), arrival_s, np.zeros(1, np.int64), np.zeros(1))
