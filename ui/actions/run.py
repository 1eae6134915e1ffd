"""Running what-ifs and comparing them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

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
