"""Which bins are due today, tomorrow and in two days, how likely they overflow, and why: the day's work for a dispatcher."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QFileDialog, QGridLayout, QHeaderView, QTableView

from ui.due import WHEN, WHY, DueBins, counts_in_words, csv_of, due_task, name_of
from ui.forms import CalmComboBox
from ui.language import mark, percent, tr, tr_choice
from ui.output import write_file
from ui.panels.base import Panel, TextButton, label
from ui.texts import say

COLUMNS = (mark("Bin"), mark("When"), mark("Reason"), mark("Overflow"))
HINTS = ("", "", "", mark("Overflow within 1 d"))
DAYS_ROLE = Qt.ItemDataRole.UserRole


class DueModel(QAbstractTableModel):
    """Bins as a table: name, when, why, how likely it overflows today; the whole of a row is in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[dict[str, Any], ...] = ()

    def show(self, rows: tuple[dict[str, Any], ...]) -> None:
        """Show other bins."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def say_again(self) -> None:
        """Say all texts in the language in use; what is chosen stays so."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802  Qt's signature
        """Return the number of bins."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802  Qt's signature
        """Return the number of columns."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802  Qt's name
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        return tr((role == Qt.ItemDataRole.ToolTipRole and HINTS[section]) or COLUMNS[section])

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        """Return the text of a cell, its tooltip, or in how many days the bin is due."""
        row = self.rows[index.row()]
        if role == DAYS_ROLE:
            return str(row["due_days"])
        if role == Qt.ItemDataRole.ToolTipRole:
            return _in_words(row)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        told = (name_of(row), tr(WHEN[row["due_days"]]), tr(WHY[row["reason"]]), percent(row["overflow_today"]))
        return told[index.column()]


def _in_words(row: dict[str, Any]) -> str:
    """Return all that is known of a bin that is due, a line each."""
    chances = [percent(row[name]) for name in ("overflow_today", "overflow_tomorrow", "overflow_in_two_days")]
    return "\n".join(
        (
            name_of(row),
            tr_choice(row["waste_kind"]),
            tr("Overflow within 1, 2 and 3 days: {chances}", chances=" · ".join(chances)),
            tr("Days to full") + f": {row['full_days']}",
        )
    )


class DuePanel(Panel):
    """Finds the bins that are due in the current scenario; a row that is chosen is selected on the map."""

    name: ClassVar[str] = "due"
    title: ClassVar[str] = mark("Due bins")
    icon: ClassVar[str] = "bin"
    area: ClassVar[Qt.DockWidgetArea] = (
        Qt.DockWidgetArea.LeftDockWidgetArea
    )  # beside the inspector, which tells of the bin that is chosen
    wanted = Signal()  # somebody wants to be flown to what was chosen

    def build(self) -> None:
        """Make the button, the choice of days and the table."""
        self.found: DueBins | None = None
        self._path: Path | None = None  # of the city that was searched
        self.summary, self.warning = label(), label("muted")
        self.column.addWidget(self.summary)
        self.column.addWidget(self.warning)
        line = QGridLayout()
        self.ask = TextButton(lambda: tr("Find due bins"), self.search, "run", look="primary")
        self.save = TextButton(lambda: tr("Save as CSV…"), self._save, "export")
        self.days = CalmComboBox()
        self.days.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        say(self.days.setAccessibleName, lambda: tr("Due"))
        line.addWidget(self.ask, 0, 0, 1, 2)
        line.addWidget(self.days, 1, 0)
        line.addWidget(self.save, 1, 1)
        self.column.addLayout(line)
        self.model = DueModel()
        self.shown = QSortFilterProxyModel(self)
        self.shown.setSourceModel(self.model)
        self.shown.setFilterRole(DAYS_ROLE)
        self.days.activated.connect(lambda _row: self.shown.setFilterFixedString(str(self.days.currentData() or "")))
        self.table = QTableView()
        self.table.setModel(self.shown)
        self.table.setAlternatingRowColors(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setWordWrap(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._select())
        self.table.doubleClicked.connect(lambda _index: self.wanted.emit())
        say(self.table.setAccessibleName, lambda: tr("Due bins"))
        self.column.addWidget(self.table, 1)
        self.column.addStretch(0)

    def search(self) -> None:
        """Find the bins of the current scenario, with progress and cancel."""
        view = self.desk.view
        if view is not None:
            scenario, self._path = view.scenario, view.path
            self.desk.run(tr("Finding the bins that are due"), lambda session: due_task(session, scenario), on_finish=self.take)

    def take(self, found: DueBins) -> None:
        """Show what was found."""
        self.found = found
        self.refresh()

    def refresh(self) -> None:
        """Say how many are due and whether it still holds, and list them."""
        view, found = self.desk.view, self.found
        if view is None or view.path != self._path:
            self.found = found = None  # another city is open
        has_bins = view is not None and view.counts.get("bin", 0) > 0
        self.ask.setEnabled(has_bins)
        if found is None:
            self.summary.setText(
                tr(
                    "Which bins must be emptied today, tomorrow or in two days, and why: by the newest readings and what is expected since."
                )
                if has_bins
                else tr("There are no bins yet. Import bins to see which are due.")
            )
        else:
            self.summary.setText(counts_in_words(found))
        self.warning.setText(self._outdated())
        self.warning.setVisible(bool(self.warning.text()))
        if found is None or self.model.rows is not found.rows:
            self.model.show(found.rows if found is not None else ())
        self.model.say_again()
        self._offer_days()
        for widget in (self.days, self.save, self.table):
            widget.setVisible(found is not None and bool(found.rows))

    def _outdated(self) -> str:
        view, found = self.desk.view, self.found
        if (
            view is None
            or found is None
            or (view.snapshot.version == found.version and view.scenario.edits == found.scenario.edits)
        ):
            return ""
        return tr("The city or the scenario has changed since: find them again.")

    def _offer_days(self) -> None:
        chosen = self.days.currentData()
        self.days.clear()
        self.days.addItem(tr("All days"), "")
        for days, text in enumerate(WHEN):
            self.days.addItem(tr(text), str(days))
        self.days.setCurrentIndex(max(0, self.days.findData(chosen)))

    def _select(self) -> None:
        rows = [self.shown.mapToSource(index).row() for index in self.table.selectionModel().selectedRows()]
        if rows:
            self.desk.select("bin", [self.model.rows[row]["bin"] for row in rows])

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save as CSV…"), "due.csv", "CSV (*.csv)")
        if name and self.found is not None:
            rows = self.found.rows
            self.desk.do("Save", lambda _session: write_file(Path(name), csv_of(rows).encode("utf-8-sig")))
