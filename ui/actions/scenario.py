"""Scenarios, and every kind of edit of what is selected on the map."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from twin.model.edits import EDITS, Edit
from ui import commands
from ui.actions.base import Action, with_writable_city
from ui.panels.edit_box import EDIT_ICONS

if TYPE_CHECKING:
    from ui.main_window import MainWindow

EDIT_SHORTCUTS = {"close": "Ctrl+K", "lanes": "Ctrl+L", "speed": "Ctrl+Shift+L"}


def has_own_scenario(window: MainWindow) -> bool:
    """Return whether the current scenario is one that may be renamed or deleted."""
    view = window.desk.view
    return view is not None and view.writable and not view.is_baseline


def begin_edit(edit_type: type[Edit], window: MainWindow) -> None:
    """Open the edit in the scenario panel: at once, or with its form."""
    window.scenario_panel.edit_box.open(edit_type)
    if edit_type.target_kind == "" or window.scenario_panel.edit_box.form is not None:
        window.show_panel("scenario")


def can_edit(edit_type: type[Edit], window: MainWindow) -> bool:
    """Return whether the selection suits the edit."""
    return not commands.why_not(window.desk, edit_type)


def _edit_action(edit_type: type[Edit]) -> Action:
    return Action(
        f"scenario.{edit_type.name}",
        edit_type.label,
        "Scenario",
        partial(begin_edit, edit_type),
        EDIT_SHORTCUTS.get(edit_type.name, ""),
        EDIT_ICONS.get(edit_type.name, "scenario"),
        "An edit of what is selected on the map",
        partial(can_edit, edit_type),
        on_toolbar=edit_type.name in ("close", "lanes", "speed"),
        group=1,
    )


SCENARIO_ACTIONS = (
    Action(
        "scenario.new",
        "New scenario…",
        "Scenario",
        lambda window: commands.new_scenario(window.desk, window),
        "Ctrl+Shift+N",
        "scenario-new",
        is_enabled=with_writable_city,
        on_toolbar=True,
    ),
    Action(
        "scenario.duplicate",
        "Duplicate scenario…",
        "Scenario",
        lambda window: commands.duplicate_scenario(window.desk, window),
        "Ctrl+D",
        "duplicate",
        is_enabled=with_writable_city,
    ),
    Action(
        "scenario.rename",
        "Rename scenario…",
        "Scenario",
        lambda window: commands.rename_scenario(window.desk, window),
        "F2",
        "rename",
        is_enabled=has_own_scenario,
    ),
    Action(
        "scenario.delete",
        "Delete scenario",
        "Scenario",
        lambda window: commands.delete_scenario(window.desk),
        "",
        "delete",
        is_enabled=has_own_scenario,
    ),
    *(_edit_action(edit_type) for edit_type in EDITS),
)
