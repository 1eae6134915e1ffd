"""The forecast as the catalogue sees it: cheap to import, heavy only when it runs."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import ClassVar

from sim.base import Simulation
from sim.forecast.params import ForecastParams
from sim.travel.kept import HISTORIES, KINDS, KeptCity
from twin.model.edits import Edit
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class Forecast(Simulation):
    """The traffic of the hour after the newest count: at the stations from their counts, on all roads by equilibrium.

    A scenario's edits hold in that hour, too; but the forecast belongs to no edit, so no comparison asks for it by itself.
    """

    name: ClassVar[str] = "forecast"
    label: ClassVar[str] = "Forecast"
    params_type: ClassVar[type[ForecastParams]] = ForecastParams
    edits: ClassVar[tuple[type[Edit], ...]] = ()
    kinds: ClassVar[tuple[str, ...]] = KINDS
    histories: ClassVar[tuple[str, ...]] = HISTORIES

    def __init__(self, city: KeptCity | None = None) -> None:
        self._city = city or KeptCity()

    def run(self, snapshot: Snapshot, scenario: Scenario, params: ForecastParams, seed: int) -> Task[Result]:
        """Learn from the counts, try it out on the newest days, forecast the next hour and solve it on the roads.

        Nothing in it is random: ``seed`` is only recorded. Raises ``ScenarioError`` when fewer than four days were
        counted, or when the city has no roads or nobody to drive on them.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.forecast.outcome import described, next_hour_of, scaled_scenario

        expected = yield from next_hour_of(snapshot, params)
        of_hour = dataclasses.replace(params, peak_hour=expected.local_hour)
        solved = yield from self._city.solved(snapshot, scaled_scenario(scenario, expected), of_hour)
        found = described(expected, solved)
        edits = repr(scenario.edits)
        return Result(
            self.name,
            scenario.name,
            snapshot.version,
            dataclasses.asdict(params),
            seed,
            hashlib.blake2b(f"{solved.baseline.key} {params.test_share} {edits}".encode(), digest_size=16).hexdigest(),
            found.indicators,
            found.tables,
            found.diagnostics,
            found.notes,
        )
