"""From what the replications add up to, to the result: indicators with intervals and tables for the map."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from sim.cells import cells_of
from sim.cleanup.days import SUMS, Replication, World
from sim.cleanup.due import MEASURES as DUE_MEASURES
from sim.cleanup.due import RISK, due_columns
from sim.cleanup.params import CleanupParams
from sim.samples import mean_of
from twin.geo import FloatArray
from twin.model.edits import SetPolicy
from twin.model.results import Indicator, Measure, Result, ResultTable, Worse
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

CELL_RESOLUTION = 9

LABELS: dict[str, tuple[str, str, Worse, str]] = {
    "overflow_h": ("Overflow", "h/d", "higher", "Hours per day in which bins hold more than their capacity, all bins together."),
    "overflow_events": ("Overflow events", "1/d", "higher", "Bins that begin to overflow, per day."),
    "distance_km": ("Distance driven", "km/d", "higher", "All trucks together, from and to their depots."),
    "drive_h": ("Driving time", "h/d", "higher", "Trucks on the way, without serving and unloading."),
    "crew_h": ("Crew hours", "h/d", "higher", "From leaving the depot to coming back, one crew per truck."),
    "overtime_h": ("Overtime", "h/d", "higher", "Crew hours beyond the shift."),
    "trucks": ("Trucks used", "1/d", "higher", "Trucks that leave their depot on a day."),
    "trips": ("Collection trips", "1/d", "neither", "Rounds until unloaded at a disposal site."),
    "visits": ("Visits", "1/d", "neither", "Bins emptied."),
    "needless_visits": ("Needless visits", "1/d", "higher", "Bins emptied that were less than 40 % full."),
    "missed_visits": (
        "Missed visits",
        "1/d",
        "higher",
        "Bins that overflow on a day and were not emptied on its morning.",
    ),
    "uncollected_stops": (
        "Planned, not collected",
        "1/d",
        "higher",
        "Bins that the policy picked and no truck reached within its shift, or over no open road.",
    ),
    "collected_t": ("Waste collected", "t/d", "neither", "Litres times an assumed bulk density of each waste kind."),
    "cost": ("Cost", "CNY/d", "higher", "Kilometres, crew hours and truck days times the unit costs of the parameters."),
    "co2_kg": ("CO2 of driving", "kg/d", "higher", "Kilometres times the emission per kilometre of the parameters."),
    "complaints": (
        "Complaints",
        "1/d",
        "higher",
        "Hours of overflow times the complaints per overflow hour of the parameters: an assumption, not an observation.",
    ),
}

OF_STOPS_MADE = frozenset({"distance_km", "drive_h", "crew_h", "overtime_h", "trucks", "needless_visits", "cost", "co2_kg"})
"""Sums that fall when stops are left out, which is no gain."""


def compose_result(
    snapshot: Snapshot,
    scenario: Scenario,
    params: CleanupParams,
    world: World,
    replications: list[Replication],
    digest: str,
    drawn: tuple[ResultTable, ...],
    notes: tuple[str, ...],
) -> Task[Result]:
    """Return the result of all replications, with the tables of the day that is ``drawn``."""
    bin_table = _bin_table(world, params, replications)
    yield Progress("Putting the result together")
    cell_table = yield from _cell_table(snapshot, world, bin_table)
    tables = {
        "bin": (yield from _with_due(snapshot, scenario, world, bin_table)),
        "cell": cell_table,
        "day": _day_table(replications),
        **{table.kind: table for table in drawn},
    }
    return Result(
        simulation="cleanup",
        scenario=scenario.name,
        base_version=snapshot.version,
        params=asdict(params),
        seed=world.seed,
        input_hash=digest,
        indicators=_indicators(params, replications),
        tables=tables,
        diagnostics={
            "replications": float(len(replications)),
            "places": float(len(world.router.ways.node)),
            "waste_balance_l": max((abs(item.balance_l) for item in replications), default=0.0),
        },
        notes=notes,
    )


def _indicators(params: CleanupParams, replications: list[Replication]) -> tuple[Indicator, ...]:
    means = np.array([item.by_day.mean(axis=0) for item in replications])
    found = []
    for name, column in zip(SUMS, means.T, strict=True):
        label, unit, worse, definition = LABELS[name]
        if name == "cost":
            definition = (
                f"{params.cost_per_km:g} per km, {params.cost_per_crew_h:g} per crew hour, "
                f"{params.cost_per_truck_day:g} per truck and day, {params.cost_per_overtime_h:g} extra per overtime hour. "
                "Read it beside the overflow."
            )
        left_out = "uncollected_stops" if name in OF_STOPS_MADE else ""
        rows = params.days * len(column)
        found.append(mean_of(name, label, column, unit, rows=rows, worse=worse, definition=definition, left_out=left_out))
    return tuple(found)


BIN_MEASURES = (
    Measure("overflow_h", "Overflow", "h/d", definition="Hours per day in which the bin holds more than its capacity."),
    Measure("visits", "Visits", "1/d", worse="neither"),
    Measure("fill", "Fill in the morning", "", definition="Mean of volume held / capacity before the rounds."),
)


def _bin_table(world: World, params: CleanupParams, replications: list[Replication]) -> ResultTable:
    bin_days = params.days * len(replications)

    def mean(name: str) -> FloatArray:
        return np.asarray(sum(getattr(item, name) for item in replications) / bin_days)

    columns = {"overflow_h": mean("bin_overflow_h"), "visits": mean("bin_visits"), "fill": mean("bin_fill")}
    return ResultTable("bin", world.bins.ids, columns, BIN_MEASURES)


def _with_due(snapshot: Snapshot, scenario: Scenario, world: World, bins: ResultTable) -> Task[ResultTable]:
    """Add when each bin is due, by the risk that the scenario's policy accepts."""
    chosen: tuple[SetPolicy, ...] = scenario.edits_of(SetPolicy)
    risk = chosen[-1].risk if chosen and chosen[-1].policy in ("risk", "look_ahead") else RISK
    columns = yield from due_columns(snapshot, scenario.apply(snapshot)["bin"], world.bins, world.waste, risk)
    return ResultTable("bin", bins.ids, {**bins.columns, **columns}, (*BIN_MEASURES, *DUE_MEASURES))


def _cell_table(snapshot: Snapshot, world: World, bins: ResultTable) -> Task[ResultTable]:
    """Add up the bins of each cell."""
    progress = Progress("Putting the result together")
    cells, row = yield from cells_of(snapshot.projection, world.bins.xy, CELL_RESOLUTION, progress)
    count = np.bincount(row)
    columns: dict[str, FloatArray] = {
        "overflow_h": np.bincount(row, bins.columns["overflow_h"]).astype(np.float64),
        "visits": np.bincount(row, bins.columns["visits"]).astype(np.float64),
        "fill": np.bincount(row, bins.columns["fill"]) / count,
        "bins": count.astype(np.float64),
    }
    measures = (*BIN_MEASURES, Measure("bins", "Bins", "", worse="neither"))
    return ResultTable("cell", cells.astype(object), columns, measures)


def _day_table(replications: list[Replication]) -> ResultTable:
    """Return the mean of each reported day over the replications; ids count from 1."""
    by_day = np.mean([item.by_day for item in replications], axis=0)
    measures = tuple(Measure(name, *LABELS[name][:2], worse=LABELS[name][2], definition=LABELS[name][3]) for name in SUMS)
    ids = np.array([str(day + 1) for day in range(len(by_day))], dtype=object)
    return ResultTable("day", ids, dict(zip(SUMS, by_day.T.copy(), strict=True)), measures)
