"""Choosing one line of many by typing a few letters: commands, places, recent workspaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui.language import tr
from ui.search import best

WIDTH_PX, HEIGHT_PX = 640, 440
MOST_LINES = 200
ROW_MARGIN = QSize(0, 8)  # the style sheet pads items, and Qt does not count it


@dataclass(frozen=True)
class Choice:
    """One line: its text, what else finds it, what stands at its right, and what choosing it does."""

    text: str
    choose: Callable[[], object]
    also: tuple[str, ...] = ()
    detail: str = ""
    hint: str = ""
    icon: QIcon | None = None
    is_enabled: bool = True


class Chooser(QDialog):
    """A line to type in and a list that follows it; Enter or a click chooses.

    ``choices`` is the list, or a function that gives the list for what was typed.
    """

    def __init__(
        self, parent: QWidget, title: str, prompt: str, choices: Sequence[Choice] | Callable[[str], Sequence[Choice]]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.resize(WIDTH_PX, HEIGHT_PX)
        self._choices = choices
        self._listed: list[Choice] = []
        column = QVBoxLayout(self)
        self.line = QLineEdit()
        self.line.setPlaceholderText(prompt)
        self.line.setAccessibleName(prompt)
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._list)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        self.list.setUniformItemSizes(True)
        self.list.itemActivated.connect(lambda _item: self.accept())
        self.list.itemClicked.connect(lambda _item: self.accept())
        self.empty = QLabel(tr("Nothing fits."))
        self.empty.setProperty("look", "muted")
        for widget in (self.line, self.list, self.empty):
            column.addWidget(widget)
        self._list("")

    def texts(self) -> list[str]:
        """Return the lines that are listed now."""
        return [choice.text for choice in self._listed]

    def accept(self) -> None:
        """Choose the current line; one that cannot be chosen now keeps the dialog open."""
        row = self.list.currentRow()
        if not 0 <= row < len(self._listed) or not self._listed[row].is_enabled:
            return
        super().accept()
        self._listed[row].choose()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        """Let the arrow keys move in the list while the line has the focus."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
            step = steps.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.accept()
                return True
        return super().eventFilter(watched, event)

    def _list(self, typed: str) -> None:
        if callable(self._choices):
            found = list(self._choices(typed))
        else:
            order = best(typed, [(choice.text, *choice.also) for choice in self._choices])
            found = [self._choices[position] for position in order]
        found.sort(key=lambda choice: not choice.is_enabled)
        self._listed = found[:MOST_LINES]
        self.list.clear()
        for choice in self._listed:
            self._add(choice)
        self.list.setCurrentRow(0)
        self.empty.setVisible(not self._listed and bool(typed))

    def _add(self, choice: Choice) -> None:
        item = QListWidgetItem()
        item.setData(Qt.ItemDataRole.AccessibleTextRole, choice.text)
        if choice.hint:
            item.setToolTip(choice.hint)
        if not choice.is_enabled:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(6, 4, 8, 4)
        if choice.icon is not None:
            picture = QLabel()
            picture.setPixmap(choice.icon.pixmap(18, 18, QIcon.Mode.Normal if choice.is_enabled else QIcon.Mode.Disabled))
            line.addWidget(picture)
        text, detail = QLabel(choice.text), QLabel(choice.detail)
        detail.setProperty("look", "muted")
        for part in (row, text, detail):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        text.setEnabled(choice.is_enabled)
        line.addWidget(text, 1)
        line.addWidget(detail)
        item.setSizeHint(row.sizeHint() + ROW_MARGIN)
        self.list.addItem(item)
        self.list.setItemWidget(item, row)
