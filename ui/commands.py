"""What the user can do to scenarios: used by the panels' buttons, the menus and the command palette alike."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from PySide6.QtWidgets import QInputDialog, QWidget

import sim
from twin.errors import ScenarioError
from twin.model.changes import Change
from twin.model.edits import (
    AddBins,
    AddLink,
    BanTurn,
    Edit,
    MoveBins,
    SetBuses,
    SetCapacity,
    SetFleet,
    SetLanes,
    SetSpeed,
    SetToll,
    bins_beside,
)
from twin.model.entity import attributes
from twin.model.frame import Frame
from twin.model.results import Result
from twin.model.scenario import BASELINE, Scenario
from twin.task import Progress, Task
from ui.desk import Desk
from ui.language import mark, tr
from ui.session import Session
from ui.sited import sited_bins
from ui.words import kind_label

# Edits that may also be made with nothing selected: they then mean all things of their kind.
_MEANS_ALL = (SetFleet,)


def why_not(desk: Desk, edit_type: type[Edit]) -> str:
    """Return why an edit cannot be made now, in the language in use; '' when it can."""
    view = desk.view
    if view is None:
        return tr("No workspace is open.")
    if not view.writable:
        return tr("This workspace is open for reading only.")
    kind, ids = desk.selection
    target = "bin" if edit_type is AddBins else edit_type.target_kind  # one like it beside each
    if edit_type in _OF_TWO_ROADS:
        return "" if _OF_TWO_ROADS[edit_type](desk) else tr("Select two roads on the map first: those to be joined, or a turn's.")
    if not target or (kind == target and ids):
        return ""
    if edit_type in _MEANS_ALL and len(view.snapshot[target]):
        return ""
    return tr("Select {things} on the map first.", things=kind_label(target, 2))


def targets_of(desk: Desk, edit_type: type[Edit]) -> tuple[str, ...]:
    """Return the keys that an edit would be about."""
    kind, ids = desk.selection
    if not edit_type.target_kind:
        return ()
    if kind == edit_type.target_kind and ids:
        return tuple(sorted(ids))
    view = desk.view
    return tuple(view.snapshot[edit_type.target_kind].ids.tolist()) if view and edit_type in _MEANS_ALL else ()


def values_at_start(desk: Desk, edit_type: type[Edit]) -> Mapping[str, Any]:
    """Return what the form of an edit starts with: the values that its targets have now."""
    view = desk.view
    columns: dict[type[Edit], tuple[str, str]] = {
        SetLanes: ("lanes", "lanes"),
        SetSpeed: ("speed_mps", "free_flow_speed_mps"),
        SetCapacity: ("capacity_vph", "capacity_vph"),
        SetToll: ("toll", "toll"),
        SetBuses: ("bus_vph", "bus_vph"),
        SetFleet: ("vehicle_count", "vehicle_count"),
    }
    if view is not None and "x_m" in attributes(edit_type):
        return _place_of_selection(desk)
    if view is None or edit_type not in columns:
        return {}
    field, column = columns[edit_type]
    frame = view.edited[edit_type.target_kind]
    rows = frame.rows(targets_of(desk, edit_type))
    if not len(rows):
        return {}
    middle = float(np.median(frame[column][rows]))
    return {field: round(middle) if field == "vehicle_count" else middle}


def _place_of_selection(desk: Desk) -> Mapping[str, Any]:
    """Return the middle of what is selected, for edits of a surrounding; nothing without a selection."""
    view = desk.view
    kind, ids = desk.selection
    frame = view.edited.frames.get(kind) if view else None
    if frame is None or frame.geometry is None or not len(frame.rows(ids)):
        return {}
    x_m, y_m = frame.xy[frame.rows(ids)].mean(axis=0).round()
    return {"x_m": float(x_m), "y_m": float(y_m)}


def _turn(desk: Desk) -> Mapping[str, Any]:
    """Return the two selected roads as a turn: from the one that ends where the other begins; nothing when none does."""
    links, rows = _two_roads(desk)
    for start, end in itertools.permutations(rows, 2):
        if links["head_id"][start] == links["tail_id"][end]:
            return {"target_ids": (links.ids[start],), "into": (links.ids[end],)}
    return {}


def _line(desk: Desk) -> Mapping[str, Any]:
    """Return the shortest line between ends of the two selected roads; nothing when they meet."""
    links, rows = _two_roads(desk)
    ends = [shapely.get_coordinates(links.geometry[row])[[0, -1]].tolist() for row in rows if links.geometry is not None]
    lines = [(tuple(one), tuple(other)) for one, other in itertools.product(*ends)] if len(ends) == 2 else []
    path = min(lines, key=lambda line: math.dist(*line), default=())
    return {"path_m": path} if path and math.dist(*path) > 0.0 else {}


def _two_roads(desk: Desk) -> tuple[Frame, list[int]]:
    """Return the roads, and the rows of the selected ones if these are two."""
    kind, ids = desk.selection
    assert desk.view is not None  # noqa: S101  asked only with a city
    links = desk.view.edited["link"]
    return links, links.rows(sorted(ids)).tolist() if kind == "link" and len(ids) == 2 else []


_OF_TWO_ROADS: Mapping[type[Edit], Callable[[Desk], Mapping[str, Any]]] = {BanTurn: _turn, AddLink: _line}
"""Edits of a pair of roads: what is selected says more than which objects."""


def select_opposite(desk: Desk) -> None:
    """Add the other direction of the selected roads."""
    view = desk.view
    if view is not None:
        links = view.snapshot["link"]
        chosen = desk.selection[1]
        others = links["reverse_id"][links.rows(chosen)].tolist()
        desk.select("link", chosen | {key for key in others if key})


def select_road(desk: Desk) -> None:
    """Add every piece of the selected roads: those of the same name, or of the same way where they have none."""
    view = desk.view
    if view is not None:
        links = view.snapshot["link"]
        chosen = desk.selection[1]
        rows = links.rows(chosen)
        names, ways = set(links["name"][rows].tolist()) - {""}, set(links["way_id"][rows].tolist()) - {""}
        is_piece = np.array([name in names for name in links["name"].tolist()], dtype=bool)
        is_piece |= np.array([way in ways for way in links["way_id"].tolist()], dtype=bool)
        desk.select("link", chosen | set(links.ids[is_piece].tolist()))


def apply_edit(desk: Desk, edit_type: type[Edit], values: Mapping[str, Any]) -> None:
    """Append an edit of the selection to the current scenario; the baseline begins a new one."""
    if edit_type is MoveBins and not (values.get("dx_m") or values.get("dy_m")):
        return
    if edit_type is AddBins:
        _, beside = desk.selection
        desk.do("Edit", lambda session: session.edit(*bins_beside(session.edited_snapshot["bin"], beside)))
        return
    chosen = _OF_TWO_ROADS[edit_type](desk) if edit_type in _OF_TWO_ROADS else {"target_ids": targets_of(desk, edit_type)}
    edit = edit_type(**values, **chosen)
    desk.do("Edit", lambda session: session.edit(edit))


def add_sited(desk: Desk, result: Result) -> None:
    """Add the bins that a siting proposes to the current scenario, as one step."""
    desk.do("Edit", lambda session: session.edit(sited_bins(result)))


def simulate(desk: Desk, names: Iterable[str], params: Mapping[str, Any] | None = None) -> None:
    """Run simulations, one after another, for the current scenario."""
    labels = {simulation.name: simulation.label for simulation in sim.SIMULATIONS}
    for name in names:
        _simulate(desk, name, labels[name], (params or {}).get(name))


def _simulate(desk: Desk, name: str, label: str, params: Any) -> None:
    desk.run(label, lambda session: session.simulate_task(name, params), on_finish=lambda _result: desk.found.emit(name))


def compare(desk: Desk, before: str = BASELINE, simulations: Iterable[str] | None = None) -> None:
    """Compare the current scenario with another, running what is missing, and show the difference."""
    if desk.view is None or desk.view.scenario.name == before:
        return
    after, chosen = desk.view.scenario.name, None if simulations is None else list(simulations)
    desk.run(
        mark("Compare"),
        lambda session: _compared(session, before, after, chosen),
        on_finish=lambda comparisons: desk.found.emit(_first_shown(desk, [item.simulation for item in comparisons])),
    )


def _first_shown(desk: Desk, names: list[str]) -> str:
    """Return which of the compared simulations is on the map."""
    shown = desk.session.shown.simulation if desk.session is not None else ""
    return shown if shown in names else next(iter(names), "")


def _compared(session: Session, before: str, after: str, simulations: list[str] | None) -> Task[Any]:
    comparisons = yield from session.compare_task(before, after, simulations)
    yield Progress("Showing the difference")
    if comparisons:
        names = [item.simulation for item in comparisons]
        session.show("difference", session.shown.simulation if session.shown.simulation in names else names[0])
    return comparisons


def new_scenario(desk: Desk, parent: QWidget) -> None:
    """Ask for a name and begin an empty scenario."""
    name = _ask_name(parent, tr("New scenario"), _free_name(desk))
    if name:
        desk.do("New scenario", lambda session: session.new_scenario(name))


def duplicate_scenario(desk: Desk, parent: QWidget) -> None:
    """Ask for a name and begin a scenario with the same edits."""
    if desk.view is None:
        return
    origin = desk.view.scenario.name
    shown = tr("Baseline") if origin == BASELINE else origin
    name = _ask_name(parent, tr("Duplicate scenario"), tr("{name} (copy)", name=shown))
    if name:
        desk.do("Duplicate scenario", lambda session: session.new_scenario(name, copy_of=origin))


def rename_scenario(desk: Desk, parent: QWidget) -> None:
    """Ask for another name of the current scenario."""
    if desk.view is None or desk.view.is_baseline:
        return
    old = desk.view.scenario
    name = _ask_name(parent, tr("Rename scenario"), old.name)
    if name and name != old.name:
        desk.do("Rename scenario", lambda session: _rename(session, old, name))


def delete_scenario(desk: Desk) -> None:
    """Delete the current scenario; nobody is asked, because it can be undone."""
    if desk.view is not None and not desk.view.is_baseline:
        name = desk.view.scenario.name
        desk.do("Delete scenario", lambda session: session.delete_scenario(name))


def _rename(session: Session, old: Scenario, name: str) -> None:
    if any(scenario.name == name for scenario in session.scenarios()):
        raise ScenarioError(f"There is a scenario '{name}' already.", "Choose another name, or delete that one first.")
    session.change([Change(old, replace(old, name=name))], f"Rename scenario '{old.name}' to '{name}'")


def _free_name(desk: Desk) -> str:
    taken = {scenario.name for scenario in desk.view.scenarios} if desk.view else set()
    return next(name for number in range(1, len(taken) + 2) if (name := tr("Scenario {number}", number=number)) not in taken)


def _ask_name(parent: QWidget, title: str, suggestion: str) -> str:
    name, is_given = QInputDialog.getText(parent, title, tr("Name"), text=suggestion)
    return name.strip() if is_given else ""
