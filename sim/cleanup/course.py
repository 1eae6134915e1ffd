"""Where each truck is all day long: when it passes what, and what it carries then; for the map that shows the rounds driven."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sim.cleanup.router import Router
from sim.cleanup.routing import DayPlan
from sim.cleanup.stops import work_s
from sim.routing.packing import Shift
from twin.geo import FloatArray
from twin.model.entity import CLOCK_UNIT
from twin.model.results import Measure, ResultTable

MEASURES = (
    Measure("truck", "Truck", "", worse="neither"),
    Measure("trip", "Trip", "", worse="neither", definition="Place of the trip in the truck's day."),
    Measure("passes_s", "Passes", CLOCK_UNIT, worse="neither"),
    Measure("distance_km", "Distance", "km", worse="neither", definition="Driven since the truck left for the trip."),
    Measure("load_l", "Load", "L", worse="neither"),
    Measure("full", "Share of the truck's load", "", worse="neither", definition="Load / what a truck carries on such a trip."),
)


def course_table(router: Router, plan: DayPlan, load_l: FloatArray) -> ResultTable:
    """Return the moments of each truck's day in order; between two of them it drives evenly, or stands.

    There is a row where a truck leaves, comes to a stop, leaves it, comes to the disposal site, leaves that, and comes home; two
    more for the break, wherever it is due. ``load_l`` ``(bins,)`` is what is taken from each bin.
    """
    order = np.lexsort((plan.turn, plan.truck))
    order = order[plan.truck[order] >= 0]
    rows = [np.empty((0, len(MEASURES)))]
    for truck in np.unique(plan.truck[order]).tolist():
        mine = order[plan.truck[order] == truck]
        begin_s = float(plan.leaves_s[mine[0]])
        worked = [_of_trip(router, plan, trip, begin_s, load_l, ends=trip == mine[-1]) for trip in mine.tolist()]
        rows.append(_with_break(router.shift, begin_s, np.vstack(worked)))
    columns = np.vstack(rows).T
    ids = np.array([str(row + 1) for row in range(columns.shape[1])], dtype=object)
    return ResultTable("course", ids, {item.name: column for item, column in zip(MEASURES, columns, strict=True)}, MEASURES)


def _of_trip(router: Router, plan: DayPlan, trip: int, begin_s: float, load_l: FloatArray, *, ends: bool) -> FloatArray:
    """Return the moments of a trip ``(n, 6)``, their time as work since the truck began; the last trip ends at the depot."""
    trips, site = plan.trips, int(plan.site[trip])
    bins = trips.bins[trips.start[trip] : trips.start[trip + 1]]
    places = [int(plan.origin[trip]), *router.bin_place[bins].tolist(), site]
    starts, ends_at = np.array(list(pairwise(places)), dtype=np.intp).T
    drive_s = router.ways.time_s[starts, ends_at].astype(np.float64)
    km = np.cumsum(router.ways.length_m[starts, ends_at], dtype=np.float64) / 1000.0
    work = router.work[int(trips.kind[trip])]
    unload_s = float(router.unload_s[work.site[router.bin_place[bins[-1]]]])
    stands_s = np.append(np.full(len(bins), router.service_s), unload_s)
    leaves_s = work_s(router.shift, begin_s, float(plan.leaves_s[trip])) + np.cumsum(drive_s + stands_s)
    carried = np.cumsum(load_l[bins])
    at_s = np.concatenate([[leaves_s[0] - stands_s[0] - drive_s[0]], np.column_stack([leaves_s - stands_s, leaves_s]).ravel()])
    at_km = np.append(0.0, np.repeat(km, 2))
    load = np.concatenate([[0.0, 0.0], np.repeat(carried, 2), [0.0]])
    if ends:
        home = int(plan.truck_home[plan.truck[trip]])
        at_s = np.append(at_s, at_s[-1] + float(router.ways.time_s[site, home]))
        at_km = np.append(at_km, at_km[-1] + float(router.ways.length_m[site, home]) / 1000.0)
        load = np.append(load, 0.0)
    whose = np.tile([plan.truck[trip] + 1.0, plan.turn[trip] + 1.0], (len(at_s), 1))
    return np.column_stack([whose, at_s, at_km, load, load / work.capacity_l])


def _with_break(shift: Shift, begin_s: float, rows: FloatArray) -> FloatArray:
    """Turn work into the time of day: with the break, in which the truck stands where it is."""
    work = rows[:, 2]
    out = rows.copy()
    is_late = work > shift.break_after_s
    out[:, 2] = begin_s + work + np.where(is_late, shift.break_s, 0.0)
    if not is_late.any() or is_late.all() or shift.break_s == 0.0:
        return out
    after = int(np.argmax(is_late))
    before, share = after - 1, (shift.break_after_s - work[after - 1]) / (work[after] - work[after - 1])
    same_trip = rows[before, 1] == rows[after, 1]  # between two trips the truck stands at the disposal site already
    stands = rows[before].copy()
    if same_trip:
        stands[3] += share * (rows[after, 3] - rows[before, 3])
    pause = np.vstack([stands, stands])
    pause[:, 2] = begin_s + shift.break_after_s + np.array([0.0, shift.break_s])
    return np.vstack([out[:after], pause, out[after:]])
