"""One closed tour along all kerbs of an area, with the least driving between them that balances its directions.

Each junction has to be left as often as it is reached: Edmonds, J., Johnson, E. L. (1973). Matching, Euler tours and the
Chinese postman. Mathematical Programming 5, 88-124. https://doi.org/10.1007/BF01580113, section 5, here as an assignment of the
junctions with too many ends to those with too many starts. What that takes no plan can undercut. Circuits that do not meet are
put into each other where it costs least.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sim.network.streets import IntArray

Rows = NDArray[np.intp]


def balanced(start: IntArray, end: IntArray, time_s: NDArray[np.float32]) -> tuple[IntArray, float]:
    """Return the vertex at which each kerb's tour goes on ``(n,)``, its own end or where it is driven to, and the seconds of that.

    ``start, end`` ``(n,)`` are vertices of kerbs; ``time_s`` ``(n, n)`` leads from the end of one to the start of another.
    """
    wanting: dict[int, list[int]] = defaultdict(list)
    for kerb, vertex in enumerate(start.tolist()):
        wanting[vertex].append(kerb)
    onward = end.copy()
    left: list[int] = []
    for kerb, vertex in enumerate(end.tolist()):
        if wanting[vertex]:
            wanting[vertex].pop()
        else:
            left.append(kerb)
    if not left:
        return onward, 0.0
    missing = [kerb for kerbs in wanting.values() for kerb in kerbs]
    cost = time_s[np.ix_(left, missing)]
    row, column = linear_sum_assignment(cost)
    onward[np.array(left)[row]] = start[np.array(missing)[column]]
    return onward, float(cost[row, column].sum(dtype=np.float64))


def circuits(start: IntArray, onward: IntArray, across: IntArray, first: int) -> list[list[int]]:
    """Return closed walks that have every kerb once, the one with kerb ``first`` first; turning back only where nothing else is left.

    Hierholzer, C. (1873). Mathematische Annalen 6, 30-32. https://doi.org/10.1007/BF01442866
    """
    count = len(start)
    leaving: dict[int, list[int]] = defaultdict(list)
    for kerb in range(count - 1, -1, -1):
        leaving[int(start[kerb])].append(kerb)
    used = np.zeros(count, np.bool_)
    found = []
    for begin in [*range(first, count), *range(first)]:
        if used[begin]:
            continue
        leaving[int(start[begin])].remove(begin)
        used[begin] = True
        stack, walk = [begin], []
        while stack:
            kerb = stack[-1]
            choices = leaving[int(onward[kerb])]
            if not choices:
                walk.append(stack.pop())
                continue
            place = len(choices) - 1
            if place and choices[place] == across[kerb]:
                place -= 1
            following = choices.pop(place)
            used[following] = True
            stack.append(following)
        found.append(walk[::-1])
    return found


def joined(walks: list[list[int]], time_s: NDArray[np.float32]) -> Rows:
    """Return one tour of closed walks: each is put, opened anywhere, where it adds least driving; long ones first."""
    walks = sorted(walks, key=lambda walk: -len(walk))
    tour = np.array(walks[0], dtype=np.intp)
    for walk in walks[1:]:
        part = np.array(walk, dtype=np.intp)
        after = np.roll(tour, -1)
        added = time_s[np.ix_(tour, part)] + time_s[np.ix_(np.roll(part, 1), after)].T - time_s[tour, after][:, None]
        at, opened = divmod(int(added.argmin()), len(part))
        tour = np.concatenate([tour[: at + 1], np.roll(part, -opened), tour[at + 1 :]])
    return tour
