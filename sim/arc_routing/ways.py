"""The ways between kerbs: from the end of one to the start of another, with every banned turn kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.network.hierarchy import Contracted, aimed, contract_network, tables_between
from sim.network.streets import IntArray, Streets
from twin.task import Task

UNREACHED_S = 1e6
TICK_S = 0.1
"""Times are told in tenths: the last digits depend on the whole network, and an edit must not change a far street by them."""
MESSAGE = "Measuring the ways between streets"

Table = NDArray[np.float32]
Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Ground:
    """The graph on which vehicles drive, with a vertex for ``start`` and ``end`` of each road ``(links,)``, -1 where it is closed.

    Yards are depots, then sites: ``yard_node`` where they are left, ``yard_goal`` where they are reached.
    """

    streets: Streets
    network: Contracted
    start: IntArray
    end: IntArray
    yard_node: IntArray
    yard_goal: IntArray


@dataclass(frozen=True, eq=False)
class Ways:
    """Times and lengths from ends of kerbs, then yards, to starts of kerbs, then yards: ``(kerbs + yards, kerbs + yards)``."""

    time_s: Table
    length_m: Table
    kerbs: int


def prepare_ground(streets: Streets, links: int, yard_node: IntArray) -> Task[Ground]:
    """Give each road a start and an end, and prepare the search for ways between them and the yards."""
    streets, start, end = with_starts(streets, links)
    network = yield from contract_network(streets)
    return Ground(streets, network, start, end, yard_node, streets.arrival[yard_node])


def with_starts(streets: Streets, links: int) -> tuple[Streets, IntArray, IntArray]:
    """Return the graph with a vertex for each road from which it is about to be driven, and the vertices of both ends.

    That is the node at its tail, unless some turn into it is banned there: then a vertex that only the other turns lead to.
    """
    tail = np.repeat(np.arange(streets.vertex_count), np.diff(streets.first_arc))
    drives = np.flatnonzero(streets.link_row >= 0)
    row = streets.link_row[drives]
    start, end = np.full(links, -1, np.int32), np.full(links, -1, np.int32)
    start[row], end[row] = tail[drives], streets.head[drives]
    several = np.flatnonzero(np.bincount(row, minlength=links) > 1)
    if not len(several):
        return streets, start, end
    start[several] = streets.vertex_count + np.arange(len(several), dtype=np.int32)
    leading = drives[np.isin(row, several)]
    tails = np.concatenate([tail, tail[leading]])
    order = np.argsort(tails, kind="stable")
    added = np.zeros(len(leading))
    count = streets.vertex_count + len(several)
    grown = Streets(
        np.searchsorted(tails[order], np.arange(count + 1)).astype(np.int32),
        np.concatenate([streets.head, start[streets.link_row[leading]]])[order],
        np.concatenate([streets.time_s, added])[order],
        np.concatenate([streets.length_m, added])[order],
        np.concatenate([streets.link_row, np.full(len(leading), -1, np.int32)])[order],
        streets.arrival,
    )
    return grown, start, end


def measure_ways(ground: Ground, link: IntArray) -> Task[Ways]:
    """Search the ways between the kerbs of some roads and the yards."""
    sources = np.concatenate([ground.end[link], ground.yard_node])
    targets = np.concatenate([ground.start[link], ground.yard_goal])
    time_s, length_m = yield from tables_between(aimed(ground.network, targets), sources, targets, MESSAGE)
    lost = ~np.isfinite(time_s)
    time_s[lost], length_m[lost] = UNREACHED_S, UNREACHED_S
    np.round(time_s / TICK_S, out=time_s)
    time_s *= TICK_S
    return Ways(time_s, length_m, len(link))
