"""Tables of an equilibrium with their noise: what moved most between the last two gaps (see ``sim.assignment.settle``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from twin.model.grade import LABELS
from twin.model.results import Measure, ResultTable


def table(
    kind: str, ids: NDArray[np.object_], described: Sequence[Measure], now: Mapping[str, Floats], before: Mapping[str, Floats]
) -> ResultTable:
    """Return a result table whose noise is what moved most from the numbers ``before`` to those of ``now``."""
    noted = []
    for measure in described:
        moved = np.abs(now[measure.name] - before[measure.name])
        moved = moved[np.isfinite(moved)]
        # A grade is a class: one road on its border says nothing about the next one's grade.
        noise = float(moved.max()) if len(moved) and measure.unit not in LABELS else 0.0
        noted.append(replace(measure, noise=noise))
    return ResultTable(kind, ids, {measure.name: now[measure.name] for measure in described}, tuple(noted))
