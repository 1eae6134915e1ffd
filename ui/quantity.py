"""Numbers with their units as people say them: km/h from m/s, minutes from seconds, tonnes from kilograms.

Inside CityTwin every number is SI. Here it gets the unit and the digits that fit its size, in the
language in use. Numbers that stand in one column share one ``Display``, so that they can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from twin.model.entity import CLOCK_UNIT
from twin.model.grade import LABELS
from ui.language import mark, number, tr

MISSING = "–"
_TINY = 1e-3  # a typed number below this is written with its power of ten


@dataclass(frozen=True, slots=True)
class Display:
    """How a number is shown: multiplied by ``factor``, rounded to ``digits``, with ``unit`` behind it."""

    factor: float
    unit: str
    digits: int

    def bare(self, value: float) -> str:
        """Return the number without its unit."""
        return number(value * self.factor, self.digits) if math.isfinite(value) else MISSING

    def text(self, value: float) -> str:
        """Return the number with its unit."""
        return _joined(self.bare(value), self.unit) if math.isfinite(value) else MISSING

    def signed(self, value: float) -> str:
        """Return a difference with its sign and without its unit."""
        text = self.bare(value)
        return f"+{text}" if math.isfinite(value) and value * self.factor >= 0.5 * 10**-self.digits else text

    def finer(self, *values: float | None) -> Display:
        """Return the same unit with digits that fit these, usually smaller, numbers."""
        sizes = [abs(value * self.factor) for value in values if value is not None and math.isfinite(value)]
        return replace(self, digits=max(self.digits, _digits_for(max(sizes, default=0.0))))

    @property
    def unit_text(self) -> str:
        """The unit as it is written in the language in use."""
        return tr(self.unit) if self.unit else ""


@dataclass(frozen=True, slots=True)
class GradeDisplay(Display):
    """How a grade of congestion is shown: by its name; between two grades (a mean) and as a difference by its number."""

    grade_unit: str

    def bare(self, value: float) -> str:
        """Return the name of a grade."""
        names = LABELS[self.grade_unit]
        return tr(names[int(value)]) if value in names else Display.bare(self, value)

    def text(self, value: float) -> str:
        """Return the name of a grade."""
        return self.bare(value)

    def signed(self, value: float) -> str:
        """Return how many grades worse (+) or better (−)."""
        return Display(1.0, "", self.digits).signed(value)


@dataclass(frozen=True, slots=True)
class ClockDisplay(Display):
    """How a time of day is shown: 07:30; as a difference in minutes."""

    def bare(self, value: float) -> str:
        """Return hours and minutes."""
        minutes = round(value / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    def text(self, value: float) -> str:
        """Return hours and minutes."""
        return self.bare(value) if math.isfinite(value) else MISSING

    def signed(self, value: float) -> str:
        """Return how much later (+) or earlier (−)."""
        return display_for(value, "s").signed(value)


# From which size on (in the unit inside) which unit is shown, with the factor to it.
_STEPS: dict[str, tuple[tuple[float, str, float], ...]] = {
    "m/s": ((0, mark("km/h"), 3.6),),
    "s": ((0, mark("s"), 1), (180, mark("min"), 1 / 60), (3 * 3600, mark("h"), 1 / 3600)),
    "m": ((0, mark("m"), 1), (2000, mark("km"), 1e-3)),
    "kg": ((0, mark("kg"), 1), (2000, mark("t"), 1e-3)),
    "L": ((0, mark("L"), 1), (10000, mark("m³"), 1e-3)),
    "deg": ((0, "°", 1),),
    "ratio": ((0, "%", 100),),
    "1": ((0, "", 1),),
}
_ATTACHED = ("%", "°")  # written against the number


def display_for(values: float | Iterable[float], unit: str = "", *, exact: bool = False) -> Display:
    """Choose how numbers of a unit are shown: about three digits that mean something, by the largest of them.

    ``exact`` numbers (what somebody typed) keep up to three digits after the point.
    """
    sizes = [abs(value) for value in ([values] if isinstance(values, (int, float)) else values) if math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if unit in LABELS:
        return GradeDisplay(1.0, "", 0 if all(value == int(value) for value in sizes) else 1, unit)
    if unit == CLOCK_UNIT:
        return ClockDisplay(1.0, "", 0)
    steps = [step for step in _STEPS.get(unit, ((0, unit, 1),)) if largest >= step[0]]
    _, shown_unit, factor = steps[-1]
    if exact:
        return Display(factor, shown_unit, _digits_of(sizes, factor))
    if all(value == int(value) for value in sizes) and factor == 1:
        return Display(factor, shown_unit, 0)
    return Display(factor, shown_unit, _digits_for(largest * factor))


def quantity(value: float | None, unit: str = "", *, exact: bool = False) -> str:
    """Return one number with its unit, as a person reads it; a dash when there is none."""
    if value is None or not math.isfinite(value):
        return MISSING
    if exact and 0 < abs(value) < _TINY:
        return _joined(f"{value:g}".replace("-", "−"), unit)
    return display_for(value, unit, exact=exact).text(value)


def relative(share: float | None, unit: str = "") -> str:
    """Return a relative change with its sign: +12.3%; a dash when it has no meaning, as for grades."""
    if share is None or not math.isfinite(share) or unit in LABELS:
        return MISSING
    return Display(100.0, "", 1 if abs(share) < 1 else 0).signed(share) + "%"


def interval(low: float | None, high: float | None, display: Display) -> str:
    """Return a 95 % interval, from … to …; a dash when the number has none."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return MISSING
    return tr("{low} to {high}", low=display.signed(low), high=display.signed(high))


def _joined(text: str, unit: str) -> str:
    if not unit:
        return text
    return f"{text}{tr(unit)}" if unit in _ATTACHED else f"{text} {tr(unit)}"


def _digits_for(size: float) -> int:
    """Return the digits after the point that leave about three that mean something."""
    return 0 if size >= 100 or size == 0 else min(4, max(0, 2 - math.floor(math.log10(size))))


def _digits_of(sizes: list[float], factor: float) -> int:
    """Return how many digits after the point say these numbers exactly, three at most."""
    for digits in range(3):
        if all(math.isclose(round(value * factor, digits), value * factor, rel_tol=1e-6, abs_tol=1e-9) for value in sizes):
            return digits
    return 3
