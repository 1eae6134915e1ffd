"""Where the trips come from, how well they meet the counts, and how far they were moved for it."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from twin.model.results import Result
from ui.language import mark, number, percent, tr, tr_sentence
from ui.panels.agreement import AgreementChart
from ui.panels.base import Panel, label, scrolled

SIMULATION = "congestion"


class DemandPanel(Panel):
    """The trips of the newest congestion run: their source, their fit to counts, and the stations one by one."""

    name: ClassVar[str] = "demand"
    title: ClassVar[str] = mark("Demand")
    icon: ClassVar[str] = "demand"

    def build(self) -> None:
        """Make the texts and the scatter."""
        self.heading = label("heading")
        self.source = label()
        self.figures = label()
        self.chart = AgreementChart()
        self.key = label(
            "muted",
            text=lambda: tr(
                "Each point is a count station; hollow ones were left out of the fit. Between the lines GEH is under 5."
            ),
        )
        self.notes = label("note")
        self.empty = label("muted")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.heading, self.source, self.empty, self.figures, self.chart, self.key, self.notes):
            column.addWidget(widget)
        column.addStretch()
        self.column.addWidget(scrolled(inside), 1)

    def refresh(self) -> None:
        """Show the trips of the newest run."""
        view = self.desk.view
        result = view.results.get(SIMULATION) if view else None
        table = result.tables.get("counter") if result else None
        for widget in (self.heading, self.source, self.notes):
            widget.setVisible(result is not None)
        self.empty.setText(self._why_empty(result))
        self.empty.setVisible(table is None)
        self.figures.setVisible(table is not None)
        self.key.setVisible(table is not None)
        self.chart.show_table(table)
        if result is None:
            return
        trips = sum(item.value for item in result.indicators if item.name == "trips")
        self.heading.setText(tr("{trips} trips per hour", trips=number(trips, 0)))
        self.source.setText(tr_sentence(result.notes[0]) if result.notes else "")
        self.notes.setText("\n".join(f"• {tr_sentence(note)}" for note in result.notes[1:]))
        if table is not None:
            self.figures.setText(_figures(result))

    def _why_empty(self, result: Result | None) -> str:
        if self.desk.view is None:
            return tr("No workspace is open.")
        if result is None:
            return tr(
                "Run the congestion what-if to see the trips. Without an imported matrix (TNTP, CSV, OMX) they are made up "
                "from population, buildings and land use."
            )
        return tr("No counts took part. Import count stations with hourly counts, and the trips are fitted to them.")

    def retheme(self) -> None:
        """Draw the scatter in the colours of the theme."""
        super().retheme()
        self.chart.redraw()


def _figures(result: Result) -> str:
    """Return the usual figures of the fit, a line each."""
    of = defaultdict(lambda: math.nan, result.diagnostics)  # a result that was kept longer may lack some: told as "–"
    lines = [
        tr("{count} stations in the fit: median GEH {geh} (before {before}), {share} under 5",
           count=number(of["fit_stations"], 0), geh=number(of["fit_median_geh"], 1),
           before=number(of["before_median_geh"], 1), share=percent(of["fit_share_geh_under_5"])),
        tr("R² {r2}, RMSE {rmse} veh/h", r2=number(of["fit_r2"], 3), rmse=number(of["fit_rmse_vph"], 0)),
    ]  # fmt: skip
    if "held_out_stations" in of:
        lines.append(
            tr("{count} stations left out to test it: median GEH {geh}, R² {r2}",
               count=number(of["held_out_stations"], 0), geh=number(of["held_out_median_geh"], 1),
               r2=number(of["held_out_r2"], 3))
        )  # fmt: skip
    if "matrix_factor" in of:  # a result that was stored before has no such numbers
        lines.append(
            tr("Trips × {factor}, then {moved} of them moved from pair to pair; correlation {correlation}",
               factor=number(of["matrix_factor"], 2), moved=percent(of["matrix_mean_change"]),
               correlation=number(of["matrix_correlation"], 3))
        )  # fmt: skip
    return "\n".join(lines)
