"""The centre's address, and the code with which an administrator lets this computer in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from twin.errors import KnownError
from twin.sync.package.keys import KeyRing
from ui.language import error_texts, tr
from ui.panels.base import label
from ui.syncing import Syncing
from ui.texts import say


class CentreDialog(QDialog):
    """Asks for the address and, the first time, for the code and the name of this office; then syncs."""

    def __init__(self, syncing: Syncing, ring: KeyRing, parent: QWidget) -> None:
        super().__init__(parent)
        self.syncing, self.ring = syncing, ring
        say(self.setWindowTitle, lambda: tr("Sync with the centre"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        column, rows = QVBoxLayout(self), QFormLayout()
        self.address, self.code, self.name = QLineEdit(syncing.server), QLineEdit(), QLineEdit()
        self.address.setPlaceholderText("https://centre.example")
        column.addWidget(
            label(
                "muted",
                text=lambda: tr(
                    "An administrator of the centre tells you its address and a code. The code is needed once for each computer."
                ),
            )
        )
        for text, field in ((tr("Address"), self.address), (tr("Code"), self.code), (tr("Name of the office"), self.name)):
            caption = label()
            caption.setText(text)
            caption.setBuddy(field)
            field.setAccessibleName(text)
            rows.addRow(caption, field)
        rows.setRowVisible(self.name, not ring.own_keys())
        column.addLayout(rows)
        self.complaint = label("error")
        self.complaint.hide()
        column.addWidget(self.complaint)
        buttons = QDialogButtonBox()
        self.ok = buttons.addButton(tr("Sync now"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.begin)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

    def begin(self) -> None:
        """Make the key where there is none, and sync."""
        try:
            if not self.ring.own_keys():
                self.ring.make(self.name.text())
        except KnownError as error:
            self.complaint.setText(" ".join(error_texts(error)))
            self.complaint.show()
            return
        if self.address.text().strip():
            self.syncing.call(self.address.text().strip(), self.code.text().strip())
            self.accept()
