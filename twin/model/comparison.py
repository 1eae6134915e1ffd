"""Two results side by side: what differs, what is only noise, and how sure each difference is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from twin.errors import ScenarioError
from twin.model.results import Indicator, Measure, Result, ResultTable, Worse

OF_ONE_DAY = frozenset({"route", "stop", "course", "new_bin"})
"""Tables of one drawn day or one proposal: an example of a run, not something that two runs share row by row."""

# Two-sided 97.5 % quantiles of Student's t for 1-30 degrees of freedom; beyond that the normal is within 0.09.
_T975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def interval95(samples: tuple[float, ...]) -> tuple[float, float]:
    """Return the 95 % confidence interval of the mean of independent samples (Student's t).

    One sample has no interval: (-inf, inf).
    """
    n = len(samples)
    if n < 2:
        return -math.inf, math.inf
    mean, deviation = float(np.mean(samples)), float(np.std(samples, ddof=1))
    t = _T975[n - 2] if n - 2 < len(_T975) else 1.96
    half = t * deviation / math.sqrt(n)
    return mean - half, mean + half


@dataclass(frozen=True)
class Difference:
    """An indicator before and after, and the interval of the paired difference where there are seeds."""

    name: str
    label: str
    unit: str
    before: float
    after: float
    low: float | None
    high: float | None
    worse: Worse
    definition: str = ""
    noise: float = 0.0

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def relative(self) -> float | None:
        """Difference as a share of before; None when before is 0."""
        return self.difference / self.before if self.before else None

    @property
    def is_found(self) -> bool:
        """Whether there is a difference: its interval excludes 0, or a deterministic number changed by more than noise."""
        if self.low is None or self.high is None:
            return abs(self.difference) > self.noise
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a scenario changes against another.

    ``tables`` hold, for each measure ``m`` of both results, the columns ``m_before``, ``m_after`` and
    ``m_difference``; a difference within the measure's noise is exactly 0.
    """

    simulation: str
    before: Result
    after: Result
    differences: tuple[Difference, ...]
    tables: dict[str, ResultTable]
    notes: tuple[str, ...]


def compare(before: Result, after: Result) -> Comparison:
    """Compare two results of the same simulation.

    Raises ``ScenarioError`` when they come from different simulations, parameters, seeds or versions of the city.
    """
    if before.simulation != after.simulation:
        raise ScenarioError(f"A result of {before.simulation} cannot be compared with one of {after.simulation}.")
    for what, one, two in (
        ("parameters", dict(before.params), dict(after.params)),
        ("seeds", before.seed, after.seed),
        ("versions of the city", before.base_version, after.base_version),
    ):
        if one != two:
            raise ScenarioError(f"The two results were made with different {what}: {one} and {two}.", "Run both again.")
    theirs = {item.name: item for item in after.indicators}
    differences = tuple(difference_of(item, theirs[item.name]) for item in before.indicators if item.name in theirs)
    tables = {
        kind: _table(table, after.tables[kind])
        for kind, table in before.tables.items()
        if kind in after.tables and kind not in OF_ONE_DAY
    }
    differences, hidden = _without_false_gains(before, differences)
    notes = tuple(dict.fromkeys((*before.notes, *after.notes, *hidden)))
    return Comparison(before.simulation, before, after, differences, tables, notes)


def difference_of(before: Indicator, after: Indicator) -> Difference:
    """Return how an indicator differs between two runs, in pairs of seeds where there are seeds."""
    low = high = None
    if before.samples and len(before.samples) == len(after.samples):
        low, high = interval95(tuple(b - a for a, b in zip(before.samples, after.samples, strict=True)))
    noise = max(before.noise, after.noise)
    return Difference(
        before.name, before.label, before.unit, before.value, after.value, low, high, before.worse, before.definition, noise
    )


def _without_false_gains(before: Result, differences: tuple[Difference, ...]) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Call nothing better on the side that leaves more out; return the differences and the sentences that say so."""
    of = {item.name: item for item in differences}
    kept, notes = [], []
    for item in differences:
        gap = of.get(before.indicator(item.name).left_out)
        if gap is None or not gap.is_found or item.worse == "neither":
            kept.append(item)
            continue
        looks_better = (item.difference < 0.0) == (item.worse == "higher")
        is_false = looks_better == (gap.difference > 0.0)
        kept.append(replace(item, worse="neither") if is_false else item)
        if is_false:
            notes.append("More is left out on one side, so what looks like a gain there is only called different.")
    return tuple(kept), tuple(dict.fromkeys(notes))


def _table(before: ResultTable, after: ResultTable) -> ResultTable:
    """Join two tables on their ids (outer: a thing that one side lacks has NaN there)."""
    ids = np.array(list(dict.fromkeys([*before.ids.tolist(), *after.ids.tolist()])), dtype=object)
    columns, measures = {}, []
    for measure in before.measures:
        if measure.name not in after.columns:
            continue
        old, new = _aligned(before, ids, measure.name), _aligned(after, ids, measure.name)
        difference = new - old
        noise = max(measure.noise, after.measure(measure.name).noise)
        difference[np.abs(difference) <= noise] = 0.0
        for suffix, column in (("before", old), ("after", new), ("difference", difference)):
            columns[f"{measure.name}_{suffix}"] = column
            measures.append(_named(measure, suffix, noise))
    return ResultTable(before.kind, ids, columns, tuple(measures))


def _aligned(
    table: ResultTable, ids: np.ndarray[tuple[int], np.dtype[np.object_]], name: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    row_of = {key: row for row, key in enumerate(table.ids.tolist())}
    rows = np.array([row_of.get(key, -1) for key in ids.tolist()], dtype=np.intp)
    values = np.append(table.columns[name], np.nan)
    return values[rows]


def _named(measure: Measure, suffix: str, noise: float) -> Measure:
    return replace(measure, name=f"{measure.name}_{suffix}", noise=noise)
