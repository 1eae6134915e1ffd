"""Charts of a result: days one after another, or how a measure spreads over the city, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from twin.model.results import Measure, Result, ResultSeries
from ui import theme
from ui.language import mark, tr
from ui.panels.clocks import clock_text
from ui.quantity import display_for

BINS = 40
CHART_HEIGHT_PX = 190


@dataclass(frozen=True, eq=False)
class Series:
    """What a chart shows: for each side ('before', 'after') one line over ``x``; ``is_steps`` draws bars.

    With ``is_clock`` x are seconds since midnight and shown as times of day; ``now`` is marked by an upright line.
    """

    x_label: str
    y_label: str
    y_unit: str
    x: NDArray[np.float64]
    lines: Mapping[str, NDArray[np.float64]]
    is_steps: bool = False
    x_unit: str = ""
    is_clock: bool = False
    now: float | None = None


def over_day(day: ResultSeries, key: str, measure: str, now: float | None) -> Series | None:
    """Return a measure of one thing over the simulated day, before and after where the series has both; None without it."""
    place = np.flatnonzero(day.ids == key)
    plain = measure.removesuffix("_difference")
    sides = {"before": f"{plain}_before", "after": f"{plain}_after"} if f"{plain}_after" in day.columns else {"after": plain}
    if not len(place) or any(column not in day.columns for column in sides.values()):
        return None
    facts = next(item for item in day.measures if item.name == sides["after"])
    lines = {side: day.columns[column][:, place[0]].astype(np.float64) for side, column in sides.items()}
    return Series(mark("Time of day"), facts.label, facts.unit, day.t_s, lines, is_clock=True, now=now)


class _ClockAxis(pg.AxisItem):
    """An axis of times of day, where a chart has them."""

    is_clock = False

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802  pyqtgraph's name
        """Return '07:30' for a number of seconds."""
        if not self.is_clock:
            strings: list[str] = super().tickStrings(values, scale, spacing)
            return strings
        return [clock_text(value) for value in values]

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802  pyqtgraph's name
        """Return whole parts of an hour."""
        if not self.is_clock:
            spacing: list[tuple[float, float]] = super().tickSpacing(low, high, size)
            return spacing
        fitting = (step for step in (300, 900, 1800, 3600, 7200, 14400) if (high - low) / step <= max(size / 55, 2))
        return [(float(next(fitting, 21600)), 0.0)]


IN_ORDER = {"day": mark("Day"), "step": mark("New bins")}
"""Tables whose rows come one after another, and what their number is called."""


def in_order(before: Result | None, after: Result, kind: str, measure: Measure) -> Series:
    """Return a measure of the tables of a kind of ``IN_ORDER``, row after row."""
    lines = {"after": after.tables[kind].columns[measure.name]}
    if before is not None and kind in before.tables and measure.name in before.tables[kind].columns:
        lines = {"before": before.tables[kind].columns[measure.name], **lines}
    longest = max(len(line) for line in lines.values())
    return Series(IN_ORDER[kind], measure.label, measure.unit, np.arange(1, longest + 1, dtype=float), lines)


def spread(before: Result | None, after: Result, kind: str, measure: Measure) -> Series:
    """Return over how many things a measure spreads: a histogram on shared edges, the outermost 1 % left out."""
    sides = {"before": before, "after": after}
    values = {}
    for side, result in sides.items():
        table = result.tables.get(kind) if result is not None else None
        if table is not None and measure.name in table.columns:
            column = table.columns[measure.name]
            values[side] = column[np.isfinite(column)]
    together = np.concatenate(list(values.values())) if values else np.zeros(0)
    if not len(together):
        return Series(measure.label, mark("Number of things"), "", np.zeros(2), {}, is_steps=True, x_unit=measure.unit)
    low, high = np.percentile(together, [0.5, 99.5])
    if high <= low:
        low, high = low - 0.5, low + 0.5
    edges = np.linspace(low, high, BINS + 1)
    lines = {side: np.histogram(column, edges)[0].astype(float) for side, column in values.items()}
    return Series(measure.label, mark("Number of things"), "", edges, lines, is_steps=True, x_unit=measure.unit)


class Chart(QWidget):
    """A small chart in the colours of the theme."""

    def __init__(self) -> None:
        super().__init__()
        self._series: Series | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.axis = _ClockAxis("bottom")
        self.plot = pg.PlotWidget(axisItems={"bottom": self.axis})
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFixedHeight(CHART_HEIGHT_PX)
        column.addWidget(self.plot)

    def show_series(self, series: Series | None) -> None:
        """Show other numbers; None or an empty series hides the chart."""
        self._series = series
        self.redraw()

    def redraw(self) -> None:
        """Draw in the theme and the language that are on now."""
        series, chosen = self._series, theme.current()
        self.setVisible(series is not None and bool(series.lines))
        self.plot.clear()
        if series is None or not series.lines:
            return
        self.axis.is_clock = series.is_clock
        self.plot.setBackground(chosen.surface)
        y_shown = display_for(np.concatenate(list(series.lines.values())), series.y_unit)
        x_shown = display_for(series.x, series.x_unit)
        self._label("left", tr(series.y_label), y_shown.unit_text, chosen)
        self._label("bottom", tr(series.x_label), x_shown.unit_text, chosen)
        self.plot.showGrid(x=False, y=True, alpha=0.25)
        colours = {"before": chosen.muted, "after": chosen.accent}
        for side, line in series.lines.items():
            self._draw(series, side, line * y_shown.factor, x_shown.factor, colours[side])
        if series.now is not None:
            self.plot.addItem(pg.InfiniteLine(series.now, pen=pg.mkPen(QColor(chosen.warning), width=1.5)))
        self.setAccessibleName(f"{tr(series.y_label)} – {tr(series.x_label)}")

    def _draw(self, series: Series, side: str, line: NDArray[np.float64], x_factor: float, colour: str) -> None:
        pen = pg.mkPen(QColor(colour), width=2)
        if series.is_steps:
            soft = QColor(colour)
            soft.setAlpha(70)
            self.plot.plot(series.x * x_factor, line, stepMode="center", fillLevel=0, brush=soft, pen=pen, name=side)
        else:
            self.plot.plot(
                series.x[: len(line)] * x_factor,
                line,
                pen=pen,
                symbol=None if series.is_clock else "o",
                symbolSize=5,
                symbolBrush=QColor(colour),
                symbolPen=None,
            )

    def _label(self, side: str, text: str, unit: str, chosen: theme.Theme) -> None:
        axis = self.plot.getAxis(side)
        axis.setPen(QColor(chosen.border))
        axis.setTextPen(QColor(chosen.muted))
        axis.enableAutoSIPrefix(False)
        self.plot.setLabel(side, f"{text} ({unit})" if unit else text, color=chosen.muted)
