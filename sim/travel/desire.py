"""Desire lines: the pairs of zones between which the most trips go, as straight lines from centre to centre."""

from __future__ import annotations

import numpy as np
import shapely

from sim.assignment.graph import Floats
from sim.travel.zones import Zones
from twin.model.results import Measure, ResultTable

MOST = 300
"""Pairs that are told: the fullest ones."""
MEASURE = Measure(
    "between_vph", "Trips both ways", "veh/h", worse="neither", definition="Between two zones; of all vehicles in cars."
)


def desire_lines(trips: Floats, zones: Zones) -> ResultTable:
    """Return the fullest pairs of zones of trips ``(z, z)``, or of classes ``(k, z, z)``, the fullest first."""
    total = trips.sum(axis=0) if trips.ndim == 3 else trips
    both = np.triu(total + total.T, 1)
    order = np.argsort(-both, axis=None, kind="stable")[:MOST]
    one, two = np.unravel_index(order[both.ravel()[order] > 0.0], both.shape)
    lines = shapely.linestrings(np.stack([zones.xy[one], zones.xy[two]], axis=1)) if len(one) else np.zeros(0, object)
    ids = np.array(
        [f"{zones.names[a]} – {zones.names[b]}" for a, b in zip(one.tolist(), two.tolist(), strict=True)], dtype=object
    )
    return ResultTable("desire", ids, {MEASURE.name: both[one, two]}, (MEASURE,), np.asarray(lines, dtype=object))
