"""Solve a published problem and tell how well and how fast."""

from __future__ import annotations

from collections.abc import Callable

from sim.routing.check import capacity_faults, route_cost
from sim.routing.solve import Limit, Spread, solve, warm_up
from twin.model.routing_instance import CapacityInstance, RoutingInstance
from twin.task import Progress, Task


def run_benchmark(
    instance: RoutingInstance, seconds: float, seed: int, clock: Callable[[], float], spread: Spread = map
) -> Task[dict[str, float]]:
    """Solve within a time by ``clock`` and return what was reached.

    ``cost`` and ``feasible`` are the checker's; ``start_cost`` is that of the first plan; ``seconds`` is the time
    from the problem in memory to the routes, ``load_seconds`` that to bring the compiled code in.
    """
    started = clock()
    yield Progress("Loading the compiled code")
    warm_up()
    loaded = clock()
    if not isinstance(instance, CapacityInstance):
        raise NotImplementedError
    solved = yield from solve(instance, seed, Limit(seconds=seconds, clock=clock), spread)
    ended = clock()
    return {
        "cost": route_cost(instance, solved.routes),
        "routes": len(solved.routes),
        "seconds": ended - loaded,
        "start_cost": solved.start_cost,
        "feasible": not capacity_faults(instance, solved.routes),
        "iterations": solved.iterations,
        "load_seconds": loaded - started,
    }
