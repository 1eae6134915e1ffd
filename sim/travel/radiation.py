"""Trips between zones by the radiation model, which needs no travel time to be fitted to.

F. Simini, M. C. González, A. Maritan, A.-L. Barabási (2012), A universal model for mobility and migration
patterns, Nature 484, 96-100, doi:10.1038/nature10856.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.travel.gravity import MESSAGE
from twin.task import Progress, Task

ROWS = 50
"""Origins between two chances to cancel."""


def radiation(cost: Floats, production: Floats, attraction: Floats, gates: NDArray[np.bool_]) -> Task[Floats]:
    """Return trips ``(z, z)``: everybody goes to the nearest place that is better than all nearer ones.

    ``attraction (z,)`` are the opportunities of zones; nobody stays in his zone, nor goes from one of the
    ``gates (z,)`` to another one. Of a finite city the shares of an origin are made to sum to 1 (Masucci et al.
    2013, doi:10.1103/PhysRevE.88.022812): rows are the productions exactly, columns are as they come.
    """
    trips = np.zeros_like(cost)
    for origin in range(len(production)):
        if origin % ROWS == 0:
            yield Progress(MESSAGE, origin, len(production))
        weight = emission(cost[origin], attraction, origin)
        weight[gates & gates[origin]] = 0.0
        total = float(weight.sum())
        if total > 0.0:
            trips[origin] = production[origin] * weight / total
    return trips


def emission(cost: Floats, opportunities: Floats, origin: int) -> Floats:
    """Return the share of an origin's trips that each zone ``(z,)`` takes by the costs to all: m n / ((m + s) (m + n + s)).

    m are the opportunities at the origin, n those at the destination, s those nearer than it (Simini et al. 2012);
    among equally near ones the first comes first.
    """
    order = np.argsort(cost, kind="stable")
    order = order[order != origin]
    here = float(opportunities[origin])
    there = opportunities[order]
    until = here + np.cumsum(there)
    before = until - there
    share = np.zeros(len(opportunities))
    # An origin without opportunities of its own takes the first place that has any: the limit of m to 0.
    here = here if here > 0.0 else 1e-9 * max(float(opportunities.sum()), 1e-300)
    share[order] = here * there / np.maximum(before, here) / np.maximum(until, here)
    return share
