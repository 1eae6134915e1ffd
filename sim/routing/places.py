"""Where the stops are, what lies near each, and how far it is from one to another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import KDTree

from twin.geo import FloatArray
from twin.model.routing_instance import CapacityInstance

IntArray = NDArray[np.int32]

NEAR = 100
"""Other stops that a stop knows; strings are torn out around it and it is put back among them."""


class Places(NamedTuple):
    """Stops 0 … n - 1, and the depot at n and beyond: each route has a depot of its own.

    ``x, y`` ``(n + routes,)``; ``matrix`` ``(n + 1, n + 1)`` or empty where distances are those of the plane,
    to the nearest whole number where ``is_rounded``. ``demand, home`` ``(n,)`` are what is picked up and the
    distance to the depot; ``near, reach`` ``(n, k)`` are the nearest other stops and their distances.
    """

    x: FloatArray
    y: FloatArray
    matrix: FloatArray
    is_rounded: bool
    demand: FloatArray
    capacity: float
    home: FloatArray
    near: IntArray
    reach: FloatArray


@njit(cache=True, nogil=True, inline="always")
def leg(places: Places, a: int, b: int) -> float:
    """Return the distance from one place to another."""
    if places.matrix.shape[0] > 0:
        n = places.matrix.shape[0] - 1
        return places.matrix[min(a, n), min(b, n)]  # type: ignore[no-any-return]  # numpy knows no scalar type here
    dx, dy = places.x[a] - places.x[b], places.y[a] - places.y[b]
    distance = np.sqrt(dx * dx + dy * dy)
    return np.floor(distance + 0.5) if places.is_rounded else distance  # type: ignore[no-any-return]  # the same


def make_places(instance: CapacityInstance, routes: int) -> Places:
    """Arrange a problem for the engine, with room for ``routes`` routes."""
    n = len(instance.demand) - 1
    order = np.concatenate([np.arange(1, n + 1), np.zeros(routes, np.int64)])
    matrix = np.empty((0, 0)) if instance.matrix is None else instance.matrix[np.ix_(order[: n + 1], order[: n + 1])].copy()
    x, y = (instance.xy[order, axis].copy() for axis in (0, 1))
    near, reach = _near_in_plane(np.column_stack([x, y])[:n]) if instance.matrix is None else _near_in_matrix(matrix[:n, :n])
    if instance.is_rounded:
        reach = np.floor(reach + 0.5)
    home = np.hypot(x[:n] - x[n], y[:n] - y[n]) if instance.matrix is None else matrix[n, :n].copy()
    home = np.floor(home + 0.5) if instance.is_rounded else home
    demand = np.ascontiguousarray(instance.demand[1:])
    return Places(x, y, matrix, instance.is_rounded, demand, instance.capacity, home, near, reach)


def _near_in_plane(xy: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the nearest other points ``(n, k)`` of each and their distances, nearest first."""
    n = len(xy)
    k = min(NEAR, n - 1)
    if k == 0:
        return np.zeros((n, 0), np.int32), np.zeros((n, 0))
    distance, found = KDTree(xy).query(xy, k + 1)
    # Of several stops at one place the stop itself is not always the first: it is moved there, then left out.
    own = found == np.arange(n)[:, None]
    own[~own.any(axis=1), -1] = True
    others = np.argsort(~own, axis=1, kind="stable")[:, 1:]
    near = np.take_along_axis(found, others, axis=1).astype(np.int32)
    return near, np.take_along_axis(distance, others, axis=1)


def _near_in_matrix(matrix: FloatArray) -> tuple[IntArray, FloatArray]:
    apart = matrix.copy()
    np.fill_diagonal(apart, -1.0)
    near = np.argsort(apart, axis=1, kind="stable")[:, 1 : NEAR + 1]
    return near.astype(np.int32), np.take_along_axis(matrix, near, axis=1)
