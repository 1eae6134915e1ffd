"""The tool that puts a new bin where one clicks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from layers.colours import theme
from ui.scene_view.tool import Tool
from ui.scene_view.view import SceneView
from ui.street_editing import strokes


class BinTool(Tool):
    """Calls ``put`` with the place of each click, in the city's metres; Alt leaves the button to the map."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: SceneView, put: Callable[[float, float], object]) -> None:
        self.view, self.put = view, put
        self._at: tuple[float, float] | None = None
        self._is_pressed = False

    def press(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Take a click on the ground."""
        if modifiers & Qt.KeyboardModifier.AltModifier:
            return False
        self._at = self._ground(at)
        self._is_pressed = self._at is not None
        return self._is_pressed

    def drag(self, at: QPointF) -> None:
        """Show where the bin would stand."""
        self._at = self._ground(at)

    def hover(self, at: QPointF) -> None:
        """Show where a bin would stand."""
        self._at = None if self.view.is_moving else self._ground(at)

    def release(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:  # noqa: ARG002  of the interface
        """Put the bin where the button is let go."""
        place, self._is_pressed = self._ground(at) if self._is_pressed else None, False
        if place is not None:
            self.put(*place)

    def cancel(self) -> bool:
        """Put no bin."""
        was_pressed, self._is_pressed = self._is_pressed, False
        return was_pressed

    def paint(self, painter: QPainter) -> None:
        """Paint where the bin would stand."""
        if self.view.is_moving or self._at is None:
            return
        px, good = self.view.pixel_of(np.array([self._at]))
        if good[0]:
            strokes.knob(painter, px[0], theme(dark=self.view.is_dark)["accent"], is_full=True)

    def _ground(self, at: QPointF) -> tuple[float, float] | None:
        place = self.view.surface_at(at.x(), at.y())
        return None if place is None else (float(place[0]), float(place[1]))
