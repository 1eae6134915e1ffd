"""The kerbs of a day that are swept together: what lies between them, and the tour that balances their directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.arc_routing.kerbs import Kerbs
from sim.arc_routing.tour import balanced
from sim.arc_routing.ways import UNREACHED_S, Ground, Ways, measure_ways
from sim.network.streets import IntArray
from twin.geo import FloatArray
from twin.task import Progress, Task

MOST_KERBS = 2000
"""Kerbs of an area: its tables of ways take 32 MB, and balancing its directions some tenths of a second."""
LONGEST_WAY_S = 0.5 * UNREACHED_S

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Yards:
    """Depots and sites to unload or load at, by their numbers among the yards, and the ways between all yards."""

    depot: Rows
    site: Rows
    ways: Ways


@dataclass(frozen=True, eq=False)
class Area:
    """Kerbs (rows) of a day that are swept together, and the ways between them and the yards.

    ``start`` is the vertex of each kerb, ``across`` the other side of its street within the area (-1: none), ``onward`` where the
    tour goes on after it, ``least_s`` the seconds without work that no plan can undercut. ``out_s`` is the time from the nearest
    site, ``back_s`` that to the nearest, which is ``site``.
    """

    kerbs: Rows
    ways: Ways
    start: IntArray
    across: IntArray
    onward: IntArray
    least_s: float
    out_s: FloatArray
    back_s: FloatArray
    site: Rows


def part_places(along: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places on the curve that part kerbs (in its order) into areas of about the same number."""
    parts = -(-len(along) // MOST_KERBS)
    return np.asarray(along[(np.arange(1, parts) * len(along)) // max(parts, 1)])


def find_areas(kerbs: Kerbs, due: Rows, places: NDArray[np.int64], ground: Ground, yards: Yards) -> Task[list[Area]]:
    """Return the areas of a day, parted at places on the curve; kerbs that no vehicle can reach and leave are in none."""
    areas = []
    for part in np.split(due, np.searchsorted(kerbs.along[due], places)):
        if not len(part):
            continue
        ways = yield from measure_ways(ground, kerbs.link[part])
        out_s, back_s, _ = _ends(ways, yards)
        kept = np.flatnonzero((out_s < LONGEST_WAY_S) & (back_s < LONGEST_WAY_S))
        if not len(kept):
            continue
        yield Progress("Balancing the directions of streets")
        areas.append(_area(kerbs, part[kept], _only(ways, kept), ground, yards))
    return areas


def _area(kerbs: Kerbs, part: Rows, ways: Ways, ground: Ground, yards: Yards) -> Area:
    link, n = kerbs.link[part], len(part)
    onward, least_s = balanced(ground.start[link], ground.end[link], ways.time_s[:n, :n])
    return Area(part, ways, ground.start[link], _inside(kerbs.across[part], part), onward, least_s, *_ends(ways, yards))


def _only(ways: Ways, kept: Rows) -> Ways:
    """Return the ways of some kerbs and of the yards."""
    if len(kept) == ways.kerbs:
        return ways
    rows = np.concatenate([kept, np.arange(ways.kerbs, len(ways.time_s))])
    return Ways(ways.time_s[np.ix_(rows, rows)], ways.length_m[np.ix_(rows, rows)], len(kept))


def _inside(across: IntArray, part: Rows) -> IntArray:
    """Return the other sides as rows of a part, -1 where they are not in it."""
    at = np.minimum(np.searchsorted(part, across), len(part) - 1)
    return np.where((across >= 0) & (part[at] == across), at, -1).astype(np.int32)


def _ends(ways: Ways, yards: Yards) -> tuple[FloatArray, FloatArray, Rows]:
    """Return the time from the nearest site to each kerb, from it to the nearest site, and that site's number."""
    n = ways.kerbs
    to_site = ways.time_s[:n, n + yards.site].astype(np.float64)
    out_s = ways.time_s[n + yards.site, :n].min(axis=0).astype(np.float64)
    return out_s, to_site.min(axis=1), yards.site[to_site.argmin(axis=1)]
