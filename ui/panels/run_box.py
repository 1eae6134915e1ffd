"""Running what-ifs: each simulation with its parameters, progress with cancel, and the comparison."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QToolButton, QVBoxLayout, QWidget

import sim
from sim.base import Simulation
from twin.errors import KnownError
from twin.model.scenario import BASELINE
from ui import commands, theme
from ui.desk import Desk
from ui.forms import CalmComboBox, Form, form_with_defaults
from ui.language import tr
from ui.panels.base import IconButton, TextButton, label
from ui.progress import in_words, show_in
from ui.texts import say, say_again


def simulation_icon(name: str) -> str:
    """Return the icon of a simulation: the drawing of its name, where there is one."""
    return name if theme.has_icon(name) else "run"


class RunBox(QWidget):
    """A button for each simulation, for all of them and for the comparison; parameters unfold below."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.forms: dict[str, Form] = {}
        self._against = BASELINE  # until somebody chooses another
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(label("section", text=lambda: tr("Run")))
        self.buttons: dict[str, TextButton] = {}
        for simulation in sim.SIMULATIONS:
            self._add(simulation)
        self._add_comparison()
        self._add_progress()
        desk.view_changed.connect(self.refresh)
        desk.worker.changed.connect(self._show_progress)
        say_again(self, self.refresh)

    def params(self) -> dict[str, Any]:
        """Return the parameters of each simulation as they are typed. Raises ``KnownError`` for nonsense."""
        return {name: form.record() for name, form in self.forms.items()}

    def refresh(self) -> None:
        """Enable what can run, and list what can be compared with."""
        view = self.desk.view
        is_free = view is not None and not view.is_empty
        for button in self.buttons.values():
            button.setEnabled(is_free)
        with QSignalBlocker(self.before):
            self.before.clear()
            for scenario in view.scenarios if view else ():
                if scenario.name != view.scenario.name:  # type: ignore[union-attr] # there are scenarios, so there is a view
                    self.before.addItem(tr("Baseline") if scenario.name == BASELINE else scenario.name, scenario.name)
            self.before.setCurrentIndex(max(0, self.before.findData(self._against)))
        can_compare = is_free and self.before.count() > 0
        self.before.setEnabled(can_compare)
        self.compare.setEnabled(can_compare)
        self._show_progress()

    def run(self, *names: str) -> None:
        """Run the named simulations, one after another, for the current scenario."""
        try:
            params = self.params()
        except KnownError:
            return  # the form shows the reason
        commands.simulate(self.desk, names, params)

    def compare_now(self) -> None:
        """Compare the current scenario with the chosen one, running what is missing."""
        if self.before.currentData() is not None:
            commands.compare(self.desk, str(self.before.currentData()))

    def _add(self, simulation: Simulation) -> None:
        line = QHBoxLayout()
        button = TextButton(
            lambda: tr(simulation.label), partial(self.run, simulation.name), simulation_icon(simulation.name), "primary"
        )
        form = form_with_defaults(simulation.params_type)
        form.hide()
        unfold = IconButton("settings", lambda: tr("Parameters of {simulation}", simulation=tr(simulation.label)))
        unfold.setCheckable(True)
        unfold.toggled.connect(form.setVisible)
        line.addWidget(button, 1)
        line.addWidget(unfold)
        self._column.addLayout(line)
        self._column.addWidget(form)
        self.buttons[simulation.name], self.forms[simulation.name] = button, form

    def _add_comparison(self) -> None:
        self._column.addWidget(label("section", text=lambda: tr("Compare with")))
        line = QHBoxLayout()
        self.before = CalmComboBox()
        self.before.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        say(self.before.setAccessibleName, lambda: tr("Compare with"))
        self.before.activated.connect(self._choose_before)
        self.compare = TextButton(lambda: tr("Compare"), self.compare_now, "compare")
        line.addWidget(self.before, 1)
        line.addWidget(self.compare)
        self._column.addLayout(line)

    def _add_progress(self) -> None:
        self.progress = QWidget()
        column = QVBoxLayout(self.progress)
        column.setContentsMargins(0, 0, 0, 0)
        self.doing = label("muted")
        line = QHBoxLayout()
        self.bar = QProgressBar()
        self.stop: QToolButton = IconButton("cancel", lambda: tr("Cancel"), self.desk.worker.cancel_all)
        line.addWidget(self.bar, 1)
        line.addWidget(self.stop)
        column.addWidget(self.doing)
        column.addLayout(line)
        self._column.addWidget(self.progress)

    def _choose_before(self, row: int) -> None:
        self._against = str(self.before.itemData(row))

    def _show_progress(self) -> None:
        works = self.desk.worker.works
        self.progress.setVisible(bool(works))
        if works:
            self.doing.setText(in_words(works[0]))
            show_in(self.bar, works[0].progress)
