"""The cleanup simulation as the catalogue sees it: cheap to import, heavy only when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.base import Simulation
from sim.cleanup.params import CleanupParams
from sim.travel.kept import HISTORIES, KINDS, KeptCity
from sim.travel.params import TravelParams
from twin.model.edits import (
    AddBins,
    AddDisposalSite,
    AddLink,
    BanTurn,
    CloseDisposalSites,
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
from twin.model.scenario import Scenario, baseline
from twin.model.snapshot import Snapshot
from twin.task import Task

if TYPE_CHECKING:
    from sim.cleanup.operation import Loaded

COLLECTION = ("bin", "depot", "disposal_site", "node", "link", "movement")
"""What of a city collection heeds on empty roads."""


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
        AddBins,
        MoveBins,
        RemoveBins,
        ResizeBins,
        AddDisposalSite,
        CloseDisposalSites,
        CloseLinks,
        OpenLinks,
        AddLink,
        SetDirection,
        BanTurn,
        SetSpeed,
    )
    kinds: ClassVar[tuple[str, ...]] = tuple(dict.fromkeys((*COLLECTION, *KINDS)))
    histories: ClassVar[tuple[str, ...]] = ("fill_reading", *HISTORIES)

    def __init__(self, city: KeptCity | None = None) -> None:
        self._city = city or KeptCity()

    def run(self, snapshot: Snapshot, scenario: Scenario, params: CleanupParams, seed: int) -> Task[Result]:
        """Simulate the collection of the city with the scenario's edits and return what it costs and what overflows.

        Raises ``ScenarioError`` when the city has no bins or no roads, saying what to import.
        """
        from sim.cleanup.run import simulate

        loaded = (yield from self._loaded(snapshot, scenario, params)) if params.traffic == "congested" else None
        kept = {"kinds": COLLECTION, "histories": ("fill_reading",)}
        return (yield from simulate(snapshot, scenario, params, seed, loaded=loaded, **kept))

    def _loaded(self, snapshot: Snapshot, scenario: Scenario, params: CleanupParams) -> Task[Loaded]:
        """Solve the traffic of the city before the edits and after, at the hour asked for."""
        from sim.cleanup.operation import Loaded

        travel = TravelParams(peak_hour=params.traffic_hour)
        before = yield from self._city.solved(snapshot, baseline(), travel)
        after = yield from self._city.solved(snapshot, scenario, travel)
        hour = before.baseline.demand.hour
        notes = [*before.baseline.demand.notes]
        notes.append(f"Trucks drive with the traffic from {hour}:00 on, at user equilibrium.")
        return Loaded(before.traffic.time_s, after.traffic.time_s, before.baseline.key, tuple(notes))
