"""What is on show on the map: nothing, a result before or after the edits, or their difference; whole or at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from layers.base import Scene
from twin.model.comparison import Comparison
from twin.model.moments import at_moment, difference, row_at
from twin.model.results import Result, ResultSeries, ResultTable
from twin.model.snapshot import Snapshot

Mode = Literal["none", "before", "after", "difference"]
MODES: tuple[Mode, ...] = ("none", "before", "after", "difference")


NOT_ON_MAP = frozenset({"day", "route", "stop", "course", "counter", "desire", "new_bin", "step"})
"""Kinds of tables whose measures colour nothing on the map: they are read in panels, or drawn as they are."""


@dataclass(frozen=True)
class Shown:
    """A mode, the simulation whose numbers are meant, the measure that gives the colours, and the moment.

    ``t_s`` are seconds since midnight of the simulated day; None shows the numbers of the whole run.
    """

    mode: Mode = "none"
    simulation: str = ""
    measure: str = ""
    t_s: float | None = None

    def is_of(self, simulation: str) -> bool:
        """Whether numbers of this simulation are on show."""
        return self.mode != "none" and self.simulation == simulation

    def scene(
        self,
        snapshot: Snapshot,
        result: Result | None,
        comparison: Comparison | None,
        *,
        dark: bool = True,
        selected_ids: frozenset[str] = frozenset(),
    ) -> Scene:
        """Return the scene: the city, and the tables that the mode asks for as far as there are any."""
        plain = Scene(snapshot, dark=dark, selected_ids=selected_ids)
        series = self.series(result, comparison)
        if series and (self.t_s is not None or self._is_only_in(series, result, comparison)):
            return self._moment(plain, series)
        if self.mode == "none":
            return plain
        if self.mode == "difference":
            return self._difference(plain, comparison)
        result = self._result(result, comparison)
        if result is None:
            return plain
        return Scene(snapshot, result.tables, self._measure_in(result.tables), dark=dark, selected_ids=selected_ids)

    def series(self, result: Result | None, comparison: Comparison | None) -> Mapping[str, ResultSeries]:
        """Return the day of what is on show, by table kind; of a difference with before, after and difference."""
        if self.mode == "none":
            return {}
        if self.mode == "difference" and comparison is not None:
            before, after = comparison.before.series, comparison.after.series
            return {kind: difference(before[kind], after[kind]) for kind in before if kind in after}
        told = self._result(result, comparison)
        return told.series if told is not None and self.mode != "difference" else {}

    def _result(self, result: Result | None, comparison: Comparison | None) -> Result | None:
        if comparison is None:
            return result
        return comparison.before if self.mode == "before" else comparison.after

    def _is_only_in(self, series: Mapping[str, ResultSeries], result: Result | None, comparison: Comparison | None) -> bool:
        """Whether no table of the whole run has the measure, so that there is only a moment to show."""
        told = self._result(result, comparison)
        names = measure_names(told.tables) if told is not None else []
        return self.measure not in names and any(f"{self.measure}{self._suffix}" in item.columns for item in series.values())

    @property
    def _suffix(self) -> str:
        return "_difference" if self.mode == "difference" else ""

    def _moment(self, plain: Scene, series: Mapping[str, ResultSeries]) -> Scene:
        """Return the scene of one step of the day; the first one that was not named."""
        tables = {kind: at_moment(item, row_at(item, self.t_s or 0.0)) for kind, item in series.items()}
        names = [name for name in measure_names(tables) if name.endswith(self._suffix)]
        wanted = f"{self.measure}{self._suffix}"
        measure = wanted if wanted in names else next(iter(names), "")
        is_difference = self.mode == "difference"
        noise = _noise(tables, measure) if is_difference else 0.0
        return Scene(plain.snapshot, tables, measure, is_difference, noise, plain.dark, plain.selected_ids, series)

    def _difference(self, plain: Scene, comparison: Comparison | None) -> Scene:
        if comparison is None:
            return plain
        name = f"{self._measure_in(comparison.before.tables)}_difference"
        noise = _noise(comparison.tables, name)
        return Scene(plain.snapshot, comparison.tables, name, True, noise, plain.dark, plain.selected_ids)

    def _measure_in(self, tables: Mapping[str, ResultTable]) -> str:
        """Return the measure that was chosen, or the first there is."""
        names = measure_names(tables)
        return self.measure if self.measure in names else next(iter(names), "")


def _noise(tables: Mapping[str, ResultTable], name: str) -> float:
    return max((item.noise for table in tables.values() for item in table.measures if item.name == name), default=0.0)


def measure_names(tables: Mapping[str, ResultTable]) -> list[str]:
    """Return the names of all measures of some tables that a map can show, each once, in order."""
    shown = (table for kind, table in tables.items() if kind not in NOT_ON_MAP)
    return list(dict.fromkeys(item.name for table in shown for item in table.measures))
