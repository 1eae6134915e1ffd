"""Select link as a what-if: who drives here, before and after edits to roads and demand."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from sim.base import Simulation
from sim.flows.params import FlowsParams
from sim.travel.kept import EDITS, HISTORIES, KINDS, KeptCity
from twin.model.edits import Edit
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class Flows(Simulation):
    """The trips that use a road at user equilibrium: their origins and destinations, and where else they drive."""

    name: ClassVar[str] = "flows"
    label: ClassVar[str] = "Who drives here"
    params_type: ClassVar[type[FlowsParams]] = FlowsParams
    edits: ClassVar[tuple[type[Edit], ...]] = EDITS
    kinds: ClassVar[tuple[str, ...]] = KINDS
    histories: ClassVar[tuple[str, ...]] = HISTORIES

    def __init__(self, city: KeptCity | None = None) -> None:
        self._city = city or KeptCity()

    def run(self, snapshot: Snapshot, scenario: Scenario, params: FlowsParams, seed: int) -> Task[Result]:
        """Solve the scenario, make the flows of all origins proportional and select those on the road.

        Nothing in it is random: ``seed`` is only recorded. Raises ``ScenarioError`` when there is no such road, or
        when the city has no roads or nobody to drive on them.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.flows.outcome import described, rows_named

        rows_named(scenario.apply(snapshot)["link"], params)  # refuses a wrong name before anybody waits for the traffic
        solved = yield from self._city.solved(snapshot, scenario, params)
        found = yield from described(solved, params)
        asked = (params.wanted, params.pair_count, params.zones)
        return Result(
            self.name,
            scenario.name,
            snapshot.version,
            dataclasses.asdict(params),
            seed,
            self.input_hash(scenario, solved.baseline.key, asked),
            found.indicators,
            found.tables,
            found.diagnostics,
            found.notes,
        )
