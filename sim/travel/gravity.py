"""Trips between zones: the doubly constrained gravity model, fitted to a mean trip time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from twin.task import Progress, Task

MESSAGE = "Distributing trips"

BALANCED = 1e-10
"""Largest relative error of a zone's trips when balancing ends."""
STEP_CELLS = 10_000_000
"""Cells of the matrix passed between two chances to cancel: some 20 ms."""


def balance(weight: Floats, production: Floats, attraction: Floats, *, most: int = 1000) -> Task[Floats]:
    """Scale rows and columns of ``weight (z, z)`` to the productions and attractions (Furness 1965).

    Attractions are scaled to the sum of productions first. Zones without a way keep none of their trips.
    """
    attraction = attraction * (production.sum() / attraction.sum()) if attraction.sum() > 0.0 else attraction
    b = np.ones(len(attraction))
    a = np.zeros(len(production))
    pause = max(1, STEP_CELLS // (2 * weight.size + 1))
    for number in range(most):
        if number % pause == 0:
            yield Progress(MESSAGE)
        rows = weight @ (b * attraction)
        a = np.divide(1.0, rows, out=np.zeros_like(rows), where=rows > 0.0)
        columns = (a * production) @ weight
        now = np.divide(1.0, columns, out=np.zeros_like(columns), where=columns > 0.0)
        settled = np.all(np.abs(now - b) <= BALANCED * np.maximum(now, b))
        b = now
        if settled:
            break
    return np.asarray((a * production)[:, None] * weight * (b * attraction)[None, :])


def gravity(
    cost: Floats, production: Floats, attraction: Floats, beta: float, closed: NDArray[np.bool_] | None = None
) -> Task[Floats]:
    """Return trips ``(z, z)`` with deterrence exp(-beta cost); none on the pairs ``closed (z, z)``."""
    # The least cost of each row is taken out first: balancing undoes it, and no row underflows to nothing.
    weight = np.exp(-beta * (cost - cost.min(axis=1, keepdims=True)))
    if closed is not None:
        weight[closed] = 0.0
    yield Progress(MESSAGE)
    return (yield from balance(weight, production, attraction))


def fit_beta(cost: Floats, production: Floats, attraction: Floats, mean_cost: float) -> Task[tuple[float, Floats]]:
    """Return beta and trips whose mean cost is ``mean_cost`` (Hyman 1969, doi:10.1068/a010105).

    A mean that no beta >= 0 reaches gives beta 0 (all destinations alike) or a very steep one.
    """

    def mean_of(beta: float) -> Task[tuple[float, Floats]]:
        trips = yield from gravity(cost, production, attraction, beta)
        total = float(trips.sum())
        return (float((trips * cost).sum()) / total if total > 0.0 else 0.0), trips

    reached, trips = yield from mean_of(0.0)
    if reached <= mean_cost or mean_cost <= 0.0:
        return 0.0, trips
    before, mean_before = 0.0, reached
    beta = 1.0 / mean_cost  # Hyman's first guess: beta times the mean cost is near 1
    for _ in range(40):
        reached, trips = yield from mean_of(beta)
        if abs(reached - mean_cost) <= 1e-6 * mean_cost or beta == before or reached == mean_before:
            break
        slope = (reached - mean_before) / (beta - before)
        after = beta + (mean_cost - reached) / slope  # Hyman's secant
        before, mean_before = beta, reached
        beta = float(np.clip(after, beta / 4, beta * 4))
    return beta, trips
