"""Bushes carried over to a changed graph: links added, cut in two at a new node, or taken away, junctions split.

The equilibrium of the old graph is then the start of the new one's, and whoever meets nothing of the change
keeps his ways, bit by bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.assignment import bush
from sim.assignment.bush import CYCLE, DONE, FULL, Draft
from sim.assignment.delay import times
from sim.assignment.flow import Flow, Solution
from sim.assignment.graph import CLOSED_TIME_S, MESSAGE, Bushes, Delay, Graph, Ints, chunks, empty_bushes, larger
from sim.assignment.problem import Problem
from twin.errors import BugError, DataError
from twin.task import Progress, Task


def transplant(
    problem: Problem, start_problem: Problem, start: Solution, successors: NDArray[np.integer]
) -> Task[tuple[Problem, Solution]]:
    """Carry a solution over to the graph of a changed problem; ``solve_again`` takes both values from there.

    ``successors`` ``(old links,)`` or ``(old links, k)`` names for each old link the new one, or the new ones
    that follow each other in its place; -1 fills a row up, and alone says that the link is gone. The zones are
    the same in both graphs. Flow that still has its way is carried exactly. An origin of which some flow used
    a link that is gone, or a junction at which its links no longer meet, is planted anew: the tree of shortest
    paths at the times that the traffic of all makes.

    The problem returned is the old one on the new graph: its new links are closed. Raises ``DataError`` when
    ``successors`` does not fit the graphs.
    """
    ways = np.ascontiguousarray(successors, dtype=np.int32).reshape(len(successors), -1)
    _refuse(ways, problem, start_problem)
    bushes, lost = yield from _carried(problem.graph, start_problem, start.bushes, ways)
    volume = _spread_out(start.volume, ways, len(problem.graph.tail))
    moved = _on_new_graph(problem, start_problem, ways)
    flow = Flow(replace(problem, demand=moved.demand), bushes, volume, start.relative_gap)
    if lost.any():
        yield from flow.plant(np.flatnonzero(lost).astype(np.int32))
        yield from flow.sum_up()
    time = times(moved.delay, volume)
    unsettled = _spread_out(start.volume_before - start.volume, ways, len(volume))
    gap = np.inf if lost.any() else start.relative_gap
    before = np.maximum(volume + unsettled, 0.0)
    return moved, Solution(flow.bushes, volume, time, before, gap, float((volume - moved.fixed_volume) @ time), start.iterations)


def _refuse(ways: Ints, problem: Problem, start_problem: Problem) -> None:
    old_links, new_links = len(start_problem.graph.tail), len(problem.graph.tail)
    if problem.demand.shape != start_problem.demand.shape:
        raise DataError(
            f"Flow of {len(start_problem.trips)} origins cannot be carried to a network of {len(problem.trips)}.",
            "Keep the zones, or solve the changed network from nothing.",
        )
    named = ways[ways >= 0]
    if len(ways) != old_links or named.max(initial=-1) >= new_links or len(np.unique(named)) != len(named):
        raise DataError(
            f"What became of {old_links} links is told by {len(ways)} rows that name links up to {named.max(initial=-1)}, "
            f"of {new_links} ones, or name one twice.",
            "Name for each old link its new one, or -1 where it is gone.",
        )


def _on_new_graph(problem: Problem, old: Problem, ways: Ints) -> Problem:
    """Return the old problem on the new graph: halves of links that are cut have the new values, new links are closed."""
    is_whole = (ways >= 0).sum(axis=1) == 1
    whole, from_old = ways[is_whole, 0], np.flatnonzero(is_whole)
    columns: list[NDArray[np.generic]] = [np.array(column) for column in problem.delay]
    for column, before in zip(columns, old.delay, strict=True):
        column[whole] = np.asarray(before)[from_old]
    delay = Delay._make(columns)
    is_new = np.ones(len(delay.free_time), dtype=bool)
    is_new[ways[ways >= 0]] = False
    delay.free_time[is_new], delay.b[is_new] = CLOSED_TIME_S, 0.0
    extra, background = problem.extras.copy(), problem.fixed_volume.copy()
    extra[:, whole], background[whole] = old.extras[:, from_old], old.fixed_volume[from_old]
    return Problem(problem.graph, delay, old.demand, extra, background)


def _spread_out(of_old: NDArray[np.float64], ways: Ints, links: int) -> NDArray[np.float64]:
    """Return a quantity of the old links for the new ones ``(links,)``."""
    out = np.zeros(links)
    row, column = np.nonzero(ways >= 0)
    out[ways[row, column]] = of_old[row]
    return out


def _carried(graph: Graph, start_problem: Problem, old_bushes: Bushes, ways: Ints) -> Task[tuple[Bushes, NDArray[np.bool_]]]:
    """Return the bushes on the new graph, and which origins ``(r,)`` have lost a way: their links are a mere list."""
    count, zones, old = len(old_bushes.first), start_problem.zone_count, start_problem.graph
    bushes, lost = empty_bushes(count), np.zeros(count, dtype=bool)
    draft = bush.make_draft(max(len(graph.in_start), len(old.in_start)) - 1, max(len(graph.tail), len(old.tail)))
    for low, high in chunks(count, 8 * old_bushes.mean_links):
        done = low
        while done < high:
            done, said = _carry(done, high, zones, graph, old_bushes, ways, bushes, draft, lost)
            yield Progress(MESSAGE)
            if said == CYCLE:
                raise BugError("a bush has a cycle after it was carried over")
            if said == FULL:
                bushes = yield from larger(bushes, graph)
    return bushes, lost


@njit(cache=True, nogil=True)
def _carry(
    low: int,
    high: int,
    zones: int,
    graph: Graph,
    old_bushes: Bushes,
    ways: Ints,
    bushes: Bushes,
    draft: Draft,
    lost: NDArray[np.bool_],
) -> tuple[int, int]:
    """Carry over the bushes ``low`` to ``high``; return how far that went and what stopped it, if anything."""
    for origin in range(low, high):
        first = old_bushes.first[origin]
        stands = _stands(origin, graph, old_bushes, ways, draft.open_count)
        count = 0
        for entry in range(first, first + old_bushes.links[origin]):
            if old_bushes.flow[entry] <= 0.0:
                continue
            for link in ways[old_bushes.link[entry]]:
                if link >= 0:
                    draft.link[count] = link
                    draft.flow[count] = old_bushes.flow[entry]
                    count += 1
        said = (
            bush.put(origin, origin % zones, count, graph, bushes, draft)
            if stands
            else bush.put_list(origin, count, bushes, draft)
        )
        if said != DONE:
            return origin, said
        lost[origin] = not stands
    return high, DONE


@njit(cache=True, nogil=True)
def _stands(origin: int, graph: Graph, bushes: Bushes, ways: Ints, new_node: Ints) -> bool:
    """Tell whether the links in use of an old bush still lead one into the other; ``new_node`` is room ``(n,)``."""
    first = bushes.first[origin]
    new_node[0] = bushes.node[first]
    for position in range(1, bushes.nodes[origin]):
        new_node[position] = -1
        for entry in range(first + bushes.start[first + position], first + bushes.start[first + position + 1]):
            if bushes.flow[entry] <= 0.0:
                continue
            node = new_node[bushes.tail[entry]]
            if node < 0 or ways[bushes.link[entry], 0] < 0:
                return False
            for link in ways[bushes.link[entry]]:
                if link >= 0:
                    if graph.tail[link] != node:
                        return False
                    node = graph.head[link]
            if new_node[position] >= 0 and new_node[position] != node:
                return False
            new_node[position] = node
    return True
