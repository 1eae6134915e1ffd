"""Bends the flat sheet of the plan into the city.

The map is smooth and invertible: what did not cross on the sheet does not cross in the city.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.demo.plan import Plan, generator
from twin.geo import FloatArray

VALLEY_M = 1700.0
"""How far from the river avenues still follow its bends."""

OLD_TOWN_RADII_M = (820.0, 520.0)


class Warp:
    """The map from the sheet's ``u, v`` to the city's ``x, y``."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        rng = generator(plan.seed, "warp")
        self._wide = _waves(rng, count=4, length_m=(2200.0, 3800.0), amplitude_m=(22.0, 38.0))
        self._narrow = _waves(rng, count=5, length_m=(210.0, 420.0), amplitude_m=(4.5, 8.5))

    def __call__(self, uv: FloatArray) -> FloatArray:
        """Return ``(n, 2)`` city metres of ``(n, 2)`` sheet metres."""
        plan = self.plan
        u, v = uv[:, 0], uv[:, 1]
        valley = np.exp(-((v / VALLEY_M) ** 2))
        x = u - 0.7 * self._slope(u) * v * valley
        y = v + self._meander(u) * valley
        du, dv = (uv[:, i] - plan.old_town[i] for i in (0, 1))
        old = np.exp(-((np.hypot(du / OLD_TOWN_RADII_M[0], dv / OLD_TOWN_RADII_M[1])) ** 4))
        shift = _displacement(self._wide, uv) + old[:, None] * _displacement(self._narrow, uv)
        x, y = plan.mirror[0] * (x + shift[:, 0]), plan.mirror[1] * (y + shift[:, 1])
        cos, sin = np.cos(plan.turn), np.sin(plan.turn)
        return np.column_stack([cos * x - sin * y, sin * x + cos * y])

    def geometries(self, sheet: NDArray[Any], step_m: float = 30.0) -> NDArray[Any]:
        """Return geometries of the sheet as geometries of the city, bent between their corners."""
        bent = shapely.transform(shapely.segmentize(sheet, step_m), self)
        return np.asarray(shapely.simplify(bent, 0.4), dtype=object)

    def direction(self, u: float, v: float) -> FloatArray:
        """Return the unit vector in the city of the sheet's direction ``u, v``; ``+v`` is towards the hills."""
        points = self(np.array([[0.0, 0.0], [u, v]]) * 3000.0)
        step = points[1] - points[0]
        return np.asarray(step / np.hypot(*step))

    @cached_property
    def centreline(self) -> FloatArray:
        """The river's middle in the city, ``(n, 2)``, reaching well beyond the city's limits."""
        u = np.arange(-7000.0, 7001.0, 40.0)
        return self(np.column_stack([u, np.zeros_like(u)]))

    def _meander(self, u: FloatArray) -> FloatArray:
        """Return how far the river's middle is north of the sheet's axis."""
        size, k, phase = self._bends
        return np.asarray(np.sin(np.multiply.outer(u, k) + phase) @ size)

    def _slope(self, u: FloatArray) -> FloatArray:
        """Return the derivative of the river's middle."""
        size, k, phase = self._bends
        return np.asarray(np.cos(np.multiply.outer(u, k) + phase) @ (size * k))

    @cached_property
    def _bends(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Amplitude, wave number and phase of the river's bends."""
        plan = self.plan
        return np.array(plan.meander_m), 2 * np.pi / np.array(plan.meander_length_m), np.array(plan.meander_phase)


def _waves(rng: np.random.Generator, count: int, length_m: tuple[float, float], amplitude_m: tuple[float, float]) -> FloatArray:
    """Draw plane waves: rows of wave vector (2), phase, amplitude east, amplitude north."""
    angle, phase = rng.uniform(0, 2 * np.pi, (2, count))
    k = 2 * np.pi / rng.uniform(*length_m, count)
    size, towards = rng.uniform(*amplitude_m, count), rng.uniform(0, 2 * np.pi, count)
    return np.column_stack([k * np.cos(angle), k * np.sin(angle), phase, size * np.cos(towards), size * np.sin(towards)])


def _displacement(waves: FloatArray, uv: FloatArray) -> FloatArray:
    """Return the shift ``(n, 2)`` that the waves give to each point."""
    return np.asarray(np.sin(uv @ waves[:, :2].T + waves[:, 2]) @ waves[:, 3:])
