"""What a legend says, in the language and the units of people: the one place where its numbers become words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from layers.base import Legend, LegendEntry
from ui.language import tr
from ui.quantity import Display, display_for

_MOST_DIGITS = 6


@dataclass(frozen=True)
class Words:
    """A legend in words: its title, the unit behind it, and a text for each entry."""

    title: str
    unit: str
    entries: tuple[str, ...]

    @property
    def heading(self) -> str:
        """The title with the unit."""
        return f"{self.title}  ({self.unit})" if self.unit else self.title


def words(legend: Legend) -> Words:
    """Return a legend as people read it: km/h for m/s, as in every table."""
    numbers = {value for entry in legend.entries for value in entry.values}
    display = _telling(display_for(numbers, legend.unit), numbers)
    unit = display.unit_text if numbers else tr(legend.unit) if legend.unit else ""
    return Words(tr(legend.title), unit, tuple(_text(entry, display) for entry in legend.entries))


def _telling(display: Display, numbers: set[float]) -> Display:
    """Return the display with as many digits as it takes to tell the numbers apart."""
    while display.digits < _MOST_DIGITS and len({display.bare(value) for value in numbers}) < len(numbers):
        display = replace(display, digits=display.digits + 1)
    return display


def _text(entry: LegendEntry, display: Display) -> str:
    said = " … ".join(display.bare(value) for value in entry.values) or entry.text
    return " ".join(part for part in (tr(entry.label) if entry.label else "", said) if part)
