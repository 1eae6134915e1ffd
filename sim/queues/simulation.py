"""The what-if of queues over time as the catalogue sees it: cheap to import, heavy only when it runs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from sim.base import Simulation
from sim.queues.params import QueuesParams, period_of, spans_of
from sim.travel.kept import HISTORIES, KINDS, KeptCity
from twin.model.edits import (
    AddEvent,
    AddLink,
    BanTurn,
    BlockLanes,
    CloseLinks,
    Edit,
    OpenLinks,
    ScaleDemand,
    SetCapacity,
    SetDirection,
    SetLanes,
    SetSignal,
    SetSpeed,
    SetZoneDemand,
)
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task

if TYPE_CHECKING:
    from sim.queues.run import Ground


class Queues(Simulation):
    """Individual vehicles through a morning (or any other period): where queues grow, how far they reach, when they are gone.

    The last run without incidents is kept, so that an incident on the same roads is simulated from the last
    snapshot before it. Whether it was kept or not, the result is the same, byte by byte.
    """

    name: ClassVar[str] = "queues"
    label: ClassVar[str] = "Queues over time"
    params_type: ClassVar[type[QueuesParams]] = QueuesParams
    edits: ClassVar[tuple[type[Edit], ...]] = (
        CloseLinks, OpenLinks, SetLanes, SetSpeed, SetCapacity, SetDirection, AddLink, BanTurn, SetSignal, BlockLanes,
        ScaleDemand, SetZoneDemand, AddEvent,
    )  # fmt: skip
    kinds: ClassVar[tuple[str, ...]] = KINDS
    histories: ClassVar[tuple[str, ...]] = HISTORIES

    def __init__(self, city: KeptCity | None = None) -> None:
        self._city = city or KeptCity()
        self._ground: Ground | None = None

    def params_for(self, *scenarios: Scenario) -> QueuesParams:
        """Return a period in which all of their incidents and events lie."""
        return period_of(scenarios)

    def suits(self, params: QueuesParams, *scenarios: Scenario) -> bool:
        """Return whether the period holds all of their incidents and events."""
        return all(params.holds(*span) for scenario in scenarios for span in spans_of(scenario))

    def run(self, snapshot: Snapshot, scenario: Scenario, params: QueuesParams, seed: int) -> Task[Result]:
        """Send the scenario's vehicles through the city and return how long the roads took and how far queues reached.

        ``seed`` draws which vehicles there are, when they begin and by which ways they prefer to go. Raises ``ScenarioError``
        when the city has no roads or nobody to drive on them.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.queues import outcome
        from sim.queues.run import run_scenario

        baseline = yield from self._city.baseline(snapshot, params)
        ran = yield from run_scenario(baseline, snapshot, scenario, params, seed, self._ground)
        self._ground = ran.ground
        asked = dataclasses.asdict(params)
        return Result(
            self.name,
            scenario.name,
            snapshot.version,
            asked,
            seed,
            self.input_hash(scenario, baseline.key, sorted(asked.items()), seed),
            outcome.indicators(ran, params),
            outcome.tables(ran, params),
            {"links": float(ran.problem.network.links), "nodes": float(ran.problem.network.nodes)},
            (*baseline.notes, *outcome.remarks(ran, params), *outcome.outside(scenario, params)),
            outcome.series(ran, params),
        )
