"""Sync: what waits for the centre, what was refused and by which rule, and what two people changed at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from twin.model.snapshot import Snapshot
from twin.sync.conflicts import Conflict
from twin.sync.office import MINE, THEIRS, Office
from ui import disputes, office
from ui.language import mark, number, time_text, tr, tr_sentence
from ui.panels.base import Panel, TextButton, label, scrolled
from ui.texts import say

LIST_HEIGHT_PX, TABLE_HEIGHT_PX = 150, 280


class SyncPanel(Panel):
    """Says how the city stands with the centre, and lets people decide conflicts, one or many at once."""

    name: ClassVar[str] = "sync"
    title: ClassVar[str] = mark("Sync")
    icon: ClassVar[str] = "sync"
    package_wanted = Signal()
    sync_wanted = Signal()
    shown = Signal(object)  # the conflict whose places are to be seen on the map, or None

    def build(self) -> None:
        """Make the state, the list of conflicts with its fields, and the list of refusals."""
        self.column.setContentsMargins(0, 0, 0, 0)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 8, 8)  # its buttons fit beside each other in a narrow panel
        column.setSpacing(8)
        self.state, self.facts = label("heading"), label("muted")
        self.package = TextButton(lambda: tr("Package…"), self.package_wanted.emit, "package")
        column.addWidget(self.state)
        column.addWidget(self.facts)
        self.sync = TextButton(lambda: tr("Sync now"), self.sync_wanted.emit, "sync")
        for button in (self.sync, self.package):  # one below the other: beside each other they are too wide for a narrow panel
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.disputed_heading = label("section")
        self.disputed = _list(self._show_chosen)
        self.fields = self._table()
        self.author = label("muted")
        self.choices = QWidget()
        line = QHBoxLayout(self.choices)
        line.setContentsMargins(0, 0, 0, 0)
        self.theirs = TextButton(lambda: tr("Keep the centre's"), partial(self.settle, THEIRS), "check")
        self.mine = TextButton(
            lambda: tr("Take the edit"),
            partial(self.settle, MINE),
            "journal",
            hint=lambda: tr("Can be undone like any other edit."),
        )
        for button in (self.theirs, self.mine):
            line.addWidget(button)
        line.addStretch()
        self.refused_heading = label("section")
        self.refused = _list(self._enable)
        self.seen = TextButton(lambda: tr("Noted"), self.note_refusals, "check")
        parts: tuple[QWidget, ...] = (
            self.disputed_heading, self.disputed, self.fields, self.author, self.choices, self.refused_heading, self.refused,
        )  # fmt: skip
        for part in parts:
            column.addWidget(part)
        column.addWidget(self.seen, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()
        self.column.addWidget(scrolled(inside))
        say(self.disputed.setAccessibleName, lambda: tr("Conflicts"))
        say(self.refused.setAccessibleName, lambda: tr("Refused edits"))

    def refresh(self) -> None:
        """Show the office as it is now, keeping what is chosen."""
        view = self.desk.view
        known = view.office if view else Office()
        self.state.setText(self._state(known))
        self.facts.setText(self._facts(known))
        self.facts.setVisible(bool(self.facts.text()))
        self.package.setEnabled(self.desk.is_writable)
        self.sync.setEnabled(self.desk.is_writable)
        self._fill(self.disputed, known.disputed, disputes.about)
        self._fill(self.refused, known.refused, disputes.about_refused)
        _show(bool(known.disputed), self.disputed_heading, self.disputed)
        _show(bool(known.refused), self.refused_heading, self.refused, self.seen)
        self.disputed_heading.setText(tr("Conflicts ({count})", count=number(len(known.disputed))))
        self.refused_heading.setText(tr("Refused edits ({count})", count=number(len(known.refused))))
        self.fields.setHorizontalHeaderLabels([tr(text) for text in disputes.COLUMNS])
        if known.disputed and not self.disputed.selectedItems():
            self.disputed.setCurrentRow(0)
        self._show_chosen()

    def chosen(self) -> list[Conflict]:
        """Return the conflicts that are selected."""
        return _selected(self.disputed)

    def settle(self, side: str) -> None:
        """Decide the selected conflicts for one side."""
        chosen = self.chosen()
        if chosen:
            self.desk.do("Decide", lambda session: office.settle(session, chosen, side), on_end=self.desk.refresh)

    def note_refusals(self) -> None:
        """Take the selected refusals, or all of them, off the list; the edits stay in the centre's log."""
        known = self.desk.view.office if self.desk.view else Office()
        chosen = _selected(self.refused) or list(known.refused)
        self.desk.do("Noted", lambda session: office.settle(session, chosen, THEIRS), on_end=self.desk.refresh)

    def _state(self, known: Office) -> str:
        if self.desk.view is None:
            return tr("No workspace is open.")
        return disputes.state(known)

    def _facts(self, known: Office) -> str:
        if self.desk.view is None:
            return ""
        if known.status is None:
            return tr("Sync with a centre to share what you edit, over a line or by a package on a stick.")
        heard, last = known.heard, known.meetings[0] if known.meetings else None
        lines = [
            *([tr("Centre: {address}", address=known.server)] if known.server else []),
            tr("Last heard of the centre: {time}", time=time_text(heard.at) if heard else tr("never")),
            tr("Not yet confirmed by the centre: {count}", count=number(known.status.pending)),
        ]
        if known.status.head > known.status.cursor:
            lines.append(tr("Known to be new at the centre: {count}", count=number(known.status.head - known.status.cursor)))
        if last is not None and last.turn == "sent":
            lines.append(tr("Last sent: {time} ({what})", time=time_text(last.at), what=last.what))
        if last is not None and last.turn == "failed":
            lines.append(tr("The last attempt failed: {why}", why=tr_sentence(last.what)))
        return "\n".join(lines)

    def _table(self) -> QTableWidget:
        made = QTableWidget(0, len(disputes.COLUMNS))
        made.verticalHeader().hide()
        made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        made.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        made.setWordWrap(True)
        made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        made.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag(int(wrapped)))
        made.horizontalHeader().setMinimumHeight(2 * made.fontMetrics().lineSpacing() + 12)  # "At the centre" takes two lines
        return made

    def _fill(self, into: QListWidget, items: Sequence[Conflict], words: Callable[[Conflict, Snapshot], tuple[str, str]]) -> None:
        view = self.desk.view
        kept = {item.name for item in _selected(into)}
        into.blockSignals(True)
        into.clear()
        for item in items:
            assert view is not None  # noqa: S101  there are conflicts only with a city
            row = QListWidgetItem("\n".join(words(item, view.snapshot)))
            row.setData(Qt.ItemDataRole.UserRole, item)
            row.setToolTip(row.text())
            into.addItem(row)
            row.setSelected(item.name in kept)
        into.blockSignals(False)

    def _show_chosen(self) -> None:
        """Show the fields of the first chosen conflict, and where its versions lie."""
        chosen, view = self.chosen(), self.desk.view
        rows = disputes.lines(chosen[0], view.snapshot) if chosen and view else []
        self.fields.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate((row.field, row.before, row.centre, row.edited)):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                self.fields.setItem(place, column, cell)
        self.fields.resizeRowsToContents()
        height = self.fields.horizontalHeader().minimumHeight() + self.fields.verticalHeader().length() + 4
        self.fields.setFixedHeight(min(height, TABLE_HEIGHT_PX))
        self.author.setText(self._told(chosen))
        _show(bool(chosen), self.fields, self.author, self.choices)
        if chosen:
            self.desk.select(chosen[0].kind, [chosen[0].id])
        self.shown.emit(chosen[0] if chosen else None)
        self._enable()

    def _told(self, chosen: list[Conflict]) -> str:
        if not chosen:
            return ""
        text = disputes.edited_by(chosen[0])
        more = len(chosen) - 1
        return text + "\n" + tr("and {count} more are decided together with it", count=number(more)) if more else text

    def _enable(self) -> None:
        for button in (self.theirs, self.mine, self.seen):
            button.setEnabled(self.desk.is_writable)


def _show(is_on: bool, *widgets: QWidget) -> None:
    for widget in widgets:
        widget.setVisible(is_on)


def _list(on_change: Callable[[], None]) -> QListWidget:
    made = QListWidget()
    made.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    made.setWordWrap(True)
    made.setAlternatingRowColors(True)
    made.setMaximumHeight(LIST_HEIGHT_PX)
    made.itemSelectionChanged.connect(on_change)
    return made


def _selected(items: QListWidget) -> list[Conflict]:
    return [item.data(Qt.ItemDataRole.UserRole) for item in items.selectedItems()]
