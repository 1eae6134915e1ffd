"""The city as it was last solved, kept for whoever asks next: any scenario, any simulation that starts from it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from sim.travel.params import TravelParams
from twin.model.edits import (
    AddEvent,
    AddLink,
    BanTrucks,
    BanTurn,
    BlockLanes,
    CloseLinks,
    Edit,
    OpenLinks,
    ScaleDemand,
    SetBuses,
    SetCapacity,
    SetDirection,
    SetLanes,
    SetSignal,
    SetSpeed,
    SetToll,
    SetZoneDemand,
)
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task

if TYPE_CHECKING:
    from sim.travel.baseline import Baseline
    from sim.travel.solved import Solved

EDITS: tuple[type[Edit], ...] = (
    CloseLinks, OpenLinks, SetLanes, SetSpeed, SetCapacity, SetDirection, AddLink, BanTurn, SetSignal, BlockLanes, SetToll,
    SetBuses, BanTrucks, ScaleDemand, SetZoneDemand, AddEvent,
)  # fmt: skip
"""Edits of roads and trips: what every simulation on the roads heeds."""
KINDS = ("node", "link", "movement", "counter", "building", "land_use", "population_cell", "district", "zone")
HISTORIES = ("traffic_count", "od_matrix")
"""What of a city must be read to solve it."""

DRAFT_GAP = 1e-4
"""Relative gap of an answer while somebody still edits; much of the industry takes it for a final one."""


class KeptCity:
    """Holds one baseline at a time, for a large one fills a third of the memory.

    Whether a baseline was kept or is made anew, what is solved from it is the same, byte by byte. A snapshot
    is immutable: where the same one comes again, not even its digest is made.
    """

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._params: tuple[object, ...] = ()
        self._baseline: Baseline | None = None
        self._draft: Solved | None = None

    def baseline(self, snapshot: Snapshot, params: TravelParams) -> Task[Baseline]:
        """Return the unchanged city, solved. Raises ``ScenarioError`` when it has no roads or nobody to drive on them."""
        # Compiled code is brought in here: a command that runs no simulation must not wait for it.
        from sim.travel.baseline import input_key, make_baseline

        asked = tuple(getattr(params, item.name) for item in fields(TravelParams))
        if self._baseline is not None and self._snapshot is snapshot and self._params == asked:
            return self._baseline
        key = yield from input_key(snapshot, params)
        if self._baseline is None or self._baseline.key != key:
            self._baseline = self._draft = None
            self._baseline = yield from make_baseline(key, snapshot, params)
        self._snapshot, self._params = snapshot, asked
        return self._baseline

    def solved(self, snapshot: Snapshot, scenario: Scenario, params: TravelParams) -> Task[Solved]:
        """Return a scenario of that city, solved from its baseline. Raises ``ScenarioError`` like ``baseline``."""
        from sim.travel.solved import solve_scenario

        baseline = yield from self.baseline(snapshot, params)
        return (yield from solve_scenario(baseline, snapshot, scenario, params))

    def drafted(self, snapshot: Snapshot, scenario: Scenario, params: TravelParams) -> Task[Solved]:
        """Return a scenario solved to ``DRAFT_GAP``, from the last draft where that is nearer than the baseline.

        What it returns depends on what was drafted before, within that gap; ``solved`` never does.
        """
        from sim.travel.solved import solve_scenario

        baseline = yield from self.baseline(snapshot, params)
        near, self._draft = self._draft, None
        gap = max(DRAFT_GAP, params.relative_gap)
        self._draft = yield from solve_scenario(baseline, snapshot, scenario, params, gap=gap, near=near)
        return self._draft
