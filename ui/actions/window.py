"""The window itself: panels, language, appearance, settings, and help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ui import theme
from ui.actions.base import Action
from ui.language import language
from ui.panels.catalogue import PANELS

if TYPE_CHECKING:
    from ui.main_window import MainWindow


def switch_language(window: MainWindow) -> None:
    """Switch between Chinese and English."""
    window.change_settings(language="en" if language() == "zh_CN" else "zh_CN")


def switch_theme(window: MainWindow) -> None:
    """Switch between dark and light."""
    window.change_settings(theme="light" if theme.current().dark else "dark")


def switch_full_screen(window: MainWindow) -> None:
    """Fill the screen, or go back to a window."""
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()


def toggle_panel(name: str, window: MainWindow) -> None:
    """Show a panel, or hide it."""
    dock = window.docks[name]
    if dock.isVisible():
        dock.hide()
    else:
        window.show_panel(name)


def is_panel_visible(name: str, window: MainWindow) -> bool:
    """Return whether a panel is open."""
    return not window.docks[name].isHidden()


WINDOW_ACTIONS = (
    Action(
        "window.palette",
        "All commands…",
        "Window",
        lambda window: window.open_palette(),
        "Ctrl+Shift+P",
        "palette",
        "Find any command by a few letters, in Chinese or English",
        on_toolbar=True,
    ),
    *(
        Action(
            f"window.panel_{panel.name}",
            panel.title,
            "Window",
            partial(toggle_panel, panel.name),
            f"Ctrl+{place % 10}",  # the tenth has Ctrl+0
            panel.icon,
            "Show or hide this panel",
            is_checked=partial(is_panel_visible, panel.name),
            group=1,
        )
        for place, panel in enumerate(PANELS, 1)
    ),
    Action("window.reset", "Restore the panels", "Window", lambda window: window.reset_layout(), "", "recent", group=1),
    Action(
        "window.full_screen",
        "Full screen",
        "Window",
        switch_full_screen,
        "F11",
        "picture",
        is_checked=lambda window: window.isFullScreen(),
        group=2,
    ),
    Action(
        "window.language",
        "中文 / English",
        "Window",
        switch_language,
        "Ctrl+Shift+E",
        "language",
        "Switch the language of everything",
        on_toolbar=True,
        group=3,
    ),
    Action(
        "window.theme",
        "Dark / light",
        "Window",
        switch_theme,
        "Ctrl+Shift+D",
        "theme",
        "Switch the appearance",
        on_toolbar=True,
        group=3,
    ),
    Action(
        "window.settings",
        "Settings…",
        "Window",
        lambda window: window.open_settings(),
        "Ctrl+,",
        "settings",
        on_toolbar=True,
        group=3,
    ),
)

HELP_ACTIONS = (
    Action("help.start", "First steps", "Help", lambda window: window.open_help(), "F1", "help"),
    Action("help.shortcuts", "Keyboard shortcuts", "Help", lambda window: window.open_shortcuts(), "Ctrl+/", "keyboard"),
    Action("help.about", "About CityTwin", "Help", lambda window: window.open_about(), "", "about", group=1),
)
