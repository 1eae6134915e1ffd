"""Two threads abreast: compiled kernels that look at origins and do not hear of each other.

Which thread took an origin changes nothing of what is found for it, so that the same inputs give the same bytes.
Kernels let go of the interpreter's lock; nothing else runs in these threads, and each call ends them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from numba import types
from numba.extending import intrinsic

from sim.assignment.graph import Ints
from sim.assignment.hierarchy import LANES

Said = TypeVar("Said")

THREADS = 2
"""More gain little: distances wait for memory, and between two surveys flow is shifted by one thread."""
WORTHWHILE = 4 * LANES
"""Fewer origins than these are done before a thread has begun."""


def parts(origins: Ints) -> list[Ints]:
    """Cut origins into as many parts as threads are worth it, each a multiple of those that are looked at together."""
    if len(origins) < WORTHWHILE:
        return [origins]
    step = -(-len(origins) // (THREADS * LANES)) * LANES
    return [origins[low : low + step] for low in range(0, len(origins), step)]


def abreast(work: Callable[[int], Said], count: int) -> list[Said]:
    """Return what ``work`` says to each number below ``count``; all but the first are asked in threads of their own."""
    said: dict[int, Said] = {}
    failed: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            said[number] = work(number)
        except BaseException as error:  # noqa: BLE001  raised again below, in the caller's thread
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number,), name=f"origins {number}") for number in range(1, count)]
    for thread in threads:
        thread.start()
    ask(0)
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [said[number] for number in range(count)]


def _take(_typing: Any, array: Any, _amount: Any) -> tuple[Any, Any]:
    """Add an amount to the first number of an array and return what it was, in one step for all threads."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.atomic_rmw("add", data, args[1], "monotonic")

    return types.int64(array, types.int64), generate


take: Callable[..., int] = intrinsic(_take)
