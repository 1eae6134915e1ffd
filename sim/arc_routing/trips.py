"""An area's tour made into trips: split by hopper and shift, then improved."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.abreast import each
from sim.arc_routing.area import Area, Rows, Yards
from sim.arc_routing.kerbs import Kerbs
from sim.arc_routing.rules import Rules
from sim.arc_routing.tour import circuits, joined
from sim.routing import chains as linked
from sim.routing.chains import NONE, Legs, link_trips, measure_all, written_out
from sim.routing.local_search import Itinerary, improve_pass
from sim.routing.neighbours import Near, nearest_columns
from sim.routing.split import split_tour
from twin.geo import FloatArray
from twin.task import Progress, Task

NEIGHBOURS = 16
MAX_PASSES = 30
PLANNING = Progress("Planning the tours along the streets")


@dataclass(frozen=True, eq=False)
class Trip:
    """Kerbs in driving order, from the first one's start until dumped at a site (a yard).

    ``inner_s`` is all of its time, ``dead_s`` that of driving without work, with ``dead_m``, and ``between_s`` of that what is
    driven between kerbs. Of the ways ``from_yards`` ``(2, yards)`` to its first kerb, in seconds and metres, the one from where
    the vehicle comes is driven before.
    """

    kerbs: Rows
    inner_s: float
    between_s: float
    dead_s: float
    dead_m: float
    site: int
    from_yards: FloatArray


@dataclass(frozen=True, eq=False)
class _Round:
    """An area's trips under way: ``tour`` is the kerb of the area behind each stop of ``day``."""

    area: Area
    tour: Rows
    day: Itinerary
    near: Near
    awake: NDArray[np.bool_]


def trips_of(kerbs: Kerbs, areas: list[Area], yards: Yards, rules: Rules, start: int) -> Task[list[Trip]]:
    """Return the trips of a day's areas. Each ``start`` begins the tours elsewhere."""
    rounds = []
    for area in areas:
        yield PLANNING
        rounds.append(_begun(kerbs, area, limit_s(area, yards, rules), rules, start))
    rest = sorted(rounds, key=lambda one: -len(one.tour))
    for _ in range(MAX_PASSES):
        yield PLANNING
        moves = each(lambda one: improve_pass(one.day, one.near, one.awake), rest)
        rest = [one for one, made in zip(rest, moves, strict=True) if made]
    return [trip for one in rounds for trip in _ended(kerbs, one, rules)]


def limit_s(area: Area, yards: Yards, rules: Rules) -> float:
    """Return how long a trip may take so that it fits a shift from some depot, with the ways from it and home."""
    n, time_s = area.ways.kerbs, area.ways.time_s.astype(np.float64)
    out_s, home_s = time_s[n + yards.depot, :n], time_s[np.ix_(n + yards.site, n + yards.depot)]
    # For each kerb to begin at and site to dump at, what the best depot adds; room is kept for the worst of them.
    added_s = (out_s.T[:, None, :] - area.out_s[:, None, None] + home_s[None, :, :]).min(axis=2)
    return min(rules.trip_s, max(0.0, rules.shift_s - max(0.0, float(added_s.max()))))


def _begun(kerbs: Kerbs, area: Area, longest_s: float, rules: Rules, start: int) -> _Round:
    """Return the first trips of an area: its closed tour, opened and split.

    A leg is the way between two kerbs and half of the work on both, so that the sums along a trip have all of it.
    """
    n = area.ways.kerbs
    first = (start * n) // rules.starts
    tour = joined(circuits(area.start, area.onward, area.across, first), area.ways.time_s)
    tour = np.roll(tour, -int(np.flatnonzero(tour == first)[0]))
    half_s = 0.5 * kerbs.work_s[area.kerbs]
    time_s = area.ways.time_s[:n, :n] + (half_s[:, None] + half_s[None, :]).astype(np.float32)
    turns = np.flatnonzero(area.across >= 0)
    time_s[turns, area.across[turns]] += np.float32(rules.u_turn_s)
    time_s = np.ascontiguousarray(time_s[np.ix_(tour, tour)])
    out_s, back_s = (area.out_s + half_s)[tour], (area.back_s + half_s)[tour] + rules.reload_s
    legs = Legs(time_s, out_s, back_s, np.arange(n, dtype=np.int32))
    limits, load_l = linked.Rules(rules.capacity_l, longest_s, 0.0), kerbs.load_l[area.kerbs[tour]]
    chains = link_trips(split_tour(legs, limits, load_l))
    day = Itinerary(legs, limits, load_l, chains, measure_all(legs, limits, load_l, chains))
    return _Round(area, tour, day, _neighbours(time_s), np.ones(n, np.bool_))


def _neighbours(time_s: NDArray[np.float32]) -> Near:
    """Return the kerbs near each by the shorter of both ways, ties by number."""
    either = np.minimum(time_s, time_s.T)
    np.fill_diagonal(either, np.inf)
    k = min(NEIGHBOURS, len(either) - 1)
    if not k:
        return Near(np.full((len(either), 1), NONE, np.int32), np.full((len(either), 1), np.inf, np.float32))
    found, apart_s = nearest_columns(either, k)
    return Near(found.astype(np.int32), apart_s)


def _ended(kerbs: Kerbs, one: _Round, rules: Rules) -> list[Trip]:
    """Return an area's trips as they are now, with all that is told of them."""
    area, ways = one.area, one.area.ways
    sequence, begins = written_out(one.day.chains)
    found = []
    for low, high in pairwise(begins.tolist()):
        rows = one.tour[sequence[low:high]]
        ahead, behind, last, site = rows[:-1], rows[1:], rows[-1], int(area.site[rows[-1]])
        turning_s = rules.u_turn_s * float((area.across[ahead] == behind).sum())
        between_s = float(ways.time_s[ahead, behind].sum(dtype=np.float64)) + turning_s
        dead_s = between_s + float(area.back_s[last])
        dead_m = float(ways.length_m[ahead, behind].sum(dtype=np.float64)) + float(ways.length_m[last, ways.kerbs + site])
        work_s = float(kerbs.work_s[area.kerbs[rows]].sum())
        from_yards = np.array([ways.time_s[ways.kerbs :, rows[0]], ways.length_m[ways.kerbs :, rows[0]]], dtype=np.float64)
        found.append(Trip(area.kerbs[rows], work_s + dead_s + rules.reload_s, between_s, dead_s, dead_m, site, from_yards))
    return found
