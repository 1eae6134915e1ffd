"""From numbers to colours: ramps of 256 steps, classes, and the legends that explain them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from layers.base import LegendEntry, Rgba
from layers.colours import FOLDER, meaning, palette
from twin.model.grade import GRADE_UNIT, LABELS
from twin.model.results import Measure, Worse

Mode = Literal["linear", "quantile", "diverging"]
RAMPS = ("magnitude", "heat", "viridis")
"""Ramps to choose from; the brightest end is the largest value on dark ground, the darkest on light ground."""

MISSING: tuple[int, int, int, int] = (128, 132, 138, 110)
"""Colour of a thing without a number."""


@cache
def ramp_points() -> dict[str, list[str]]:
    """Return the colours between which each ramp runs."""
    points: dict[str, list[str]] = json.loads((FOLDER / "ramps.json").read_text(encoding="utf-8"))
    return points


@cache
def table(name: str, *, dark: bool = True, alpha: int = 255) -> Rgba:
    """Return a ramp as 256 colours ``(256, 4)``, evenly spaced to the eye (interpolated in OKLab)."""
    points = ramp_points()
    key = name if name in points else f"{name}_{'dark' if dark else 'light'}"
    knots = _to_oklab(palette(points[key])[:, :3] / 255.0)
    place = np.linspace(0, len(knots) - 1, 256)
    lab = np.column_stack([np.interp(place, np.arange(len(knots)), knots[:, axis]) for axis in range(3)])
    out = np.full((256, 4), alpha, dtype=np.uint8)
    out[:, :3] = np.round(np.clip(_from_oklab(lab), 0, 1) * 255)
    out.setflags(write=False)
    return out


@dataclass(frozen=True, eq=False)
class Scale:
    """A rule that gives every number a colour.

    ``edges (k + 1,)`` bound the classes in rising order and ``colours (k, 4)`` paint them; a linear
    scale has 256 classes between ``low`` and ``high``. Values outside take the first or last class.
    """

    edges: NDArray[np.float64]
    colours: Rgba
    mode: Mode = "linear"

    @property
    def low(self) -> float:
        """Lower end."""
        return float(self.edges[0])

    @property
    def high(self) -> float:
        """Upper end."""
        return float(self.edges[-1])

    def classes(self, values: NDArray[Any]) -> NDArray[np.intp]:
        """Return the class of each value; a value on an edge belongs to the class above it."""
        return np.searchsorted(self.edges[1:-1], values, side="right")

    def rgba(self, values: NDArray[Any]) -> Rgba:
        """Return the colour of each value ``(n, 4)``; NaN is grey."""
        out = self.colours[self.classes(values)]
        out[np.isnan(values)] = MISSING
        return out

    def fraction(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return where each value lies between the ends, 0-1; by size alone where the scale diverges; NaN is 0."""
        if self.mode == "diverging":
            reach = max(abs(self.low), abs(self.high)) or 1.0
            return np.asarray(np.nan_to_num(np.clip(np.abs(values) / reach, 0, 1)))
        return np.asarray(np.nan_to_num(np.clip((values - self.low) / ((self.high - self.low) or 1.0), 0, 1)))

    def entries(self) -> tuple[LegendEntry, ...]:
        """Return the lines of a legend, the largest first; five steps stand for a linear ramp."""
        if self.mode == "linear":
            places = np.linspace(0, len(self.colours) - 1, 5).round().astype(int)
            values = np.linspace(self.low, self.high, 5)
            rows: list[tuple[Any, tuple[float, ...]]] = [
                (self.colours[i], (float(v),)) for i, v in zip(places, values, strict=True)
            ]
        else:
            pairs = zip(self.edges[:-1], self.edges[1:], strict=True)
            rows = [(colour, (float(a), float(b))) for colour, (a, b) in zip(self.colours, pairs, strict=True)]
        return tuple(
            LegendEntry(_colour(colour), text=" … ".join(map(number, values)), values=values) for colour, values in reversed(rows)
        )


def linear(
    values: NDArray[Any],
    ramp: str = "magnitude",
    *,
    dark: bool = True,
    alpha: int = 255,
    start: float | None = None,
    worse: Worse = "higher",
) -> Scale:
    """Return a scale of equal steps from the least to the largest value (2nd and 98th percentile), or from ``start``.

    The strong end of the ramp is that of the large values, or of the small ones where less is worse.
    """
    known = values[np.isfinite(values)]
    low, high = (float(v) for v in np.percentile(known, (2, 98))) if len(known) else (0.0, 1.0)
    low = start if start is not None else low
    if high <= low:
        high = float(known.max()) if len(known) and known.max() > low else low + 1.0
    colours = table(ramp, dark=dark, alpha=alpha)
    return Scale(np.linspace(low, high, 257), (colours[::-1] if worse == "lower" else colours).copy())


def quantile(values: NDArray[Any], ramp: str = "magnitude", classes: int = 6, *, dark: bool = True, alpha: int = 255) -> Scale:
    """Return classes that hold about equally many values; fewer where many values are the same."""
    known = values[np.isfinite(values)]
    shares = np.linspace(0, 1, classes + 1)
    edges = np.unique(np.quantile(known, shares)) if len(known) else np.array([0.0, 1.0])
    if len(edges) < 2:
        edges = np.array([edges[0], edges[0] + 1.0])
    return Scale(edges, _spread(table(ramp, dark=dark, alpha=alpha), len(edges) - 1), "quantile")


def diverging(values: NDArray[Any], noise: float = 0.0, *, worse: Worse = "higher", dark: bool = True, alpha: int = 255) -> Scale:
    """Return a scale around zero with seven classes, the middle one holding all that is only noise.

    Both sides reach to the 98th percentile of the sizes beyond the noise, so that they can be compared.
    What is worse has the warm colours, whether that is more of it or, as for a speed, less.
    """
    sizes = np.abs(values[np.isfinite(values)])
    sizes = sizes[sizes > noise]
    reach = max(float(np.percentile(sizes, 98)) if len(sizes) else 1.0, noise * 2 + 1e-9)
    cut = noise if noise > 0.0 else reach * 0.02
    steps = cut + (reach - cut) * np.array([0.0, 0.2, 0.5, 1.0])
    edges = np.concatenate([-steps[::-1], steps])
    colours = _spread(table("difference", dark=dark, alpha=alpha), 7)
    return Scale(edges, colours[::-1] if worse == "lower" else colours, "diverging")


def bands(bounds: Sequence[float], ramp: str = "heat", *, dark: bool = True) -> Scale:
    """Return classes between the bounds that a measure names, the first the most visible; the faintest quarter is left out."""
    visible = table(ramp, dark=dark)[64:]
    return Scale(np.asarray(bounds, np.float64), _spread(visible, len(bounds) - 1)[::-1], "quantile")


def grades(unit: str = GRADE_UNIT) -> Scale:
    """Return the scale of congestion grades 0-4 (GB/T 33171-2016, annex D) or of the classes of the delay index."""
    colours = _grade_colours(unit)
    return Scale(np.arange(-0.5, len(colours)), colours, "quantile")


def index() -> Scale:
    """Return the scale of the traffic performance index 0-10: a colour for each grade (GB/T 33171-2016, 8.2)."""
    return Scale(np.arange(0.0, 11.0, 2.0), palette(meaning("grade")), "quantile")


def fixed(measure: Measure, *, dark: bool = True) -> Scale | None:
    """Return the scale that a standard or the measure's own bands give to it, or None.

    Grades and traffic performance indices look alike in every city.
    """
    if measure.unit in LABELS:
        return grades(measure.unit)
    if measure.name.startswith("tpi"):
        return index()
    return bands(measure.bands, dark=dark) if measure.bands else None


def grade_entries(unit: str = GRADE_UNIT) -> tuple[LegendEntry, ...]:
    """Return the lines of the legend of congestion grades or classes, the worst first."""
    pairs = zip(_grade_colours(unit), LABELS[unit].values(), strict=True)
    return tuple(LegendEntry(_colour(colour), label) for colour, label in reversed(list(pairs)))


def _grade_colours(unit: str) -> Rgba:
    """Return a colour for each grade; the four classes of the delay index leave out the second of the five colours."""
    colours = palette(meaning("grade"))
    return colours if len(LABELS[unit]) == len(colours) else np.delete(colours, 1, axis=0)


def number(value: float) -> str:
    """Return a number as a legend shows it: three significant digits, thousands apart, no exponent."""
    if value == 0 or not np.isfinite(value):
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    text = f"{round(value, digits):,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def _colour(row: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    red, green, blue, alpha = (int(v) for v in row)
    return red, green, blue, alpha


def _spread(colours: Rgba, count: int) -> Rgba:
    """Pick ``count`` colours from all over a table."""
    places = np.linspace(0, len(colours) - 1, count) if count > 1 else np.array([len(colours) * 0.7])
    return np.asarray(colours[places.round().astype(np.intp)], dtype=np.uint8)


# OKLab: B. Ottosson, "A perceptual color space for image processing" (2020).
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _to_oklab(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(light @ _LMS.T) @ _LAB.T)


def _from_oklab(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    light = (lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T
    light = np.clip(light, 0, None)
    return np.asarray(np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055))
