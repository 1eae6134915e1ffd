"""The layers of the map: what is shown, what its colours mean, and how it is drawn."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QSplitter, QVBoxLayout, QWidget

from layers.base import Legend
from twin.errors import KnownError
from ui import theme
from ui.forms import Form
from ui.language import mark, tr, tr_sentence
from ui.layer_stack import LayerStack, LayerState
from ui.legends import words
from ui.panels.base import IconButton, Panel, clear, label, scrolled

SWATCH_PX = 16


class LayersPanel(Panel):
    """A list with a tick and a swatch for each layer; below it the legend and the style of the chosen one."""

    name: ClassVar[str] = "layers"
    title: ClassVar[str] = mark("Layers")
    icon: ClassVar[str] = "layers"
    area: ClassVar[Qt.DockWidgetArea] = Qt.DockWidgetArea.LeftDockWidgetArea

    stack: LayerStack | None = None
    form: Form | None = None

    def build(self) -> None:
        """Make the list and the place for legend and style."""
        self.list = QListWidget()
        self.list.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        self.list.itemChanged.connect(self._ticked)
        self.list.currentItemChanged.connect(lambda *_: self._show_chosen())
        moves = QHBoxLayout()
        moves.setSpacing(2)
        self.up = IconButton("up", lambda: tr("Draw it further up"), lambda: self._move(-1))
        self.down = IconButton("down", lambda: tr("Draw it further down"), lambda: self._move(1))
        self.heading = label("heading")
        moves.addWidget(self.heading, 1)
        moves.addWidget(self.up)
        moves.addWidget(self.down)
        detail = QWidget()
        column = QVBoxLayout(detail)
        column.setContentsMargins(0, 6, 6, 0)
        self.hint = label("muted")
        self.legend = QGridLayout()
        self.legend.setColumnStretch(1, 1)
        self.legend.setVerticalSpacing(3)
        self.style_heading = label("section", text=lambda: tr("Style"))
        self.place = QVBoxLayout()
        column.addLayout(moves)
        column.addWidget(self.hint)
        column.addLayout(self.legend)
        column.addWidget(self.style_heading)
        column.addLayout(self.place)
        column.addStretch()
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.list)
        parts.addWidget(scrolled(detail))
        parts.setSizes([330, 300])
        self.column.addWidget(parts)

    def set_stack(self, stack: LayerStack) -> None:
        """Take the layers to list."""
        self.stack = stack
        for state in reversed(stack.states):
            item = QListWidgetItem(state.layer.label)
            item.setData(Qt.ItemDataRole.UserRole, state.layer.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        stack.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show names, ticks and swatches as they are now."""
        self.list.setAccessibleName(tr(self.title))
        if self.stack is None:
            return
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                item = self.list.item(row)
                state = self._state(item)
                item.setText(tr(state.layer.label))
                item.setCheckState(Qt.CheckState.Checked if state.is_visible else Qt.CheckState.Unchecked)
                item.setIcon(_swatch(state, is_drawn=self.stack.is_drawn(state)))
        self._show_chosen()

    def retheme(self) -> None:
        """Draw icons and swatches again."""
        super().retheme()
        self.refresh()

    def _state(self, item: QListWidgetItem) -> LayerState:
        assert self.stack is not None  # noqa: S101  items come from it
        return self.stack.state(str(item.data(Qt.ItemDataRole.UserRole)))

    def _ticked(self, item: QListWidgetItem) -> None:
        if self.stack is not None:
            self.stack.set_visible(str(item.data(Qt.ItemDataRole.UserRole)), item.checkState() is Qt.CheckState.Checked)

    def _show_chosen(self) -> None:
        item = self.list.currentItem()
        if item is None or self.stack is None:
            return
        state = self._state(item)
        self.heading.setText(tr(state.layer.label))
        is_drawn = self.stack.is_drawn(state)
        if not is_drawn and state.is_visible:
            hint = tr("Left out while a result is on the map. 'All layers' above the map shows it, too.")
        elif is_drawn and not state.is_visible:
            hint = tr("Shown because the result on the map needs it.")
        elif not is_drawn:
            hint = tr("This layer is hidden. Tick it to see it.")
        elif state.is_empty:
            hint = (
                tr("Nothing to show: the city has no data for this layer, or no result is on the map.") if self.desk.view else ""
            )
        else:
            hint = ""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self._show_legend(state.legend if is_drawn else None)
        self._show_style(state)

    def _show_legend(self, legend: Legend | None) -> None:
        while (item := self.legend.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if legend is None:
            return
        rows = 0
        said = words(legend)
        for entry, entry_text in zip(legend.entries, said.entries, strict=True):
            patch = QLabel()
            patch.setPixmap(_patch([entry.rgba]))
            self.legend.addWidget(patch, rows, 0)
            text = QLabel(entry_text)
            text.setWordWrap(True)
            self.legend.addWidget(text, rows, 1)
            rows += 1
        unit = tr("Unit: {unit}", unit=said.unit) if said.unit else ""
        for note in (unit, tr_sentence(legend.note) if legend.note else ""):
            if note:
                line = label("muted")
                line.setText(note)
                self.legend.addWidget(line, rows, 0, 1, 2)
                rows += 1

    def _move(self, by: int) -> None:
        item = self.list.currentItem()
        if item is None or self.stack is None:
            return
        row = self.list.row(item)
        target = min(max(row + by, 0), self.list.count() - 1)
        with QSignalBlocker(self.list):
            self.list.insertItem(target, self.list.takeItem(row))
            self.list.setCurrentRow(target)
        names = [str(self.list.item(place).data(Qt.ItemDataRole.UserRole)) for place in range(self.list.count())]
        self.stack.set_order(tuple(reversed(names)))

    def _show_style(self, state: LayerState) -> None:
        if self.form is not None and self.form.property("layer") == state.layer.name:
            return
        clear(self.place)
        form = Form(state.layer.style_type)
        form.setProperty("layer", state.layer.name)
        form.set_values(dataclasses.asdict(state.style))
        form.changed.connect(lambda: self._restyle(state.layer.name, form))
        self.style_heading.setVisible(bool(form.fields))
        self.form = form
        self.place.addWidget(form)

    def _restyle(self, name: str, form: Form) -> None:
        if self.stack is None:
            return
        try:
            style = form.record()
        except KnownError:
            return  # the form shows the reason
        self.stack.set_style(name, style)


def _swatch(state: LayerState, *, is_drawn: bool) -> QIcon:
    colours = [entry.rgba for entry in state.legend.entries] if state.legend else []
    return QIcon(_patch(colours if is_drawn else []))


def _patch(colours: list[tuple[int, int, int, int]]) -> QPixmap:
    """Return a small square with up to five of the colours side by side; empty with a frame when there are none."""
    ratio = 2
    picture = QPixmap(SWATCH_PX * ratio, SWATCH_PX * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    some = colours[:: max(1, len(colours) // 5)][:5]
    for place, colour in enumerate(some):
        left, right = round(SWATCH_PX * place / len(some)), round(SWATCH_PX * (place + 1) / len(some))
        painter.fillRect(left, 0, right - left, SWATCH_PX, QColor(*colour))
    if some:
        painter.setPen(QColor(theme.current().border))
        painter.drawRect(0, 0, SWATCH_PX - 1, SWATCH_PX - 1)
    painter.end()
    return picture
