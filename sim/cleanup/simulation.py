"""The cleanup simulation as the catalogue sees it: cheap to import, heavy only when it runs."""

from __future__ import annotations

from typing import ClassVar

from sim.base import Simulation
from sim.cleanup.params import CleanupParams
from twin.model.edits import (
    AddLink,
    BanTurn,
    CloseLinks,
    Edit,
    MoveBins,
    OpenLinks,
    RemoveBins,
    ResizeBins,
    ScaleFill,
    SetCollectionDays,
    SetDirection,
    SetFleet,
    SetPolicy,
    SetSpeed,
)
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class Cleanup(Simulation):
    """Bins fill, a policy picks the day's stops, trucks collect what they can: day by day, over many seeds."""

    name: ClassVar[str] = "cleanup"
    label: ClassVar[str] = "Cleanup"
    params_type: ClassVar[type[CleanupParams]] = CleanupParams
    edits: ClassVar[tuple[type[Edit], ...]] = (
        SetFleet,
        SetPolicy,
        SetCollectionDays,
        ScaleFill,
        MoveBins,
        RemoveBins,
        ResizeBins,
        CloseLinks,
        OpenLinks,
        AddLink,
        SetDirection,
        BanTurn,
        SetSpeed,
    )
    kinds: ClassVar[tuple[str, ...]] = ("bin", "depot", "disposal_site", "node", "link", "movement")
    histories: ClassVar[tuple[str, ...]] = ("fill_reading",)

    def run(self, snapshot: Snapshot, scenario: Scenario, params: CleanupParams, seed: int) -> Task[Result]:
        """Simulate the collection of the city with the scenario's edits and return what it costs and what overflows.

        Raises ``ScenarioError`` when the city has no bins or no roads, saying what to import.
        """
        from sim.cleanup.run import simulate

        return simulate(snapshot, scenario, params, seed, kinds=self.kinds, histories=self.histories)
