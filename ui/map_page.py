"""The map with its own bar: city only, before, after or difference, and the measure that gives the colours."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

import sim
from layers.base import Scene
from sim.base import Simulation
from twin.model.comparison import Comparison
from twin.model.results import Measure, Result
from ui import theme
from ui.desk import Desk
from ui.language import language, mark, tr
from ui.layer_stack import GROUND, LayerStack
from ui.panels.base import TextButton, label
from ui.panels.numbers import measures_of
from ui.panels.scenario import scenario_label
from ui.quantity import quantity
from ui.scene_view import SceneView
from ui.shown import Mode
from ui.street_editing.bar import EditBar
from ui.street_editing.editing import StreetEditing
from ui.texts import say, say_again
from ui.view import View

MODES: tuple[tuple[Mode, str, str], ...] = (
    ("none", mark("City only"), "map"),
    ("before", mark("Before"), "before"),
    ("after", mark("After"), "after"),
    ("difference", mark("Difference"), "difference"),
)


class MapBar(QWidget):
    """Chooses which numbers colour the map, and says what they are and what of them is only noise."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(4)
        column.addLayout(line)
        self.buttons: dict[Mode, QToolButton] = {}
        group = QButtonGroup(self)
        for place, (mode, text, icon) in enumerate(MODES):
            button = QToolButton()
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIcon(theme.icon(icon))
            group.addButton(button, place)
            say(button.setText, lambda text=text: tr(text))  # type: ignore[misc] # bound early on purpose
            line.addWidget(button)
            self.buttons[mode] = button
        group.idClicked.connect(lambda place: self.choose(MODES[place][0]))
        line.addSpacing(10)
        self.measure = QComboBox()
        self.measure.setMinimumContentsLength(18)
        self.measure.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        say(self.measure.setAccessibleName, lambda: tr("Measure on the map"))
        self.measure.activated.connect(self._choose_measure)
        line.addWidget(self.measure)
        line.addStretch(1)
        self.everything = QCheckBox()
        say(self.everything.setText, lambda: tr("All layers"))
        say(self.everything.setToolTip, lambda: tr("Show bins, cameras, cases and incidents over the result, too"))
        line.addWidget(self.everything)
        self.moving = QCheckBox()
        say(self.moving.setText, lambda: tr("Moving traffic"))
        say(self.moving.setToolTip, lambda: tr("Let vehicles drive over the result, as many and as fast as it says"))
        line.addWidget(self.moving)
        self.note = label("muted")
        column.addWidget(self.note)
        desk.view_changed.connect(self.refresh)
        say_again(self, self.refresh)

    def can_show(self, mode: Mode) -> bool:
        """Return whether there are numbers for a mode."""
        view = self.desk.view
        if view is None:
            return False
        if mode == "none":
            return True
        return bool(self._comparisons()) if mode in ("before", "difference") else bool(view.results)

    def choose(self, mode: Mode) -> None:
        """Show other numbers on the map."""
        view = self.desk.view
        if view is None or not self.can_show(mode):
            self.refresh()
            return
        available = self._comparisons() if mode in ("before", "difference") else view.results
        simulation = view.shown.simulation if view.shown.simulation in available else next(iter(available), "")
        self.desk.do("Show", lambda session: session.show(mode, simulation))

    def refresh(self) -> None:
        """Show what can be chosen and what is."""
        view = self.desk.view
        shown = view.shown if view else None
        for mode, button in self.buttons.items():
            button.setEnabled(self.can_show(mode))
            button.setChecked(shown is not None and shown.mode == mode)
        with QSignalBlocker(self.measure):
            self.measure.clear()
            for simulation, measure in self._measures():
                self.measure.addItem(f"{tr(simulation.label)} · {tr(measure.label)}", (simulation.name, measure.name))
            wanted = (shown.simulation, shown.measure) if shown else None
            rows = [tuple(self.measure.itemData(row)) for row in range(self.measure.count())]
            self.measure.setCurrentIndex(rows.index(wanted) if wanted in rows else 0)
        self.measure.setVisible(self.measure.count() > 0 and shown is not None and shown.mode != "none")
        self.everything.setVisible(shown is not None and shown.mode != "none")
        self.moving.setVisible(shown is not None and shown.mode in ("before", "after"))
        self.note.setText(self._note())
        self.note.setVisible(bool(self.note.text()))

    def _comparisons(self) -> dict[str, Comparison]:
        """Return the comparisons whose second side is the current scenario."""
        view = self.desk.view
        if view is None:
            return {}
        return {name: item for name, item in view.comparisons.items() if item.after.scenario == view.scenario.name}

    def _measures(self) -> list[tuple[Simulation, Measure]]:
        view = self.desk.view
        if view is None:
            return []
        found: list[tuple[Simulation, Measure]] = []
        for simulation in sim.SIMULATIONS:
            result: Result | None = view.results.get(simulation.name)
            if result is not None:
                found += [(simulation, measure) for _kind, measure in measures_of(result)]
        return found

    def _choose_measure(self, row: int) -> None:
        view = self.desk.view
        if view is None:
            return
        simulation, measure = self.measure.itemData(row)
        mode: Mode = view.shown.mode if view.shown.mode != "none" else "after"
        if mode in ("before", "difference") and simulation not in self._comparisons():
            mode = "after"
        self.desk.do("Show", lambda session: session.show(mode, simulation, measure))

    def _note(self) -> str:
        """Return whose numbers are shown, and which differences count as none."""
        view = self.desk.view
        if view is None or view.shown.mode == "none":
            return ""
        comparison = self._comparisons().get(view.shown.simulation)
        if view.shown.mode == "after" or comparison is None:
            return scenario_label(view.scenario.name)
        if view.shown.mode == "before":
            return scenario_label(comparison.before.scenario)
        both = tr(
            "{after} against {before}",
            after=scenario_label(comparison.after.scenario),
            before=scenario_label(comparison.before.scenario),
        )
        noise, unit = _noise_of(view, comparison)
        return (
            f"{both} · {tr('Differences up to {noise} are noise and shown as none.', noise=quantity(noise, unit))}"
            if noise > 0
            else both
        )


def _noise_of(view: View, comparison: Comparison) -> tuple[float, str]:
    """Return below what the differences on the map are noise, and its unit: those of the day where a moment is shown."""
    described = [*view.series.values()] if view.shown.t_s is not None else [*comparison.tables.values()]
    name = f"{view.shown.measure}_difference"
    return next(((item.noise, item.unit) for table in described for item in table.measures if item.name == name), (0.0, ""))


class _EmptyCity(QFrame):
    """Stands in the middle of the map of a city without anything in it, and offers to import."""

    def __init__(self, scene: SceneView, on_import: Callable[[], object]) -> None:
        super().__init__(scene)
        self.setProperty("look", "card")
        middle = QGridLayout(scene)
        middle.addWidget(self, 0, 0, Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(label("heading", wraps=False, text=lambda: tr("This city is still empty.")))
        column.addWidget(
            label(
                "muted",
                wraps=False,
                text=lambda: tr("Import an OpenStreetMap extract first: it gives roads, buildings, bins and cameras."),
            )
        )
        column.addWidget(TextButton(lambda: tr("Import…"), on_import, "import", "primary"), 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(label("muted", wraps=False, text=lambda: tr("Or drop files on this window.")))
        self.hide()


class MapPage(QWidget):
    """The bar and the scene; a click selects, Ctrl adds to the selection."""

    pointed = Signal(float, float)  # x_m, y_m under the pointer

    def __init__(self, desk: Desk, stack: LayerStack, on_import: Callable[[], object]) -> None:
        super().__init__()
        self.desk, self.stack = desk, stack
        self.place_xy: tuple[float, float] | None = None  # where the pointer was last
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = MapBar(desk)
        self.scene = SceneView(dark=theme.current().dark)
        self.edit_bar = EditBar()
        self.editing = StreetEditing(desk, self.scene, self.edit_bar)
        column.addWidget(self.bar)
        column.addWidget(self.edit_bar)
        column.addWidget(self.scene, 1)
        self.empty = _EmptyCity(self.scene, on_import)
        self._was_empty = False
        self.scene.picked.connect(self._pick)
        self.scene.pointer_moved.connect(self._point)
        self.editing.changed.connect(lambda: stack.set_editing(self.editing.mode in ("streets", "road")))
        stack.scene_ready.connect(self._show_scene)
        stack.picture_ready.connect(self.scene.set_picture)
        stack.visibility_changed.connect(self.scene.set_layer_visible)
        stack.order_changed.connect(self.scene.set_layer_order)
        self.bar.everything.toggled.connect(lambda is_on: stack.set_focused(not is_on))
        self.bar.moving.toggled.connect(self.scene.set_traffic_moving)
        self.bar.moving.clicked.connect(lambda is_on: desk.settings.change(moving_traffic="on" if is_on else "off"))
        self.scene.first_drawn.connect(self.set_moving)
        desk.view_changed.connect(self._show_edited)
        desk.view_changed.connect(self._quieten)
        stack.changed.connect(self._quieten)
        desk.selection_changed.connect(self._show_selection)
        say_again(self, lambda: self.scene.set_language(language()))

    def retheme(self) -> None:
        """Draw bar and scene in the theme that is on now."""
        for mode, _text, icon in MODES:
            self.bar.buttons[mode].setIcon(theme.icon(icon))
        self.scene.set_dark(theme.current().dark)
        self.editing.retheme()
        self.stack.redraw()

    def set_moving(self) -> None:
        """Let traffic move as the settings say."""
        wanted = self.desk.settings.preferences.moving_traffic
        self.bar.moving.setChecked(wanted == "on" or (wanted == "auto" and not self.scene.stage.is_software))

    def _point(self, x_px: float, y_px: float) -> None:
        at = self.scene.viewpoint.ground_at(x_px, y_px, self.scene.size_px)
        if at is not None:
            self.place_xy = at
            self.pointed.emit(*at)

    def _show_scene(self, scene: Scene) -> None:
        self.scene.show_scene(scene)
        is_empty = self.desk.view is not None and self.desk.view.is_empty
        self.empty.setVisible(is_empty)
        if self._was_empty and not is_empty:
            self.scene.home()  # the first data of a new city: look at all of it
        self._was_empty = is_empty

    def _quieten(self) -> None:
        self.scene.quiet_legends = GROUND if self.stack.has_focus else frozenset()
        self.scene.update()

    def _show_edited(self) -> None:
        view = self.desk.view
        if view is None:
            self.scene.clear()
            return
        edited: dict[str, set[str]] = {}
        for edit in view.scenario.edits:
            edited.setdefault(edit.target_kind, set()).update(edit.target_ids)
        self.scene.set_edited(edited if view.shown.mode != "before" else {})

    def _show_selection(self) -> None:
        self.scene.set_selection(*self.desk.selection)

    def _pick(self, kind: str, key: str, modifiers: object) -> None:
        adds = isinstance(modifiers, Qt.KeyboardModifier) and bool(
            modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        )
        old_kind, old_ids = self.desk.selection
        if not adds:
            self.desk.select(kind, [key] if key else [])
        elif key:
            kept = old_ids if old_kind == kind else frozenset()
            self.desk.select(kind, kept ^ {key})
