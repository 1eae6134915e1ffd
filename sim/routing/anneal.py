"""Tear out, put back, keep or take back: simulated annealing on a plan.

Christiaens and Vanden Berghe (2020), algorithm 1. An iteration costs what it changes, however long the routes are:
rejected changes are taken back from a log, and the best plan follows only where the plan differs from it.
Accorsi, L., Vigo, D. (2021). A fast and scalable heuristic for the solution of large-scale capacitated vehicle
routing problems. Transportation Science 55(4), 832-856. https://doi.org/10.1287/trsc.2021.1059
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.routing.chance import Chance, draw, draw_below
from sim.routing.places import IntArray, Places
from sim.routing.plan import Plan, put_in, take_out
from sim.routing.recreate import arrange, recreate
from sim.routing.ruin import Work, ruin


class Search(NamedTuple):
    """One search on the routes marked ``own``, with a plan of its own.

    ``best`` is the shortest plan met; ``differs`` ``(places,)`` marks where ``plan`` is not ``best``, ``changed``
    lists these places. ``seeds`` are the stops of the own routes. ``length`` is (of the plan, of the best one);
    ``tally`` is (changed places, iterations done).
    """

    plan: Plan
    best: Plan
    work: Work
    own: NDArray[np.bool_]
    seeds: IntArray
    differs: NDArray[np.bool_]
    changed: IntArray
    length: NDArray[np.float64]
    tally: NDArray[np.int64]
    state: Chance


@njit(cache=True, nogil=True)
def anneal(places: Places, search: Search, iterations: int, temperature: float) -> None:
    """Do a number of iterations at one temperature."""
    plan, work = search.plan, search.work
    used = 0
    for route in range(len(plan.size)):
        used += search.own[route] and plan.size[route] > 0
    mean_size = len(search.seeds) / max(1, used)
    for _ in range(iterations):
        search.tally[1] += 1
        turn = search.tally[1]
        seed = search.seeds[draw_below(search.state, len(search.seeds))]
        count, added = ruin(places, plan, work, search.own, mean_size, seed, turn, search.state)
        arrange(places, work, count, search.state)
        logged, put = recreate(places, plan, work, search.own, count, count, turn << 20, search.state)
        added += put
        if added >= -temperature * np.log(1.0 - draw(search.state)):
            take_back(places, plan, work, logged)
            continue
        search.length[0] += added
        note(search, logged)
        if search.length[0] < search.length[1] - 1e-7:
            follow(search)


@njit(cache=True, nogil=True)
def take_back(places: Places, plan: Plan, work: Work, logged: int) -> None:
    """Undo logged changes, the last one first."""
    for row in range(logged - 1, -1, -1):
        if work.log[row, 3] == 1:
            take_out(places, plan, work.log[row, 0])
        else:
            put_in(places, plan, work.log[row, 0], work.log[row, 1])


@njit(cache=True, nogil=True)
def note(search: Search, logged: int) -> None:
    """Note where the plan may now differ from the best: a change touches a stop and both places beside it."""
    for row in range(logged):
        for column in range(3):
            _note_one(search, search.work.log[row, column])


@njit(cache=True, nogil=True, inline="always")
def _note_one(search: Search, place: int) -> None:
    if not search.differs[place]:
        search.differs[place] = True
        search.changed[search.tally[0]] = place
        search.tally[0] += 1


@njit(cache=True, nogil=True)
def follow(search: Search) -> None:
    """Make the best plan the present one."""
    plan, best = search.plan, search.best
    for row in range(search.tally[0]):
        place = search.changed[row]
        best.after[place], best.before[place] = plan.after[place], plan.before[place]
        best.onward[place], best.route[place] = plan.onward[place], plan.route[place]
        route = plan.route[place]
        best.load[route], best.size[route] = plan.load[route], plan.size[route]
        search.differs[place] = False
    search.tally[0] = 0
    search.length[1] = search.length[0]
