"""How the work on origins is shared between threads, and room among the bushes that both of them grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic

from sim.abreast import THREADS
from sim.assignment.graph import Ints
from sim.assignment.hierarchy import LANES

WORTHWHILE = 4 * LANES
"""Fewer origins than these are done before a thread has begun."""


def parts(origins: Ints) -> list[Ints]:
    """Cut origins into as many parts as threads are worth it, each a multiple of those that are looked at together."""
    if len(origins) < WORTHWHILE:
        return [origins]
    step = -(-len(origins) // (THREADS * LANES)) * LANES
    return [origins[low : low + step] for low in range(0, len(origins), step)]


def _take(_typing: Any, array: Any, _amount: Any) -> tuple[Any, Any]:
    """Add an amount to the first number of an array and return what it was, in one step for all threads."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.atomic_rmw("add", data, args[1], "monotonic")

    return types.int64(array, types.int64), generate


take: Callable[..., int] = intrinsic(_take)
