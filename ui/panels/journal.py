"""The journal: every change that was made to the city, and the way back to any of them."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTreeWidget, QTreeWidgetItem

from twin.model.changes import JournalEntry, Step
from ui.language import mark, number, time_text, tr
from ui.panels.base import Panel, TextButton, label
from ui.session import Session
from ui.steps import NOTHING_TO_REDO, NOTHING_TO_UNDO, hint, passed, title_in_words


class JournalPanel(Panel):
    """Lists the changes, newest first, with undo, redo and undo to a line."""

    name: ClassVar[str] = "journal"
    title: ClassVar[str] = mark("Journal")
    icon: ClassVar[str] = "journal"
    area: ClassVar[Qt.DockWidgetArea] = Qt.DockWidgetArea.LeftDockWidgetArea

    def build(self) -> None:
        """Make the list and its buttons."""
        buttons = QHBoxLayout()
        self.undo_button = TextButton(lambda: tr("Undo"), self.desk.undo, "undo")
        self.redo_button = TextButton(lambda: tr("Redo"), self.desk.redo, "redo")
        self.back_button = TextButton(
            lambda: tr("Undo to here"),
            self._undo_to_here,
            "recent",
            hint=lambda: tr("Take back everything after the chosen line. Each step can be done again."),
        )
        for button in (self.undo_button, self.redo_button, self.back_button):
            buttons.addWidget(button)
        buttons.addStretch()
        self.column.addLayout(buttons)
        self.empty = label("muted")
        self.column.addWidget(self.empty)
        self.list = QTreeWidget()
        self.list.setRootIsDecorated(False)
        self.list.setAlternatingRowColors(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setColumnCount(2)
        self.list.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.setWordWrap(True)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.list.header().setStretchLastSection(False)
        self.list.itemSelectionChanged.connect(self._enable)
        self.column.addWidget(self.list, 1)

    def refresh(self) -> None:
        """List the journal anew, keeping the chosen line."""
        chosen = self._chosen()
        self.list.setHeaderLabels([tr("No."), tr("Change")])
        self.list.setAccessibleName(tr(self.title))
        self.list.clear()
        view = self.desk.view
        entries = view.journal if view else ()
        for entry in entries:
            item = _row(entry)
            self.list.addTopLevelItem(item)
            if chosen is not None and entry.number == chosen:
                self.list.setCurrentItem(item)
        self.empty.setText(tr("Nothing was changed yet.") if view else tr("No workspace is open."))
        self.empty.setVisible(not entries)
        self.list.setVisible(bool(entries))
        self._enable()

    def _chosen(self) -> int | None:
        items = self.list.selectedItems()
        return int(items[0].data(0, Qt.ItemDataRole.UserRole)) if items else None

    def _enable(self) -> None:
        can = self.desk.is_writable
        view = self.desk.view
        undo, redo = (view.undo, view.redo) if view else (Step(), Step())
        self.undo_button.setEnabled(can and undo.title is not None)
        self.redo_button.setEnabled(can and redo.title is not None)
        self.undo_button.setToolTip(hint(undo, NOTHING_TO_UNDO))
        self.redo_button.setToolTip(hint(redo, NOTHING_TO_REDO))
        chosen = self._chosen()
        self.back_button.setEnabled(can and chosen is not None and view is not None and chosen < view.version)

    def _undo_to_here(self) -> None:
        target = self._chosen()
        if target is not None:
            self.desk.do("Undo", lambda session: undo_to(session, target), on_finish=self._tell_what_stays)

    def _tell_what_stays(self, step: Step) -> None:
        if step.passed_over:
            self.desk.said.emit(" ".join(passed(step)))


def undo_to(session: Session, number: int) -> Step:
    """Take back every change after the entry with this number that can be; return the step that found no more of them."""
    while (step := session.undo(after=number)).title is not None:
        pass
    return step


def _row(entry: JournalEntry) -> QTreeWidgetItem:
    title = title_in_words(entry.title)
    facts = [
        time_text(entry.written_at),
        tr("1 thing") if entry.change_count == 1 else tr("{count} things", count=number(entry.change_count)),
        entry.author,
    ]
    item = QTreeWidgetItem([str(entry.number), f"{title}\n{' · '.join(fact for fact in facts if fact)}"])
    item.setData(0, Qt.ItemDataRole.UserRole, entry.number)
    item.setTextAlignment(0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    item.setToolTip(1, f"{title}\n{time_text(entry.written_at, seconds=True)}")
    return item
