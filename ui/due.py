"""Which bins are due, as rows for people and scripts: one task for the command line and the window."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.model.results import ResultTable
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task
from ui.language import language, mark, number, tr
from ui.session import Session

RISK = 0.1
"""Probability of overflow from which a bin is due, where nobody says another."""
NAMES = ("bin", "name", "name_en", "waste_kind", "lon", "lat", "due_days", "reason", "overflow_today", "overflow_tomorrow",
         "overflow_in_two_days", "full_days")  # fmt: skip
WHEN = (mark("today"), mark("tomorrow"), mark("in two days"))
WHY = {"fullness": mark("fullness"), "age": mark("age of the reading"), "alert": mark("alert")}


@dataclass(frozen=True)
class DueBins:
    """The bins that are due within two days, the most urgent first, and what they rest on: scenario, version, all bins."""

    scenario: Scenario
    version: int
    bins: int
    rows: tuple[dict[str, Any], ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many are due today, tomorrow and in two days."""
        today, tomorrow, later = (sum(row["due_days"] == days for row in self.rows) for days in range(3))
        return today, tomorrow, later


def due_task(session: Session, scenario: Scenario, risk: float = RISK) -> Task[DueBins]:
    """Find the bins of a scenario that are due. Raises ``ScenarioError`` where there is no bin."""
    # Compiled code is brought in here: a window that asks for nothing must not wait for it.
    from sim.cleanup import Cleanup
    from sim.cleanup.due import due_of_city

    yield Progress("Reading the city")
    city = session.store.snapshot(Cleanup.kinds, histories=Cleanup.histories)
    found = yield from due_of_city(city, scenario, risk)
    return DueBins(scenario, city.version, len(found.ids), tuple(rows_of(found, scenario.apply(city))))


def rows_of(found: ResultTable, city: Snapshot) -> list[dict[str, Any]]:
    """Return the bins that are due within two days, the most urgent first."""
    from sim.cleanup.due import LATER, REASONS

    columns, bins = found.columns, city["bin"]
    lon_lat = np.round(city.projection.to_lon_lat(bins.xy), 6)
    due = np.flatnonzero(columns["due_days"] < LATER)
    urgent = due[np.lexsort((found.ids[due].astype(str), -columns["overflow_today"][due], columns["due_days"][due]))]
    return [
        {
            "bin": str(found.ids[row]),
            "name": str(bins["name"][row]),
            "name_en": str(bins["name_en"][row]),
            "waste_kind": str(bins["waste_kind"][row]),
            "lon": lon_lat[row, 0].item(),
            "lat": lon_lat[row, 1].item(),
            "due_days": int(columns["due_days"][row]),
            "reason": REASONS[int(columns["due_reason"][row])],
            "overflow_today": float(columns["overflow_today"][row]),
            "overflow_tomorrow": float(columns["overflow_tomorrow"][row]),
            "overflow_in_two_days": float(columns["overflow_in_two_days"][row]),
            "full_days": int(columns["full_days"][row]),
        }
        for row in urgent.tolist()
    ]


def name_of(row: dict[str, Any]) -> str:
    """Return a bin's name in the language in use, or what else it is known by."""
    first, second = (row["name_en"], row["name"]) if language() == "en" else (row["name"], row["name_en"])
    return str(first or second or row["bin"])


def csv_of(rows: tuple[dict[str, Any], ...]) -> str:
    """Return the rows as CSV, with names that a script reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(NAMES)
    writer.writerows([f"{value:.9g}" if isinstance(value, float) else value for value in row.values()] for row in rows)
    return text.getvalue()


def counts_in_words(found: DueBins) -> str:
    """Say how many bins are due when."""
    today, tomorrow, later = (number(count) for count in found.counts)
    return tr("Due today: {today}, tomorrow: {tomorrow}, in two days: {later} bins.", today=today, tomorrow=tomorrow, later=later)
