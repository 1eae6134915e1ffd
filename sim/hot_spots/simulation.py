"""Hot spots as the catalogue sees them: cheap to import, heavy only when they are looked for."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from sim.base import Simulation
from sim.hot_spots.params import HotSpotsParams
from twin.model.edits import Edit
from twin.model.results import Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task


class HotSpots(Simulation):
    """Where cases come together more than chance would have it: Gi* on H3 cells, with the false discoveries held down.

    What was reported belongs to no edit, so no comparison asks for it by itself.
    """

    name: ClassVar[str] = "hot_spots"
    label: ClassVar[str] = "Hot spots"
    params_type: ClassVar[type[HotSpotsParams]] = HotSpotsParams
    edits: ClassVar[tuple[type[Edit], ...]] = ()
    kinds: ClassVar[tuple[str, ...]] = ("case", "link")
    histories: ClassVar[tuple[str, ...]] = ()

    def run(self, snapshot: Snapshot, scenario: Scenario, params: HotSpotsParams, seed: int) -> Task[Result]:
        """Count the cases of each cell and tell the cells whose surroundings hold more than chance would deal them.

        Raises ``ScenarioError`` when the city has no such cases, or too few cells to tell chance from more.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.hot_spots.outcome import described

        found = yield from described(snapshot, params, seed)
        return Result(
            self.name,
            scenario.name,
            snapshot.version,
            dataclasses.asdict(params),
            seed,
            self.input_hash(scenario, found.digest, params, seed),
            found.indicators,
            {"cell": found.cells},
            found.diagnostics,
            found.notes,
        )
