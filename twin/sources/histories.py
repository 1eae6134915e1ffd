"""Readings, emptyings and counts of a table become columns of history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geo import FloatArray
from twin.sources.base import HistoryBatch
from twin.sources.cells import Cells

HISTORY_KINDS = {"bin": "fill_reading", "counter": "traffic_count", "fill_reading": "fill_reading", "emptying": "emptying"}
RECORD_KINDS = ("fill_reading", "emptying")
"""Kinds of which a file has records alone, without the things that they are about."""
_CLASSES = ("cars", "vans", "trucks", "buses")
_HOUR_S = 3600.0
_EMPTIED_DROP = 0.2


def history(cells: Cells, keys: Sequence[str], reasons: dict[int, str]) -> HistoryBatch | None:
    """Return the readings, emptyings or counts of a table, None when it has none; rows that fail are added to ``reasons``."""
    is_count, is_emptying = cells.kind == "counter", cells.kind == "emptying"
    names = [name for name in (*_CLASSES, "total") if cells.has(name)] if is_count else ["fill_level"]
    if is_emptying:
        names = ["load_kg"]
    elif not any(cells.has(name) for name in names):
        return None
    rows: list[int] = []
    times: list[np.datetime64] = []
    numbers: list[list[float]] = []
    needs_value = cells.kind in RECORD_KINDS or is_count
    for row in range(len(keys)):
        if row in reasons:
            continue
        try:
            at, values = cells.moment(row), [_checked(cells, name, row) for name in names]
        except ValueError as error:
            reasons[row] = str(error)
            continue
        if at is None or (not is_emptying and all(np.isnan(value) for value in values)):
            if needs_value:
                reasons[row] = "has no time" if at is None else f"has no {names[-1]}"
            continue
        rows.append(row)
        times.append(np.datetime64(at.replace(tzinfo=None), "s"))
        numbers.append(values)
    if not rows:
        return None
    table = np.array(numbers)
    columns = {name: table[:, i] for i, name in enumerate(names)}
    subjects = np.array([keys[row] for row in rows], dtype=object)
    at_all = np.array(times, dtype="datetime64[s]")
    if is_emptying:
        trucks = np.array([cells.text("truck", row).removesuffix(".0") for row in rows], dtype=object)
        return HistoryBatch("emptying", {"subject_id": subjects, "at": at_all, "truck": trucks, **columns})
    if is_count:
        return HistoryBatch("traffic_count", _counts(cells, rows, subjects, at_all, columns))
    return HistoryBatch("fill_reading", _readings(cells, rows, subjects, at_all, columns["fill_level"]))


def _checked(cells: Cells, name: str, row: int) -> float:
    """Return a number within the limits of the data dictionary, NaN when the row does not say it."""
    value = cells.value(name, row)
    if value is None:
        return float("nan")
    facts = cells.facts[name]
    low, high = facts.low if facts.low is not None else -np.inf, facts.high if facts.high is not None else np.inf
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:g}; expected {low:g}–{high:g}")
    return float(value)


def _readings(
    cells: Cells, rows: Sequence[int], subjects: NDArray[Any], at: NDArray[np.datetime64], level: FloatArray
) -> dict[str, NDArray[Any]]:
    order = np.lexsort((at, subjects.astype(str)))
    if cells.has("emptied"):
        emptied = np.array([bool(cells.value("emptied", row)) for row in rows])
    else:
        emptied = np.zeros(len(rows), dtype=bool)
        emptied[order] = _emptied(subjects[order], level[order])
    return {"subject_id": subjects, "at": at, "fill_level": level, "emptied": emptied}


def _emptied(subjects: NDArray[Any], level: FloatArray) -> NDArray[np.bool_]:
    """Return after which reading a bin was emptied: the next one is at less than half, and by a fifth of the bin."""
    next_level = np.append(level[1:], np.nan)
    same = np.append(subjects[1:] == subjects[:-1], False)
    with np.errstate(invalid="ignore"):
        return np.asarray(same & (next_level < level / 2) & (level - next_level >= _EMPTIED_DROP - 1e-9))


def _counts(
    cells: Cells, rows: Sequence[int], subjects: NDArray[Any], at: NDArray[np.datetime64], columns: dict[str, FloatArray]
) -> dict[str, NDArray[Any]]:
    count = len(rows)
    direction = np.array([cells.text("direction", row).removesuffix(".0") for row in rows], dtype=object)
    total = columns.get("total", np.full(count, np.nan))
    classes = np.array([columns.get(name, np.full(count, np.nan)) for name in _CLASSES])
    total = np.where(np.isnan(total), np.nansum(classes, axis=0), total)
    if cells.has("duration_s"):
        duration_s = np.array([cells.value("duration_s", row) or _HOUR_S for row in rows], dtype=float)
    else:
        series = np.array([f"{subject}\x1f{way}" for subject, way in zip(subjects, direction, strict=True)])
        duration_s = _durations_s(series, at)
    named = dict(zip(_CLASSES, classes, strict=True))
    return {"subject_id": subjects, "at": at, "duration_s": duration_s, "direction": direction, **named, "total": total}


def _durations_s(series: NDArray[Any], at: NDArray[np.datetime64]) -> FloatArray:
    """Return how long each count lasted: until the next of its series that day, an hour after the last.

    Files mix hours with quarters of an hour at the peaks; the next start tells which it is.
    """
    codes = np.unique(series, return_inverse=True)[1]
    seconds = at.astype(np.int64)
    pairs, inverse = np.unique(np.column_stack([codes, seconds]), axis=0, return_inverse=True)
    gaps = np.append(np.diff(pairs[:, 1]), 0).astype(float)
    last = np.append(np.diff(pairs[:, 0]) != 0, True)
    is_daily = not last.all() and float(np.median(gaps[~last])) >= 86400
    limit_s = 86400.0 if is_daily else _HOUR_S
    gaps[last | (gaps > limit_s)] = limit_s
    return np.asarray(gaps[inverse.reshape(-1)])
