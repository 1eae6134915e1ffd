"""Code tables of standards, read from the versioned files in ``assets/codes``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "codes"


@dataclass(frozen=True, slots=True)
class CaseClass:
    """A class of components or events of GB/T 30428.2, in Chinese and English.

    ``code`` is 'C' (component) or 'E' (event) and four digits. ``confidence`` is A, B or C as the
    README beside the tables explains.
    """

    code: str
    zh: str
    en: str
    major: str
    major_zh: str
    major_en: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class CaseStandard:
    """Who handles a class of case, and within what time on which clock."""

    code: str
    department_zh: str
    department_en: str
    limit_value: float
    limit_kind: str
    confidence: str
    note: str

    @property
    def department(self) -> str:
        """The department's name as records have it, in both languages."""
        return f"{self.department_zh} ({self.department_en})"


@cache
def case_classes(version: int = 1) -> Mapping[str, CaseClass]:
    """Return every component and event class by its code."""
    names = (f"gbt_30428_2_components_v{version}.csv", f"gbt_30428_2_events_v{version}.csv")
    return MappingProxyType({row["code"]: CaseClass(**row) for name in names for row in _rows(name)})


@cache
def case_standards(version: int = 1) -> Mapping[str, CaseStandard]:
    """Return the example table of time limits by class code."""
    found = {}
    for row in _rows(f"case_standards_v{version}.csv"):
        value = float(row.pop("limit_value"))
        found[row["code"]] = CaseStandard(limit_value=value, **row)
    return MappingProxyType(found)


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, slots=True)
class SpeedGrades:
    """The speeds (m/s) at or below which a group of road classes gets the next worse grade, the highest first."""

    road_classes: tuple[str, ...]
    bounds_mps: tuple[float, ...]


@cache
def speed_grades(version: int = 1) -> Mapping[str, SpeedGrades]:
    """Return the table of DB11/T 785-2011 by group of roads."""
    found: dict[str, SpeedGrades] = {}
    for row in sorted(_rows(f"db11t785_speed_v{version}.csv"), key=lambda row: int(row["grade"])):
        known = found.get(row["road_group"], SpeedGrades((), ())).bounds_mps
        bound = float(row["speed_from_kmh"]) / 3.6
        found[row["road_group"]] = SpeedGrades(tuple(row["road_classes"].split()), (*known, bound) if bound > 0.0 else known)
    return MappingProxyType(found)


@cache
def severe_share_index(version: int = 1) -> tuple[tuple[float, float], ...]:
    """Return the points (share of severely congested road, TPI) of DB11/T 785-2011, rising."""
    return tuple((float(row["severe_share"]), float(row["tpi"])) for row in _rows(f"db11t785_tpi_v{version}.csv"))


@cache
def delay_index_bands(version: int = 1) -> tuple[float, ...]:
    """Return the delay index from which each class after the first begins."""
    return tuple(float(row["delay_index_from"]) for row in _rows(f"delay_index_v{version}.csv"))[1:]
