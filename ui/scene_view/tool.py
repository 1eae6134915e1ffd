"""A tool: another use of the left button on the map than moving it, and what it paints over the scene meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter


class Tool:
    """What happens to the left button while the tool is on; this one leaves everything to the map.

    A press that the tool takes brings it every ``drag`` until ``release``, or ``cancel`` when Esc ends it.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def press(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> bool:  # noqa: ARG002  for those that do
        """Return whether the tool takes this press."""
        return False

    def drag(self, at: QPointF) -> None:
        """Follow the pointer while the button is held."""

    def release(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Do what the press or the drag meant."""

    def hover(self, at: QPointF) -> None:
        """Follow the pointer while no button is held."""

    def cancel(self) -> bool:
        """Give up what was begun; return whether anything was."""
        return False

    def paint(self, painter: QPainter) -> None:
        """Paint over the scene."""
