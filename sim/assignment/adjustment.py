"""Trips moved as little as can be so that volumes meet counts.

H. Spiess (1990), A gradient approach for the O-D matrix adjustment problem, Publication 693, Centre de recherche
sur les transports, Université de Montréal. Paths are never stored: the bushes of an equilibrium hold in which
proportions trips pass each counted link.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.assignment.equilibrium import Problem, Solution, solve_again
from sim.assignment.graph import Floats
from sim.assignment.passes import carried, mean_along
from twin.task import Task

STEPS = 8
"""Steps along the gradient between two equilibria: proportions change little while trips do."""
ENOUGH = 0.01
"""Least part of the objective that a round must take away to be followed by another one."""
BOUND = 0.9
"""The most that one step takes from a cell: none gets negative, and none is lost for good."""
ROUNDING = 1e-20
"""Part of the counted volumes whose square is rounding, not disagreement."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Volumes (veh/h) ``(k,)`` counted on links of the graph: those of ``links (k, 2)`` together, -1 for none."""

    links: NDArray[np.int64]
    volume: Floats

    def modelled(self, volume: Floats) -> Floats:
        """Return what the links' volumes ``(m,)`` would be counted as, ``(k,)``."""
        return np.asarray(np.append(volume, 0.0)[self.links].sum(axis=1))

    def on_links(self, values: Floats, link_count: int) -> Floats:
        """Return numbers of the stations ``(k,)`` on the links that they count ``(m,)``, summed."""
        out = np.zeros(link_count + 1)
        np.add.at(out, self.links, values[:, None])
        return out[:-1]

    def taken(self, rows: NDArray[np.bool_]) -> Counted:
        """Return some of the stations."""
        return Counted(self.links[rows], self.volume[rows])


@dataclass(frozen=True, eq=False)
class Adjustment:
    """Trips and their equilibrium after the adjustment, and the objective before the first and after each round."""

    problem: Problem
    solution: Solution
    objective: tuple[float, ...]


def adjust(
    problem: Problem, solution: Solution, counted: Counted, *, hold: float, gap: float, most_rounds: int = 20
) -> Task[Adjustment]:
    """Move trips so that ``sum (v - c)^2 / c + hold sum (T - T0)^2 / T0`` gets small; half of it is the objective.

    Both sums are chi-squares, so that a large and a small road, a large and a small cell count alike by their
    own chance; the first is nearly the sum of squared GEH. ``hold`` is how much a trip that moved weighs
    against one that is missed on a road. Every round is solved anew to the relative ``gap``. A cell without trips
    stays without. Where counts are met exactly and nothing moved, the very same trips and flows come back.
    """
    fit = _Fit(problem.demand, counted, hold)
    told = [fit.objective(problem.demand, solution.volume)]
    best = problem, solution
    for _ in range(most_rounds):
        trips = yield from fit.stepped(problem, solution)
        if trips is None:
            break
        moved = replace(problem, demand=trips)
        solution = yield from solve_again(moved, problem, solution, gap)
        problem = moved
        told.append(fit.objective(trips, solution.volume))
        if told[-1] <= min(told):
            best = problem, solution
        if told[-1] > (1.0 - ENOUGH) * told[-2]:
            break
    return Adjustment(*best, tuple(told))


class _Fit:
    """The objective, its gradient and its best step."""

    def __init__(self, prior: Floats, counted: Counted, hold: float) -> None:
        self.prior, self.counted, self.hold = prior, counted, hold
        self.weight = 1.0 / np.maximum(counted.volume, 1.0)

    def objective(self, trips: Floats, volume: Floats) -> float:
        """Return half the weighted sum of squares, of roads and of cells."""
        missed = self.counted.modelled(volume) - self.counted.volume
        moved = _over(trips - self.prior, self.prior)
        return 0.5 * float(self.weight @ missed**2) + 0.5 * self.hold * float(np.sum(moved * (trips - self.prior)))

    def stepped(self, problem: Problem, solution: Solution) -> Task[Floats | None]:
        """Return the trips after some steps with the proportions of the solution; None where there is none to take."""
        trips, volume = problem.demand, solution.volume
        for _ in range(STEPS):
            missed = self.counted.modelled(volume) - self.counted.volume
            if float(self.weight @ missed**2) <= ROUNDING * float(self.counted.volume.sum()) and trips is self.prior:
                break
            residual = self.counted.on_links(self.weight * missed, len(volume))
            gradient = yield from mean_along(problem, solution, residual)
            gradient += self.hold * _over(trips - self.prior, self.prior)
            change = -trips * gradient  # in proportion to the cell, so that zeros stay zeros
            volume_change = yield from carried(problem, solution, change)
            step = self._best(gradient, change, volume_change)
            if step <= 0.0:
                break
            trips = trips + step * change
            volume = volume + step * volume_change
        return None if trips is problem.demand else trips

    def _best(self, gradient: Floats, change: Floats, volume_change: Floats) -> float:
        """Return the step at which the objective is least with these proportions, within bounds.

        Its derivative by the step, sum w v' (v + step v' - c), is 0 there (Spiess 1990), and that of the cells alike.
        """
        curvature = float(self.weight @ self.counted.modelled(volume_change) ** 2)
        curvature += self.hold * float(np.sum(change * _over(change, self.prior)))
        steepest = float(gradient.max())
        if curvature <= 0.0:
            return 0.0
        best = -float(np.sum(change * gradient)) / curvature
        return min(best, BOUND / steepest) if steepest > 0.0 else best


def _over(numbers: Floats, base: Floats) -> Floats:
    return np.divide(numbers, base, out=np.zeros_like(base), where=base > 0.0)
