"""What a planner reads of new bins: how far people walk before and after, what each bin brings, and which would overflow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sim.cells import cells_of
from sim.siting.gains import SLACK_M, walk_to
from sim.siting.params import BinSitingParams
from sim.siting.places import Stands
from twin.geo import FloatArray
from twin.model.results import Indicator, Measure, ResultTable
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

RESOLUTION = 10
ASSUMPTIONS = (
    "Walks are straight lines times the detour; nobody was asked which way they take.",
    "Residents of a cell live evenly along its streets and use the nearest bin, however full it is.",
    "Places are points along streets: whether there is room for a bin has to be seen on site.",
)
CELL_MEASURES = (
    Measure("walk_saved_m", "Walk to a bin saved", "m", worse="neither", definition="Mean over residents, before less after."),
    Measure("walk_before_m", "Walk to a bin before", "m"),
    Measure("walk_after_m", "Walk to a bin after", "m"),
    Measure("cell_residents", "Residents", "", worse="neither"),
)
BIN_MEASURES = (
    Measure("served", "Residents served", "", worse="neither", definition="Those to whom this bin is the nearest."),
    Measure("load_l", "Waste per day", "L/d", worse="neither"),
    Measure("full_days", "Days until full", "d", worse="lower", definition="Of one new bin; not given where nobody comes."),
    Measure("bins_needed", "Bins needed", "", definition="At this place, so that none overflows until it is emptied."),
)
STEP_MEASURES = (
    Measure("saved_m", "Walk saved by this bin", "m", worse="lower", definition="Of the mean walk of all residents."),
    Measure("step_walk_m", "Mean walk with it", "m"),
    Measure("gained_share", "Within reach by this bin", "ratio", worse="lower", definition="Of all residents."),
    Measure("step_share", "Within reach with it", "ratio", worse="lower"),
)


@dataclass(frozen=True, eq=False)
class Plan:
    """Where residents live and bins stand: ``xy (n, 2)``, ``residents (n,)``, ``new_xy (k, 2)`` with what brings most first.

    ``before_m, served_by (n,)`` are the walk to the nearest of the bins ``there`` and its row. ``bound`` is the gain, in the unit of
    the goal, that no choice of ``places`` exceeds, and ``gap`` the share of it that may be missed.
    """

    xy: FloatArray
    residents: FloatArray
    there: Stands
    before_m: FloatArray
    served_by: NDArray[np.intp]
    new_xy: FloatArray
    gap: float
    bound: float
    places: int
    pairs: int

    def after(self, count: int, params: BinSitingParams) -> tuple[FloatArray, NDArray[np.intp]]:
        """Return the walk ``(n,)`` with the first ``count`` new bins, and which of them serves: -1 where none does."""
        walk_m, new = walk_to(self.xy, self.new_xy[:count], params.detour)
        comes = walk_m < self.before_m
        return np.where(comes, walk_m, self.before_m), np.where(comes, new, -1)

    def mean_m(self, walk_m: FloatArray, params: BinSitingParams) -> float:
        """Return the mean over residents of walks ``(n,)``, of which none counts more than the farthest."""
        return float(self.residents @ np.minimum(walk_m, params.farthest_m) / self.residents.sum())

    def share(self, walk_m: FloatArray, params: BinSitingParams) -> float:
        """Return the share of the residents with walks ``(n,)`` within reach."""
        return float(self.residents @ (walk_m <= params.walk_m + SLACK_M) / self.residents.sum())


def _overflowing(plan: Plan, new: NDArray[np.intp], params: BinSitingParams) -> tuple[int, FloatArray]:
    """Return how many stands that were there overflow until they are emptied, and the residents ``(k,)`` of each new bin."""
    count = len(plan.new_xy)
    served = np.bincount(new[new >= 0], weights=plan.residents[new >= 0], minlength=count).astype(np.float64)
    old = np.where(new < 0, plan.served_by, -1)
    stays = np.bincount(old[old >= 0], weights=plan.residents[old >= 0], minlength=len(plan.there.xy))
    full = stays * params.litres * params.every_days > plan.there.capacity_l
    return int(full.sum()), served


def indicators(plan: Plan, params: BinSitingParams) -> tuple[Indicator, ...]:
    """Return the walk, the share within reach and the bins that overflow, before and after."""
    after_m, new = plan.after(len(plan.new_xy), params)
    rows = len(plan.xy)
    nobody = np.full(rows, -1, np.intp)
    over_before, _ = _overflowing(plan, nobody, params)
    over_after, served = _overflowing(plan, new, params)
    over_new = int((served * params.litres * params.every_days > params.capacity_l).sum())
    return (
        Indicator("walk_m", "Mean walk to a bin", plan.mean_m(after_m, params), "m", rows=rows, definition="Mean over residents; a longer walk counts as the farthest one."),
        Indicator("walk_before_m", "Mean walk before", plan.mean_m(plan.before_m, params), "m", rows=rows, definition="Mean over residents; a longer walk counts as the farthest one."),
        Indicator("reach", "Residents within reach", plan.share(after_m, params), "ratio", rows=rows, worse="lower", definition="Share of the residents whose walk is at most the one that was asked for."),
        Indicator("reach_before", "Within reach before", plan.share(plan.before_m, params), "ratio", rows=rows, worse="lower",
                  definition="Share of the residents whose walk is at most the one that was asked for."),
        Indicator("new_bins", "New bins", float(len(plan.new_xy)), rows=plan.places, worse="neither",
                  definition="Those that bring anything."),
        Indicator("overflowing", "Places that overflow", float(over_after + over_new), rows=len(plan.there.xy) + len(plan.new_xy),
                  definition="More waste until they are emptied than the bins there hold; new ones among them."),
        Indicator("overflowing_before", "Places that overflowed before", float(over_before), rows=len(plan.there.xy)),
        Indicator("bound_gap", "Missed of the best, at most", plan.gap, "ratio", rows=plan.pairs,
                  definition="Share of the greatest gain possible: no choice of places is better by more (Lagrangian relaxation)."),
    )  # fmt: skip


def tables(base: Snapshot, plan: Plan, params: BinSitingParams) -> Task[dict[str, ResultTable]]:
    """Return the walk saved in each cell, for the map, the new bins, and what each further one brings."""
    after_m, new = plan.after(len(plan.new_xy), params)
    cell = yield from _cell_table(base, plan, after_m, params)
    step = yield from _step_table(plan, params)
    return {"cell": cell, "new_bin": _bin_table(plan, new, params), "step": step}


def _cell_table(base: Snapshot, plan: Plan, after_m: FloatArray, params: BinSitingParams) -> Task[ResultTable]:
    cells, row = yield from cells_of(base.projection, plan.xy, RESOLUTION, Progress("Putting the result together"))
    count = np.bincount(row, weights=plan.residents).astype(np.float64)
    mean = [np.bincount(row, plan.residents * np.minimum(walk, params.farthest_m)) / count for walk in (plan.before_m, after_m)]
    columns = {"walk_saved_m": mean[0] - mean[1], "walk_before_m": mean[0], "walk_after_m": mean[1], "cell_residents": count}
    return ResultTable("cell", cells.astype(object), columns, CELL_MEASURES)


def _bin_table(plan: Plan, new: NDArray[np.intp], params: BinSitingParams) -> ResultTable:
    _, served = _overflowing(plan, new, params)
    load_l = served * params.litres
    full_days = np.divide(params.capacity_l, load_l, out=np.full(len(load_l), np.nan), where=load_l > 0.0)
    needed = np.maximum(np.ceil(load_l * params.every_days / params.capacity_l - 1e-9), 1.0)
    columns = {"served": served, "load_l": load_l, "full_days": full_days, "bins_needed": needed}
    points = np.asarray(shapely.points(plan.new_xy), dtype=object).reshape(-1)
    return ResultTable("new_bin", _numbers(len(served)), columns, BIN_MEASURES, points)


def _step_table(plan: Plan, params: BinSitingParams) -> Task[ResultTable]:
    """Return the walk and the share within reach after each bin, in the order of the places."""
    walk_m = plan.before_m
    said = [(plan.mean_m(walk_m, params), plan.share(walk_m, params))]
    for number, place in enumerate(plan.new_xy):
        yield Progress("Putting the result together", number, len(plan.new_xy))
        walk_m = np.minimum(walk_m, np.hypot(*(plan.xy - place).T) * params.detour)
        said.append((plan.mean_m(walk_m, params), plan.share(walk_m, params)))
    mean_m, share = np.array(said).T
    columns = {"saved_m": -np.diff(mean_m), "step_walk_m": mean_m[1:], "gained_share": np.diff(share), "step_share": share[1:]}
    return ResultTable("step", _numbers(len(plan.new_xy)), columns, STEP_MEASURES)


def _numbers(count: int) -> NDArray[np.object_]:
    return np.array([str(number + 1) for number in range(count)], dtype=object)


def notes_of(base: Snapshot, plan: Plan, params: BinSitingParams) -> tuple[str, ...]:
    """Return what must be shown beside the numbers."""
    notes = ["This city is synthetic."] if base.synthetic else []
    if not len(plan.there.xy):
        notes.append("No bin of this kind stands here yet: before, every walk counts as the farthest one.")
    if len(plan.new_xy) < params.new_bins:
        notes.append(f"Only {len(plan.new_xy)} of {params.new_bins} new bins bring anything; the others are left out.")
    return (*notes, *ASSUMPTIONS)
