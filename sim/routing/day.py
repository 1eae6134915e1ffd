"""A day of waste collection for compiled code: places, windows, landfills, the lunch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.places import IntArray
from twin.geo import FloatArray
from twin.model.routing_instance import DEPOT, LANDFILL, STOP, WasteInstance

FEET_PER_MILE = 5280.0
LUNCH_FROM_S, LUNCH_UNTIL_S = 11 * 3600.0, 12 * 3600.0
"""The lunch starts between 11:00 and 12:00."""
NEAR_STOPS = 60
NEAR_LANDFILLS = 3


class Day(NamedTuple):
    """A problem by Kim, Kim and Sahoo (2006), its places numbered as in the file.

    ``x_ft, y_ft, opens_s, closes_s, service_s, load`` ``(places,)``; ``stops`` ``(n,)`` and ``near``
    ``(places, k)`` the stops, and those near each place; ``landfills`` ``(places, m)`` the landfills near each.
    """

    x_ft: FloatArray
    y_ft: FloatArray
    opens_s: FloatArray
    closes_s: FloatArray
    service_s: FloatArray
    load: FloatArray
    stops: IntArray
    near: IntArray
    landfills: IntArray
    depot: int
    capacity: float
    day_capacity: float
    day_stops: int
    lunch_s: float
    s_per_ft: float


@njit(cache=True, nogil=True, inline="always")
def way_ft(day: Day, a: int, b: int) -> float:
    """Return the distance along the axes."""
    return abs(day.x_ft[a] - day.x_ft[b]) + abs(day.y_ft[a] - day.y_ft[b])  # type: ignore[no-any-return]  # numpy knows no scalar type here


def make_day(instance: WasteInstance) -> Day:
    """Arrange a problem for the engine."""
    stops = np.flatnonzero(instance.kind == STOP).astype(np.int32)
    return Day(
        x_ft=instance.xy_ft[:, 0].copy(),
        y_ft=instance.xy_ft[:, 1].copy(),
        opens_s=instance.opens_s,
        closes_s=instance.closes_s,
        service_s=instance.service_s,
        load=instance.load,
        stops=stops,
        near=_nearest(instance.xy_ft, stops, NEAR_STOPS),
        landfills=_nearest(instance.xy_ft, np.flatnonzero(instance.kind == LANDFILL).astype(np.int32), NEAR_LANDFILLS),
        depot=int(np.flatnonzero(instance.kind == DEPOT)[0]),
        capacity=instance.capacity,
        day_capacity=instance.day_capacity,
        day_stops=instance.day_stops,
        lunch_s=instance.lunch_s,
        s_per_ft=3600.0 / (instance.speed_mph * FEET_PER_MILE),
    )


def _nearest(xy: FloatArray, among: NDArray[np.int32], count: int) -> IntArray:
    """Return the nearest of some places ``(places, count)`` of each place other than itself, nearest first."""
    apart = np.abs(xy[:, None, 0] - xy[None, among, 0]) + np.abs(xy[:, None, 1] - xy[None, among, 1])
    apart[among, np.arange(len(among))] = np.inf
    order = np.argsort(apart, axis=1, kind="stable")[:, :count]
    order = order[:, : max(1, min(count, len(among) - 1))] if len(among) > 1 else order
    return np.ascontiguousarray(among[order])
