"""The what-if in hand: its edits in words, new edits of what is selected on the map, runs and comparisons."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from twin.model.scenario import BASELINE
from ui import commands
from ui.forms import CalmComboBox
from ui.language import mark, tr, tr_sentence
from ui.panels.base import IconButton, Panel, clear, label, scrolled
from ui.panels.edit_box import EditBox
from ui.panels.review_box import ReviewBox
from ui.panels.run_box import RunBox
from ui.texts import say
from ui.wording import edit_text


class ScenarioPanel(Panel):
    """Choose a scenario, edit it, run it, compare it."""

    name: ClassVar[str] = "scenario"
    title: ClassVar[str] = mark("Scenario")
    icon: ClassVar[str] = "scenario"
    area: ClassVar[Qt.DockWidgetArea] = Qt.DockWidgetArea.LeftDockWidgetArea

    def build(self) -> None:
        """Make the choice of scenarios, the list of edits, the edit buttons and the runs."""
        self.column.setContentsMargins(0, 0, 0, 0)
        inside = QWidget()
        self.inside = QVBoxLayout(inside)
        self.inside.setContentsMargins(10, 8, 10, 8)
        self.inside.setSpacing(8)
        self.column.addWidget(scrolled(inside))
        self._build_choice()
        self.inside.addWidget(label("section", text=lambda: tr("Edits")))
        self.edits = QVBoxLayout()
        self.edits.setSpacing(4)
        self.inside.addLayout(self.edits)
        self.edit_box = EditBox(self.desk)
        self.inside.addWidget(self.edit_box)
        self.run_box = RunBox(self.desk)
        self.inside.addWidget(self.run_box)
        self.review_box = ReviewBox(self.desk)
        self.inside.addWidget(self.review_box)
        self.inside.addStretch()

    def _build_choice(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(2)
        self.choice = CalmComboBox()
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        say(self.choice.setAccessibleName, lambda: tr("Scenario"))
        self.choice.activated.connect(self._choose)
        line.addWidget(self.choice, 1)
        self.new = IconButton("scenario-new", lambda: tr("New scenario…"), lambda: commands.new_scenario(self.desk, self))
        self.copy = IconButton(
            "duplicate", lambda: tr("Duplicate scenario…"), lambda: commands.duplicate_scenario(self.desk, self)
        )
        self.rename = IconButton("rename", lambda: tr("Rename scenario…"), lambda: commands.rename_scenario(self.desk, self))
        self.remove = IconButton("delete", lambda: tr("Delete scenario"), lambda: commands.delete_scenario(self.desk))
        for button in (self.new, self.copy, self.rename, self.remove):
            line.addWidget(button)
        self.inside.addLayout(line)
        self.description = label("muted")
        self.inside.addWidget(self.description)

    def refresh(self) -> None:
        """Show the scenarios and the edits of the current one."""
        view = self.desk.view
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for scenario in view.scenarios if view else ():
                self.choice.addItem(scenario_label(scenario.name), scenario.name)
            if view:
                self.choice.setCurrentIndex(self.choice.findData(view.scenario.name))
        can, is_own = self.desk.is_writable, view is not None and not view.is_baseline
        self.choice.setEnabled(view is not None)
        for button, enabled in ((self.new, can), (self.copy, can), (self.rename, can and is_own), (self.remove, can and is_own)):
            button.setEnabled(enabled)
        self.description.setText(self._description())
        self._list_edits()

    def _description(self) -> str:
        view = self.desk.view
        if view is None:
            return tr("No workspace is open.")
        if view.is_baseline:
            return tr("The city as it is. The first edit begins a new scenario; the city itself stays untouched.")
        return tr_sentence(view.scenario.description)

    def _list_edits(self) -> None:
        clear(self.edits)
        view = self.desk.view
        self.description.setVisible(bool(self.description.text()))
        edits = view.scenario.edits if view else ()
        for index, edit in enumerate(edits):
            self.edits.addWidget(self._edit_row(index, edit))
        if view is not None and not edits:
            self.edits.addWidget(
                label(
                    "muted", text=lambda: tr("No edits yet. Select roads, bins or depots on the map, then choose a change below.")
                )
            )

    def _edit_row(self, index: int, edit: Any) -> QWidget:
        view = self.desk.view
        assert view is not None  # noqa: S101  rows are made from a view
        row = QFrame()
        row.setProperty("look", "card")
        line = QHBoxLayout(row)
        line.setContentsMargins(8, 4, 4, 4)
        text = QLabel(edit_text(edit, view.snapshot))
        text.setWordWrap(True)
        line.addWidget(text, 1)
        if edit.target_ids:
            line.addWidget(
                IconButton("fly", lambda: tr("Select on the map"), lambda: self.desk.select(edit.target_kind, edit.target_ids))
            )
        remove = IconButton(
            "cancel", lambda: tr("Remove this edit"), lambda: self.desk.do("Edit", lambda session: session.remove_edit(index))
        )
        remove.setEnabled(self.desk.is_writable)
        line.addWidget(remove)
        return row

    def _choose(self, row: int) -> None:
        name = str(self.choice.itemData(row))
        self.desk.do("Scenario", lambda session: session.choose_scenario(name))


def scenario_label(name: str) -> str:
    """Return a scenario's name as it is shown: the baseline in the language in use, others as they were named."""
    return tr("Baseline") if name == BASELINE else name
