"""Everything that the user can do, once: menus, toolbar, shortcuts, palette and help are made from ``ACTIONS``."""

from __future__ import annotations

from ui.actions.base import MENUS, Action
from ui.actions.edit import EDIT_ACTIONS
from ui.actions.map import MAP_ACTIONS
from ui.actions.run import RUN_ACTIONS
from ui.actions.scenario import SCENARIO_ACTIONS
from ui.actions.streets import STREET_ACTIONS
from ui.actions.sync import SYNC_ACTIONS
from ui.actions.window import HELP_ACTIONS, WINDOW_ACTIONS
from ui.actions.workspace import WORKSPACE_ACTIONS

ACTIONS: tuple[Action, ...] = (
    *WORKSPACE_ACTIONS,
    *SYNC_ACTIONS,
    *EDIT_ACTIONS,
    *SCENARIO_ACTIONS,
    *STREET_ACTIONS,
    *RUN_ACTIONS,
    *MAP_ACTIONS,
    *WINDOW_ACTIONS,
    *HELP_ACTIONS,
)

__all__ = ["ACTIONS", "MENUS", "Action"]
