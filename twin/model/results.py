"""What a simulation found, as a value: tables, indicators with intervals, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Worse = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class Measure:
    """A column of numbers in a result: what it is, in which unit, and below what it is only noise.

    ``noise`` is the largest difference between two runs that mean nothing, in the column's unit. ``bands``
    are the bounds of the classes in which it is shown on a map; without them it is shown in shades.
    """

    name: str
    label: str
    unit: str = ""
    noise: float = 0.0
    worse: Worse = "higher"
    definition: str = ""
    bands: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class ResultTable:
    """Numbers per thing: ``kind`` is an entity kind, 'cell' (ids are H3 addresses as text), 'day' or 'route'.

    Every column is float64 ``(n,)``. ``geometry`` (city metres) only for things that are no entities.
    """

    kind: str
    ids: NDArray[Any]
    columns: Mapping[str, NDArray[np.float64]]
    measures: tuple[Measure, ...]
    geometry: NDArray[Any] | None = None

    def measure(self, name: str) -> Measure:
        """Return the description of one column."""
        return next(item for item in self.measures if item.name == name)


@dataclass(frozen=True, eq=False)
class ResultSeries:
    """Numbers per thing over a day: what a slider of time moves through.

    ``kind`` and ``ids (n,)`` as in ``ResultTable``. ``t_s (k,)`` are seconds since midnight of the simulated day;
    every column is float32 ``(k, n)``, row i for the ``step_s`` seconds that begin at ``t_s[i]``. Queues come and go by
    themselves: another run differs from this one only where it leaves what this one has within ``slack_s`` before and after.
    """

    kind: str
    ids: NDArray[Any]
    t_s: NDArray[np.float64]
    step_s: float
    columns: Mapping[str, NDArray[np.float32]]
    measures: tuple[Measure, ...]
    slack_s: float = 0.0


@dataclass(frozen=True)
class Indicator:
    """One number of a run, with its 95 % interval where it is a mean over seeds.

    ``samples`` has the value of each seed, in the order of the seeds, so that two runs on the same
    seeds can be compared in pairs; it is empty for a deterministic number. ``rows`` says how many
    records the number rests on. ``left_out`` names the indicator of the same run that counts what this
    one cannot see: fewer hours because fewer trips get there are no gain. ``noise`` is the largest difference
    between two runs that means nothing, in the indicator's unit.
    """

    name: str
    label: str
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    samples: tuple[float, ...] = ()
    rows: int = 0
    worse: Worse = "higher"
    definition: str = ""
    left_out: str = ""
    noise: float = 0.0


@dataclass(frozen=True, eq=False)
class Result:
    """The outcome of one run. The same inputs (``input_hash``), params and seed give the same bytes.

    ``diagnostics`` are numbers about the solution itself (``relative_gap``, ``iterations``).
    ``notes`` are sentences that must be shown beside any number of it ("Demand is synthetic …"). One that
    ``is_draft`` is a quick answer for who still edits: it is shown as such and never stored.
    """

    simulation: str
    scenario: str
    base_version: int
    params: Mapping[str, Any]
    seed: int
    input_hash: str
    indicators: tuple[Indicator, ...]
    tables: Mapping[str, ResultTable]
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    series: Mapping[str, ResultSeries] = field(default_factory=dict)
    is_draft: bool = False

    def indicator(self, name: str) -> Indicator:
        """Return one indicator."""
        return next(item for item in self.indicators if item.name == name)
