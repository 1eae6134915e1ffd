"""Trips given to ploughs, roads of the first order before those of the second: who drives what, and when it is clear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.arc_routing.area import Area, Rows, Yards
from sim.arc_routing.kerbs import Kerbs
from sim.arc_routing.trips import Trip, trips_of
from sim.snow_clearing.params import SnowClearingParams
from twin.geo import FloatArray
from twin.task import Task

SHARES = (1.1, 0.6, 0.4)
"""Lengths of trips that are tried, as shares of what each plough has to do: long ones save ways, short ones end together."""


class Drive(NamedTuple):
    """A trip with its plough and its place in the plough's work (both from 0), when it begins and ends, and the yard it leaves."""

    trip: Trip
    plough: int
    turn: int
    begins_s: float
    ends_s: float
    origin: int


@dataclass(frozen=True, eq=False)
class Plan:
    """The drives in the order in which they were given out, and the seconds after the alarm at which each kerb is clear (n,).

    Kerbs that nobody reaches are never clear (inf). ``dead_m`` is driven without work; ``work_s`` is that of all ploughs.
    """

    drives: tuple[Drive, ...]
    clear_s: FloatArray
    dead_m: float
    work_s: float


@dataclass(frozen=True, eq=False)
class _Fleet:
    """When each plough is free, in which yard it stands then, and how many trips it has made, each ``(ploughs,)``."""

    free_s: FloatArray
    stands: Rows
    turns: Rows

    def given(self, trips: list[Trip]) -> tuple[_Fleet, list[Drive]]:
        """Give each trip to the plough that can begin its work first, long trips first; return the fleet after it."""
        free_s, stands, turns = self.free_s.copy(), self.stands.copy(), self.turns.copy()
        drives = []
        for trip in sorted(trips, key=lambda trip: -trip.inner_s):
            ready_s = free_s + trip.from_yards[0, stands]
            plough = int(ready_s.argmin())
            ends_s = float(ready_s[plough]) + trip.inner_s
            drives.append(Drive(trip, plough, int(turns[plough]), float(free_s[plough]), ends_s, int(stands[plough])))
            free_s[plough], stands[plough], turns[plough] = ends_s, trip.site, turns[plough] + 1
        return _Fleet(free_s, stands, turns), drives


def plan_work(kerbs: Kerbs, orders: list[list[Area]], yards: Yards, params: SnowClearingParams, start: int) -> Task[Plan]:
    """Plan the work on the areas of each order. Each ``start`` begins the tours elsewhere."""
    depots = np.repeat(yards.depot, params.ploughs)
    fleet = _Fleet(np.full(len(depots), params.alarm_s), depots, np.zeros(len(depots), np.intp))
    drives: list[Drive] = []
    for areas in orders:
        if not areas:
            continue
        tried: list[tuple[_Fleet, list[Drive]]] = []
        for share in SHARES:
            longest_s = share * sum(float(kerbs.work_s[area.kerbs].sum()) for area in areas) / len(depots)
            longest_s += params.reload_s + float(np.mean([(area.out_s + area.back_s).mean() for area in areas]))
            tried.append(fleet.given((yield from trips_of(kerbs, areas, yards, params.rules(longest_s), start))))
        fleet, mine = min(tried, key=lambda one: max(drive.ends_s for drive in one[1]))
        drives += mine
    dead_m = sum(drive.trip.dead_m + float(drive.trip.from_yards[1, drive.origin]) for drive in drives)
    work_s = float((fleet.free_s - params.alarm_s).sum())
    return Plan(tuple(drives), _clear_s(kerbs, orders, drives, params.u_turn_s), dead_m, work_s)


def _clear_s(kerbs: Kerbs, orders: list[list[Area]], drives: list[Drive], u_turn_s: float) -> FloatArray:
    """Return when each kerb is clear: when its plough comes to its end."""
    area_of, row_of = np.full(len(kerbs.link), -1), np.full(len(kerbs.link), -1)
    areas = [area for order in orders for area in order]
    for number, area in enumerate(areas):
        area_of[area.kerbs], row_of[area.kerbs] = number, np.arange(len(area.kerbs))
    clear_s = np.full(len(kerbs.link), np.inf)
    for drive in drives:
        mine: Rows = drive.trip.kerbs
        area, rows = areas[area_of[mine[0]]], row_of[mine]
        way_s = np.append(drive.trip.from_yards[0, drive.origin], area.ways.time_s[rows[:-1], rows[1:]])
        way_s[1:] += np.where(area.across[rows[:-1]] == rows[1:], u_turn_s, 0.0)
        clear_s[mine] = drive.begins_s + np.cumsum(way_s + kerbs.work_s[mine])
    return clear_s
