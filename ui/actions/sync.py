"""Exchanging a city with the centre without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.actions.base import Action, with_city, with_writable_city

if TYPE_CHECKING:
    from ui.main_window import MainWindow


def _show_sync(window: MainWindow) -> None:
    window.show_panel("sync")


SYNC_ACTIONS = (
    Action(
        "sync.now",
        "Sync now",
        "Workspace",
        lambda window: window.sync_now(),
        "Ctrl+Shift+J",
        "sync",
        "Send what you edited and take over what is new at the centre",
        with_writable_city,
        group=2,
    ),
    Action(
        "sync.package",
        "Package…",
        "Workspace",
        lambda window: window.open_package(),
        "Ctrl+Shift+U",
        "package",
        "Send edits to the centre on a stick, or take over what came from it",
        with_writable_city,
        group=2,
    ),
    Action(
        "sync.show",
        "Sync and conflicts",
        "Workspace",
        _show_sync,
        "",
        "sync",
        "What waits for the centre, what was refused, and what two people changed",
        with_city,
        group=2,
    ),
)
