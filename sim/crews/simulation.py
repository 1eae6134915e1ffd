"""Clean-up crews as the catalogue sees them: cheap to import, heavy only when they set out."""

from __future__ import annotations

from typing import ClassVar

from sim.base import Simulation
from sim.crews.params import CrewsParams
from twin.model.edits import AddLink, BanTurn, CloseLinks, Edit, OpenLinks, SetDirection, SetSpeed
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class Crews(Simulation):
    """Crews drive to cases that come by chance, urgent ones first, and work on each: who waits how long, and what is late."""

    name: ClassVar[str] = "crews"
    label: ClassVar[str] = "Clean-up crews"
    params_type: ClassVar[type[CrewsParams]] = CrewsParams
    edits: ClassVar[tuple[type[Edit], ...]] = (CloseLinks, OpenLinks, AddLink, SetDirection, BanTurn, SetSpeed)
    kinds: ClassVar[tuple[str, ...]] = ("node", "link", "movement", "depot", "case", "incident")
    histories: ClassVar[tuple[str, ...]] = ()
    by_itself: ClassVar[bool] = False

    def run(self, snapshot: Snapshot, scenario: Scenario, params: CrewsParams, seed: int) -> Task[Result]:
        """Simulate the days of the crews and return what is done in time, and how many crews would be enough.

        Raises ``ScenarioError`` when the city has no such cases, or no roads to drive on.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.crews.run import simulate

        return (yield from simulate(self, snapshot, scenario, params, seed))
