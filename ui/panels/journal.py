"""The journal: every change that was made to the city, and the way back to any of them."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTreeWidget, QTreeWidgetItem

from twin.model.changes import JournalEntry
from ui.language import mark, number, time_text, tr, tr_sentence
from ui.panels.base import Panel, TextButton, label
from ui.session import Session


class JournalPanel(Panel):
    """Lists the changes, newest first, with undo, redo and undo to a line."""

    name: ClassVar[str] = "journal"
    title: ClassVar[str] = mark("Journal")
    icon: ClassVar[str] = "journal"
    area: ClassVar[Qt.DockWidgetArea] = Qt.DockWidgetArea.LeftDockWidgetArea

    def build(self) -> None:
        """Make the list and its buttons."""
        buttons = QHBoxLayout()
        self.undo_button = TextButton(lambda: tr("Undo"), lambda: self.desk.do("Undo", Session.undo), "undo")
        self.redo_button = TextButton(lambda: tr("Redo"), lambda: self.desk.do("Redo", Session.redo), "redo")
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
        undo_title, redo_title = (view.undo_title, view.redo_title) if view else (None, None)
        self.undo_button.setEnabled(can and undo_title is not None)
        self.redo_button.setEnabled(can and redo_title is not None)
        self.undo_button.setToolTip(title_in_words(undo_title or ""))
        self.redo_button.setToolTip(title_in_words(redo_title or ""))
        chosen = self._chosen()
        self.back_button.setEnabled(can and chosen is not None and view is not None and chosen < view.version)

    def _undo_to_here(self) -> None:
        target = self._chosen()
        if target is not None:
            self.desk.do("Undo", lambda session: undo_to(session, target))


def undo_to(session: Session, number: int) -> int:
    """Take back every change after the entry with this number; return how many were taken back."""
    by_number = {entry.number: entry for entry in session.store.journal(10**6)}
    standing = standing_after(list(by_number.values()), number)
    for _ in range(standing):
        if session.undo() is None:
            break
    return standing


def standing_after(entries: list[JournalEntry], number: int) -> int:
    """Return how many of the entries after ``number`` still hold: not undone, and no undo themselves.

    An undo of an undo (a redo) makes its change hold again.
    """
    holds: dict[int, bool] = {}
    for entry in sorted(entries, key=lambda item: item.number):
        if entry.undoes is None:
            holds[entry.number] = True
            continue
        target = entry.undoes
        undoes_of = {item.number: item.undoes for item in entries}
        depth = 1
        while (deeper := undoes_of.get(target)) is not None:
            target, depth = deeper, depth + 1
        holds[target] = depth % 2 == 0
    return sum(1 for key, value in holds.items() if value and key > number)


def title_in_words(title: str) -> str:
    """Return the title of an entry in the language in use; that of an undo or redo names what was taken back."""
    for word in ("Undo", "Redo"):
        if title.startswith(f"{word}: "):
            return tr(": ").join([tr(word), title_in_words(title.removeprefix(f"{word}: "))])
    return tr_sentence(title)


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
