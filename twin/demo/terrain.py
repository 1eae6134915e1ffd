"""The lie of the land: a valley that falls with the river, hills on one side."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import RegularGridInterpolator
from scipy.spatial import cKDTree

from twin.demo.makings import Makings
from twin.demo.plan import HALF_HEIGHT_M, generator
from twin.geo import FloatArray
from twin.model.snapshot import Terrain

STEP_M = 40.0
REACH_M = (5600.0, 4800.0)
BANK_M = 26.0
"""Height of the embankments above sea level where the river leaves the city's middle."""


def draw_terrain(makings: Makings) -> Terrain:
    """Return heights of the city and its surroundings."""
    plan, warp = makings.plan, makings.warp
    x, y = (np.arange(-reach, reach + 1, STEP_M) for reach in REACH_M)
    grid = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
    away, nearest = cKDTree(warp.centreline).query(grid)
    along = np.arange(len(warp.centreline))[nearest] / len(warp.centreline)
    upward = grid @ warp.direction(0.0, 1.0)
    rng = generator(plan.seed, "terrain")
    bank = BANK_M + 9.0 * (0.5 - along)
    plain = 0.0045 * np.maximum(away - plan.river_half_width_m, 0.0)
    rough = _noise(rng, grid, 2400.0) * 0.6 + _noise(rng, grid, 1100.0) * 0.3 + _noise(rng, grid, 480.0) * 0.1
    foot = np.clip((upward - 0.72 * HALF_HEIGHT_M) / 2600.0, 0, 1)
    hills = 520.0 * foot**1.35 * (0.35 + 0.9 * rough)
    low = 14.0 * np.clip((-upward - 0.85 * HALF_HEIGHT_M) / 2000.0, 0, 1) * rough
    bed = np.clip(1 - away / (plan.river_half_width_m + 12.0), 0, 1)
    heights = bank + plain + hills + low + 2.0 * rough * np.clip(away / 1500, 0, 1) - 7.0 * np.minimum(bed * 3, 1)
    return Terrain(float(x[0]), float(y[0]), STEP_M, heights.reshape(len(y), len(x)).round(2).astype(np.float32))


def _noise(rng: np.random.Generator, xy: FloatArray, length_m: float) -> FloatArray:
    """Return smooth noise 0-1 with features of a given length."""
    x, y = (np.arange(-reach - 2 * length_m, reach + 3 * length_m, length_m) for reach in REACH_M)
    return np.asarray(np.clip(RegularGridInterpolator((x, y), rng.random((len(x), len(y))), method="cubic")(xy), 0, 1))
