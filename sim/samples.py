"""A number that is a mean over replications, with its interval."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from twin.model.comparison import interval95
from twin.model.results import Indicator, Worse


def mean_of(
    name: str,
    label: str,
    samples: Iterable[float],
    unit: str = "",
    *,
    rows: int,
    worse: Worse = "higher",
    definition: str = "",
    left_out: str = "",
) -> Indicator:
    """Return the indicator of what each replication came to; with one alone there is no interval."""
    values = tuple(map(float, samples))
    low, high = interval95(values) if len(values) > 1 else (None, None)
    return Indicator(name, label, float(np.mean(values)), unit, low, high, values, rows, worse, definition, left_out)
