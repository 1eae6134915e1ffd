"""Snow clearing as the catalogue sees it: cheap to import, heavy only when it runs."""

from __future__ import annotations

from typing import ClassVar

from sim.base import Simulation
from sim.snow_clearing.params import SnowClearingParams
from twin.model.edits import AddLink, BanTurn, CloseLinks, Edit, OpenLinks, SetDirection, SetLanes, SetSpeed
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class SnowClearing(Simulation):
    """When each road is clear after an alarm: ploughs drive every lane, important roads first, and load salt at their depots."""

    name: ClassVar[str] = "snow_clearing"
    label: ClassVar[str] = "Snow clearing"
    params_type: ClassVar[type[SnowClearingParams]] = SnowClearingParams
    edits: ClassVar[tuple[type[Edit], ...]] = (CloseLinks, OpenLinks, AddLink, SetDirection, SetLanes, BanTurn, SetSpeed)
    kinds: ClassVar[tuple[str, ...]] = ("node", "link", "movement", "depot", "disposal_site")
    histories: ClassVar[tuple[str, ...]] = ()
    by_itself: ClassVar[bool] = False

    def run(self, snapshot: Snapshot, scenario: Scenario, params: SnowClearingParams, seed: int) -> Task[Result]:
        """Plan the ploughs' work and return when roads are clear.

        Raises ``ScenarioError`` when the city has no roads that can be cleared.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.snow_clearing.run import simulate

        return (yield from simulate(self, snapshot, scenario, params, seed))
