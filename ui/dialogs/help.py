"""First steps, keyboard shortcuts, and what this program is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.actions import ACTIONS, MENUS
from ui.language import language, tr
from ui.theme import ASSETS, icon, pixmap
from ui.version import own_version


def page(name: str) -> str:
    """Return a help page in the language in use, as Markdown."""
    return (ASSETS / "help" / f"{name}.{language()}.md").read_text("utf-8")


class HelpDialog(QDialog):
    """Shows a help page beside the window, which stays usable."""

    def __init__(self, title: str, markdown: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 620)
        column = QVBoxLayout(self)
        text = QTextBrowser()
        text.setOpenExternalLinks(True)
        text.setMarkdown(markdown)
        text.setAccessibleName(title)
        column.addWidget(text)
        column.addWidget(_close_button(self))


class ShortcutsDialog(QDialog):
    """Lists every action that has a key."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 640)
        column = QVBoxLayout(self)
        self.list = QTreeWidget()
        self.list.setHeaderLabels([tr("Command"), tr("Keys")])
        self.list.setAccessibleName(self.windowTitle())
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for menu in MENUS:
            self._add(menu)
        self.list.expandAll()
        column.addWidget(self.list)
        column.addWidget(_close_button(self))

    def _add(self, menu: str) -> None:
        actions = [action for action in ACTIONS if action.menu == menu and action.shortcut]
        if not actions:
            return
        group = QTreeWidgetItem([tr(menu)])
        self.list.addTopLevelItem(group)
        for action in actions:
            keys = QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            item = QTreeWidgetItem([tr(action.label), keys])
            if action.icon:
                item.setIcon(0, icon(action.icon))
            group.addChild(item)


class AboutDialog(QDialog):
    """Says what this program is, its version and its licence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About CityTwin"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowIcon(pixmap("citytwin", "", 64))
        self.resize(520, 420)
        column = QVBoxLayout(self)
        text = QTextBrowser()
        text.setMarkdown(f"# CityTwin {own_version()}\n\n{page('about')}")
        text.setAccessibleName(self.windowTitle())
        column.addWidget(text)
        column.addWidget(_close_button(self))


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox()
    buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.AcceptRole).clicked.connect(dialog.accept)
    return buttons
