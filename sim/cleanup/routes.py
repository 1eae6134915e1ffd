"""One day's trips as lines along the roads, for the map and the route sheet."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.cleanup.operation import Operation
from sim.cleanup.router import Router
from sim.cleanup.routing import DayPlan
from sim.network.shortest import way_arcs
from twin.model.entity import CLOCK_UNIT
from twin.model.frame import Frame
from twin.model.places import WASTE_KINDS
from twin.model.results import Measure, ResultTable
from twin.task import Progress, Task

MEASURES = (
    Measure("truck", "Truck", "", worse="neither", definition="Trucks count from 1, those of one depot after another."),
    Measure("trip", "Trip", "", worse="neither", definition="Place of the trip in the truck's day."),
    Measure("waste_kind", "Waste kind", "", worse="neither", definition="Place in the list of waste kinds, from 0 on."),
    Measure("stops", "Stops", "", worse="neither", definition="Bins emptied on the trip."),
    Measure("load_l", "Load", "L", worse="neither"),
    Measure("distance_km", "Distance", "km", definition="From where the trip starts until unloaded; the last one to the depot."),
    Measure("duration_s", "Duration", "s", definition="Driving, serving and unloading."),
    Measure("leaves_s", "Leaves", CLOCK_UNIT, worse="neither", definition="When the truck leaves for the trip."),
)


def route_table(operation: Operation, router: Router, plan: DayPlan, links: Frame) -> Task[ResultTable]:
    """Return the driven trips of a day in the order of trucks and turns, with their lines in the city's metres."""
    order = np.lexsort((plan.turn, plan.truck))
    order = order[plan.truck[order] >= 0]
    ids: list[str] = []
    lines: list[Any] = []
    rows: list[tuple[float, ...]] = []
    for number, trip in enumerate(order.tolist()):
        yield Progress("Drawing a day's routes", number, len(order))
        bins = plan.trips.bins[plan.trips.start[trip] : plan.trips.start[trip + 1]]
        truck = int(plan.truck[trip])
        places = [int(plan.origin[trip]), *router.bin_place[bins].tolist(), int(plan.site[trip])]
        if number + 1 == len(order) or plan.truck[order[number + 1]] != truck:
            places.append(int(plan.truck_home[truck]))
        legs = [(a, b) for a, b in pairwise(places) if a != b]
        starts, ends = np.array(legs, dtype=np.intp).reshape(-1, 2).T
        drive_s = float(router.ways.time_s[starts, ends].sum(dtype=np.float64))
        length_m = float(router.ways.length_m[starts, ends].sum(dtype=np.float64))
        unload_s = router.unload_s[router.work[int(plan.trips.kind[trip])].site[router.bin_place[bins[-1]]]]
        standing_s = router.service_s * len(bins) + float(unload_s)
        ids.append(f"{truck + 1}-{int(plan.turn[trip]) + 1} {WASTE_KINDS[plan.trips.kind[trip]]}")
        whose = (truck + 1, int(plan.turn[trip]) + 1, int(plan.trips.kind[trip]))
        rows.append((*whose, len(bins), plan.trips.load_l[trip], length_m / 1000.0, drive_s + standing_s, plan.leaves_s[trip]))
        lines.append((yield from _line(operation, router, legs, links, int(plan.origin[trip]))))
    columns = np.array(rows, dtype=np.float64).reshape(-1, len(MEASURES)).T
    return ResultTable(
        "route",
        np.array(ids, dtype=object),
        {measure.name: column for measure, column in zip(MEASURES, columns, strict=True)},
        MEASURES,
        _objects(lines),
    )


def _line(
    operation: Operation, router: Router, legs: list[tuple[int, int]], links: Frame, origin: int
) -> Task[shapely.LineString]:
    """Return the line of consecutive legs along the links that they drive on."""
    streets, node = operation.streets, router.ways.node
    driven: list[int] = []
    for number, (start, end) in enumerate(legs):
        arcs = way_arcs(streets.first_arc, streets.head, streets.time_s, node[start], streets.arrival[node[end]])
        driven.extend(row for row in streets.link_row[arcs].tolist() if row >= 0)
        if number % 16 == 15:
            yield Progress("Drawing a day's routes")
    if not driven or links.geometry is None:
        point = operation.node_xy[node[origin]]
        return shapely.linestrings([point, point])
    xy = shapely.get_coordinates(links.geometry[driven])
    keep = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    return shapely.linestrings(xy[keep]) if keep.sum() > 1 else shapely.linestrings(xy[:2])


def _objects(items: list[Any]) -> NDArray[np.object_]:
    column = np.empty(len(items), dtype=object)
    column[:] = items
    return column
