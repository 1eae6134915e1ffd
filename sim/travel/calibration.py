"""Trips brought into agreement with counts, and how well they then agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.assignment.adjustment import Counted, adjust
from sim.assignment.equilibrium import Problem, Solution, solve, solve_again
from sim.assignment.graph import Floats
from sim.assignment.movement import Movement, movement
from sim.travel.counts import FEWEST, GOOD_GEH, Counts, geh
from sim.travel.network import RoadNetwork
from sim.travel.params import TravelParams
from twin.model.results import Measure, ResultTable
from twin.task import Task

LOOSE_GAP = 1e-4
"""Gap between two changes of the trips; the last solution is as tight as asked for."""
CALIBRATIONS = 4
"""Most rounds of scaling the demand to counts; the median moves by under 2 % after two or three."""
FULLEST, EMPTIEST = 1.8, 1.0
"""Without counts: bounds of the mean volume / capacity along all trips if each took the shortest empty way."""


_STATION_MEASURES = (
    Measure("counted_vph", "Counted", "veh/h", worse="neither"),
    Measure("modelled_vph", "Modelled", "veh/h", worse="neither"),
    Measure("before_vph", "Modelled before the fit", "veh/h", worse="neither"),
    Measure("geh", "GEH", definition="sqrt(2 (m - c)² / (m + c)) of hourly volumes; under 5 is called good."),
    Measure("held_out", "Left out of the fit", worse="neither", definition="1: the station tests the fit."),
)


@dataclass(frozen=True, eq=False)
class Agreement:
    """Counted and modelled volumes (veh/h) at stations ``(k,)``; those of ``held_out (k,)`` took no part in the fit.

    ``before_vph`` is what was modelled with the trips as they were made or imported.
    """

    ids: NDArray[np.object_]
    counted_vph: Floats
    before_vph: Floats
    modelled_vph: Floats
    held_out: NDArray[np.bool_]

    @property
    def geh(self) -> Floats:
        """The GEH of each station ``(k,)``."""
        return geh(self.modelled_vph, self.counted_vph)

    def figures(self) -> Mapping[str, float]:
        """Return the usual numbers: of the stations of the fit, of those left out, and as it was before."""
        out = {f"fit_{name}": value for name, value in _figures(self.counted_vph, self.modelled_vph, ~self.held_out).items()}
        out |= {f"before_{name}": value for name, value in _figures(self.counted_vph, self.before_vph, ~self.held_out).items()}
        if self.held_out.any():
            for when, volume in (("held_out", self.modelled_vph), ("held_out_before", self.before_vph)):
                out |= {f"{when}_{name}": value for name, value in _figures(self.counted_vph, volume, self.held_out).items()}
        return out


def _figures(counted: Floats, modelled: Floats, rows: NDArray[np.bool_]) -> dict[str, float]:
    """Return number of stations, median GEH, share under 5, R² about the line of agreement, and RMSE (veh/h)."""
    wanted, found = counted[rows], modelled[rows]
    statistic = geh(found, wanted)
    missed = float(np.sum((found - wanted) ** 2))
    spread = float(np.sum((wanted - wanted.mean()) ** 2))
    return {
        "stations": float(len(wanted)),
        "median_geh": float(np.median(statistic)),
        "share_geh_under_5": float(np.mean(statistic < GOOD_GEH)),
        "r2": 1.0 - missed / spread if spread > 0.0 else float(missed == 0.0),
        "rmse_vph": float(np.sqrt(missed / len(wanted))),
    }


@dataclass(frozen=True, eq=False)
class Calibration:
    """The problem with its trips fitted and solved, and what is told of the fit: None where there was none.

    All trips were multiplied by ``factor`` first; ``movement`` is how far they moved from pair to pair after that.
    """

    problem: Problem
    solution: Solution
    agreement: Agreement | None = None
    factor: float = 1.0
    movement: Movement | None = None
    notes: tuple[str, ...] = ()

    def figures(self) -> Mapping[str, float]:
        """Return what is told of the fit among the diagnostics of a result."""
        told = {**self.agreement.figures(), "matrix_factor": self.factor} if self.agreement else {}
        return told | ({f"matrix_{name}": value for name, value in asdict(self.movement).items()} if self.movement else {})

    def tables(self) -> Mapping[str, ResultTable]:
        """Return counted and modelled volume of each station as a table of a result; none without counts."""
        if self.agreement is None:
            return {}
        of = self.agreement
        columns = (of.counted_vph, of.modelled_vph, of.before_vph, of.geh, of.held_out.astype(np.float64))
        named = {measure.name: column for measure, column in zip(_STATION_MEASURES, columns, strict=True)}
        return {"counter": ResultTable("counter", of.ids, named, _STATION_MEASURES)}


def calibrated(problem: Problem, network: RoadNetwork, counts: Counts | None, params: TravelParams) -> Task[Calibration]:
    """Fit trips to counts as far as asked for, and solve to the gap asked for.

    First all trips are scaled so that the median of counted over modelled volume is 1, then each cell is moved
    (``sim.assignment.adjustment``).
    """
    if counts is None or params.calibration == "none":
        solution = yield from solve(problem, params.relative_gap)
        return Calibration(problem, solution)
    prior, loose = problem.demand, max(LOOSE_GAP, params.relative_gap)
    all_stations = counts.on_graph(network)
    held_out = left_out(len(counts), params.hold_out_every)
    fitted = all_stations.taken(~held_out)
    solution = yield from solve(problem, loose)
    before = all_stations.modelled(solution.volume)
    problem, solution = yield from _scaled(problem, solution, fitted, loose)
    factor, scaled = float(problem.demand.sum() / prior.sum()), problem.demand
    if params.calibration == "matrix":
        adjustment = yield from adjust(problem, solution, fitted, hold=params.hold, gap=loose)
        problem, solution = adjustment.problem, adjustment.solution
    solution = yield from solve_again(problem, problem, solution, params.relative_gap)
    agreement = Agreement(counts.ids, counts.volume_vph, before, all_stations.modelled(solution.volume), held_out)
    moved = movement(problem.demand, scaled)
    notes = _notes(agreement, factor, moved if params.calibration == "matrix" else None)
    return Calibration(problem, solution, agreement, factor, moved, notes)


def left_out(count: int, every: int) -> NDArray[np.bool_]:
    """Return which of ``count`` stations are left out of the fit to test it: the middle one of ``every``; 0 for none.

    None is when too few would be left.
    """
    rows = np.arange(count)
    out = (rows % every == every // 2) if every > 0 else np.zeros(count, dtype=bool)
    return out if np.count_nonzero(~out) >= FEWEST else np.zeros(count, dtype=bool)


def _scaled(problem: Problem, solution: Solution, counted: Counted, gap: float) -> Task[tuple[Problem, Solution]]:
    """Scale all trips until the median of counted over modelled volume is 1."""
    for _ in range(CALIBRATIONS):
        modelled = counted.modelled(solution.volume)
        reached = modelled > 0.0
        step = float(np.median(counted.volume[reached] / modelled[reached])) if reached.any() else 1.0
        if abs(step - 1.0) < 0.005:
            break
        larger = replace(problem, demand=problem.demand * step)
        solution = yield from solve_again(larger, problem, solution, gap)
        problem = larger
    return problem, solution


def _notes(agreement: Agreement, factor: float, moved: Movement | None) -> tuple[str, ...]:
    figures = agreement.figures()
    count, before, now = (figures[name] for name in ("fit_stations", "before_median_geh", "fit_median_geh"))
    notes: list[str] = []
    notes.append(f"Trips were multiplied by {factor:.3g} so that volumes meet the counts of {count:.0f} stations in the median.")
    if moved is not None:
        notes.append(
            f"Trips were then moved from pair to pair towards the counts (Spiess 1990): {100 * moved.mean_change:.0f} % of "
            f"them, the total by {100 * (moved.total - 1):+.1f} %; correlation with the matrix before {moved.correlation:.3f}."
        )
    notes.append(
        f"Median GEH {before:.1f} before and {now:.1f} after the fit; {100 * figures['fit_share_geh_under_5']:.0f} % of the "
        f"stations are under 5."
    )
    if agreement.held_out.any():
        notes.append(
            f"Stations left out of the fit to test it: {figures['held_out_stations']:.0f}; median GEH "
            f"{figures['held_out_before_median_geh']:.1f} before, {figures['held_out_median_geh']:.1f} after."
        )
    return tuple(notes)


def bounded(problem: Problem) -> Task[tuple[Problem, tuple[str, ...]]]:
    """Without counts, keep the total within what such roads carry: neither empty nor beyond any peak hour.

    All trips are put on their shortest ways on empty roads. The mean volume / capacity that a vehicle-second
    then meets is proportional to the total; where it leaves the bounds, the total is scaled to meet them.
    """
    empty = problem.delay._replace(b=np.zeros_like(problem.delay.b))
    # A gap of 1 is met by the first trees: with constant times they are the answer.
    loaded = yield from solve(replace(problem, delay=empty), 1.0)
    roads = problem.delay.b > 0.0
    volume, capacity = loaded.volume[roads], problem.delay.capacity[roads]
    spent = volume * problem.delay.free_time[roads]
    fullness = float(spent @ (volume / capacity) / spent.sum()) if spent.sum() > 0.0 else 0.0
    factor = float(np.clip(fullness, EMPTIEST, FULLEST) / fullness) if fullness > 0.0 else 1.0
    if factor == 1.0:
        return problem, ()
    note = f"No counts to scale demand to: trips were multiplied by {factor:.3g} to suit the capacity of the roads."
    return replace(problem, demand=problem.demand * factor), (note,)
