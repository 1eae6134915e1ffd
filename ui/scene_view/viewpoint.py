"""Where the scene is seen from, and the arithmetic between metres and pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.geo import Bounds

FIELD_OF_VIEW_DEG = 30.0
"""Vertical angle of view: narrow, as from a high-rise or a plane, so that the city keeps its proportions."""

MOST_TILT_DEG = 80.0
LEAST_DISTANCE_M, MOST_DISTANCE_M = 25.0, 400_000.0
_TAN = math.tan(math.radians(FIELD_OF_VIEW_DEG / 2))

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Viewpoint:
    """Eyes that look at a point on the ground.

    ``x_m, y_m, z_m`` is the point in the middle of the view, ``distance_m`` how far the eyes are from it,
    ``heading_deg`` the compass direction they look in, ``tilt_deg`` 0 for a plan, 80 for almost level.
    """

    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 0.0
    distance_m: float = 5000.0
    heading_deg: float = 0.0
    tilt_deg: float = 45.0

    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Return the unit vectors to the right, up and forward on the screen."""
        heading, tilt = math.radians(self.heading_deg), math.radians(self.tilt_deg)
        sin_h, cos_h, sin_t, cos_t = math.sin(heading), math.cos(heading), math.sin(tilt), math.cos(tilt)
        right = np.array([cos_h, -sin_h, 0.0])
        up = np.array([sin_h * cos_t, cos_h * cos_t, sin_t])
        forward = np.array([sin_h * sin_t, cos_h * sin_t, -cos_t])
        return right, up, forward

    @property
    def eye(self) -> Floats:
        """Return where the eyes are ``(3,)``."""
        return np.array([self.x_m, self.y_m, self.z_m]) - self.distance_m * self.axes()[2]

    def clipping(self) -> tuple[float, float]:
        """Return the nearest and the farthest distance that is drawn; a tight range keeps flat layers apart."""
        return max(0.5, 0.04 * self.distance_m), self.distance_m * 4 + 60_000.0

    def pixel_m(self, height_px: float) -> float:
        """Return how many metres a pixel covers in the middle of a view that is ``height_px`` high."""
        return self.distance_m * 2 * _TAN / max(height_px, 1.0)

    def project(self, xyz: NDArray[np.floating], size: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return pixels ``(n, 2)`` of points ``(n, 3)`` and their depth ``(n,)`` in metres; depth <= 0 lies behind the eyes."""
        width, height = size
        right, up, forward = self.axes()
        toward = np.asarray(xyz, dtype=np.float64) - self.eye
        depth = toward @ forward
        scale = height / 2 / _TAN / np.where(np.abs(depth) < 1e-9, 1e-9, depth)
        return np.column_stack([width / 2 + (toward @ right) * scale, height / 2 - (toward @ up) * scale]), depth

    def ray(self, x_px: float, y_px: float, size: tuple[float, float]) -> Floats:
        """Return the direction of a pixel ``(3,)``, one metre deep."""
        width, height = size
        right, up, forward = self.axes()
        step = 2 * _TAN / height
        return forward + right * ((x_px - width / 2) * step) - up * ((y_px - height / 2) * step)

    def ground_at(self, x_px: float, y_px: float, size: tuple[float, float]) -> tuple[float, float] | None:
        """Return the point of the plane at ``z_m`` under a pixel, or None above the horizon and very far away."""
        ray, eye = self.ray(x_px, y_px, size), self.eye
        if ray[2] >= -1e-6:
            return None
        depth = (self.z_m - eye[2]) / ray[2]
        if depth > 25 * self.distance_m:
            return None
        return float(eye[0] + ray[0] * depth), float(eye[1] + ray[1] * depth)

    def panned(self, grabbed: tuple[float, float], under: tuple[float, float]) -> Viewpoint:
        """Return the viewpoint moved so that the grabbed ground point comes to where ``under`` is seen now."""
        return replace(self, x_m=self.x_m + grabbed[0] - under[0], y_m=self.y_m + grabbed[1] - under[1])

    def zoomed(self, factor: float, about: tuple[float, float] | None = None) -> Viewpoint:
        """Return the viewpoint ``factor`` times as far away; the ground point ``about`` keeps its pixel."""
        distance = min(max(self.distance_m * factor, LEAST_DISTANCE_M), MOST_DISTANCE_M)
        factor = distance / self.distance_m
        x, y = about if about is not None else (self.x_m, self.y_m)
        return replace(self, x_m=x + (self.x_m - x) * factor, y_m=y + (self.y_m - y) * factor, distance_m=distance)

    def orbited(self, heading_deg: float, tilt_deg: float) -> Viewpoint:
        """Return the viewpoint turned around the middle of the view."""
        tilt = min(max(self.tilt_deg + tilt_deg, 0.0), MOST_TILT_DEG)
        return replace(self, heading_deg=(self.heading_deg + heading_deg) % 360.0, tilt_deg=tilt)

    def toward(self, other: Viewpoint, share: float) -> Viewpoint:
        """Return a viewpoint on the way to another: eased, the distance by ratio, the heading the shorter way round."""
        s = share * share * (3 - 2 * share)
        turn = (other.heading_deg - self.heading_deg + 180.0) % 360.0 - 180.0
        return Viewpoint(
            self.x_m + (other.x_m - self.x_m) * s,
            self.y_m + (other.y_m - self.y_m) * s,
            self.z_m + (other.z_m - self.z_m) * s,
            self.distance_m * (other.distance_m / self.distance_m) ** s,
            (self.heading_deg + turn * s) % 360.0,
            self.tilt_deg + (other.tilt_deg - self.tilt_deg) * s,
        )


def overview(
    bounds: Bounds, size: tuple[float, float], z_m: float = 0.0, *, heading_deg: float = 12.0, tilt_deg: float = 48.0
) -> Viewpoint:
    """Return the nearest viewpoint from which the whole rectangle (metres) is seen, as a rule obliquely from the south."""
    x0, y0, x1, y1 = bounds
    corners = np.array([(x, y, z_m) for x in (x0, x1) for y in (y0, y1)])
    free = 0.03 * size[0], 0.03 * size[1], 0.97 * size[0], 0.97 * size[1]
    return framed(corners, size, free, heading_deg=heading_deg, tilt_deg=tilt_deg)


def framed(
    points: Floats,
    size: tuple[float, float],
    free: tuple[float, float, float, float],
    *,
    heading_deg: float = 12.0,
    tilt_deg: float = 48.0,
) -> Viewpoint:
    """Return the nearest viewpoint that shows all points ``(n, 3)`` inside a part of the view.

    ``free`` is left, top, right and bottom of that part in pixels; it must hold the middle of the view.
    """
    low, high = np.array(free[:2]), np.array(free[2:])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    found = Viewpoint(float(middle[0]), float(middle[1]), float(middle[2]), 1000.0, heading_deg, tilt_deg)
    for _ in range(6):  # perspective draws the near half larger: the middle of the picture is not that of the points
        found = _nearest(found, points, size, lambda px: bool((np.ptp(px, axis=0) <= high - low).all()))
        px, _ = found.project(points, size)
        x, y = ((px.min(axis=0) + px.max(axis=0)) / 2 - (low + high) / 2 + np.array(size) / 2).tolist()
        at = found.ground_at(x, y, size)
        found = replace(found, x_m=at[0], y_m=at[1]) if at is not None else found
    return _nearest(found, points, size, lambda px: bool(((px >= low) & (px <= high)).all()))


def _nearest(middle: Viewpoint, points: Floats, size: tuple[float, float], fits: Callable[[Floats], bool]) -> Viewpoint:
    """Return the viewpoint as near as it can be with the pixels of all points fitting."""
    low, high = LEAST_DISTANCE_M, MOST_DISTANCE_M
    for _ in range(40):  # bisection
        distance = math.sqrt(low * high)
        px, depth = replace(middle, distance_m=distance).project(points, size)
        low, high = (low, distance) if (depth > 0).all() and fits(px) else (distance, high)
    return replace(middle, distance_m=high)
