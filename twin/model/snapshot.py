"""The city at one version and one time: all that layers and simulations are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from twin.geo import Bounds, FloatArray, Projection
from twin.model.frame import Column, Frame


@dataclass(frozen=True, eq=False)
class Terrain:
    """Heights above sea level on a regular grid in the city's metres.

    ``heights_m`` is float32 ``(rows, columns)``, row 0 in the south; cell centres start at ``x0_m, y0_m``
    and are ``step_m`` apart. NaN where the source has no data.
    """

    x0_m: float
    y0_m: float
    step_m: float
    heights_m: NDArray[np.float32]

    def at(self, xy: FloatArray) -> FloatArray:
        """Return the height under each point ``(n, 2)``, bilinear, clamped at the edge; NaN counts as 0."""
        rows, columns = self.heights_m.shape
        u = np.clip((xy[:, 0] - self.x0_m) / self.step_m, 0, columns - 1.000001)
        v = np.clip((xy[:, 1] - self.y0_m) / self.step_m, 0, rows - 1.000001)
        i, j = v.astype(int), u.astype(int)
        i1, j1 = np.minimum(i + 1, rows - 1), np.minimum(j + 1, columns - 1)
        fv, fu = v - i, u - j
        h = np.nan_to_num(self.heights_m).astype(np.float64)
        south = h[i, j] * (1 - fu) + h[i, j1] * fu
        north = h[i1, j] * (1 - fu) + h[i1, j1] * fu
        return np.asarray(south * (1 - fv) + north * fv)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An immutable view of the city.

    ``version`` is the number of the last journal entry it holds that changed more than scenarios, so that
    results stay comparable while scenarios are edited. ``frames`` has a frame for every
    kind that was asked for, empty ones too. ``histories`` maps a history kind to its columns.
    ``synthetic`` is true when the city was made up: every screen and report then says so. ``sources``
    names where its records came from ('osm', …), for those whom a map must name.
    """

    name: str
    version: int
    projection: Projection
    frames: Mapping[str, Frame]
    histories: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    terrain: Terrain | None = None
    at: datetime | None = None
    bounds: Bounds | None = None
    synthetic: bool = False
    sources: frozenset[str] = frozenset()

    def __getitem__(self, kind: str) -> Frame:
        """Return the frame of one kind."""
        return self.frames[kind]

    def with_frame(self, frame: Frame) -> Snapshot:
        """Return the same city with one frame exchanged."""
        return replace(self, frames={**self.frames, frame.kind: frame})
