"""Grades of congestion: the five of GB/T 33171-2016 with their bands, and the classes of the delay index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

GRADE_UNIT = "grade"
"""Unit of a measure or indicator whose value is the number of a grade: people are shown its name."""


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade: its number, its name, and its band of DTP (ratio) and of TPI (0-10), the upper end not included."""

    number: int
    label: str
    dtp_from: float
    dtp_to: float
    tpi_from: float
    tpi_to: float


@dataclass(frozen=True, slots=True)
class DelayClass:
    """One class of the delay index: its number and its name. Its bands are data, ``twin.codes.delay_index_bands``."""

    number: int
    label: str


# GB/T 33171-2016, clause 7.2.3 and annexes C and D.
GRADES: tuple[Grade, ...] = (
    Grade(0, "Unobstructed", 0.0, 0.3, 0.0, 2.0),
    Grade(1, "Basically unobstructed", 0.3, 0.5, 2.0, 4.0),
    Grade(2, "Light congestion", 0.5, 0.6, 4.0, 6.0),
    Grade(3, "Moderate congestion", 0.6, 0.7, 6.0, 8.0),
    Grade(4, "Severe congestion", 0.7, 1.0, 8.0, 10.0),
)

DELAY_CLASS_UNIT = "delay class"
"""Unit of a class of the delay index of navigation services, which has four."""

DELAY_CLASSES: tuple[DelayClass, ...] = (
    DelayClass(0, "Smooth"),
    DelayClass(1, "Slow"),
    DelayClass(2, "Congested"),
    DelayClass(3, "Severely congested"),
)

LABELS: Mapping[str, Mapping[int, str]] = {
    GRADE_UNIT: {grade.number: grade.label for grade in GRADES},
    DELAY_CLASS_UNIT: {item.number: item.label for item in DELAY_CLASSES},
}
"""The names of grades and classes by unit."""
