"""What the window knows of its city at one moment: read beside the window, then given to every panel at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sim
from twin.model.changes import JournalEntry, Step
from twin.model.comment import Comment
from twin.model.comparison import Comparison
from twin.model.results import Result, ResultSeries
from twin.model.scenario import BASELINE, Scenario
from twin.model.snapshot import Snapshot
from twin.sync.office import Office, read_office
from ui.review import comments_on
from ui.session import Session
from ui.shown import Shown

JOURNAL_LIMIT = 300


@dataclass(frozen=True, eq=False)
class View:
    """An immutable summary of a session; panels never ask the store.

    ``comments`` are those on the current scenario, ``results`` those of the current scenario by simulation, ``outdated`` the simulations whose result
    tells of an earlier city; ``series`` is the simulated day of what is on the map, by table kind; ``edited`` is the city with the scenario's edits; ``time_bounds`` from when
    to when it can be played, ``undo`` and ``redo`` what these would do next; ``office`` is what is
    known of its sync.
    """

    path: Path
    name: str
    synthetic: bool
    writable: bool
    version: int
    snapshot: Snapshot
    edited: Snapshot
    scenarios: tuple[Scenario, ...]
    scenario: Scenario
    comments: tuple[Comment, ...]
    journal: tuple[JournalEntry, ...]
    counts: Mapping[str, int]
    results: Mapping[str, Result]
    outdated: frozenset[str]
    comparisons: Mapping[str, Comparison]
    shown: Shown
    series: Mapping[str, ResultSeries]
    time: datetime | None
    time_bounds: tuple[datetime, datetime] | None
    undo: Step
    redo: Step
    office: Office

    @property
    def is_baseline(self) -> bool:
        """Whether the current scenario is the city as it is."""
        return self.scenario.name == BASELINE

    @property
    def is_empty(self) -> bool:
        """Whether nothing was imported yet."""
        return not any(len(frame) for frame in self.snapshot.frames.values())


def read_view(session: Session) -> View:
    """Read everything the panels show; may touch the disk, so it is called beside the window."""
    results, outdated = {}, set()
    for simulation in sim.SIMULATIONS:
        result = session.result(simulation.name)
        if result is not None:
            results[simulation.name] = result
            if not session.is_current(result):
                outdated.add(simulation.name)
    store = session.store
    undo, redo = store.next_steps()
    return View(
        path=store.path,
        name=store.name or store.path.stem,
        synthetic=store.synthetic,
        writable=store.writable,
        version=store.version,
        snapshot=session.snapshot,
        edited=session.edited_snapshot,
        scenarios=tuple(session.scenarios()),
        scenario=session.scenario,
        comments=comments_on(session, session.scenario),
        journal=tuple(store.journal(JOURNAL_LIMIT)),
        counts=store.counts(),
        results=results,
        outdated=frozenset(outdated),
        comparisons=dict(session.comparisons),
        shown=session.shown,
        series=session.series(),
        time=session.time,
        time_bounds=session.time_bounds(),
        undo=undo,
        redo=redo,
        office=read_office(store),
    )
