"""Taking back, doing again, and choosing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui import commands
from ui.actions.base import Action, with_city

if TYPE_CHECKING:
    from ui.main_window import MainWindow


def undo(window: MainWindow) -> None:
    """Take the newest change back that can be."""
    window.desk.undo()


def redo(window: MainWindow) -> None:
    """Do again what was taken back."""
    window.desk.redo()


def can_undo(window: MainWindow) -> bool:
    """Return whether there is anything to take back."""
    view = window.desk.view
    return view is not None and view.writable and view.undo.title is not None


def can_redo(window: MainWindow) -> bool:
    """Return whether there is anything to do again."""
    view = window.desk.view
    return view is not None and view.writable and view.redo.title is not None


def has_roads(window: MainWindow) -> bool:
    """Return whether roads are selected."""
    kind, ids = window.desk.selection
    return kind == "link" and bool(ids)


def step_back(window: MainWindow) -> None:
    """Leave what the tool on the map has begun, else the selection."""
    if not window.map_page.editing.step_back():
        window.desk.select("", ())


def can_step_back(window: MainWindow) -> bool:
    """Return whether there is anything to leave."""
    return has_selection(window) or bool(window.map_page.editing.mode)


def has_selection(window: MainWindow) -> bool:
    """Return whether anything is selected."""
    return bool(window.desk.selection[1])


EDIT_ACTIONS = (
    Action("edit.undo", "Undo", "Edit", undo, "Ctrl+Z", "undo", is_enabled=can_undo, on_toolbar=True),
    Action("edit.redo", "Redo", "Edit", redo, "Ctrl+Shift+Z", "redo", is_enabled=can_redo, on_toolbar=True),
    Action(
        "edit.find",
        "Find…",
        "Edit",
        lambda window: window.find_place(),
        "Ctrl+F",
        "find",
        "Find a road, a place or a bin by its name",
        with_city,
        on_toolbar=True,
        group=1,
    ),
    Action(
        "edit.select_opposite",
        "Add the opposite direction",
        "Edit",
        lambda window: commands.select_opposite(window.desk),
        "Ctrl+Shift+R",
        "compare",
        is_enabled=has_roads,
        group=1,
    ),
    Action(
        "edit.select_road",
        "Select the whole road",
        "Edit",
        lambda window: commands.select_road(window.desk),
        "Ctrl+Shift+W",
        "lanes",
        "Every piece with the same name",
        has_roads,
        group=1,
    ),
    Action(
        "edit.select_none",
        "Clear the selection",
        "Edit",
        step_back,
        "Esc",
        "cancel",
        "Also ends a tool on the map",
        can_step_back,
        group=1,
    ),
)
