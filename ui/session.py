"""A session: one open city, the scenario in hand, what is selected, when it is, and what is on show.

The window and the command line drive the same session. It is plain Python: it tells what changed by
psygnal signals and never starts a thread; long work is a task that its caller runs. Signals are
emitted in the thread in which the change happened, which for tasks is the worker's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Self

from psygnal import Signal

from layers.base import Scene
from twin.errors import ScenarioError, StorageError
from twin.model.changes import Change, Effects, Step
from twin.model.comparison import Comparison
from twin.model.edits import Edit
from twin.model.entity import Entity
from twin.model.results import Result, ResultSeries
from twin.model.scenario import BASELINE, Scenario, baseline
from twin.model.snapshot import Snapshot
from twin.store import Store
from twin.task import Progress, Task, as_part
from ui import running
from ui.language import tr
from ui.shown import Mode, Shown
from ui.timing import TIMED_HISTORIES, TIMED_KINDS, time_bounds

if TYPE_CHECKING:
    from twin.ingest import ImportReport
    from twin.sources.base import ReadOptions

DEFAULT_SEED = 1
"""Seed of a run when nobody names one: the same city and scenario then give the same numbers."""

NAME_LIMIT = 100
"""Most signs that the name of a scenario may have: it stands in lists, legends and reports."""

Selection = tuple[str, frozenset[str]]
NOTHING: Selection = ("", frozenset())


class Session:
    """One open workspace and everything that is chosen in it.

    ``scenario`` is the current one (``baseline`` at the start), ``selection`` a kind and keys of it,
    ``time`` the moment on show (None: the newest of everything), ``comparisons`` the last comparison
    by simulation.
    """

    snapshot_changed = Signal(object)  # Effects: keys touched, by kind
    scenario_changed = Signal()
    selection_changed = Signal()
    result_changed = Signal()
    time_changed = Signal()

    def __init__(self, store: Store, *, author: str = "") -> None:
        self.store = store
        self.author = author
        self.scenario: Scenario = baseline()
        self.selection: Selection = NOTHING
        self.time: datetime | None = None
        self.comparisons: dict[str, Comparison] = {}
        self.shown = Shown()
        self._snapshot: Snapshot | None = None
        self._edited: tuple[Snapshot, Scenario, Snapshot] | None = None
        self._results: dict[tuple[str, str], Result] = {}
        self._draft_city: tuple[str, int, Snapshot] | None = None
        self._time_bounds: tuple[int, tuple[datetime, datetime] | None] | None = None
        self._undoing = False
        store.changed.connect(self._on_store_changed)

    @classmethod
    def open(cls, path: Path, *, writable: bool = True, author: str = "") -> Session:
        """Open a workspace. Raises ``StorageError`` when it is not one, or when another program holds it."""
        return cls(Store.open(path, writable=writable), author=author)

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        name: str = "",
        author: str = "",
        synthetic: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Random | None = None,
    ) -> Session:
        """Make an empty workspace and open it. Raises ``StorageError`` when something is there already."""
        return cls(Store.create(path, name=name, synthetic=synthetic, now=now, random=random), author=author)

    def close(self) -> None:
        """Give the workspace back."""
        self.store.changed.disconnect(self._on_store_changed)
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The city

    @property
    def snapshot(self) -> Snapshot:
        """The city as it is at ``time``, without any edit; read once and then kept up to date."""
        if self._snapshot is None:
            self._snapshot = self.store.snapshot(running.CITY_KINDS, at=self.time)
        return self._snapshot

    @property
    def edited_snapshot(self) -> Snapshot:
        """The city with the current scenario's edits, as the planner means it to be."""
        if self._edited is None or self._edited[0] is not self.snapshot or self._edited[1] is not self.scenario:
            self._edited = (self.snapshot, self.scenario, with_edits(self.snapshot, self.scenario))
        return self._edited[2]

    def load_task(self) -> Task[Snapshot]:
        """Read the city ahead of its first use, so that a window can open before it is there."""
        yield Progress("Reading the city")
        return self.snapshot

    def entity(self, kind: str, key: str) -> Entity | None:
        """Return one stored thing."""
        return self.store.get(kind, key)

    def change(self, changes: Iterable[Change], title: str) -> Effects:
        """Change the city itself; undoable."""
        return self.store.write(changes, title=title, author=self.author)

    def select(self, kind: str, ids: Iterable[str]) -> None:
        """Select things of one kind in place of what was selected."""
        chosen = frozenset(ids)
        selection = (kind, chosen) if chosen else NOTHING
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    # Time

    def set_time(self, at: datetime | None) -> None:
        """Show the city as it was known at a moment; None shows the newest."""
        if at == self.time:
            return
        self.time = at
        if self._snapshot is not None:
            timed = self.store.snapshot(TIMED_KINDS, at=at)
            self._snapshot = replace(self._snapshot, frames={**self._snapshot.frames, **timed.frames}, at=at)
        self.time_changed.emit()
        self.snapshot_changed.emit(dict.fromkeys(TIMED_KINDS, frozenset()))

    def time_bounds(self) -> tuple[datetime, datetime] | None:
        """Return from when to when the city can be played (see ``ui.timing``); None for a city without times."""
        if self._time_bounds is None or self._time_bounds[0] != self.store.city_version:
            spans = (self.store.history_span(kind) for kind in TIMED_HISTORIES)
            self._time_bounds = (self.store.city_version, time_bounds(self.snapshot, spans))
        return self._time_bounds[1]

    # Journal

    def undo(self, after: int = 0) -> Step:
        """Take the newest change back that can be, and that was made after a journal entry; the step says which."""
        with self._following():
            return self.store.undo(after=after)

    def redo(self) -> Step:
        """Do the change again that was taken back last and can be done; the step says which."""
        with self._following():
            return self.store.redo()

    # Scenarios

    def scenarios(self) -> list[Scenario]:
        """Return every scenario, the baseline first."""
        return [baseline(), *self.store.scenarios()]

    def find_scenario(self, name: str) -> Scenario:
        """Return a scenario by its name. Raises ``ScenarioError`` naming near ones."""
        return baseline() if name == BASELINE else self.store.scenario(name)

    def new_scenario(self, name: str, *, copy_of: str = "", description: str = "") -> Scenario:
        """Add a scenario and make it the current one. Raises ``ScenarioError`` when the name is taken or empty."""
        made = self._named(name)
        edits = self.find_scenario(copy_of).edits if copy_of else ()
        made = replace(made, edits=edits, description=description)
        self.change([Change(None, made)], f"New scenario '{made.name}'")
        self._choose(made)
        return made

    def choose_scenario(self, name: str) -> None:
        """Make a scenario the current one. Raises ``ScenarioError`` naming near ones."""
        self._choose(self.find_scenario(name))

    def delete_scenario(self, name: str) -> None:
        """Remove a scenario; undoable. Raises ``ScenarioError`` for the baseline and for unknown names."""
        self.change([Change(editable(self.find_scenario(name)), None)], f"Delete scenario '{name}'")

    def edit(self, *edits: Edit) -> None:
        """Append edits to the current scenario as one step; a new scenario is begun when the baseline is current.

        Raises ``ScenarioError`` when one of them makes no sense on this city: then none is made.
        """
        city = self.edited_snapshot
        for edit in edits:
            city = edit.apply(city)
        if not edits:
            return
        if self.scenario.name != BASELINE:
            self._set_edits((*self.scenario.edits, *edits), f"{edits[0].label} in scenario '{self.scenario.name}'")
            return
        begun = replace(self._named(self._free_name()), edits=edits)
        self.change([Change(None, begun)], f"{edits[0].label} in scenario '{begun.name}'")
        self._choose(begun)

    def remove_edit(self, index: int) -> None:
        """Take the edit with this position (from 0) out of the current scenario; undoable."""
        edits = self.scenario.edits
        if not 0 <= index < len(edits):
            raise ScenarioError(
                f"Scenario '{self.scenario.name}' has no edit number {index + 1}; it has {len(edits)}.",
                "List them with their numbers first.",
            )
        self._set_edits(edits[:index] + edits[index + 1 :], f"Remove an edit from scenario '{self.scenario.name}'")

    # Long work

    def import_task(self, path: Path, options: ReadOptions | None = None) -> Task[ImportReport]:
        """Import a file into the city as one change that can be undone."""
        from twin.ingest import import_source
        from twin.sources.base import ReadOptions

        return import_source(self.store, path, options or ReadOptions())

    def simulate_task(self, simulation_name: str, params: Any = None, seed: int = DEFAULT_SEED) -> Task[Result]:
        """Return the run of a simulation for the scenario that is current now; its result is kept."""
        return self._simulate(simulation_name, self.scenario, params, seed)

    def _simulate(self, simulation_name: str, scenario: Scenario, params: Any, seed: int) -> Task[Result]:
        result = yield from as_part(running.run(self.store, simulation_name, scenario, params, seed))
        self._keep(result)
        if not self.shown.is_of(simulation_name):
            self.shown = Shown("after", simulation_name, running.first_measure(result))
        self.result_changed.emit()
        return result

    def compare_task(
        self,
        before: str,
        after: str,
        simulations: Iterable[str] | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        seed: int = DEFAULT_SEED,
    ) -> Task[list[Comparison]]:
        """Compare two scenarios, running what has not been run on this city yet.

        Without ``simulations``, those that the edits of the two have an effect on and that need no asking, or were run. ``params`` are those
        of a simulation by its name; without them those that were last used.
        """
        one, two = self.find_scenario(before), self.find_scenario(after)
        been_run = running.been_run(self.store, one, two)
        names = list(simulations) if simulations is not None else running.simulations_for(one, two, been_run=been_run)
        found: list[Comparison] = []
        for place, name in enumerate(names):
            task = running.compared(self.store, name, one, two, params=(params or {}).get(name), seed=seed)
            found.append((yield from as_part(task, place, len(names))))
            self._show_found(found)
        return found

    def _show_found(self, found: list[Comparison]) -> None:
        """Show what a comparison has found so far: nobody waits for the last simulation to see the first."""
        for result in (found[-1].before, found[-1].after):
            self._keep(result)
        self.comparisons = {item.simulation: item for item in found}
        if self.shown.mode == "none" or self.shown.simulation not in self.comparisons:
            self.shown = Shown("difference", found[0].simulation, running.first_measure(found[0].before))
        self.result_changed.emit()

    def draft_task(
        self, edits: Iterable[Edit] = (), simulation_name: str = "congestion", *, params: Any = None, seed: int = DEFAULT_SEED
    ) -> Task[Comparison]:
        """Return quickly, and less exactly, what the current scenario with further edits changes against the baseline.

        Neither the edits nor the draft are kept; the baseline's result is. ``comparison.after.is_draft`` says so to
        whoever shows it, and its first note to the reader.
        """
        scenario = replace(self.scenario, edits=(*self.scenario.edits, *edits))
        yield Progress("Reading the city")
        simulation, version = running.find_simulation(simulation_name), self.store.city_version
        if self._draft_city is None or self._draft_city[:2] != (simulation_name, version):
            city = self.store.snapshot(simulation.kinds, histories=simulation.histories)
            self._draft_city = (simulation_name, version, city)
        before = self._results.get((simulation_name, BASELINE))
        if before is not None and before.base_version != version:
            before = None
        comparison = yield from running.drafted(self.store, self._draft_city[2], simulation_name, scenario, params, seed, before)
        self._keep(comparison.before)
        return comparison

    def show_draft(self, comparison: Comparison) -> None:
        """Put a draft on show, as a difference unless its after is on the map already."""
        name = comparison.simulation
        self.comparisons = {**self.comparisons, name: comparison}
        shown = self.shown
        if not shown.is_of(name) or shown.mode == "before":
            measure = shown.measure if shown.simulation == name else ""
            self.shown = replace(
                shown, mode="difference", simulation=name, measure=measure or running.first_measure(comparison.before)
            )
        self.result_changed.emit()

    def _keep(self, result: Result) -> None:
        self._results[result.simulation, result.scenario] = result

    # What is on show

    def result(self, simulation_name: str) -> Result | None:
        """Return the newest result of a simulation for the current scenario, also an outdated one; None without any."""
        key = (simulation_name, self.scenario.name)
        if key not in self._results:
            summary = running.newest_summary(self.store, *key)
            if summary is None:
                return None
            self._results[key] = self.store.load_result(summary.name)
        return self._results[key]

    def is_current(self, result: Result) -> bool:
        """Whether a result still tells of the city and the scenario as they are now."""
        return running.is_current(self.store, result)

    def show(self, mode: Mode, simulation: str = "", measure: str = "") -> None:
        """Choose what is on show: nothing, a result before or after, or their difference."""
        self._show(
            replace(self.shown, mode=mode, simulation=simulation or self.shown.simulation, measure=measure or self.shown.measure)
        )

    def show_moment(self, t_s: float | None) -> None:
        """Show the numbers at a time of the simulated day, seconds since midnight; None those of the whole run."""
        self._show(replace(self.shown, t_s=t_s))

    def _show(self, shown: Shown) -> None:
        if shown != self.shown:
            self.shown = shown
            self.result_changed.emit()

    def series(self) -> Mapping[str, ResultSeries]:
        """Return the simulated day of what is on show, by table kind; empty where that has none."""
        result = self.result(self.shown.simulation) if self.shown.simulation else None
        return self.shown.series(result, self.comparisons.get(self.shown.simulation))

    def scene(self, *, dark: bool = True) -> Scene:
        """Return all that layers may look at: the city as edited and the numbers on show."""
        city = self.snapshot if self.shown.mode == "before" else self.edited_snapshot
        result = self.result(self.shown.simulation) if self.shown.simulation else None
        comparison = self.comparisons.get(self.shown.simulation)
        return self.shown.scene(city, result, comparison, dark=dark, selected_ids=self.selection[1])

    # What happens when the store changes

    def _on_store_changed(self, effects: Effects) -> None:
        """Read again what was touched, follow the scenarios, and tell."""
        touched = [kind for kind in running.CITY_KINDS if kind in effects]
        if self._snapshot is not None:
            fresh = self.store.snapshot(touched, at=self.time)
            known = self._snapshot
            self._snapshot = replace(fresh, frames={**known.frames, **fresh.frames}, sources=known.sources | fresh.sources)
        if "scenario" in effects:
            self._follow_scenarios(effects["scenario"])
        self.snapshot_changed.emit(effects)

    def _follow_scenarios(self, touched: frozenset[str]) -> None:
        """Take over the current scenario as it is stored now; after an undo, the one that was undone."""
        if self.scenario.id in touched:
            stored = self.store.get("scenario", self.scenario.id)
            self._choose(stored if isinstance(stored, Scenario) else baseline())
        elif self._undoing:
            for key in sorted(touched):
                stored = self.store.get("scenario", key)
                if isinstance(stored, Scenario):
                    self._choose(stored)

    @contextmanager
    def _following(self) -> Iterator[None]:
        """Let the current scenario follow what an undo or redo touches."""
        self._undoing = True
        try:
            yield
        finally:
            self._undoing = False

    def _choose(self, scenario: Scenario) -> None:
        if scenario != self.scenario:
            self.scenario = scenario
            self.scenario_changed.emit()

    def _set_edits(self, edits: tuple[Edit, ...], title: str) -> None:
        old = editable(self.scenario)
        self.change([Change(old, replace(old, edits=edits, status="draft"))], title)

    def _named(self, name: str) -> Scenario:
        """Return an empty scenario with this name. Raises ``ScenarioError`` when it cannot be given."""
        name = name.strip()
        if not name:
            raise ScenarioError("A scenario needs a name.", "Give it one, such as 'Bridge closed'.")
        if len(name) > NAME_LIMIT or not name.isprintable():
            raise ScenarioError(
                f"A scenario's name has at most {NAME_LIMIT} signs, all of them printable.", "Give it a short name on one line."
            )
        if name in {item.name for item in self.scenarios()}:
            raise ScenarioError(f"There is a scenario '{name}' already.", "Choose another name, or delete that one first.")
        if not self.store.writable:
            raise StorageError("This workspace is open for reading only.", "Open it for writing to keep scenarios in it.")
        return Scenario(id=self.store.ids(), name=name, author=self.author)

    def _free_name(self) -> str:
        """Return the first free name of the kind 'Scenario 1', in the language in use."""
        taken = {item.name for item in self.scenarios()}
        return next(name for number in range(1, len(taken) + 2) if (name := tr("Scenario {number}", number=number)) not in taken)


def editable(scenario: Scenario) -> Scenario:
    """Return the scenario. Raises ``ScenarioError`` for the baseline, which has no edits by definition."""
    if scenario.name == BASELINE:
        raise ScenarioError("The baseline cannot be changed.", "Make a new scenario first.")
    return scenario


def with_edits(snapshot: Snapshot, scenario: Scenario) -> Snapshot:
    """Apply the edits that still make sense; an edit whose objects are gone is told of when it is run."""
    for edit in scenario.edits:
        try:
            snapshot = edit.apply(snapshot)
        except ScenarioError:
            continue
    return snapshot
