"""What an import should know of its file before it begins; everything can be left to be recognised."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from twin.model.entity import attribute
from twin.sources.columns import TABLE_KINDS
from ui.forms import form_with_defaults
from ui.language import tr
from ui.panels.base import TextButton, label

KIND_CHOICES = ("auto", *TABLE_KINDS)


@dataclass(frozen=True, kw_only=True)
class ImportWish:
    """What the user says of a file."""

    kind: str = attribute("What it holds", "auto", choices=KIND_CHOICES, definition="'auto' recognises it from the columns.")
    crs: str = attribute("Coordinate system", "", definition="Empty: as the file says. Otherwise EPSG:3067, gcj02, bd09 …")
    encoding: str = attribute("Text encoding", "", definition="Empty: recognised. Otherwise utf-8, gb18030, iso-8859-1 …")
    time_zone: str = attribute(
        "Time zone", "UTC", definition="Of times that name none, such as Asia/Shanghai or Europe/Helsinki."
    )


class ImportDialog(QDialog):
    """Asks how some files are to be read."""

    def __init__(self, paths: list[Path], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Import"))
        self.setMinimumWidth(520)
        self.setModal(True)
        self.paths = paths
        column = QVBoxLayout(self)
        names = tr(", ").join(path.name for path in paths[:4]) + (" …" if len(paths) > 4 else "")
        column.addWidget(label("heading", text=lambda: names))
        column.addWidget(
            label("muted", text=lambda: tr("Everything that is left as it is will be recognised from the file itself."))
        )
        self.form = form_with_defaults(ImportWish)
        column.addWidget(self.form)
        line = QHBoxLayout()
        self.mapping = QLineEdit()
        self.mapping.setPlaceholderText(tr("Column mapping (optional)"))
        self.mapping.setAccessibleName(tr("Column mapping (optional)"))
        line.addWidget(self.mapping, 1)
        line.addWidget(TextButton(lambda: tr("Choose…"), self._choose_mapping, "open"))
        column.addLayout(line)
        buttons = QDialogButtonBox()
        begin = buttons.addButton(tr("Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        begin.setProperty("look", "primary")
        begin.clicked.connect(self.accept)
        buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole).clicked.connect(self.reject)
        column.addWidget(buttons)
        begin.setFocus(Qt.FocusReason.OtherFocusReason)

    def options(self) -> dict[str, Any]:
        """Return what was said, by the names of the reading options; raises nothing."""
        values = self.form.values()
        return {
            "kind": None if values["kind"] == "auto" else values["kind"],
            "crs": values["crs"] or None,
            "encoding": values["encoding"] or None,
            "time_zone": values["time_zone"] or "UTC",
            "mapping_file": Path(self.mapping.text()) if self.mapping.text() else None,
        }

    def _choose_mapping(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Column mapping (optional)"), "", "*.json *.toml")
        if name:
            self.mapping.setText(name)
