"""An equilibrium together with an honest measure of its own error.

The objective of Beckmann is smallest at equilibrium, and grows with the square of the distance from there while
the relative gap measures it: the error of the volumes falls with the root of the gap. A state v1 at gap g and
the state v2 that follows at g / 10 then have errors e1 and e2 = e1 / 3.2, so that what moved between them,
|v2 - v1| >= e1 - e2, is at least 2.2 e2. It is told as the noise of v2: the errors of two such states, before
and after an edit, are together below it. This is observed, not proven; the bound that follows from the gap
alone, 0.5 t'(v) dv^2 <= gap x total time, is true of every link, but says nothing of streets with little
traffic, where t' is next to 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.assignment.equilibrium import Problem, Solution, solve_again
from twin.task import Task

FURTHER = 10.0
"""How much smaller the gap becomes between the two states."""
MOST_ROUNDS = 20
"""Rounds spent on it at most: where rounding lets the gap fall no more, the error is rounding, too."""
LEAST_GAP = 1e-14


def tighten(problem: Problem, solution: Solution, gap: float) -> Task[Solution]:
    """Solve on from a solution, to a tenth of its gap or of the one asked for; ``volume_before`` is its volume."""
    target = max(min(gap, solution.relative_gap) / FURTHER, LEAST_GAP)
    further = yield from solve_again(problem, problem, solution, target, max_iterations=MOST_ROUNDS)
    return replace(further, volume_before=solution.volume, iterations=solution.iterations + further.iterations)


def settle(problem: Problem, start_problem: Problem, start: Solution, gap: float) -> Task[Solution]:
    """Solve from the tightened solution of another problem; what nobody feels leaves it as it is, and what is told of it."""
    first = yield from solve_again(problem, start_problem, start, gap)
    if first.relative_gap <= gap / FURTHER and np.array_equal(first.volume, start.volume):
        return first
    return (yield from tighten(problem, first, gap))
