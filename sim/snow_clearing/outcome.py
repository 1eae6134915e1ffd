"""What a planner reads of snow clearing: when the roads of each order are clear, who is in time, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arc_routing.kerbs import Kerbs
from sim.arc_routing.lines import line_of
from sim.arc_routing.ways import Ground
from sim.network.streets import IntArray
from sim.samples import mean_of
from sim.snow_clearing.params import SnowClearingParams
from sim.snow_clearing.work import Plan
from twin.geo import FloatArray
from twin.model.results import Indicator, Measure, ResultTable, Worse
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

ASSUMPTIONS = (
    "Snow falls once, everywhere alike; a road is clear when its last pass is driven, and stays clear.",
    "Each lane is one pass in the direction of travel; banned turns and one-way streets are kept; ploughs load salt at depots.",
    "Orders, times allowed, speeds, salt and unit costs are assumptions shown in the parameters.",
    "Tours come from a heuristic; the intervals are over tours that begin elsewhere, so that its luck is told from an effect.",
)
LAST = "Hours after the alarm until the last road of this order is clear."
LABELS: dict[str, tuple[str, str, Worse, str]] = {
    "in_time_share": (
        "Clear in time",
        "ratio",
        "lower",
        "Share of the length of all passes that is driven within the time of its order.",
    ),
    "order_1_h": ("First roads clear after", "h", "higher", LAST),
    "order_2_h": ("Second roads clear after", "h", "higher", LAST),
    "order_3_h": ("Third roads clear after", "h", "higher", LAST),
    "cleared_km": ("Ploughed", "km", "neither", "Passes along every lane."),
    "left_km": ("Never cleared", "km", "higher", "Passes that no open road leads to."),
    "dead_km": ("Driven without ploughing", "km", "higher", "Between streets, from and to depots."),
    "crew_h": ("Crew hours", "h", "higher", "From leaving the depot until the last trip of each plough ends."),
    "salt_t": ("Salt", "t", "neither", "Kilometres of passes times the salt per kilometre."),
    "cost": ("Cost", "CNY", "higher", "Kilometres, crew hours and salt times the unit costs of the parameters."),
}
OF_WORK_DONE = frozenset({"order_1_h", "order_2_h", "order_3_h", "dead_km", "crew_h", "cost"})
"""Sums that fall when roads are left out, which is no gain."""

LINK_MEASURES = (
    Measure("clear_h", "Clear after", "h", definition="Hours after the alarm until the last pass of the road is driven."),
    Measure("late_h", "Later than allowed", "h", definition="0 where the road is clear within the time of its order."),
    Measure("order", "Order", "", worse="neither", definition="1 is cleared first."),
)
ROUTE_MEASURES = (
    Measure("cleared_km", "Ploughed", "km", worse="neither", definition="Passes of the trip."),
    Measure("dead_km", "Driven without ploughing", "km"),
    Measure("load_kg", "Salt", "kg", worse="neither"),
    Measure("begins_h", "Begins", "h", worse="neither", definition="Hours after the alarm."),
    Measure("ends_h", "Ends", "h", worse="neither", definition="Hours after the alarm, with the salt of the next trip loaded."),
)


@dataclass(frozen=True, eq=False)
class Cleared:
    """The city after the edits, its kerbs with their ``order`` (n,), the roads to drive on, and the plan of each replication."""

    city: Snapshot
    kerbs: Kerbs
    order: IntArray
    ground: Ground
    plans: tuple[Plan, ...]

    def clear_h(self) -> FloatArray:
        """Return the hours after which each kerb is clear in each replication ``(replications, n)``; inf: never."""
        return np.array([plan.clear_s for plan in self.plans]).reshape(len(self.plans), -1) / 3600.0


def indicators(cleared: Cleared, params: SnowClearingParams) -> tuple[Indicator, ...]:
    """Return the means over replications, with intervals."""
    sums = _sums(cleared, params)
    found = []
    for name, (label, unit, worse, definition) in LABELS.items():
        if name not in sums:  # no road has this order
            continue
        samples = sums[name]
        left_out = "left_km" if name in OF_WORK_DONE else ""
        rows = len(cleared.kerbs.link)
        found.append(mean_of(name, label, samples, unit, rows=rows, worse=worse, definition=definition, left_out=left_out))
    return tuple(found)


def _sums(cleared: Cleared, params: SnowClearingParams) -> dict[str, FloatArray]:
    """Return what each replication adds up to ``(replications,)``."""
    kerbs, clear_h = cleared.kerbs, cleared.clear_h()
    done, length_km = np.isfinite(clear_h), kerbs.length_m / 1000.0
    allowed_h = np.array(params.within_h)[cleared.order - 1]
    dead_km = np.array([plan.dead_m for plan in cleared.plans]) / 1000.0
    crew_h = np.array([plan.work_s for plan in cleared.plans]) / 3600.0
    cleared_km, salt_kg = (length_km * done).sum(axis=1), (kerbs.load_l * done).sum(axis=1)
    sums = {
        "in_time_share": (length_km * (clear_h <= allowed_h)).sum(axis=1) / max(float(length_km.sum()), 1e-9),
        "cleared_km": cleared_km,
        "left_km": (length_km * ~done).sum(axis=1),
        "dead_km": dead_km,
        "crew_h": crew_h,
        "salt_t": salt_kg / 1000.0,
        "cost": params.cost_per_km * (cleared_km + dead_km) + params.cost_per_crew_h * crew_h + params.cost_per_salt_kg * salt_kg,
    }
    for order in np.unique(cleared.order).tolist():
        mine = done & (cleared.order == order)
        if mine.any():
            sums[f"order_{order}_h"] = np.where(mine, clear_h, 0.0).max(axis=1)
    return sums


def tables(cleared: Cleared, params: SnowClearingParams) -> Task[dict[str, ResultTable]]:
    """Return the tables for the map."""
    yield Progress("Putting the result together")
    return {"link": _link_table(cleared, params), "route": (yield from _route_table(cleared))}


def _link_table(cleared: Cleared, params: SnowClearingParams) -> ResultTable:
    """Return the mean over replications for each road that is cleared."""
    links, kerbs = cleared.city["link"], cleared.kerbs
    row, first = np.unique(kerbs.link, return_index=True)
    last_h = np.zeros((len(cleared.plans), len(links)))
    for number, clear_h in enumerate(cleared.clear_h()):
        np.maximum.at(last_h[number], kerbs.link, clear_h)
    with np.errstate(invalid="ignore"):  # what is never clear has no mean
        mean_h = last_h[:, row].mean(axis=0)
    order = cleared.order[first]
    clear_h = np.where(np.isfinite(mean_h), mean_h, np.nan)
    columns = {
        "clear_h": clear_h,
        "late_h": np.maximum(clear_h - np.array(params.within_h)[order - 1], 0.0),
        "order": order.astype(np.float64),
    }
    return ResultTable("link", links.ids[row], columns, LINK_MEASURES)


def _route_table(cleared: Cleared) -> Task[ResultTable]:
    """Return the trips of the first replication, with their lines, by plough and turn."""
    kerbs = cleared.kerbs
    roads: NDArray[Any] = cleared.city["link"].geometry  # type: ignore[assignment]  # without lines there are no kerbs
    drives = sorted(cleared.plans[0].drives, key=lambda drive: (drive.plough, drive.turn))
    rows, lines = [], []
    for number, drive in enumerate(drives):
        yield Progress("Drawing a day's routes", number, len(drives))
        trip = drive.trip
        dead_km = (trip.dead_m + float(trip.from_yards[1, drive.origin])) / 1000.0
        length_km, load = float(kerbs.length_m[trip.kerbs].sum()) / 1000.0, float(kerbs.load_l[trip.kerbs].sum())
        rows.append((length_km, dead_km, load, drive.begins_s / 3600.0, drive.ends_s / 3600.0))
        lines.append((yield from line_of(cleared.ground, roads, kerbs.link[trip.kerbs], drive.origin, trip.site, -1)))
    columns = np.array(rows, dtype=np.float64).reshape(-1, len(ROUTE_MEASURES)).T
    shapes = np.empty(len(lines), dtype=object)
    shapes[:] = lines
    ids = np.array([f"{drive.plough + 1}-{drive.turn + 1}" for drive in drives], dtype=object)
    named = {measure.name: column for measure, column in zip(ROUTE_MEASURES, columns, strict=True)}
    return ResultTable("route", ids, named, ROUTE_MEASURES, shapes)


def notes_of(base: Snapshot, cleared: Cleared, params: SnowClearingParams, assumed: list[str]) -> tuple[str, ...]:
    """Return what must be shown beside the numbers."""
    notes = ["This city is synthetic."] if base.synthetic else []
    notes += assumed
    clear_h = cleared.clear_h()
    if not np.isfinite(clear_h).all():
        notes.append("Some roads are never cleared: no open road leads to them.")
    elif (clear_h > np.array(params.within_h)[cleared.order - 1]).any():
        notes.append("Some roads are clear later than allowed: see the map, give more ploughs, or let fewer roads come first.")
    return (*notes, *ASSUMPTIONS)
