"""The congestion what-if: what happens on the roads when some of them, or the trips, change."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, ClassVar

from sim.congestion.params import CongestionParams
from twin.model.results import Result
from twin.model.scenario import CloseLinks, Edit, ScaleDemand, Scenario, SetLanes, SetSpeed
from twin.model.snapshot import Snapshot
from twin.task import Task

if TYPE_CHECKING:
    from sim.travel.baseline import Baseline


class Congestion:
    """Peak-hour user equilibrium of car traffic, before and after edits to roads and demand.

    The last baseline is kept, so that the next scenario of the same city needs only its own changes.
    Whether it was kept or not, the result is the same, byte by byte: a scenario is always solved from
    the baseline's equilibrium.
    """

    name: ClassVar[str] = "congestion"
    label: ClassVar[str] = "Congestion"
    params_type: ClassVar[type[CongestionParams]] = CongestionParams
    edits: ClassVar[tuple[type[Edit], ...]] = (CloseLinks, SetLanes, SetSpeed, ScaleDemand)
    kinds: ClassVar[tuple[str, ...]] = (
        "node", "link", "movement", "counter", "building", "land_use", "population_cell", "district",
    )  # fmt: skip
    histories: ClassVar[tuple[str, ...]] = ("traffic_count",)

    def __init__(self) -> None:
        self._baseline: Baseline | None = None

    def run(self, snapshot: Snapshot, scenario: Scenario, params: CongestionParams, seed: int) -> Task[Result]:
        """Solve the city as it is, then with the scenario's edits, and return the latter.

        Nothing in it is random: ``seed`` is only recorded. Raises ``ScenarioError`` when the city has no
        roads or nobody to drive on them.
        """
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.congestion.what_if import solve_scenario
        from sim.travel.baseline import input_key, make_baseline

        key = yield from input_key(snapshot, params)
        baseline = self._baseline
        if baseline is None or baseline.key != key:
            self._baseline = None  # one city at a time: a large one fills a third of the memory
            baseline = yield from make_baseline(key, snapshot, params)
            self._baseline = baseline
        what_if = yield from solve_scenario(baseline, snapshot, scenario, params)
        edits = repr([edit for edit in scenario.edits if isinstance(edit, self.edits)])
        return Result(
            self.name,
            scenario.name,
            snapshot.version,
            dataclasses.asdict(params),
            seed,
            hashlib.blake2b(f"{key} {edits}".encode(), digest_size=16).hexdigest(),
            what_if.indicators,
            what_if.tables,
            what_if.diagnostics,
            what_if.notes,
        )
