"""What solving is asked for and gives: a limit, how much of it has gone, and the routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """When to stop: after ``iterations`` (the same plan on every machine), or ``seconds`` by ``clock``."""

    iterations: int = 0
    seconds: float = 0.0
    clock: Callable[[], float] | None = None


@dataclass(frozen=True)
class Solved:
    """Routes as lists of the problem's rows in driving order, and what was reached on the way."""

    routes: list[list[int]]
    cost: float
    start_cost: float
    iterations: int


class Course:
    """How much of the time or of the iterations has gone."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._started = limit.clock() if limit.clock else 0.0
        self.iterations = 0

    @property
    def fraction(self) -> float:
        """Share gone, 1 at the end."""
        if self._limit.clock is None:
            return self.iterations / self._limit.iterations if self._limit.iterations > 0 else 1.0
        return (self._limit.clock() - self._started) / self._limit.seconds if self._limit.seconds > 0 else 1.0
