"""The isochrone what-if: who and what is reached from one place, before and after edits to roads and demand."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from sim.base import Simulation
from sim.isochrone.params import IsochroneParams
from sim.travel.kept import EDITS, HISTORIES, KINDS, KeptCity
from twin.model.edits import Edit
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class Isochrone(Simulation):
    """How far one gets by car from one place within so many minutes, on roads as full as at user equilibrium."""

    name: ClassVar[str] = "isochrone"
    label: ClassVar[str] = "Isochrone"
    params_type: ClassVar[type[IsochroneParams]] = IsochroneParams
    edits: ClassVar[tuple[type[Edit], ...]] = EDITS
    kinds: ClassVar[tuple[str, ...]] = KINDS
    histories: ClassVar[tuple[str, ...]] = HISTORIES

    def __init__(self, city: KeptCity | None = None) -> None:
        self._city = city or KeptCity()

    def run(self, snapshot: Snapshot, scenario: Scenario, params: IsochroneParams, seed: int) -> Task[Result]:
        """Solve the scenario and measure the shortest ways from the place at its travel times.

        Nothing in it is random: ``seed`` is only recorded. Raises ``ScenarioError`` when the place is far from
        every open road, or when the city has no roads or nobody to drive on them.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.isochrone.outcome import described, refuse_far

        refuse_far(scenario.apply(snapshot), params)
        solved = yield from self._city.solved(snapshot, scenario, params)
        found = yield from described(solved, params)
        asked = (params.lon, params.lat, params.minutes)
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
