"""What a planner may set of clean-up crews: which cases, how many crews, how long the work takes, and what is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.limits import case_codes, require_limits
from twin.codes import CaseStandard, case_standards
from twin.errors import ScenarioError
from twin.model.entity import CLOCK_UNIT, attribute

MISHAPS = "E0102, E0103, E0104, E0106, E0109, E0112, E0401, E0406, C0102, C0103, C0104, C0402"
"""Litter, refuse, dirty roads and green, things in trees, spills, collapses, floods, covers, grates, trees (GB/T 30428.2)."""
MOST_CREWS = 200


@dataclass(frozen=True, kw_only=True)
class CrewsParams:
    """Cases, crews and clocks. Raises ``ScenarioError`` on what there is none of, and on a number outside its limits."""

    days: int = attribute("Days", 28, unit="d", low=1, high=365, definition="Days that are reported.")
    warm_up_days: int = attribute(
        "Warm-up days", 7, unit="d", low=0, high=60, definition="Simulated before the reported days, and after them, and dropped."
    )
    replications: int = attribute(
        "Replications", 10, low=1, high=200, definition="Runs with other draws of the same city; intervals rest on them."
    )
    crews: int = attribute(
        "Crews",
        2,
        low=0,
        high=MOST_CREWS,
        definition="Of each department, put at the depots in turn, where nothing else is said below.",
    )
    crews_of: str = attribute(
        "Crews of single departments",
        "",
        definition="Such as 'Sanitation Office = 3; Water Office = 2'; others have the number above.",
    )
    classes: str = attribute(
        "Classes of cases",
        MISHAPS,
        definition="Codes of GB/T 30428.2 separated by commas; empty: every class with a time limit. At first mishaps on streets.",
    )
    incidents: bool = attribute(
        "Incidents, too",
        True,
        definition="Spills count as E0112, floods as E0406 and fallen trees as C0402; switch it off where each is a case already.",
    )
    growth: float = attribute("Cases", 1.0, low=0.1, high=10, definition="Relative to those that the city has had.")
    work_min: float = attribute(
        "Work on a case", 45.0, unit="min", low=1, high=1440, definition="On average; each one is drawn (exponential)."
    )
    speed_factor: float = attribute(
        "Speed of crews", 0.7, low=0.1, high=1, definition="Relative to free flow; stops at junctions are in it."
    )
    shift_start_s: float = attribute("Shift begins", 8 * 3600.0, unit=CLOCK_UNIT, low=0, high=86400)
    shift_h: float = attribute(
        "Shift",
        24.0,
        unit="h",
        low=1,
        high=24,
        definition="Hours of the day in which crews set out; what they have begun they finish. 24: day and night.",
    )
    work_day_h: float = attribute(
        "Hours of a work day",
        7.5,
        unit="h",
        low=1,
        high=24,
        definition="Time limits in work hours become hours of the clock: 4 of 7.5 work hours are 4 / 7.5 of 24 hours.",
    )
    target: float = attribute(
        "In time is enough", 0.95, low=0.5, high=0.999, definition="Share of cases done in time for which crews are counted."
    )

    def __post_init__(self) -> None:
        """Refuse classes and departments that there are none of, and numbers outside their limits."""
        require_limits(self)
        case_codes(self.classes)
        _ = self.own_crews

    @property
    def _asked(self) -> tuple[str, ...]:
        return case_codes(self.classes)

    @property
    def codes(self) -> tuple[str, ...]:
        """The classes one by one, those with a time limit."""
        return tuple(code for code in self._asked or case_standards() if code in case_standards())

    @property
    def without_limit(self) -> tuple[str, ...]:
        """The classes that were asked for and have no time limit."""
        return tuple(code for code in self._asked if code not in case_standards())

    @property
    def own_crews(self) -> Mapping[str, int]:
        """The crews of the departments (English name) that have a number of their own."""
        names = {name: standard.department_en for standard in case_standards().values() for name in _names(standard)}
        found = {}
        for item in filter(str.strip, self.crews_of.replace("；", ";").split(";")):
            name, _, number = (part.strip() for part in item.replace("＝", "=").partition("="))
            if name.lower() not in names:
                known = ", ".join(sorted(set(names.values())))
                raise ScenarioError(f"There is no department '{name}'.", f"Departments with time limits are: {known}.")
            if not number.isdecimal() or int(number) > MOST_CREWS:
                raise ScenarioError(
                    f"'{name}' cannot have '{number}' crews; expected a whole number up to {MOST_CREWS}.",
                    "Write it like 'Sanitation Office = 3; Water Office = 2'.",
                )
            found[names[name.lower()]] = int(number)
        return found

    def crews_for(self, department: str) -> int:
        """Return how many crews a department (English name) has."""
        return self.own_crews.get(department, self.crews)

    def limit_s(self, code: str) -> float:
        """Return the time limit of a class in seconds of the clock, from the report on."""
        standard = case_standards()[code]
        hour_s = {"urgent_hour": 3600.0, "work_hour": 86_400.0 / self.work_day_h}.get(standard.limit_kind, 86_400.0)
        return standard.limit_value * hour_s


def _names(standard: CaseStandard) -> tuple[str, ...]:
    """Return the names by which a department may be called, in small letters."""
    return tuple(name.lower() for name in (standard.department_en, standard.department_zh, standard.department))
