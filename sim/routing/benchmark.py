"""Solve a published problem and tell how well and how fast."""

from __future__ import annotations

from collections.abc import Callable

from sim.routing.check import capacity_faults, route_cost
from sim.routing.check_waste import waste_faults, way_miles
from sim.routing.course import Limit
from sim.routing.solve import Spread, solve, warm_up
from sim.routing.solve_waste import solve_waste, warm_up_waste
from twin.model.routing_instance import RoutingInstance, WasteInstance
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
    is_waste = isinstance(instance, WasteInstance)
    warm_up_waste() if is_waste else warm_up()
    loaded = clock()
    limit = Limit(seconds=seconds, clock=clock)
    if isinstance(instance, WasteInstance):
        solved = yield from solve_waste(instance, seed, limit)
        cost, faults = way_miles(instance, solved.routes), waste_faults(instance, solved.routes)
    else:
        solved = yield from solve(instance, seed, limit, spread)
        cost, faults = route_cost(instance, solved.routes), capacity_faults(instance, solved.routes)
    return {
        "cost": cost,
        "routes": len(solved.routes),
        "seconds": clock() - loaded,
        "start_cost": solved.start_cost,
        "feasible": not faults,
        "iterations": solved.iterations,
        "load_seconds": loaded - started,
    }
