"""What is on show on the map: nothing, a result before or after the edits, or their difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from layers.base import Scene
from twin.model.comparison import Comparison
from twin.model.results import Result, ResultTable
from twin.model.snapshot import Snapshot

Mode = Literal["none", "before", "after", "difference"]
MODES: tuple[Mode, ...] = ("none", "before", "after", "difference")


@dataclass(frozen=True)
class Shown:
    """A mode, the simulation whose numbers are meant, and the measure that gives the colours."""

    mode: Mode = "none"
    simulation: str = ""
    measure: str = ""

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
        if self.mode == "none":
            return plain
        if self.mode == "difference":
            return self._difference(plain, comparison)
        if comparison is not None:
            result = comparison.before if self.mode == "before" else comparison.after
        if result is None:
            return plain
        return Scene(snapshot, result.tables, self._measure_in(result.tables), dark=dark, selected_ids=selected_ids)

    def _difference(self, plain: Scene, comparison: Comparison | None) -> Scene:
        if comparison is None:
            return plain
        measure = self._measure_in(comparison.before.tables)
        name = f"{measure}_difference"
        noise = max(
            (item.noise for table in comparison.tables.values() for item in table.measures if item.name == name), default=0.0
        )
        return Scene(plain.snapshot, comparison.tables, name, True, noise, plain.dark, plain.selected_ids)

    def _measure_in(self, tables: Mapping[str, ResultTable]) -> str:
        """Return the measure that was chosen, or the first there is."""
        names = measure_names(tables)
        return self.measure if self.measure in names else next(iter(names), "")


def measure_names(tables: Mapping[str, ResultTable]) -> list[str]:
    """Return the names of all measures of some tables, each once, in order."""
    return list(dict.fromkeys(item.name for table in tables.values() for item in table.measures))
