"""Street cleaning as the catalogue sees it: cheap to import, heavy only when it runs."""

from __future__ import annotations

from typing import ClassVar

from sim.base import Simulation
from sim.street_cleaning.params import StreetCleaningParams
from twin.model.edits import (
    AddDisposalSite,
    AddLink,
    BanTurn,
    CloseDisposalSites,
    CloseLinks,
    Edit,
    OpenLinks,
    SetDirection,
    SetSpeed,
)
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class StreetCleaning(Simulation):
    """Sweepers drive along every kerb that is due, dump what they have swept, and drive on: arc routing, day by day."""

    name: ClassVar[str] = "street_cleaning"
    label: ClassVar[str] = "Street cleaning"
    params_type: ClassVar[type[StreetCleaningParams]] = StreetCleaningParams
    edits: ClassVar[tuple[type[Edit], ...]] = (
        CloseLinks, OpenLinks, AddLink, SetDirection, BanTurn, SetSpeed, AddDisposalSite, CloseDisposalSites,
    )  # fmt: skip
    kinds: ClassVar[tuple[str, ...]] = ("node", "link", "movement", "depot", "disposal_site")
    histories: ClassVar[tuple[str, ...]] = ()
    by_itself: ClassVar[bool] = False

    def run(self, snapshot: Snapshot, scenario: Scenario, params: StreetCleaningParams, seed: int) -> Task[Result]:
        """Plan the days and return what they take, and how far they are from what no plan can undercut.

        Raises ``ScenarioError`` when the city has no roads that can be swept.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.street_cleaning.run import simulate

        return (yield from simulate(self, snapshot, scenario, params, seed))
