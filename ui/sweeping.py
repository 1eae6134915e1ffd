"""Sweeps of the open city: which cases, measured on how many cores, kept as they come, ranked at the end."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.sweep.case import Case
from sim.sweep.plan import Plan
from sim.sweep.ranking import Ranking, Row, ranked
from sim.sweep.study import Outcome, Study
from twin.errors import ScenarioError
from twin.model.edits import CloseLinks, Edit
from twin.model.snapshot import Snapshot
from twin.store.measured import MeasuredLog, digest_of
from twin.task import Progress, Task
from ui import pool, running
from ui.language import tr
from ui.quantity import MISSING, display_for, quantity, relative
from ui.session import DEFAULT_SEED, Session
from ui.street_names import StreetNames
from ui.wording import edit_text

MESSAGE = "Measuring the cases of the sweep"
WORTH_PROCESSES = 8
"""Cases for which processes are started: fewer are done here before those would be awake."""


@dataclass(frozen=True)
class Where:
    """Where a sweep is computed: on ``workers`` processes of this machine (0: all cores), or on a Dask ``cluster``."""

    workers: int = 0
    cluster: str = ""

    def __post_init__(self) -> None:
        """Refuse a number of workers that makes no sense."""
        if self.workers < 0:
            raise ScenarioError(f"A sweep cannot have {self.workers} workers.", "Give 1 or more; 0 stands for all cores.")

    def way(self, case_count: int) -> pool.Way:
        """Return the way that suits a number of cases."""
        if self.cluster:
            return pool.on_cluster(self.cluster)
        count = self.workers or (os.cpu_count() or 1 if case_count >= WORTH_PROCESSES else 1)
        return pool.here if count == 1 else pool.on_cores(count)


def sweep_task(
    session: Session,
    plan: Plan,
    *,
    simulation: str = "congestion",
    params: Any = None,
    where: Where | None = None,
    by: str = "",
    clock: Callable[[], float] = time.monotonic,
) -> Task[Ranking]:
    """Measure the cases of a plan on the city as it is stored and rank them by an indicator.

    What was measured before with the same parameters on the same city is not measured again, so an interrupted
    sweep goes on where it was. Raises ``ScenarioError`` when there is no case, or no indicator of that name.
    """
    found = running.find_simulation(simulation)
    yield Progress("Reading the city")
    snapshot = session.store.snapshot(found.kinds, histories=found.histories)
    study = Study(found, snapshot, params if params is not None else found.params_type(), DEFAULT_SEED)
    cases = yield from plan.cases(study)
    before = yield from study.begun()
    ranked(before, (), (), by)  # refuses a wrong name before the work, not after it
    log = session.store.measured(simulation, dataclasses.asdict(study.params), study.seed)
    outcomes = yield from _outcomes(study, cases, log, where or Where(), clock)
    return ranked(before, cases, [outcomes[digest_of(case.edits)] for case in cases], by)


def _outcomes(
    study: Study, cases: Sequence[Case], log: MeasuredLog, where: Where, clock: Callable[[], float]
) -> Task[dict[str, Outcome]]:
    """Return the outcome of each case by its digest: those known, and those measured now, kept as they come."""
    known = {digest: Outcome(indicators) for digest, indicators in log.known().items()}
    missing = list({digest_of(case.edits): case for case in cases if digest_of(case.edits) not in known}.values())
    begun_s, done = clock(), 0
    for item in where.way(len(missing))(study, missing) if missing else ():
        if item is not None:
            number, outcome = item
            done += 1
            known[digest_of(missing[number].edits)] = outcome
            if not outcome.refusal:
                log.add(missing[number].edits, outcome.indicators)
        yield Progress(MESSAGE, done, len(missing), _remaining(done, len(missing), clock() - begun_s))
    return known


def _remaining(done: int, total: int, spent_s: float) -> str:
    """Return how many are done and how much longer it takes, in words."""
    counted = tr("{done} of {total}", done=done, total=total)
    if not done or done == total:
        return counted
    return f"{counted} · {tr('about {time} left', time=quantity(float(round(spent_s / done * (total - done))), 's'))}"


def case_text(city: Snapshot, case: Case, names: StreetNames | None = None) -> str:
    """Return what a case does in words; with the ``names`` of streets a single piece is told from the others of its street."""
    return tr(" + ").join(_edit_text(edit, city, names) for edit in case.edits)


def _edit_text(edit: Edit, city: Snapshot, names: StreetNames | None) -> str:
    if names is None or not isinstance(edit, CloseLinks) or len(edit.target_ids) != 1:
        return edit_text(edit, city)
    return tr("{what}: {details}", what=tr(edit.label), details=names.piece(edit.target_ids[0]))


def row_words(city: Snapshot, row: Row, names: StreetNames | None = None) -> tuple[str, str, str, str, str, str]:
    """Return a row of a ranking in words: rank, what, effect, its share, what is left out, noise.

    A rank that is shared ends in '='; an effect within the noise is said to be none.
    """
    if row.effect is None:
        return MISSING, case_text(city, row.case, names), row.refusal, "", "", ""
    effect = row.effect
    display = display_for([effect.before, effect.after], effect.unit).finer(effect.difference)
    said = f"{display.signed(effect.difference)} {display.unit_text}".strip() if effect.is_found else tr("within the noise")
    share = relative(effect.relative, effect.unit) if effect.is_found else ""
    lost = row.left_out
    left_out = quantity(lost.difference, lost.unit) if lost is not None and lost.is_found else ""
    return (
        f"{row.rank}{'=' if row.is_tied else ''}",
        case_text(city, row.case, names),
        said,
        share,
        left_out,
        quantity(effect.noise, effect.unit),
    )
