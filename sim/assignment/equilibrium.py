"""The user equilibrium of a network: nobody can arrive sooner by another road (Wardrop 1952)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.assignment.delay import times
from sim.assignment.flow import Flow, Solution
from sim.assignment.graph import CLOSED_TIME_S, copied, empty_bushes
from sim.assignment.problem import Problem, refuse_cut_off, skim_times, unreachable
from twin.task import Task

__all__ = ["Problem", "Solution", "skim_times", "solve", "solve_again", "unreachable"]


def solve(problem: Problem, target_gap: float, *, max_iterations: int = 200) -> Task[Solution]:
    """Solve from nothing down to a relative gap, or to the best that ``max_iterations`` reach.

    Raises ``DataError`` when trips have no open way.
    """
    yield from refuse_cut_off(problem)
    bushes = empty_bushes(len(problem.trips))
    flow = Flow(problem, bushes, problem.fixed_volume.copy(), target_gap)
    yield from flow.plant(flow.origins)
    return (yield from flow.iterate(target_gap, max_iterations))


def solve_again(
    problem: Problem, start_problem: Problem, start: Solution, target_gap: float, *, max_iterations: int = 200
) -> Task[Solution]:
    """Solve a changed problem from the solution of the one before; both have the same graph.

    A change that nobody on the network can feel returns the same flows, bit by bit: nothing to compare
    is then different. Flow on a link that closed is led around it. Raises ``DataError`` when trips have no
    open way any more.
    """
    is_close = start.relative_gap <= target_gap
    if is_close and not _is_felt(problem, start_problem, start):
        return replace(start, time=times(problem.delay, start.volume))
    bushes = yield from copied(start.bushes, problem.graph)
    moved = problem.fixed_volume - start_problem.fixed_volume
    flow = Flow(problem, bushes, np.maximum(start.volume + moved, 0.0), target_gap)
    changed = np.flatnonzero(np.any(problem.trips != start_problem.trips, axis=1)).astype(np.int32)
    if len(changed):
        yield from flow.reload(changed)
    yield from flow.avoid()
    solution = yield from flow.iterate(target_gap, max_iterations)
    if solution.iterations == 0:  # what was unsettled before still is
        unsettled = np.maximum(solution.volume + (start.volume_before - start.volume), 0.0)
        solution = replace(solution, volume_before=unsettled)
    return solution


def _is_felt(problem: Problem, before: Problem, start: Solution) -> bool:
    """Tell whether anybody may feel what differs: not a link that nobody uses and that became worse."""
    delay, then = problem.delay, before.delay
    differs = np.any([np.asarray(now) != np.asarray(old) for now, old in zip(delay, then, strict=True)], axis=0)
    differs |= np.any(problem.extras != before.extras, axis=0) | (problem.fixed_volume != before.fixed_volume)
    worse = (delay.free_time >= then.free_time) & (delay.b >= then.b) & (delay.capacity <= then.capacity)
    worse &= (delay.power == then.power) & (delay.form == then.form)
    worse |= delay.free_time >= CLOSED_TIME_S
    worse &= np.all(problem.extras >= before.extras, axis=0) & (problem.fixed_volume == before.fixed_volume)
    is_unused = start.volume <= before.fixed_volume
    return bool(np.any(differs & ~(worse & is_unused)) or not np.array_equal(problem.trips, before.trips))
