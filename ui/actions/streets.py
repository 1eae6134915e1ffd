"""Editing streets on the map, by mouse and by keys alike."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ui.actions.base import Action, with_writable_city
from ui.street_editing.bar import Mode

if TYPE_CHECKING:
    from ui.main_window import MainWindow
    from ui.street_editing.editing import StreetEditing


def editing(window: MainWindow) -> StreetEditing:
    """Return what edits streets in the window."""
    return window.map_page.editing


def can_edit(window: MainWindow) -> bool:
    """Return whether there are streets that may be edited."""
    return with_writable_city(window) and window.desk.view is not None and bool(len(window.desk.view.snapshot["link"]))


def is_on(mode: Mode, window: MainWindow) -> bool:
    """Return whether a tool is on."""
    return editing(window).mode == mode


def has_streets(window: MainWindow) -> bool:
    """Return whether streets are selected that may be edited."""
    return can_edit(window) and bool(editing(window).keys())


def _key_action(name: str, label: str, shortcut: str, icon: str, run: str, *arguments: object) -> Action:
    return Action(
        f"streets.{name}",
        label,
        "Scenario",
        lambda window: getattr(editing(window), run)(*arguments),
        shortcut,
        icon,
        "An edit of the selected streets",
        has_streets,
        group=2,
    )


STREET_ACTIONS = (
    Action(
        "streets.edit",
        "Edit streets",
        "Scenario",
        lambda window: editing(window).toggle("streets"),
        "Ctrl+E",
        "edit-streets",
        "Click streets and signals on the map to change them; drag from one street onto another to ban the turn",
        can_edit,
        partial(is_on, "streets"),
        on_toolbar=True,
        group=2,
    ),
    Action(
        "streets.new_road",
        "Draw a new road",
        "Scenario",
        lambda window: editing(window).toggle("road"),
        "Ctrl+B",
        "new-road",
        "Press where the road begins and drag to where it ends",
        can_edit,
        partial(is_on, "road"),
        group=2,
    ),
    Action(
        "streets.add_bin",
        "Add a bin",
        "Scenario",
        lambda window: editing(window).toggle("bins"),
        "Ctrl+Shift+B",
        "bin",
        "Click on the map where the bin is to stand; its kind and capacity are chosen above the map",
        with_writable_city,
        partial(is_on, "bins"),
        group=2,
    ),
    _key_action("lane_more", "One lane more", "Alt+Up", "plus", "add_lanes", 1),
    _key_action("lane_less", "One lane less", "Alt+Down", "minus", "add_lanes", -1),
    _key_action("faster", "Faster by 10 km/h", "Alt+PgUp", "plus", "speed_up", 1),
    _key_action("slower", "Slower by 10 km/h", "Alt+PgDown", "minus", "speed_up", -1),
    _key_action("way_left", "One way to the left", "Alt+Left", "way-left", "direct", "left"),
    _key_action("way_right", "One way to the right", "Alt+Right", "way-right", "direct", "right"),
    _key_action("way_both", "Both ways", "Alt+Home", "way-both", "direct", "both"),
    _key_action("shut", "Close or open the street", "Alt+End", "close-road", "close_or_open"),
)
