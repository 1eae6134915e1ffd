"""Two threads abreast, for the length of one call: compiled work on parts that do not hear of each other.

Which thread took a part changes nothing of what is found for it, so that the same inputs give the same bytes. What
runs here has to let go of the interpreter's lock, or two threads take as long as one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

Given = TypeVar("Given")
Said = TypeVar("Said")

THREADS = 2
"""More gain little: such work waits for memory, and what comes between is done by one thread."""


def abreast(work: Callable[[int], Said], count: int) -> list[Said]:
    """Return what ``work`` says to each number below ``count``; all but the first are asked in threads of their own."""
    said: dict[int, Said] = {}
    failed: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            said[number] = work(number)
        except BaseException as error:  # noqa: BLE001  raised again below, in the caller's thread
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number,), name=f"abreast {number}") for number in range(1, count)]
    for thread in threads:
        thread.start()
    ask(0)
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [said[number] for number in range(count)]


def by_rows(work: Callable[[slice], object], count: int, step: int) -> Iterator[int]:
    """Do work on ``count`` rows, at most ``step`` of them in each thread at once; yield how many are done so far."""
    for low in range(0, count, THREADS * step):
        until = min(low + THREADS * step, count)
        rows = [slice(start, min(start + step, until)) for start in range(low, until, step)]
        abreast(partial(_at, work, rows), len(rows))
        yield until


def each(work: Callable[[Given], Said], items: Sequence[Given]) -> list[Said]:
    """Return what ``work`` says to each item, in their order; whichever thread is free takes the next: give large ones first."""
    said: dict[int, Said] = {}
    rest = deque(range(len(items)))

    def take(_: int) -> None:
        while rest:
            try:
                number = rest.popleft()
            except IndexError:  # another thread took the last one
                return
            said[number] = work(items[number])

    abreast(take, min(THREADS, len(items)))
    return [said[number] for number in range(len(items))]


def _at(work: Callable[[slice], Said], rows: list[slice], number: int) -> Said:
    return work(rows[number])
