"""What a planner reads of crews: what is done in time, who waits how long, how busy crews are, and how many are enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.crews.days import Days
from sim.crews.params import CrewsParams
from sim.crews.workload import Workload
from sim.samples import mean_of
from twin.model.results import Indicator, Measure, ResultTable, Worse
from twin.model.snapshot import Snapshot

RESOLUTION = 9
"""Of the H3 cells of the map: edges of about 200 m, so that most have several cases."""
ASSUMPTIONS = (
    "Cases come by chance, at any hour alike, as often and where this city has had them; of those rejected none.",
    "A crew goes to what has the shortest time limit, then to what was reported first, and is never called off.",
    "The time limit runs from the report to the end of the work; weekends and holidays count like other days.",
    "An urgent hour is an hour, a natural day and a work day are 24 hours; work hours are stretched over the day.",
    "Time limits and departments are the example table of this program: put those of your city in its place.",
    "Crews set out from where they finished; they do the cases of their own department only.",
)
DEPARTMENT_LABELS = {
    "sanitation_office": "Sanitation Office",
    "urban_management_enforcement": "Urban Management Enforcement",
    "water_office": "Water Office",
    "parks_office": "Parks Office",
    "traffic_police": "Traffic Police",
    "municipal_works_office": "Municipal Works Office",
    "construction_bureau": "Construction Bureau",
    "telecom_office": "Telecom Office",
    "subdistrict_office": "Subdistrict Office",
}
"""The departments of the time limits, by the name that their indicators end in."""
SUM_LABELS: dict[str, tuple[str, str, Worse, str]] = {
    "cases": ("Cases", "1/d", "neither", "Of all departments together."),
    "in_time": ("Done in time", "ratio", "lower", "Share of cases done within their time limit, those never reached among the others."),
    "wait": ("Wait for a crew", "s", "higher", "Mean time from the report until a crew sets out."),
    "response": ("Response", "s", "higher", "Mean time from the report until a crew is there."),
    "response_p90": ("Response of nine in ten", "s", "higher", "Nine of ten cases are reached sooner."),
    "busy": ("Crews busy", "ratio", "neither", "Share of their time on duty that crews drive or work; more than 1 is overtime."),
    "waiting": ("Cases waiting", "", "higher", "Mean number of cases to which no crew has set out."),
    "driven_km": ("Driven by crews", "km/d", "higher", "By all crews together."),
    "driven_h": ("Time on the road", "h/d", "higher", "By all crews together."),
    "never": ("Never reached", "1/d", "higher", "No open road leads there, or the department has no crew."),
}  # fmt: skip
OF_CASES_REACHED = frozenset({"wait", "response", "response_p90", "waiting", "driven_km", "driven_h"})
"""Numbers that get better where cases are never reached, which is no gain."""
MEASURES = (
    Measure(
        "late_share", "Not done in time", "ratio", definition="Share of the cell's cases done after their time limit, or never."
    ),
    Measure("response_s", "Response", "s", definition="Mean time from the report until a crew is there."),
    Measure("cases_per_day", "Cases", "1/d", worse="neither", definition="As simulated."),
)


@dataclass(frozen=True, eq=False)
class Department:
    """A department (English name), its crews, how many would be enough (None: no number is), its replications."""

    name: str
    crews: int
    enough: int | None
    days: tuple[Days, ...]

    @property
    def slug(self) -> str:
        """Return the end of the names of its indicators."""
        return self.name.lower().replace(" ", "_")

    @property
    def is_overloaded(self) -> bool:
        """Whether work arrives faster than its crews can do it."""
        return bool(np.mean([day.asked for day in self.days]) >= 1.0)


def indicators(departments: list[Department], load: Workload, params: CrewsParams) -> tuple[Indicator, ...]:
    """Return the means over replications with their intervals: of all together, then of each department."""
    together = [Days.joined(list(parts)) for parts in zip(*(department.days for department in departments), strict=True)]
    rows, found = len(load.kind), []
    for name, (label, unit, worse, definition) in SUM_LABELS.items():
        samples = [_SUMS[name](days, params) for days in together]
        left_out = "never" if name in OF_CASES_REACHED else ""
        found.append(mean_of(name, label, samples, unit, rows=rows, worse=worse, definition=definition, left_out=left_out))
    for department in departments:
        found += _of_department(department, rows, params)
    return tuple(found)


def _of_department(department: Department, rows: int, params: CrewsParams) -> list[Indicator]:
    name, slug = DEPARTMENT_LABELS.get(department.slug, department.name), department.slug
    in_time, busy = ([_SUMS[key](days, params) for days in department.days] for key in ("in_time", "busy"))
    found = [
        Indicator(f"crews_{slug}", f"{name}: crews on duty", float(department.crews), rows=rows, worse="neither"),
        mean_of(f"in_time_{slug}", f"{name}: done in time", in_time, "ratio", rows=rows, worse="lower"),
        mean_of(f"busy_{slug}", f"{name}: crews busy", busy, "ratio", rows=rows, worse="neither"),
    ]
    if department.enough is not None:
        found.append(
            Indicator(f"enough_{slug}", f"{name}: crews that are enough", float(department.enough), rows=rows,
                      definition="The least number that does the wanted share of cases in time."),
        )  # fmt: skip
    return found


def _known(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the times of cases that are reached at all; one of no time where there are none."""
    found = seconds[np.isfinite(seconds)]
    return found if len(found) else np.zeros(1)


_SUMS: dict[str, Callable[[Days, CrewsParams], float]] = {
    "cases": lambda days, params: len(days.wait_s) / params.days,
    "in_time": lambda days, _: 1.0 - float(days.is_late.mean()) if len(days.is_late) else 1.0,
    "wait": lambda days, _: float(_known(days.wait_s).mean()),
    "response": lambda days, _: float(_known(days.response_s).mean()),
    "response_p90": lambda days, _: float(np.quantile(_known(days.response_s), 0.9)),
    "busy": lambda days, _: days.busy_s / days.crew_s if days.crew_s else 0.0,
    "waiting": lambda days, params: days.waiting_s / (params.days * 86_400.0),
    "driven_km": lambda days, params: days.drive_m / 1000.0 / params.days,
    "driven_h": lambda days, params: days.drive_s / 3600.0 / params.days,
    "never": lambda days, params: float((~np.isfinite(days.wait_s)).sum()) / params.days,
}


def cell_table(
    departments: list[Department], cells: NDArray[np.str_], cell: NDArray[np.intp], params: CrewsParams
) -> ResultTable:
    """Return for each H3 cell in which cases have been how those simulated there fare; no number where none is."""
    all_days = Days.joined([days for department in departments for days in department.days])
    at, gone = cell[all_days.where], np.isfinite(all_days.response_s)
    count = np.bincount(at, minlength=len(cells)).astype(np.float64)
    reached = np.bincount(at[gone], minlength=len(cells)).astype(np.float64)
    late = np.bincount(at, all_days.is_late, minlength=len(cells))
    response_s = np.bincount(at[gone], all_days.response_s[gone], minlength=len(cells))
    nothing = np.full(len(cells), np.nan)
    columns = {
        "late_share": np.divide(late, count, out=nothing.copy(), where=count > 0),
        "response_s": np.divide(response_s, reached, out=nothing.copy(), where=reached > 0),
        "cases_per_day": count / (params.days * params.replications),
    }
    return ResultTable("cell", cells.astype(object), columns, MEASURES)


def notes_of(
    base: Snapshot, load: Workload, departments: list[Department], params: CrewsParams, assumed: list[str]
) -> tuple[str, ...]:
    """Return what must be shown beside the numbers."""
    notes = ["The cases are synthetic."] if base.synthetic else []
    notes += assumed
    notes.append(f"Cases are fitted to {len(load.kind)} that came in {load.span_d:.0f} days.")
    overloaded = ", ".join(department.name for department in departments if department.is_overloaded)
    if overloaded:
        notes.append(f"Work arrives faster than the crews can do it: {overloaded}. Waits grow from day to day.")
    short = ", ".join(department.name for department in departments if department.enough is None)
    if short:
        notes.append(
            f"No number of crews does {params.target:.1%} in time, for the work alone or ways that are cut off: {short}."
        )
    if params.without_limit:
        notes.append(f"Classes without a time limit are left out: {', '.join(params.without_limit)}.")
    return (*notes, *ASSUMPTIONS)
