"""Running what-ifs for a session: which simulation, on which city, and whether a stored result still holds."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Any

import sim
from sim.base import Simulation
from twin.errors import ScenarioError, StorageError
from twin.model.catalogue import KINDS, WHAT_IF_KINDS
from twin.model.comparison import Comparison, compare
from twin.model.results import Result
from twin.model.scenario import Scenario, baseline
from twin.model.snapshot import Snapshot
from twin.store import ResultSummary, Store
from twin.task import Progress, Task

LARGEST_SEED = 2**63 - 1  # the store's integers have 64 bits
CITY_KINDS = tuple(entity_type.kind for entity_type in KINDS if entity_type.kind not in WHAT_IF_KINDS)
"""Every kind that is part of the city; scenarios are about it."""


def find_simulation(name: str) -> Simulation:
    """Return a simulation of the catalogue. Raises ``ScenarioError`` listing those there are."""
    for simulation in sim.SIMULATIONS:
        if simulation.name == name:
            return simulation
    known = ", ".join(simulation.name for simulation in sim.SIMULATIONS)
    raise ScenarioError(f"There is no simulation '{name}'.", f"There are: {known}.")


def simulations_for(*scenarios: Scenario, been_run: Container[str] = ()) -> list[str]:
    """Return the simulations that the scenarios' edits have an effect on; without edits, all that heed any.

    Those that are not asked ``by_itself`` are among them only where they have ``been_run``.
    """
    edit_types = {type(edit) for scenario in scenarios for edit in scenario.edits}
    asked = [item for item in sim.SIMULATIONS if item.by_itself or item.name in been_run]
    names = [item.name for item in asked if edit_types & set(item.edits)]
    return names or [item.name for item in asked if item.edits]


def been_run(store: Store, *scenarios: Scenario) -> frozenset[str]:
    """Return the simulations that were run for any of the scenarios."""
    names = {scenario.name for scenario in scenarios}
    return frozenset(item.simulation for item in store.results() if item.scenario in names)


def require_seed(seed: int) -> None:
    """Raise ``ScenarioError`` for a seed that cannot be kept with a result."""
    if not 0 <= seed <= LARGEST_SEED:
        raise ScenarioError(f"The seed is {seed}.", f"It must be between 0 and {LARGEST_SEED}.")


def run(store: Store, name: str, scenario: Scenario, params: Any, seed: int) -> Task[Result]:
    """Run one simulation for one scenario on the city as it is stored, and keep the result where it may be kept."""
    simulation = find_simulation(name)
    require_seed(seed)
    yield Progress("Reading the city")
    snapshot = store.snapshot(simulation.kinds, histories=simulation.histories)
    result = yield from simulation.run(
        snapshot, scenario, params if params is not None else simulation.params_for(scenario), seed
    )
    if store.writable:
        store.save_result(result, scenario)
    return result


def drafted(
    store: Store, snapshot: Snapshot, name: str, scenario: Scenario, params: Any, seed: int, before: Result | None
) -> Task[Comparison]:
    """Return what a scenario changes by a draft, which is not kept, against the baseline.

    ``before`` is a result of the baseline that still holds, where one is at hand.
    """
    simulation = find_simulation(name)
    if params is None:
        params = _params_in_use(store, simulation, scenario, baseline())
    if before is None or before.seed != seed or not _same(before.params, params):
        before = yield from _fresh(store, simulation, baseline(), params, seed)
    return compare(before, (yield from simulation.draft(snapshot, scenario, params, seed)))


def compared(store: Store, name: str, before: Scenario, after: Scenario, *, params: Any, seed: int) -> Task[Comparison]:
    """Compare two scenarios in one simulation; a stored result that still holds is not computed again.

    Without ``params`` those of the newest result of either that still holds are used, so that what was
    run with care is not compared with something else.
    """
    simulation = find_simulation(name)
    if params is None:
        params = _params_in_use(store, simulation, after, before)
    first = yield from _fresh(store, simulation, before, params, seed)
    second = yield from _fresh(store, simulation, after, params, seed)
    return compare(first, second)


def newest_summary(store: Store, simulation: str, scenario: str) -> ResultSummary | None:
    """Return what the store knows of the newest result for a scenario, also an outdated one."""
    return next((item for item in store.results() if (item.simulation, item.scenario) == (simulation, scenario)), None)


def is_current(store: Store, result: Result) -> bool:
    """Whether a result tells of the city and the scenario as they are now."""
    if result.base_version != store.city_version:
        return False
    if not store.writable:
        return True  # it was just made here, and nothing can be changed here
    return any(
        (item.simulation, item.scenario, item.input_hash, item.seed)
        == (result.simulation, result.scenario, result.input_hash, result.seed)
        for item in store.results()
        if not item.stale
    )


def first_measure(result: Result) -> str:
    """Return the measure that a result is shown by when nobody chose one: the first of its roads, else of its bins."""
    kinds = [kind for kind in ("link", "bin") if kind in result.tables] or list(result.tables)
    return next((measure.name for kind in kinds for measure in result.tables[kind].measures), "")


def _fresh(store: Store, simulation: Simulation, scenario: Scenario, params: Any, seed: int) -> Task[Result]:
    """Return a stored result of exactly this run that still holds, or run it."""
    for item in _current_summaries(store, simulation, scenario):
        if item.seed == seed and _same(item.params, params):
            with suppress(StorageError):  # damaged on the disk: computed and written anew
                return store.load_result(item.name)
    return (yield from run(store, simulation.name, scenario, params, seed))


def _params_in_use(store: Store, simulation: Simulation, *scenarios: Scenario) -> Any:
    for scenario in scenarios:
        for item in _current_summaries(store, simulation, scenario):
            params = _params_from(simulation, item.params)
            if simulation.suits(params, *scenarios):
                return params
    return simulation.params_for(*scenarios)


def _current_summaries(store: Store, simulation: Simulation, scenario: Scenario) -> list[ResultSummary]:
    wanted = (simulation.name, scenario.name, False)
    return [item for item in store.results() if (item.simulation, item.scenario, item.stale) == wanted]


def _params_from(simulation: Simulation, values: Mapping[str, Any]) -> Any:
    """Build parameters from what a result kept; JSON made lists of tuples."""
    known = {item.name for item in dataclasses.fields(simulation.params_type)}
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items() if name in known}
    return simulation.params_type(**plain)


def _same(kept: Mapping[str, Any], params: Any) -> bool:
    """Whether kept parameters are these, whatever JSON made of them."""
    return _canonical(dict(kept)) == _canonical(dataclasses.asdict(params))


def _canonical(values: Any) -> str:
    return json.dumps(values, sort_keys=True, default=str)
