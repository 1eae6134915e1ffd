"""A day's trips put on sweepers, and what the day adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.arc_routing.area import Rows, Yards
from sim.arc_routing.trips import Trip
from sim.network.streets import IntArray
from sim.routing.packing import Ready, Shift, pack_trips
from sim.street_cleaning.kerbs import Calendar
from sim.street_cleaning.params import StreetCleaningParams
from twin.geo import FloatArray


class Drive(NamedTuple):
    """A trip that is driven: its sweeper and its turn (both from 0), when it leaves, the yard it leaves, the depot after it (-1: none)."""

    trip: Trip
    sweeper: int
    turn: int
    leaves_s: float
    origin: int
    home: int


@dataclass(frozen=True, eq=False)
class Day:
    """What is driven on a day, in the order of sweepers and turns; the kerbs swept; the seconds of work of each sweeper."""

    drives: tuple[Drive, ...]
    swept: Rows
    work_s: FloatArray
    dead_s: float
    dead_m: float


def put_on_sweepers(calendar: Calendar, trips: list[Trip], yards: Yards, params: StreetCleaningParams) -> Day:
    """Give each trip a sweeper within its shift: trips along streets that are swept most often first, then long ones.

    Trips for which no sweeper has time are not driven.
    """
    if not trips:
        return Day((), np.empty(0, np.intp), np.empty(0), 0.0, 0.0)
    count, places = len(trips), len(yards.ways.time_s)
    time_s = np.zeros((places + count, places + count), np.float32)
    time_s[:places, :places] = yards.ways.time_s
    time_s[:places, places:] = np.array([trip.from_yards[0] for trip in trips]).T
    inner_s = np.array([trip.inner_s for trip in trips])
    first = np.arange(places, places + count, dtype=np.int32)
    site = np.array([trip.site for trip in trips], dtype=np.int32)
    fits = np.ones((len(yards.depot), count), np.bool_)
    ready = Ready(first, site, inner_s, inner_s, np.full(count, -np.inf), np.full(count, np.inf), fits)
    shift = Shift(params.shift_start_s, params.shift_s, params.shift_s, params.break_s, params.break_after_s)
    fleet = np.full(len(yards.depot), params.sweepers or count, np.int32)
    often = np.array([np.average(calendar.every[trip.kerbs], weights=calendar.kerbs.length_m[trip.kerbs]) for trip in trips])
    packed = pack_trips(np.lexsort((-inner_s, often)), ready, time_s, yards.depot.astype(np.int32), fleet, shift)
    drives = _drives(trips, packed.truck, packed.turn, packed.leaves_s, yards.depot[packed.depot])
    return Day(
        drives,
        np.concatenate([np.empty(0, np.intp), *(drive.trip.kerbs for drive in drives)]),
        packed.work_s,
        _dead(drives, yards, 0),
        _dead(drives, yards, 1),
    )


def _drives(trips: list[Trip], sweeper: IntArray, turn: IntArray, leaves_s: FloatArray, depot: Rows) -> tuple[Drive, ...]:
    order = np.lexsort((turn, sweeper))
    order = order[sweeper[order] >= 0]
    is_last = np.append(sweeper[order][1:] != sweeper[order][:-1], True) if len(order) else np.empty(0, bool)
    drives: list[Drive] = []
    for number, last in zip(order.tolist(), is_last.tolist(), strict=True):
        mine, place = int(sweeper[number]), int(turn[number])
        origin = int(depot[mine]) if place == 0 else drives[-1].trip.site
        drives.append(Drive(trips[number], mine, place, float(leaves_s[number]), origin, int(depot[mine]) if last else -1))
    return tuple(drives)


def _dead(drives: tuple[Drive, ...], yards: Yards, unit: int) -> float:
    """Return the seconds (unit 0) or metres (1) of driving without sweeping."""
    table = (yards.ways.time_s, yards.ways.length_m)[unit]
    inner = sum(
        (drive.trip.dead_s, drive.trip.dead_m)[unit] + float(drive.trip.from_yards[unit, drive.origin]) for drive in drives
    )
    return inner + sum(float(table[drive.trip.site, drive.home]) for drive in drives if drive.home >= 0)
