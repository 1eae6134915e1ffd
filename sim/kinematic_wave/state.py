"""The whole state of traffic at one moment: what a snapshot holds, and from which a run goes on to the last bit.

A node looks at the ends of the links that lead into it and at the beginnings of those that leave it. Both are kept apart and
in the order of nodes, each in one line of the processor's cache: to fetch memory is most of the work of moving a vehicle.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.kinematic_wave.compiled import LINE_BYTES
from sim.kinematic_wave.network import Floats, Longs, Network, Records
from sim.kinematic_wave.trip import Trips

HEAD = np.dtype(
    [
        ("due_s", np.float64), ("next_s", np.float64), ("free_s", np.float64), ("gap_s", np.float64), ("exits_s", np.float64),
        ("goal", np.int32), ("tail", np.int32), ("place", np.int32), ("first", np.int32), ("stop", np.int32),
        ("blocked", np.bool_), ("is_signal", np.bool_), ("spare", np.uint16),
    ]
)  # fmt: skip
"""The end of a link, or an origin.

``goal`` is the row in ``State.tails`` to which its first vehicle wants to go, ``due_s`` when it could if there were room.
By capacity the next may leave at ``next_s`` and others ``gap_s`` apart (infinite: closed). ``free_s`` is the least
time that a vehicle takes from the beginning; ``exits_s`` the sum of the moments at which vehicles left. The first vehicle
is at ``place`` of the ring, of which the link has ``first`` to ``stop``. ``tail`` is the row of its own beginning.
``blocked``: somebody waits to enter.
"""

TAIL = np.dtype(
    [
        ("next_s", np.float64), ("gap_s", np.float64), ("entries_s", np.float64), ("travel_s", np.float64),
        ("entered", np.int32), ("left", np.int32), ("sure", np.int32), ("place", np.int32), ("first", np.int32), ("stop", np.int32),
        ("head", np.int32), ("link", np.int32),
    ]
)  # fmt: skip
"""The beginning of a link, or an origin.

``entered`` and ``left`` count vehicles. By capacity the next may enter at ``next_s`` and others ``gap_s`` apart (infinite: closed).
As long as fewer than ``sure`` have entered there is room for one more. The next gets ``place`` of the ring.
``entries_s`` is the sum of the moments at which vehicles entered, ``travel_s`` that of the time spent by those who left.
``head`` is the row of its end in ``State.heads``, ``link`` the number of the link in the network.
"""

TURN = np.dtype([("priority", np.float64), ("credit", np.float64)])
"""Whose turn it is where links compete for the next one."""

SHARE = np.dtype([("out", np.float64), ("into", np.float64)])
"""The shares of the capacity that are there now at the end and the beginning of a link."""

SPOT = np.dtype([("at_s", np.float64), ("vehicle", np.int32), ("code", np.int32)])
"""A place of the ring: who is there since when, or, once they have left, when that was.

``vehicle`` is its row in ``Trips`` and 1, or ``NOBODY``; ``code`` the column of the route table that its driver follows.
"""

UNKNOWN = -3
"""A goal that has to be looked up again: another vehicle is first, or the tables were renewed."""
ARRIVED = -2
"""The goal of a vehicle that leaves the network here."""
NOWHERE = -1
"""The goal of nobody."""
NOBODY = 0
"""The vehicle of a spot that was left."""


class State(NamedTuple):
    """Everything that changes while vehicles move.

    ``heads (m + n,)`` are records ``HEAD`` of links and origins in the order of ``Network.into``, ``tails (m + n,)`` records ``TAIL``
    of links in the order of ``Network.out`` and then of origins; ``share (m + n,)`` are in the order of links and origins, ``turns (m + n,)`` in that of ``heads``.
    The i-th vehicle to enter a link has the spot i modulo its size in its part of ``ring``; an origin's part has all
    trips that begin there. ``wake_s (n,)`` is when something may next happen at a node, ``arrival_s (v,)`` when each vehicle
    arrived (NaN: not yet). ``changes (1,)`` counts the changes of capacity so far; ``renewed_s (1,)`` is when route tables were last renewed.
    """

    heads: Records
    tails: Records
    share: Records
    turns: Records
    ring: Records
    wake_s: Floats
    arrival_s: Floats
    changes: Longs
    renewed_s: Floats


def empty_state(network: Network, trips: Trips, destinations: int) -> State:
    """Return an empty network with everybody still at home."""
    links, nodes = network.links, network.nodes
    link, size = network.link, np.concatenate([network.link["size"][:links], np.diff(trips.start) + 1])
    stop = np.cumsum(size)
    heads, tails = aligned(links + nodes, HEAD), aligned(links + nodes, TAIL)
    who, row = network.into, np.concatenate([network.out, np.arange(links, links + nodes)])
    for records, of in ((heads, who), (tails, row)):
        records["stop"], records["first"] = stop[of], stop[of] - size[of]
        records["place"] = records["first"]
        records["next_s"] = -np.inf
    heads["tail"], tails["link"] = network.place[who], row
    tails["head"][network.place[who]] = np.arange(links + nodes)
    heads["goal"], heads["free_s"], heads["gap_s"] = UNKNOWN, link["free_s"][who], link["out_s"][who]
    heads["is_signal"] = link["cycle_s"][who] > 0.0
    tails["gap_s"], tails["sure"] = link["in_s"][row], link["whole"][row]
    tails["entered"][links:] = np.diff(trips.start)
    turns = np.zeros(links + nodes, TURN)
    turns["priority"] = link["priority"][who]
    share = np.zeros(links + nodes, SHARE)
    share["out"] = share["into"] = 1.0
    ring = np.zeros(int(stop[-1]), SPOT)
    _wait_at_home(trips, destinations, stop[links:] - size[links:], ring)
    arrival_s = np.full(len(trips.trip), np.nan)
    return State(heads, tails, share, turns, ring, np.zeros(nodes), arrival_s, np.zeros(1, np.int64), np.zeros(1))


def aligned(count: int, kind: np.dtype[np.void]) -> Records:
    """Return empty records each of which begins where a line of the cache does."""
    raw = np.zeros(count * kind.itemsize + LINE_BYTES, np.uint8)
    skip = -raw.ctypes.data % LINE_BYTES
    return raw[skip : skip + count * kind.itemsize].view(kind)


@njit(cache=True, nogil=True)
def _wait_at_home(trips: Trips, destinations: int, first: Longs, ring: Records) -> None:
    """Put everybody into the part of the ring that belongs to the origin of the trip."""
    for origin in range(len(first)):
        for vehicle in range(trips.start[origin], trips.start[origin + 1]):
            trip, spot = trips.trip[vehicle], ring[first[origin] + vehicle - trips.start[origin]]
            spot.at_s, spot.vehicle, spot.code = trip.depart_s, vehicle + 1, trip.table * destinations + trip.destination
