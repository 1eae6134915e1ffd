"""A scatter of counted against modelled volumes, with the line on which they agree."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from sim.travel.counts import GOOD_GEH, geh_bound
from twin.model.results import ResultTable
from ui import theme
from ui.language import tr

HEIGHT_PX = 260


class AgreementChart(pg.PlotWidget):
    """One point for each count station; those left out of the fit are hollow, a GEH under 5 lies between the thin lines."""

    def __init__(self) -> None:
        super().__init__()
        self._table: ResultTable | None = None
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFixedHeight(HEIGHT_PX)

    def show_table(self, table: ResultTable | None) -> None:
        """Show the stations of a result; None hides the chart."""
        self._table = table
        self.redraw()

    def redraw(self) -> None:
        """Draw in the theme and the language that are on now."""
        table, chosen = self._table, theme.current()
        self.setVisible(table is not None)
        self.clear()
        if table is None:
            return
        self.setBackground(chosen.surface)
        counted, modelled = table.columns["counted_vph"], table.columns["modelled_vph"]
        self._lines(float(max(counted.max(), modelled.max(), 1.0)), chosen)
        held_out = table.columns["held_out"] > 0.0
        self._points(counted[~held_out], modelled[~held_out], chosen.accent, is_hollow=False)
        self._points(counted[held_out], modelled[held_out], chosen.warning, is_hollow=True)
        for side, text in (("bottom", tr("Counted")), ("left", tr("Modelled"))):
            axis = self.getAxis(side)
            axis.setPen(QColor(chosen.border))
            axis.setTextPen(QColor(chosen.muted))
            axis.enableAutoSIPrefix(False)
            self.setLabel(side, f"{text} ({tr('veh/h')})", color=chosen.muted)
        self.setAccessibleName(f"{tr('Modelled')} – {tr('Counted')}")

    def _lines(self, most: float, chosen: theme.Theme) -> None:
        counted = np.linspace(0.0, most, 60)
        self.plot(counted, counted, pen=pg.mkPen(QColor(chosen.muted), width=1.5))
        for bound in geh_bound(counted, GOOD_GEH):
            self.plot(counted, bound, pen=pg.mkPen(QColor(chosen.border), width=1))

    def _points(self, x: NDArray[np.float64], y: NDArray[np.float64], colour: str, *, is_hollow: bool) -> None:
        pen = pg.mkPen(QColor(colour), width=1.5)
        self.plot(x, y, pen=None, symbol="o", symbolSize=7, symbolPen=pen, symbolBrush=None if is_hollow else QColor(colour))
