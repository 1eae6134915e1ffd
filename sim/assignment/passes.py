"""What an equilibrium's bushes tell of the ways that trips take, without a list of paths.

One pass over a bush in its topological order splits the trips of its origin at every node as its flow is
split: all that is wanted of paths is then a mean along them (Spiess 1990 needs the mean of residuals, select
link the share of trips that pass a link).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.assignment.equilibrium import Problem, Solution
from sim.assignment.graph import Bushes, Floats, chunks
from twin.errors import DataError
from twin.task import Progress, Task

MESSAGE = "Following the trips"


def mean_along(problem: Problem, solution: Solution, link_values: Floats) -> Task[Floats]:
    """Return what the trips of each pair meet on their way on average, as the sum of ``link_values`` over its links.

    ``link_values (m,)`` may be any number of each link of the graph. The result has the shape of the demand,
    ``(z, z)`` or with one table per class: for every pair the mean over its used paths, weighted by their flow
    where each bush splits its flow at every node in the proportions found there; 0 for pairs without trips.
    Times give the mean trip time, ones the mean number of links, 1 on one link alone the share of trips that
    pass it, and residuals of counted links the gradient of H. Spiess (1990), A gradient approach for the O-D
    matrix adjustment problem. Raises ``DataError`` when there is no finite number for each link.
    """
    links = len(problem.graph.tail)
    values = np.asarray(link_values, dtype=np.float64)
    if values.shape != (links,) or not np.all(np.isfinite(values)):
        raise DataError(
            f"A mean along the ways of trips was asked of numbers of shape {values.shape}; a finite one for each of {links} links is needed.",
            "Give one number per link of the graph.",
        )
    mean, trips = np.zeros_like(problem.trips), problem.trips
    for low, high in chunks(len(mean), solution.bushes.mean_links):
        _mean_along(low, high, solution.bushes, values, trips, mean)
        yield Progress(MESSAGE, high, len(mean))
    return mean.reshape(problem.demand.shape)


@njit(cache=True, nogil=True)
def _mean_along(low: int, high: int, bushes: Bushes, values: Floats, demand: Floats, mean: Floats) -> None:
    """Fill rows ``low`` to ``high`` of ``mean``, the shape of ``demand``."""
    at = np.empty(bushes.nodes[low:high].max() + 1)
    for origin in range(low, high):
        first = bushes.first[origin]
        at[0] = 0.0
        for position in range(1, bushes.nodes[origin]):
            flow, total = 0.0, 0.0
            for entry in range(first + bushes.start[first + position], first + bushes.start[first + position + 1]):
                flow += bushes.flow[entry]
                total += bushes.flow[entry] * (at[bushes.tail[entry]] + values[bushes.link[entry]])
            at[position] = total / flow if flow > 0.0 else 0.0
            node = bushes.node[first + position]
            if node < demand.shape[1] and demand[origin, node] > 0.0:
                mean[origin, node] = at[position]


def carried(problem: Problem, solution: Solution, trips: Floats) -> Task[Floats]:
    """Return the volumes ``(m,)`` of other trips on the same ways: each bush splits them as it splits its flow.

    ``trips`` has the shape of the demand and may be negative (a change of trips). Pairs that had no trips
    have no way, and carry nothing. The demand itself gives the volumes of the solution again.
    """
    volume, demand = np.zeros(len(problem.graph.tail)), problem.trips
    rows = np.ascontiguousarray(trips, np.float64).reshape(demand.shape)
    for low, high in chunks(len(rows), solution.bushes.mean_links):
        _carry(low, high, solution.bushes, rows, demand, volume)
        yield Progress(MESSAGE, high, len(rows))
    return volume


@njit(cache=True, nogil=True)
def _carry(low: int, high: int, bushes: Bushes, trips: Floats, demand: Floats, volume: Floats) -> None:
    """Add the trips of origins ``low`` to ``high`` to the volumes."""
    through = np.empty(bushes.nodes[low:high].max() + 1)
    for origin in range(low, high):
        first = bushes.first[origin]
        for position in range(bushes.nodes[origin]):
            node = bushes.node[first + position]
            has_way = position > 0 and node < trips.shape[1] and demand[origin, node] > 0.0
            through[position] = trips[origin, node] if has_way else 0.0
        for position in range(bushes.nodes[origin] - 1, 0, -1):
            flow = 0.0
            for entry in range(first + bushes.start[first + position], first + bushes.start[first + position + 1]):
                flow += bushes.flow[entry]
            if flow <= 0.0:
                continue
            share = through[position] / flow
            for entry in range(first + bushes.start[first + position], first + bushes.start[first + position + 1]):
                volume[bushes.link[entry]] += share * bushes.flow[entry]
                through[bushes.tail[entry]] += share * bushes.flow[entry]
