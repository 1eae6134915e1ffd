"""The congestion what-if: what happens on the roads when some of them, or the trips, change."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from sim.base import Simulation
from sim.congestion.params import CongestionParams
from sim.travel.kept import EDITS, HISTORIES, KINDS, KeptCity
from twin.model.edits import Edit
from twin.model.results import Indicator, Result
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task

if TYPE_CHECKING:
    from sim.travel.solved import Solved


class Congestion(Simulation):
    """Peak-hour user equilibrium of car traffic, before and after edits to roads and demand.

    The last baseline is kept in ``city``, so that the next scenario of the same city needs only its own changes.
    Whether it was kept or not, the result is the same, byte by byte: a scenario is always solved from
    the baseline's equilibrium.
    """

    name: ClassVar[str] = "congestion"
    label: ClassVar[str] = "Congestion"
    params_type: ClassVar[type[CongestionParams]] = CongestionParams
    edits: ClassVar[tuple[type[Edit], ...]] = EDITS

    kinds: ClassVar[tuple[str, ...]] = KINDS
    histories: ClassVar[tuple[str, ...]] = HISTORIES

    def __init__(self, city: KeptCity | None = None) -> None:
        self._city = city or KeptCity()

    def run(self, snapshot: Snapshot, scenario: Scenario, params: CongestionParams, seed: int) -> Task[Result]:
        """Solve the city as it is, then with the scenario's edits, and return the latter.

        Nothing in it is random: ``seed`` is only recorded. Raises ``ScenarioError`` when the city has no
        roads or nobody to drive on them.
        """
        solved = yield from self._city.solved(snapshot, scenario, params)
        return (yield from self._told(solved, scenario, params, seed))

    def draft(self, snapshot: Snapshot, scenario: Scenario, params: CongestionParams, seed: int) -> Task[Result]:
        """Return the answer at a looser gap, sooner the less was edited since the last draft."""
        solved = yield from self._city.drafted(snapshot, scenario, params)
        return dataclasses.replace((yield from self._told(solved, scenario, params, seed)), is_draft=True)

    def _told(self, solved: Solved, scenario: Scenario, params: CongestionParams, seed: int) -> Task[Result]:
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.congestion.what_if import described

        what_if = yield from described(solved, params)
        return Result(
            self.name,
            scenario.name,
            solved.changed.version,
            dataclasses.asdict(params),
            seed,
            self.input_hash(scenario, solved.baseline.key, params.index_family),
            what_if.indicators,
            what_if.tables,
            what_if.diagnostics,
            what_if.notes,
        )

    def measure(self, snapshot: Snapshot, scenario: Scenario, params: CongestionParams, seed: int) -> Task[tuple[Indicator, ...]]:
        """Return the indicators that ``run`` would, without the tables by road and cell."""
        del seed  # nothing in it is random
        from sim.congestion.what_if import indicators

        return indicators((yield from self._city.solved(snapshot, scenario, params)), params)
