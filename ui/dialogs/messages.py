"""What went wrong, told to the user: what was asked, what was found, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from twin.errors import KnownError
from ui.language import error_texts, tr


def known_error(parent: QWidget, error: KnownError) -> QMessageBox:
    """Return the message of a known error; it does not stop the window."""
    message, advice = error_texts(error)
    box = QMessageBox(QMessageBox.Icon.Warning, tr("CityTwin"), message, QMessageBox.StandardButton.Ok, parent)
    box.setInformativeText(advice)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def held_workspace(parent: QWidget, error: KnownError) -> tuple[QMessageBox, QPushButton]:
    """Return the question whether a workspace that cannot be written is opened for reading, and its yes."""
    box = known_error(parent, error)
    box.setStandardButtons(QMessageBox.StandardButton.Cancel)
    yes = box.addButton(tr("Open for reading only"), QMessageBox.ButtonRole.AcceptRole)
    return box, yes
