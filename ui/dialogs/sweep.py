"""Sweeps in the window: choose what to look through, watch it, read the ranking, and go to what it names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sim.sweep.plan import Closures, Combinations, Plan
from sim.sweep.ranking import Ranking, Row
from ui.desk import Desk
from ui.language import mark, tr, tr_sentence
from ui.panels.base import TextButton, label
from ui.progress import in_words, show_in
from ui.session import NAME_LIMIT, Session
from ui.street_names import StreetNames
from ui.sweeping import case_text, row_words, sweep_task
from ui.texts import say, say_again
from ui.view import View
from ui.worker import Work

MOST_ROADS = 100_000
FIRST_LIMIT = 50
COLUMNS = (mark("Rank"), mark("What"), mark("Effect"), mark("%"), mark("Left out"), mark("Noise"))
WHAT = 1


class SweepDialog(QDialog):
    """Measures many cases of the open city and ranks them; a row selects its roads, and becomes a scenario if wanted."""

    def __init__(self, desk: Desk, parent: QWidget, fly: Callable[[], object]) -> None:
        super().__init__(parent)
        self.desk, self._fly = desk, fly
        self.ranking: Ranking | None = None
        self._work: Work | None = None
        self._plans: list[Callable[[int], Plan]] = []
        say(self.setWindowTitle, lambda: tr("Rank closures and combinations"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 520)
        column = QVBoxLayout(self)
        column.addLayout(self._choices())
        column.addLayout(self._progress())
        self.table = self._made_table()
        column.addWidget(self.table, 1)
        self.notes = label("muted", text=self._notes)
        column.addWidget(self.notes)
        self.keep = TextButton(lambda: tr("Make it a scenario"), self.make_scenario, "scenario-new")
        column.addWidget(self.keep, 0, Qt.AlignmentFlag.AlignLeft)
        desk.worker.changed.connect(self._show_progress)
        self._offer(desk.view)
        self._show_progress()
        say_again(self, lambda: self.table.setHorizontalHeaderLabels([tr(text) for text in COLUMNS]))

    def start(self) -> None:
        """Begin the sweep that is chosen; what was measured before is not measured again."""
        if self._work is not None or not self._plans:
            return
        plan = self._plans[max(0, self.what.currentIndex())](self.limit.value())
        self._work = self.desk.run(
            mark("Sweep"), lambda session: sweep_task(session, plan, simulation=_simulation()), on_finish=self.show_ranking
        )
        if self._work is not None:
            self._work.ended.connect(self._ended)
        self._show_progress()

    def stop(self) -> None:
        """Interrupt the sweep; what is done is kept."""
        if self._work is not None:
            self._work.cancel()

    def show_ranking(self, ranking: Ranking) -> None:
        """Fill the table; the worst first until somebody sorts it otherwise."""
        self.ranking = ranking
        city = self.desk.view.snapshot if self.desk.view is not None else None
        self.table.setSortingEnabled(False)
        self.table.setRowCount(len(ranking.rows) if city is not None else 0)
        names = StreetNames(city) if city is not None else None
        for place, row in enumerate(ranking.rows if city is not None else ()):
            for column, (text, order) in enumerate(zip(row_words(city, row, names), _orders(row), strict=True)):  # type: ignore[arg-type] # rows only with a city
                self.table.setItem(place, column, _Cell(text, order, place))
        self.table.setSortingEnabled(True)
        self.notes.setText(self._notes())
        self._show_progress()

    def chosen(self) -> Row | None:
        """Return the row of the ranking that is selected in the table."""
        places = {item.place for item in self.table.selectedItems() if isinstance(item, _Cell)}
        return self.ranking.rows[min(places)] if self.ranking is not None and places else None

    def make_scenario(self) -> None:
        """Make a scenario of the chosen case, and make it the current one."""
        row, view = self.chosen(), self.desk.view
        if row is not None and view is not None:
            name = case_text(view.snapshot, row.case, StreetNames(view.snapshot))[:NAME_LIMIT]
            self.desk.do("New scenario", lambda session: _keep(session, name, row))

    def closeEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Stop a sweep that nobody watches any more."""
        self.stop()
        super().closeEvent(event)

    def _choices(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.what = QComboBox()
        say(self.what.setAccessibleName, lambda: tr("What to look through"))
        self.limit = QSpinBox()
        self.limit.setRange(0, MOST_ROADS)
        self.limit.setValue(FIRST_LIMIT)
        say(self.limit.setSpecialValueText, lambda: tr("all"))
        say(self.limit.setToolTip, lambda: tr("Only so many of them, those with the most traffic."))
        say(self.limit.setAccessibleName, lambda: tr("Most roads"))
        self.begin = TextButton(lambda: tr("Start"), self.start, "run", "primary")
        line.addWidget(self.what, 1)
        line.addWidget(label("muted", wraps=False, text=lambda: tr("Most roads")))
        line.addWidget(self.limit)
        line.addWidget(self.begin)
        return line

    def _progress(self) -> QHBoxLayout:
        line = QHBoxLayout()
        self.doing, self.bar = label("muted", wraps=False), QProgressBar()
        self.cancel = TextButton(lambda: tr("Cancel"), self.stop, "cancel")
        for widget in (self.doing, self.bar, self.cancel):
            line.addWidget(widget)
        return line

    def _made_table(self) -> QTableWidget:
        table = QTableWidget(0, len(COLUMNS))
        say(table.setAccessibleName, lambda: tr("Ranking"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._select)
        return table

    def _offer(self, view: View | None) -> None:
        """List what can be looked through: the selected roads, each district, all roads, the scenario's edits."""
        kind, ids = self.desk.selection
        if view is None:
            return
        if kind == "link" and ids:
            self._add(tr("Selected roads"), lambda limit: Closures(ids=tuple(sorted(ids)), limit=limit))
        for name in view.snapshot["district"]["name"].tolist():
            if name:
                self._add(tr("Roads of {district}", district=name), partial(_of_district, name))
        self._add(tr("All roads"), lambda limit: Closures(limit=limit))
        if view.scenario.edits:
            edits = view.scenario.edits
            self._add(
                tr("Combinations of the edits of '{scenario}'", scenario=view.scenario.name), lambda _limit: Combinations(edits)
            )

    def _add(self, text: str, plan: Callable[[int], Plan]) -> None:
        self._plans.append(plan)
        self.what.addItem(text)

    def _select(self) -> None:
        row = self.chosen()
        self.keep.setEnabled(row is not None)
        if row is not None and row.case.target_ids:
            self.desk.select(row.case.edits[0].target_kind, row.case.target_ids)
            self._fly()

    def _ended(self) -> None:
        self._work = None
        self._show_progress()

    def _show_progress(self) -> None:
        is_running = self._work is not None and not self._work.is_over
        for widget in (self.doing, self.bar, self.cancel):
            widget.setVisible(is_running)
        self.begin.setEnabled(not is_running and self.what.count() > 0)
        self.keep.setEnabled(self.chosen() is not None)
        if is_running and self._work is not None:
            self.doing.setText(in_words(self._work))
            show_in(self.bar, self._work.progress)

    def _notes(self) -> str:
        if self.ranking is None:
            return tr("Each road is closed by itself and the city solved again. An interrupted sweep goes on where it was.")
        effect = tr("Effect: {indicator}", indicator=tr_sentence(self.ranking.by.label))
        return " ".join([effect + tr(".")] + [tr_sentence(note) for note in self.ranking.notes])


class _Cell(QTableWidgetItem):
    """A cell that is sorted by a number, and knows its row in the ranking."""

    def __init__(self, text: str, order: float | str, place: int) -> None:
        super().__init__(text)
        self.order, self.place = order, place

    def __lt__(self, other: QTableWidgetItem) -> bool:
        if isinstance(other, _Cell) and isinstance(self.order, float) and isinstance(other.order, float):
            return self.order < other.order
        return self.text() < other.text()


def _orders(row: Row) -> tuple[float | str, ...]:
    """Return what each column is sorted by."""
    effect, lost = row.effect, row.left_out
    if effect is None:
        return (float("inf"), "", float("-inf"), float("-inf"), float("-inf"), float("-inf"))
    return (float(row.rank), "", effect.difference, effect.relative or 0.0, lost.difference if lost else 0.0, effect.noise)


def _of_district(name: str, limit: int) -> Plan:
    return Closures(district=name, limit=limit)


def _simulation() -> str:
    """Return the simulation whose numbers are ranked: the first of the catalogue."""
    import sim

    return sim.SIMULATIONS[0].name


def _keep(session: Session, name: str, row: Row) -> None:
    """Make a scenario with the edits of a row; where the name is taken, its next number is added."""
    taken = {item.name for item in session.scenarios()}
    free = next(
        text
        for number in range(1, len(taken) + 2)
        if (text := name if number == 1 else f"{name[: NAME_LIMIT - 4]} {number}") not in taken
    )
    session.new_scenario(free)
    for edit in row.case.edits:
        session.edit(edit)
