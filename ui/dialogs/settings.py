"""The settings, in a form made from their declaration; they take effect at once."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from ui.forms import Form
from ui.language import tr
from ui.settings import Preferences
from ui.texts import say


class SettingsDialog(QDialog):
    """Shows the preferences; emits ``changed`` with their values after every change."""

    changed = Signal(dict)

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        super().__init__(parent)
        say(self.setWindowTitle, lambda: tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        column = QVBoxLayout(self)
        self.form = Form(Preferences)
        self.form.set_values(dataclasses.asdict(preferences))
        self.form.changed.connect(lambda: self.changed.emit(self.form.values()))
        column.addWidget(self.form)
        column.addStretch()
        buttons = QDialogButtonBox()
        close = buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        say(close.setText, lambda: tr("Close"))
        close.clicked.connect(self.accept)
        column.addWidget(buttons)
