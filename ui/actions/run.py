"""Running what-ifs and comparing them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

import sim
from ui.actions.base import Action, with_things
from ui.panels.run_box import simulation_icon

if TYPE_CHECKING:
    from ui.main_window import MainWindow

RUN_SHORTCUTS = ("F5", "F6", "F7")


def run(names: tuple[str, ...], window: MainWindow) -> None:
    """Run simulations for the current scenario with the parameters that the panel shows."""
    window.show_panel("scenario")
    window.scenario_panel.run_box.run(*names)


def run_all(window: MainWindow) -> None:
    """Run every simulation."""
    run(tuple(simulation.name for simulation in sim.SIMULATIONS), window)


def reach(window: MainWindow) -> None:
    """Measure what can be reached by car from what is selected, or from where the pointer was on the map."""
    view, xy = window.desk.view, _place(window)
    if view is not None and xy is not None:
        lon, lat = view.edited.projection.to_lon_lat(np.array([xy]))[0].tolist()
        window.scenario_panel.run_box.forms["isochrone"].set_values({"lon": lon, "lat": lat})
        run(("isochrone",), window)


def can_reach(window: MainWindow) -> bool:
    """Return whether there is a place to start from."""
    return "isochrone" in window.scenario_panel.run_box.forms and with_things(window) and _place(window) is not None


def follow(window: MainWindow) -> None:
    """Find out who drives on the selected roads."""
    _, ids = window.desk.selection
    window.scenario_panel.run_box.forms["flows"].set_values({"roads": "; ".join(sorted(ids))})
    run(("flows",), window)


def can_follow(window: MainWindow) -> bool:
    """Return whether roads are selected."""
    return "flows" in window.scenario_panel.run_box.forms and with_things(window) and window.desk.selection[0] == "link"


def _place(window: MainWindow) -> tuple[float, float] | None:
    """Return the place of the selection, else the pointer's last on the map, in the city's metres."""
    view, (kind, ids) = window.desk.view, window.desk.selection
    frame = view.edited.frames.get(kind) if view is not None else None
    if frame is None or frame.geometry is None or not len(frame.rows(ids)):
        return window.map_page.place_xy
    x, y = frame.take(frame.rows(ids)).xy.mean(axis=0).tolist()
    return x, y


def compare(window: MainWindow) -> None:
    """Compare the current scenario with the one that the panel names."""
    window.show_panel("results")
    window.scenario_panel.run_box.compare_now()


def can_compare(window: MainWindow) -> bool:
    """Return whether there are two scenarios to compare."""
    return with_things(window) and window.scenario_panel.run_box.before.currentData() is not None


def is_busy(window: MainWindow) -> bool:
    """Return whether work is under way."""
    return bool(window.desk.worker.works)


RUN_ACTIONS = (
    *(
        Action(
            f"run.{simulation.name}",
            simulation.label,
            "Run",
            partial(run, (simulation.name,)),
            RUN_SHORTCUTS[place] if place < len(RUN_SHORTCUTS) else "",
            simulation_icon(simulation.name),
            "Run this simulation for the current scenario",
            with_things,
            on_toolbar=True,
        )
        for place, simulation in enumerate(sim.SIMULATIONS)
    ),
    Action("run.all", "Run all simulations", "Run", run_all, "Ctrl+F5", "run", is_enabled=with_things),
    Action(
        "run.reach",
        "What can be reached from here?",
        "Run",
        reach,
        "Ctrl+Shift+T",
        "isochrone",
        "By car, from what is selected or from the pointer's place on the map",
        can_reach,
    ),
    Action(
        "run.sweep",
        "Rank closures and combinations…",
        "Run",
        lambda window: window.open_sweep(),
        "Ctrl+Shift+K",
        "up",
        "Which road's closure costs most, or which of the scenario's edits work together",
        with_things,
    ),
    Action(
        "run.follow",
        "Who drives here?",
        "Run",
        follow,
        "Ctrl+Shift+Y",
        "flows",
        "On the selected roads: from where to where, and on which other roads",
        can_follow,
    ),
    Action(
        "run.compare",
        "Compare scenarios",
        "Run",
        compare,
        "F9",
        "compare",
        "Run what is missing, then show the difference",
        can_compare,
        on_toolbar=True,
        group=1,
    ),
    Action(
        "run.cancel",
        "Cancel all work",
        "Run",
        lambda window: window.desk.worker.cancel_all(),
        "Ctrl+.",
        "cancel",
        is_enabled=is_busy,
        group=2,
    ),
)
