"""What all scenarios of a sweep share, and what becomes of one of them; both can be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.base import Simulation
from sim.sweep.case import Case
from twin.errors import KnownError
from twin.model.results import Indicator
from twin.model.scenario import baseline
from twin.model.snapshot import Snapshot
from twin.task import Task


@dataclass(frozen=True)
class Outcome:
    """The indicators of one case, or why it could not be run."""

    indicators: tuple[Indicator, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, eq=False)
class Study:
    """One simulation on one city with one set of parameters.

    ``begun`` solves what no case changes: the simulation keeps it, so that a study sent on after it was begun
    need not be begun again where it arrives.
    """

    simulation: Simulation
    snapshot: Snapshot
    params: Any
    seed: int

    def begun(self) -> Task[Outcome]:
        """Return the outcome of the city as it is. Raises ``ScenarioError`` when the city lacks what is needed."""
        return Outcome((yield from self.simulation.measure(self.snapshot, baseline(), self.params, self.seed)))

    def measured(self, case: Case) -> Task[Outcome]:
        """Return the outcome of a case; one that makes no sense on this city is a refusal and ends no sweep."""
        try:
            found = yield from self.simulation.measure(self.snapshot, case.scenario, self.params, self.seed)
        except KnownError as error:
            return Outcome(refusal=str(error))
        return Outcome(found)
