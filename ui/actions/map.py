"""What the map shows and from where."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from layers import LAYERS
from ui.actions.base import Action, with_city
from ui.actions.edit import has_selection
from ui.shown import Mode

if TYPE_CHECKING:
    from ui.main_window import MainWindow

_MODES: tuple[tuple[Mode, str, str, str], ...] = (
    ("none", "City only", "map", "Alt+1"),
    ("before", "Before", "before", "Alt+2"),
    ("after", "After", "after", "Alt+3"),
    ("difference", "Difference", "difference", "Alt+4"),
)


def show(mode: Mode, window: MainWindow) -> None:
    """Choose what numbers colour the map."""
    window.map_page.bar.choose(mode)


def can_show(mode: Mode, window: MainWindow) -> bool:
    """Return whether there are numbers for a mode."""
    return window.map_page.bar.can_show(mode)


def is_shown(mode: Mode, window: MainWindow) -> bool:
    """Return whether a mode is on."""
    view = window.desk.view
    return view is not None and view.shown.mode == mode


def has_traffic(window: MainWindow) -> bool:
    """Return whether a result with traffic is on the map."""
    return any(picture.motion is not None for picture in window.map_page.scene.pictures)


def toggle_layer(name: str, window: MainWindow) -> None:
    """Show a layer, or hide it."""
    window.stack.set_visible(name, not window.stack.state(name).is_visible)


def is_layer_visible(name: str, window: MainWindow) -> bool:
    """Return whether a layer is shown."""
    return window.stack.state(name).is_visible


MAP_ACTIONS = (
    Action(
        "map.home",
        "Whole city",
        "Map",
        lambda window: window.map_page.scene.home(),
        "Ctrl+Home",
        "home",
        is_enabled=with_city,
        on_toolbar=True,
    ),
    Action(
        "map.fly",
        "Fly to the selection",
        "Map",
        lambda window: window.fly_to_selection(),
        "Ctrl+Shift+F",
        "fly",
        is_enabled=has_selection,
    ),
    *(
        Action(
            f"map.show_{mode}",
            label,
            "Map",
            partial(show, mode),
            shortcut,
            icon,
            "Choose which numbers colour the map",
            partial(can_show, mode),
            partial(is_shown, mode),
            group=1,
        )
        for mode, label, icon, shortcut in _MODES
    ),
    *(
        Action(
            f"map.layer_{layer.name}",
            layer.label,
            "Map",
            partial(toggle_layer, layer.name),
            icon="layers",
            hint="Show or hide this layer",
            is_enabled=with_city,
            is_checked=partial(is_layer_visible, layer.name),
            group=2,
        )
        for layer in LAYERS
    ),
    Action(
        "map.moving",
        "Moving traffic",
        "Map",
        lambda window: window.map_page.bar.moving.click(),
        "Ctrl+M",
        "congestion",
        "Let vehicles drive over the result, as many and as fast as it says",
        has_traffic,
        lambda window: window.map_page.bar.moving.isChecked(),
        group=3,
    ),
    Action(
        "map.play",
        "Play or pause time",
        "Map",
        lambda window: window.time_panel.toggle(),
        "Ctrl+Space",
        "play",
        is_enabled=with_city,
        group=3,
    ),
)
