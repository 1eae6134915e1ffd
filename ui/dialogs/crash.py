"""Our fault: a report that can be sent, and the promise that nothing written was lost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from ui.language import tr


class CrashDialog(QDialog):
    """Tells that CityTwin made a mistake, where the report is, and lets the user go on."""

    def __init__(self, error: BaseException, path: Path | None, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("CityTwin made a mistake"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 460)
        column = QVBoxLayout(self)
        what = QLabel(tr("Something went wrong inside CityTwin: {error}", error=f"{type(error).__name__}: {error}"))
        calm = QLabel(
            tr(
                "Everything that was written to the workspace is safe. You can go on; if the window behaves oddly, close and open it again."
            )
        )
        where = QLabel(
            tr("The report was saved as {path}. Please send it to whoever looks after CityTwin.", path=str(path)) if path else ""
        )
        for label in (what, calm, where):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setVisible(bool(label.text()))
            column.addWidget(label)
        details = QPlainTextEdit(text)
        details.setReadOnly(True)
        details.setAccessibleName(tr("Report"))
        column.addWidget(details, 1)
        buttons = QDialogButtonBox()
        go_on = buttons.addButton(tr("Go on"), QDialogButtonBox.ButtonRole.AcceptRole)
        go_on.clicked.connect(self.accept)
        if path is not None:
            show = buttons.addButton(tr("Show the report"), QDialogButtonBox.ButtonRole.ActionRole)
            show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))))
        column.addWidget(buttons)
