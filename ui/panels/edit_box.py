"""Buttons for every kind of edit, and the form of the one that was chosen."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from twin.errors import KnownError
from twin.model.edits import EDITS, AddBins, Edit
from ui import commands
from ui.desk import Desk
from ui.forms import Form, form_with_defaults
from ui.language import tr
from ui.panels.base import TextButton, label
from ui.texts import say_again
from ui.words import counted, names_in_words

EDIT_ICONS = {
    "close": "close-road",
    "open": "open-road",
    "lanes": "lanes",
    "speed": "speed",
    "capacity": "capacity",
    "direction": "direction",
    "new_road": "new-road",
    "turn": "turn",
    "signal": "signal",
    "toll": "toll",
    "trucks": "trucks",
    "buses": "buses",
    "block": "block",
    "demand": "demand",
    "zone_demand": "zone-demand",
    "event": "event",
    "fleet": "fleet",
    "policy": "policy",
    "collection_days": "time",
    "fill": "demand",
    "add_bins": "plus",
    "move_bins": "move",
    "remove_bins": "delete",
    "resize_bins": "bin",
}
COLUMNS = 2


class EditBox(QWidget):
    """Edits of what is selected on the map: a button each, enabled when the selection suits it.

    An edit with parameters opens its form first; one without is done at once. Both can be undone.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.form: Form | None = None
        self._edit_type: type[Edit] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.heading = label("section")
        self.target = label("muted")
        column.addWidget(self.heading)
        column.addWidget(self.target)
        grid = QGridLayout()
        grid.setSpacing(4)
        self.buttons: dict[str, TextButton] = {}
        for position, edit_type in enumerate(EDITS):
            button = TextButton(
                partial(_label_of, edit_type), partial(self.open, edit_type), EDIT_ICONS.get(edit_type.name, "scenario")
            )
            self.buttons[edit_type.name] = button
            grid.addWidget(button, position // COLUMNS, position % COLUMNS)
        reach = QVBoxLayout()
        reach.setSpacing(0)
        self.opposite = TextButton(
            lambda: tr("Add the opposite direction"), lambda: commands.select_opposite(desk), "compare", "flat"
        )
        self.whole = TextButton(lambda: tr("Select the whole road"), lambda: commands.select_road(desk), "lanes", "flat")
        reach.addWidget(self.opposite)
        reach.addWidget(self.whole)
        column.addLayout(reach)
        column.addLayout(grid)
        self.place = QVBoxLayout()
        column.addLayout(self.place)
        desk.view_changed.connect(self.refresh)
        desk.selection_changed.connect(self.refresh)
        say_again(self, self.refresh)

    def refresh(self) -> None:
        """Say what an edit would change, and enable what suits it."""
        view = self.desk.view
        kind, ids = self.desk.selection
        self.heading.setText(tr("Change"))
        if view is None:
            self.target.setText("")
        elif ids:
            self.target.setText(
                tr("Selected: {things}", things=f"{counted(kind, len(ids))} – {names_in_words(view.snapshot, kind, sorted(ids))}")
            )
        else:
            self.target.setText(tr("Nothing is selected. Click a road, a bin or a depot on the map; Ctrl adds to the selection."))
        for button in (self.opposite, self.whole):
            button.setVisible(kind == "link" and bool(ids))
        for edit_type in EDITS:
            reason = commands.why_not(self.desk, edit_type)
            button = self.buttons[edit_type.name]
            button.setEnabled(not reason)
            button.setToolTip(reason)
        if self._edit_type is not None and commands.why_not(self.desk, self._edit_type):
            self.close_form()

    def open(self, edit_type: type[Edit]) -> None:
        """Begin an edit: do it at once, or show its form."""
        if commands.why_not(self.desk, edit_type):
            return
        self.close_form()
        form = form_with_defaults(edit_type)
        if not form.fields or edit_type is AddBins:  # like the bins that are selected
            commands.apply_edit(self.desk, edit_type, {})
            form.deleteLater()
            return
        form.set_values(commands.values_at_start(self.desk, edit_type))
        self._show_form(edit_type, form)

    def _show_form(self, edit_type: type[Edit], form: Form) -> None:
        self.form, self._edit_type = form, edit_type
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(label("heading", text=lambda: tr(edit_type.label)))
        column.addWidget(form)
        line = QHBoxLayout()
        line.addStretch()
        line.addWidget(TextButton(lambda: tr("Cancel"), self.close_form))
        line.addWidget(TextButton(lambda: tr("Apply"), self.apply, "check", "primary"))
        column.addLayout(line)
        self.place.addWidget(holder)
        first = next(iter(form.fields.values()))
        first.editor.setFocus()

    def apply(self) -> None:
        """Add the edit that the form describes to the scenario."""
        if self.form is None or self._edit_type is None:
            return
        try:
            self.form.record()
        except KnownError:
            return  # the form shows the reason
        edit_type, values = self._edit_type, self.form.values()
        self.close_form()
        commands.apply_edit(self.desk, edit_type, values)

    def close_form(self) -> None:
        """Put the form away without an edit."""
        self.form = self._edit_type = None
        while (item := self.place.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _label_of(edit_type: type[Edit]) -> str:
    return tr(edit_type.label)
