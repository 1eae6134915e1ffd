"""Moments of a simulated day: the numbers at a time out of a series, and the series of what differs between two runs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from twin.errors import ScenarioError
from twin.model.results import Measure, ResultSeries, ResultTable

SIDES = ("before", "after", "difference")


def row_at(series: ResultSeries, t_s: float) -> int:
    """Return the row of the step in which a time lies; the first or the last one outside the day."""
    return int(np.clip(np.searchsorted(series.t_s, t_s + 1e-6, side="right") - 1, 0, len(series.t_s) - 1))


@lru_cache(maxsize=8)
def at_moment(series: ResultSeries, row: int) -> ResultTable:
    """Return the numbers of one step as a table. The same step gives the same table."""
    columns = {name: column[row].astype(np.float64) for name, column in series.columns.items()}
    return ResultTable(series.kind, series.ids, columns, series.measures)


@lru_cache(maxsize=4)
def difference(before: ResultSeries, after: ResultSeries) -> ResultSeries:
    """Return a series with the columns ``m_before``, ``m_after`` and ``m_difference`` of each measure ``m`` of both.

    A thing that one side lacks has NaN there; a difference within the noise of its measure is exactly 0, and so is
    one that leaves what ``before`` has within its ``slack_s`` by no more than the noise.
    Raises ``ScenarioError`` when the two have not the same times.
    """
    if before.t_s.shape != after.t_s.shape or not np.allclose(before.t_s, after.t_s):
        raise ScenarioError("The two results were made for different times of the day.", "Run both again.")
    ids = np.array(list(dict.fromkeys([*before.ids.tolist(), *after.ids.tolist()])), dtype=object)
    columns: dict[str, NDArray[np.float32]] = {}
    measures: list[Measure] = []
    known = {measure.name: measure for measure in after.measures}
    for measure in before.measures:
        if measure.name not in known:
            continue
        old, new = _aligned(before, ids, measure.name), _aligned(after, ids, measure.name)
        noise = max(measure.noise, known[measure.name].noise)
        low, high = _span(old, round(before.slack_s / before.step_s))
        change = new - old
        change[(new >= low - noise) & (new <= high + noise)] = 0.0
        columns |= {f"{measure.name}_{side}": column for side, column in zip(SIDES, (old, new, change), strict=True)}
        measures += [replace(measure, name=f"{measure.name}_{side}", noise=noise) for side in SIDES]
    return ResultSeries(before.kind, ids, before.t_s, before.step_s, columns, tuple(measures))


def _span(column: NDArray[np.float32], steps: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the least and the most that a column ``(k, n)`` has from so many steps before to as many after each."""
    low, high = column.copy(), column.copy()
    for step in range(1, steps + 1):
        for one, other in ((slice(step, None), slice(None, -step)), (slice(None, -step), slice(step, None))):
            low[one] = np.fmin(low[one], column[other])
            high[one] = np.fmax(high[one], column[other])
    return low, high


def _aligned(series: ResultSeries, ids: NDArray[np.object_], name: str) -> NDArray[np.float32]:
    """Return a column with one place for each of ``ids``."""
    row_of = {key: row for row, key in enumerate(series.ids.tolist())}
    rows = np.array([row_of.get(key, -1) for key in ids.tolist()], dtype=np.intp)
    column = series.columns[name]
    padded = np.concatenate([column, np.full((len(column), 1), np.nan, np.float32)], axis=1)
    return np.asarray(padded[:, rows], dtype=np.float32)
