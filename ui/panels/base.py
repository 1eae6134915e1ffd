"""What every panel is, and the small parts that panels are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ui import theme
from ui.desk import Desk
from ui.language import tr
from ui.texts import say, say_again


class Panel(QWidget):
    """A part of the window that shows one side of the city.

    ``name`` is its key, ``title`` English. ``refresh`` shows ``desk.view`` as it is now, in the language
    in use; it is called after every change of either.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    area: ClassVar[Qt.DockWidgetArea] = Qt.DockWidgetArea.RightDockWidgetArea

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setObjectName(f"panel-{self.name}")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(10, 8, 10, 8)
        self.column.setSpacing(8)
        self.build()
        desk.view_changed.connect(self.refresh)
        say_again(self, self._respeak)

    def build(self) -> None:
        """Make the widgets; called once, before the first ``refresh``."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show the view as it is now."""
        raise NotImplementedError

    def retheme(self) -> None:
        """Draw icons and charts again in the theme that is on now."""
        for button in self.findChildren(QAbstractButton):
            if isinstance(button, IconButton | TextButton):
                button.retheme()

    def _respeak(self) -> None:
        self.setAccessibleName(tr(self.title))
        self.refresh()


class IconButton(QToolButton):
    """A small button with an icon of ours, a tooltip in the language in use, and an accessible name."""

    def __init__(self, icon: str, text: Callable[[], str], on_click: Callable[[], object] | None = None) -> None:
        super().__init__()
        self._icon = icon
        self.setIconSize(QSize(18, 18))
        self.setAutoRaise(True)
        self.retheme()
        say(self.setToolTip, text)
        say(self.setAccessibleName, text)
        if on_click is not None:
            self.clicked.connect(lambda _checked=False: on_click())

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self.retheme()

    def retheme(self) -> None:
        """Draw the icon in the theme that is on now."""
        self.setIcon(theme.icon(self._icon))


class TextButton(QPushButton):
    """A button with a text in the language in use, and an icon of ours."""

    def __init__(
        self,
        text: Callable[[], str],
        on_click: Callable[[], object],
        icon: str = "",
        look: str = "",
        hint: Callable[[], str] | None = None,
    ) -> None:
        super().__init__()
        self._icon = icon
        if look:
            self.setProperty("look", look)
        self.retheme()
        say(self.setText, text)
        if hint is not None:
            say(self.setToolTip, hint)
        self.clicked.connect(lambda _checked=False: on_click())

    def retheme(self) -> None:
        """Draw the icon in the theme that is on now."""
        if not self._icon:
            return
        chosen = theme.current()
        if self.property("look") == "primary":
            self.setIcon(theme.pixmap(self._icon, chosen.on_accent, 32))
        else:
            self.setIcon(theme.icon(self._icon))


def label(look: str = "", *, wraps: bool = True, text: Callable[[], str] | None = None) -> QLabel:
    """Return a label of one of the style sheet's looks."""
    made = QLabel()
    if look:
        made.setProperty("look", look)
    made.setWordWrap(wraps)
    made.setIndent(0)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if text is not None:
        say(made.setText, text)
    return made


def scrolled(inside: QWidget) -> QScrollArea:
    """Return a widget in an area that scrolls up and down only."""
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def clear(layout: QVBoxLayout) -> None:
    """Take everything out of a column and delete it."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
