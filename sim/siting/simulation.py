"""The siting of bins as the catalogue sees it: cheap to import, heavy only when it runs."""

from __future__ import annotations

from typing import ClassVar

from sim.base import Simulation
from sim.siting.params import BinSitingParams
from twin.model.edits import AddBins, AddLink, Edit, MoveBins, RemoveBins, ResizeBins
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class BinSiting(Simulation):
    """Places for new bins along the streets: the least walk or the most residents within reach, with the gap to the best."""

    name: ClassVar[str] = "bin_siting"
    label: ClassVar[str] = "Where to put bins"
    params_type: ClassVar[type[BinSitingParams]] = BinSitingParams
    edits: ClassVar[tuple[type[Edit], ...]] = (AddBins, MoveBins, RemoveBins, ResizeBins, AddLink)
    kinds: ClassVar[tuple[str, ...]] = ("node", "link", "movement", "bin", "population_cell")
    histories: ClassVar[tuple[str, ...]] = ()
    by_itself: ClassVar[bool] = False

    def run(self, snapshot: Snapshot, scenario: Scenario, params: BinSitingParams, seed: int) -> Task[Result]:
        """Choose the places and return what each further bin brings. Nothing is left to chance: the seed changes nothing.

        Raises ``ScenarioError`` when the city has no residents, no streets, or fewer places than new bins.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.siting.run import simulate

        return (yield from simulate(self, snapshot, scenario, params, seed))
