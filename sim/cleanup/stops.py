"""One day's stops in the order in which they are driven: what a crew holds in its hands."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.cleanup.router import Router
from sim.cleanup.routing import DayPlan
from sim.routing.packing import Shift, clock
from twin.geo import FloatArray
from twin.model.entity import CLOCK_UNIT
from twin.model.results import Measure, ResultTable

MEASURES = (
    Measure("truck", "Truck", "", worse="neither", definition="Trucks count from 1, those of one depot after another."),
    Measure("trip", "Trip", "", worse="neither", definition="Place of the trip in the truck's day."),
    Measure("stop", "Stop", "", worse="neither", definition="Place of the stop on the trip."),
    Measure(
        "arrives_s", "Arrives", CLOCK_UNIT, worse="neither", definition="When the truck comes, with the break where it is due."
    ),
    Measure("load_l", "Load", "L", worse="neither", definition="In the bin and beside it in this draw of the day."),
    Measure("distance_km", "Distance", "km", worse="neither", definition="Driven since the truck left for the trip."),
)


def stop_table(router: Router, plan: DayPlan, load_l: FloatArray, bin_ids: NDArray[np.object_]) -> ResultTable:
    """Return the stops that are driven, in the order of trucks, trips and stops; ids are those of the bins.

    ``load_l`` ``(bins,)`` is what is taken from each bin.
    """
    order = np.lexsort((plan.turn, plan.truck))
    order = order[plan.truck[order] >= 0]
    begins_s: dict[int, float] = {}
    bins: list[NDArray[np.intp]] = []
    rows: list[FloatArray] = []
    for trip in order.tolist():
        truck = int(plan.truck[trip])
        begin_s = begins_s.setdefault(truck, float(plan.leaves_s[trip]))
        served = plan.trips.bins[plan.trips.start[trip] : plan.trips.start[trip + 1]]
        legs = list(pairwise([int(plan.origin[trip]), *router.bin_place[served].tolist()]))
        starts, ends = np.array(legs, dtype=np.intp).reshape(-1, 2).T
        number = np.arange(len(served), dtype=np.float64)
        driven_s = np.cumsum(router.ways.time_s[starts, ends], dtype=np.float64)
        worked_s = work_s(router.shift, begin_s, float(plan.leaves_s[trip])) + driven_s + router.service_s * number
        arrives_s = [clock(router.shift, begin_s, work) for work in worked_s.tolist()]
        metres = np.cumsum(router.ways.length_m[starts, ends], dtype=np.float64)
        whose = np.full(len(served), truck + 1.0), np.full(len(served), plan.turn[trip] + 1.0)
        bins.append(served)
        rows.append(np.array([*whose, number + 1.0, arrives_s, load_l[served], metres / 1000.0]))
    columns = np.hstack([np.empty((len(MEASURES), 0)), *rows])
    chosen = np.concatenate([np.empty(0, dtype=np.intp), *bins])
    names = (measure.name for measure in MEASURES)
    return ResultTable("stop", bin_ids[chosen], dict(zip(names, columns, strict=True)), MEASURES)


def work_s(shift: Shift, begin_s: float, clock_s: float) -> float:
    """Return the work since a truck began, from the time of day: the inverse of ``clock``."""
    since_s = clock_s - begin_s
    return since_s if since_s <= shift.break_after_s else since_s - shift.break_s
