"""What the runs found: indicators before and after with their intervals, a chart, and what they rest on."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QTabBar, QVBoxLayout, QWidget

import sim
from twin.model.comparison import Comparison
from twin.model.results import Measure, Result
from ui import commands
from ui.forms import CalmComboBox
from ui.language import mark, number, tr, tr_sentence
from ui.panels.base import Panel, TextButton, label, scrolled
from ui.panels.chart import IN_ORDER, Chart, in_order, spread
from ui.panels.numbers import NumbersTable, measures_of, rows_of_comparison, rows_of_result
from ui.panels.pairs import PairsTable
from ui.panels.scenario import scenario_label
from ui.texts import say

NOTES_HEIGHT_PX = 130  # always in sight, whatever is scrolled above


class ResultsPanel(Panel):
    """One tab for each simulation; the numbers of the current scenario, against another where compared."""

    name: ClassVar[str] = "results"
    title: ClassVar[str] = mark("Results")
    icon: ClassVar[str] = "report"

    def build(self) -> None:
        """Make the tabs, the table, the chart and the notes."""
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        for simulation in sim.SIMULATIONS:
            self.tabs.addTab(simulation.label)
        self.tabs.currentChanged.connect(lambda _index: self.refresh())
        self.column.addWidget(self.tabs)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.heading = label("heading")
        self.stale = label("note")
        self.empty = label("muted")
        self.numbers = NumbersTable()
        self.pairs = PairsTable()
        self.add_bins = TextButton(lambda: tr("Add these bins to the scenario"), self._add_bins, "plus")
        line = QHBoxLayout()
        self.measure_label = label("section", wraps=False, text=lambda: tr("On the map"))
        self.measure = CalmComboBox()
        self.measure.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        say(self.measure.setAccessibleName, lambda: tr("On the map"))
        self.measure.activated.connect(self._show_measure)
        line.addWidget(self.measure_label)
        line.addWidget(self.measure, 1)
        self.chart_choice = CalmComboBox()
        self.chart_choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        say(self.chart_choice.setAccessibleName, lambda: tr("Chart"))
        self.chart_choice.activated.connect(lambda _row: self._draw_chart())
        self.chart = Chart()
        self.chart_key = label("muted", wraps=False)
        self.notes = label("note")
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.basis = label("muted")
        above: tuple[QWidget, ...] = (self.heading, self.stale, self.empty, self.numbers, self.add_bins, self.pairs)
        for widget in above:
            column.addWidget(widget)
        column.addLayout(line)
        below: tuple[QWidget, ...] = (self.chart_choice, self.chart, self.chart_key, self.basis)
        for part in below:
            column.addWidget(part)
        column.addStretch()
        self.column.addWidget(scrolled(inside), 1)
        self.notes_area = scrolled(self.notes)
        self.notes_area.setMaximumHeight(NOTES_HEIGHT_PX)
        self.notes_area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.column.addWidget(self.notes_area)

    @property
    def simulation(self) -> str:
        """Name of the simulation whose tab is open."""
        index = self.tabs.currentIndex()
        return sim.SIMULATIONS[index].name if 0 <= index < len(sim.SIMULATIONS) else ""

    def open(self, simulation: str) -> None:
        """Open the tab of a simulation."""
        names = [item.name for item in sim.SIMULATIONS]
        if simulation in names:
            self.tabs.setCurrentIndex(names.index(simulation))

    def refresh(self) -> None:
        """Show the numbers of the open tab."""
        for index, simulation in enumerate(sim.SIMULATIONS):
            self.tabs.setTabText(index, tr(simulation.label))
        before, after = self._sides()
        has_result = after is not None
        for widget in (
            self.heading,
            self.numbers,
            self.measure,
            self.measure_label,
            self.chart_choice,
            self.chart,
            self.chart_key,
            self.basis,
        ):
            widget.setVisible(has_result)
        self.empty.setVisible(not has_result)
        self.empty.setText(self._why_empty())
        self._show_stale(after)
        view = self.desk.view
        self.pairs.show_pairs(after.tables.get("pair") if after else None, view.edited if view else None)
        proposed = after.tables.get("new_bin") if after else None
        self.add_bins.setVisible(proposed is not None and bool(len(proposed.ids)))
        self.add_bins.setEnabled(self.desk.is_writable)
        if after is None:
            self.notes_area.hide()
            return
        comparison = self._comparison()
        self.heading.setText(_heading(before, after))
        self.numbers.show_rows(rows_of_comparison(comparison) if comparison else rows_of_result(after))
        self._list_measures(after)
        self._list_charts(after)
        self._draw_chart()
        notes = comparison.notes if comparison else after.notes
        self.notes.setText("\n".join(f"• {tr_sentence(note)}" for note in notes))
        self.notes_area.setVisible(bool(notes))
        self.basis.setText(_basis(after))

    def _add_bins(self) -> None:
        _, after = self._sides()
        if after is not None:
            commands.add_sited(self.desk, after)

    def _comparison(self) -> Comparison | None:
        view = self.desk.view
        comparison = view.comparisons.get(self.simulation) if view else None
        if comparison is None or view is None or comparison.after.scenario != view.scenario.name:
            return None
        return comparison

    def _sides(self) -> tuple[Result | None, Result | None]:
        comparison = self._comparison()
        if comparison is not None:
            return comparison.before, comparison.after
        return None, self.desk.view.results.get(self.simulation) if self.desk.view else None

    def _why_empty(self) -> str:
        if self.desk.view is None:
            return tr("No workspace is open.")
        if not sim.SIMULATIONS:
            return tr("There are no simulations in this version.")
        return tr(
            "This simulation was not run for this scenario yet. Run it in the scenario panel, then compare it with another scenario."
        )

    def _show_stale(self, after: Result | None) -> None:
        view = self.desk.view
        is_stale = after is not None and view is not None and self.simulation in view.outdated
        self.stale.setVisible(is_stale)
        self.stale.setText(
            tr("The city or the scenario has changed since this run. Run it again to see numbers that still hold.")
        )

    def _list_measures(self, after: Result) -> None:
        view = self.desk.view
        with QSignalBlocker(self.measure):
            self.measure.clear()
            self.measure.addItem(tr("Nothing"), "")
            for _kind, measure in measures_of(after):
                self.measure.addItem(tr(measure.label), measure.name)
                self.measure.setItemData(self.measure.count() - 1, tr_sentence(measure.definition), Qt.ItemDataRole.ToolTipRole)
            shown = view.shown if view else None
            is_on = shown is not None and shown.mode != "none" and shown.simulation == self.simulation
            self.measure.setCurrentIndex(max(0, self.measure.findData(shown.measure)) if is_on and shown else 0)

    def _show_measure(self, row: int) -> None:
        measure, simulation = str(self.measure.itemData(row)), self.simulation
        compared = self._comparison() is not None
        view = self.desk.view
        mode = view.shown.mode if view and view.shown.mode != "none" else "difference" if compared else "after"
        if mode == "difference" and not compared:
            mode = "after"
        self.desk.do("Show", lambda session: session.show(mode if measure else "none", simulation, measure))

    def _list_charts(self, after: Result) -> None:
        chosen = self.chart_choice.currentData()
        with QSignalBlocker(self.chart_choice):
            self.chart_choice.clear()
            day = after.tables.get("day")
            for measure in day.measures if day else ():
                self.chart_choice.addItem(tr("{measure}, day by day", measure=tr(measure.label)), ("day", measure))
            step = after.tables.get("step")
            for measure in step.measures if step else ():
                self.chart_choice.addItem(tr("{measure}, bin by bin", measure=tr(measure.label)), ("step", measure))
            for kind, measure in measures_of(after):
                self.chart_choice.addItem(tr("{measure}, how it spreads", measure=tr(measure.label)), (kind, measure))
            names = [self._chart_key(row) for row in range(self.chart_choice.count())]
            wanted = (chosen[0], chosen[1].name) if chosen else None
            self.chart_choice.setCurrentIndex(names.index(wanted) if wanted in names else 0)

    def _chart_key(self, row: int) -> tuple[str, str]:
        kind, measure = self.chart_choice.itemData(row)
        return kind, measure.name

    def _draw_chart(self) -> None:
        before, after = self._sides()
        chosen: tuple[str, Measure] | None = self.chart_choice.currentData()
        if after is None or chosen is None:
            self.chart.show_series(None)
            return
        kind, measure = chosen
        self.chart.show_series(
            in_order(before, after, kind, measure) if kind in IN_ORDER else spread(before, after, kind, measure)
        )
        self.chart_key.setText(tr("Grey: before. Coloured: after.") if before is not None else "")
        self.chart_key.setVisible(before is not None)

    def retheme(self) -> None:
        """Draw numbers and chart in the colours of the theme."""
        super().retheme()
        self.refresh()


def _heading(before: Result | None, after: Result) -> str:
    if before is None:
        return scenario_label(after.scenario)
    return tr("{after} against {before}", after=scenario_label(after.scenario), before=scenario_label(before.scenario))


def _basis(result: Result) -> str:
    """Return what the numbers rest on: version, seed, how well they are solved."""
    parts = [tr("City version {version}", version=result.base_version), tr("Seed {seed}", seed=result.seed)]
    gap = result.diagnostics.get("relative_gap")
    if gap is not None:
        parts.append(tr("Relative gap {gap}", gap=f"{gap:.1e}"))
    if "iterations" in result.diagnostics:
        parts.append(tr("{count} iterations", count=number(result.diagnostics["iterations"], 0)))
    return " · ".join(parts)
