"""What an action is: one record gives the menu line, the shortcut, the button and the line in the palette."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ui.main_window import MainWindow

Menu = Literal["Workspace", "Edit", "Scenario", "Run", "Map", "Window", "Help"]
MENUS: tuple[Menu, ...] = ("Workspace", "Edit", "Scenario", "Run", "Map", "Window", "Help")


def always(_window: MainWindow) -> bool:
    """Return true: the action needs nothing."""
    return True


def with_city(window: MainWindow) -> bool:
    """Return whether a workspace is open."""
    return window.desk.view is not None


def with_writable_city(window: MainWindow) -> bool:
    """Return whether the open workspace may be changed."""
    return window.desk.is_writable


def with_things(window: MainWindow) -> bool:
    """Return whether the open workspace has anything in it."""
    view = window.desk.view
    return view is not None and not view.is_empty


@dataclass(frozen=True)
class Action:
    """Something that the user can do. ``ui.actions.ACTIONS`` is the catalogue.

    ``label`` and ``hint`` are English. ``run`` gets the window. ``group`` parts a menu with lines.
    ``is_checked`` makes it an action with a tick.
    """

    id: str
    label: str
    menu: Menu
    run: Callable[[MainWindow], Any]
    shortcut: str = ""
    icon: str = ""
    hint: str = ""
    is_enabled: Callable[[MainWindow], bool] = always
    is_checked: Callable[[MainWindow], bool] | None = None
    on_toolbar: bool = False
    group: int = 0
