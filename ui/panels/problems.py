"""What an import could not take over: every row with its number and the reason."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QHeaderView, QLineEdit, QTableView

from ui.language import mark, number, tr, tr_sentence
from ui.panels.base import Panel, TextButton, label
from ui.texts import say

REASONS_LISTED = 12
ROW_HEIGHT_PX = 40  # two lines of a reason; the whole of a longer one is in its tooltip
ROW_WIDTH_PX, WHERE_WIDTH_PX = 64, 96


class ProblemModel(QAbstractTableModel):
    """Problems as a table: row, reason, where."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: tuple[Any, ...] = ()

    def show(self, problems: tuple[Any, ...]) -> None:
        """Show other problems."""
        self.beginResetModel()
        self.problems = problems
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802  Qt's signature
        """Return the number of problems."""
        return 0 if parent.isValid() else len(self.problems)

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802  Qt's signature
        """Return 3."""
        return 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802  Qt's name
        """Return the heading of a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Row"), tr("Reason"), tr("Where"))[section]
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        """Return the text of a cell."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        problem = self.problems[index.row()]
        return (str(problem.row), tr_sentence(problem.reason), problem.where)[index.column()]


class ProblemsPanel(Panel):
    """Shows the report of the last import: what came in, and what did not and why."""

    name: ClassVar[str] = "problems"
    title: ClassVar[str] = mark("Import problems")
    icon: ClassVar[str] = "problems"

    def build(self) -> None:
        """Make the summary, the filters and the table."""
        self.report: Any = None
        self.summary = label()
        self.column.addWidget(self.summary)
        line = QHBoxLayout()
        self.filter = QLineEdit()
        self.filter.setClearButtonEnabled(True)
        say(self.filter.setPlaceholderText, lambda: tr("Filter"))
        say(self.filter.setAccessibleName, lambda: tr("Filter"))
        self.reasons = QComboBox()
        self.reasons.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        say(self.reasons.setAccessibleName, lambda: tr("Reason"))
        self.save = TextButton(lambda: tr("Save as CSV…"), self._save, "export")
        for widget, stretch in ((self.filter, 1), (self.reasons, 1), (self.save, 0)):
            line.addWidget(widget, stretch)
        self.column.addLayout(line)
        self.model = ProblemModel()
        self.shown = QSortFilterProxyModel(self)
        self.shown.setSourceModel(self.model)
        self.shown.setFilterKeyColumn(-1)
        self.shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter.textChanged.connect(self.shown.setFilterFixedString)
        self.reasons.activated.connect(lambda _row: self.filter.setText(str(self.reasons.currentData() or "")))
        self.table = QTableView()
        self.table.setModel(self.shown)
        self.table.setAlternatingRowColors(True)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT_PX)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setColumnWidth(0, ROW_WIDTH_PX)
        self.table.setColumnWidth(2, WHERE_WIDTH_PX)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.column.addWidget(self.table, 1)

    def show_report(self, report: Any) -> None:
        """Show the report of an import."""
        self.report = report
        self.refresh()

    def refresh(self) -> None:
        """Say what came in, and list what did not."""
        problems = tuple(self.report.problems) if self.report else ()
        self.model.show(problems)
        self.table.setAccessibleName(tr(self.title))
        self.summary.setText(self._in_words())
        reasons = Counter(tr_sentence(problem.reason) for problem in problems)
        self.reasons.clear()
        self.reasons.addItem(tr("All reasons"), "")
        for reason, count in reasons.most_common(REASONS_LISTED):
            self.reasons.addItem(f"{number(count)} × {reason}", reason)
        for widget in (self.filter, self.reasons, self.save, self.table):
            widget.setVisible(bool(problems))
        self.column.setAlignment(self.summary, Qt.AlignmentFlag.AlignTop if not problems else Qt.AlignmentFlag(0))

    def _in_words(self) -> str:
        report = self.report
        if report is None:
            return tr(
                "Nothing was imported since the start. After an import, every row that could not be taken over is listed here with the reason."
            )
        parts = [
            tr("{source}: {count} added", source=report.source, count=number(sum(report.added.values()))),
            tr("{count} changed", count=number(sum(report.changed.values()))),
            tr("{count} unchanged", count=number(sum(report.unchanged.values()))),
            tr("{count} not taken over", count=number(len(report.problems))),
        ]
        return tr(", ").join(parts) + tr(".")

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save as CSV…"), "problems.csv", "CSV (*.csv)")
        if name:
            write_problems(self.model.problems, Path(name))


def write_problems(problems: tuple[Any, ...], path: Path) -> None:
    """Write problems as CSV that spreadsheets read (UTF-8 with a byte order mark)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([tr("Row"), tr("Where"), tr("Reason")])
        writer.writerows((problem.row, problem.where, tr_sentence(problem.reason)) for problem in problems)
