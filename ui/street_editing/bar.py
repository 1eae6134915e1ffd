"""The line above the map while streets are edited or bins added: which tool is on, what it does, and whether the answer is final."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from twin.model.edits import AddBins
from twin.model.entity import attributes
from twin.model.network import ROAD_CLASSES
from ui import theme
from ui.forms import field_for
from ui.language import mark, tr
from ui.panels.base import IconButton
from ui.panels.time import Figures
from ui.texts import say, say_again

Mode = Literal["", "streets", "road", "bins"]
TOOLS: tuple[tuple[Mode, str, str], ...] = (
    ("streets", mark("Edit streets"), "edit-streets"),
    ("road", mark("New road"), "new-road"),
    ("bins", mark("Add a bin"), "bin"),
)
HINTS: dict[Mode, str] = {
    "": "",
    "streets": mark(
        "Click a street or a signal to change it · drag from street to street to ban the turn · Shift and drag for several"
    ),
    "road": mark("Press where the road begins and drag to where it ends · Alt and drag moves the map"),
    "bins": mark("Click where the bin is to stand · Alt and drag moves the map"),
}


class EditBar(QWidget):
    """Shown only while a tool is on."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 2, 8, 4)
        line.setSpacing(4)
        self.buttons: dict[Mode, QToolButton] = {}
        for mode, text, icon in TOOLS:
            self.buttons[mode] = self._tool(mode, lambda text=text: tr(text), icon)  # type: ignore[misc] # bound early on purpose
            line.addWidget(self.buttons[mode])
        self.road_class = QComboBox()
        say(self.road_class.setAccessibleName, lambda: tr("Road class"))
        for place, item in enumerate(ROAD_CLASSES):
            self.road_class.addItem("", item.name)
            # A combo box has no setter of one argument for the text of a line.
            say_again(self.road_class, lambda place=place, item=item: self.road_class.setItemText(place, tr(item.label)))  # type: ignore[misc] # bound early on purpose
        self.road_class.setCurrentIndex(self.road_class.findData("secondary"))
        self.two_way = QCheckBox()
        self.two_way.setChecked(True)
        say(self.two_way.setText, lambda: tr("Both ways"))
        line.addWidget(self.road_class)
        line.addWidget(self.two_way)
        described = attributes(AddBins)
        self.waste_kind, self.capacity = field_for(described["waste_kind"]), field_for(described["capacity_l"])
        for field, default in ((self.waste_kind, AddBins.waste_kind), (self.capacity, AddBins.capacity_l)):
            field.set_value(default)
            line.addWidget(field)
        self.hint = Figures()
        line.addWidget(self.hint, 1)
        self.live = QCheckBox()
        self.live.setChecked(True)
        say(self.live.setText, lambda: tr("Answer at once"))
        say(self.live.setToolTip, lambda: tr("After every edit, work out what it does to traffic and show the difference"))
        line.addWidget(self.live)
        self.state = QLabel()
        self.state.setProperty("look", "badge")
        self.state.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        line.addWidget(self.state)
        self.end = IconButton("cancel", lambda: tr("End editing (Esc)"), lambda: self.chosen.emit(""))
        line.addWidget(self.end)
        self.mode: Mode = ""
        say_again(self, lambda: self.show_mode(self.mode))
        self.show_state("")

    def _tool(self, mode: Mode, text: Callable[[], str], icon: str) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(theme.icon(icon))
        say(button.setText, text)
        button.clicked.connect(lambda _on: self.chosen.emit(mode))
        return button

    def show_mode(self, mode: Mode) -> None:
        """Show which tool is on; without one the bar is away."""
        self.mode = mode
        self.setVisible(bool(mode))
        for name, button in self.buttons.items():
            with QSignalBlocker(button):
                button.setChecked(name == mode)
        for widget in (self.road_class, self.two_way):
            widget.setVisible(mode == "road")
        for field in (self.waste_kind, self.capacity):
            field.setVisible(mode == "bins")
        self.live.setVisible(mode != "bins")  # what is answered is traffic
        self.hint.show_lines([tr(HINTS[mode])] if mode else [])

    def show_state(self, text: str, reason: str = "") -> None:
        """Say where the answer on the map stands, and why in the tooltip; '' says nothing."""
        self.state.setText(text)
        self.state.setToolTip(reason)
        self.state.setVisible(bool(text))

    def retheme(self) -> None:
        """Draw the icons in the theme that is on now."""
        for mode, _text, icon in TOOLS:
            self.buttons[mode].setIcon(theme.icon(icon))
        self.end.retheme()
