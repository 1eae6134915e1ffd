"""What every simulation is: a name, parameters, the data it needs, and a generator that returns a result."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Protocol

from twin.model.edits import Edit
from twin.model.results import Indicator, Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class Simulation(Protocol):
    """A kind of what-if. The catalogue is ``sim.SIMULATIONS``.

    ``params_type`` is a frozen dataclass whose fields are declared with ``twin.model.entity.attribute``
    and which refuses nonsense at birth (``ScenarioError``). ``edits`` are the edit types that have an
    effect on it. ``kinds`` and ``histories`` say what the snapshot must hold. One that is not ``by_itself`` is compared only
    where somebody asks for it or has run it: who closes a road in summer does not wait for the ploughs.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    params_type: ClassVar[type[Any]]
    edits: ClassVar[tuple[type[Edit], ...]]
    kinds: ClassVar[tuple[str, ...]]
    histories: ClassVar[tuple[str, ...]]
    by_itself: ClassVar[bool] = True

    def run(self, snapshot: Snapshot, scenario: Scenario, params: Any, seed: int) -> Task[Result]:
        """Apply the scenario to the city, simulate, and return the result.

        Yields progress often enough that a cancel is answered within 200 ms. Raises ``ScenarioError``
        when the city lacks what the simulation needs, saying what to import.
        """
        ...

    def params_for(self, *scenarios: Scenario) -> Any:
        """Return the parameters that suit some scenarios when nobody chose any."""
        del scenarios
        return self.params_type()

    def suits(self, params: Any, *scenarios: Scenario) -> bool:
        """Return whether parameters that were used before can tell what these scenarios do."""
        del params, scenarios
        return True

    def draft(self, snapshot: Snapshot, scenario: Scenario, params: Any, seed: int) -> Task[Result]:
        """Return an answer while a planner still edits: sooner than ``run``, less exact, ``is_draft``, never to be stored.

        A simulation that has no quicker way gives the whole answer.
        """
        return (yield from self.run(snapshot, scenario, params, seed))

    def input_hash(self, scenario: Scenario, *read: object) -> str:
        """Return the digest of what a run heeds: all it has ``read``, and those of the scenario's edits that have an effect on it."""
        edits = [edit for edit in scenario.edits if isinstance(edit, self.edits)]
        return hashlib.blake2b(" ".join(map(str, (*read, edits))).encode(), digest_size=16).hexdigest()

    def measure(self, snapshot: Snapshot, scenario: Scenario, params: Any, seed: int) -> Task[tuple[Indicator, ...]]:
        """Return only the indicators that ``run`` would return; a sweep of a thousand scenarios asks for no more.

        A simulation that can leave out work for it says how; the numbers must be the same.
        """
        return (yield from self.run(snapshot, scenario, params, seed)).indicators
