"""Many cases of a study at once: here, on all cores of this machine, or on a Dask cluster; the outcomes are the same.

Besides ``ui.worker`` the only module that starts processes. Each way is a generator that yields the number of a case
with its outcome as soon as it is there, in any order, and None in between, often enough that a cancel (closing the
generator) is answered at once.
"""

from __future__ import annotations

import multiprocessing
import pickle
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event
from typing import Any

from sim.sweep.case import Case
from sim.sweep.study import Outcome, Study
from twin.errors import CancelledError, KnownError
from twin.task import finish

Found = Generator[tuple[int, Outcome] | None, None, None]
Way = Callable[[Study, Sequence[Case]], Found]

HEARTBEAT_S = 0.1
AHEAD = 4
"""Cases given out per process: so many wait in a pool, and so few are lost with it."""
ANSWER_S = "10s"
"""How long a cluster may take to answer."""


def here(study: Study, cases: Sequence[Case]) -> Found:
    """Measure one case after another in this process."""
    for number, case in enumerate(cases):
        task = study.measured(case)
        try:
            while True:
                next(task)
                yield None
        except StopIteration as stop:
            outcome: Outcome = stop.value
        yield number, outcome


def on_cores(count: int) -> Way:
    """Return the way over ``count`` processes of this machine; they get the study once, after it was begun.

    The study is sent rather than begun anew in each: on the demo city 0.9 s instead of 7 s of each process.
    """

    def found(study: Study, cases: Sequence[Case]) -> Found:
        context = multiprocessing.get_context("spawn")  # forked threads of numba and Qt would hang
        stop = context.Event()
        content = pickle.dumps(study, protocol=pickle.HIGHEST_PROTOCOL)
        workers = min(count, len(cases))
        pool = ProcessPoolExecutor(workers, context, initializer=_receive, initargs=(content, stop))
        is_done = False
        try:
            yield from _collected(pool, cases, workers * AHEAD)
            is_done = True
        except BrokenProcessPool as error:
            raise KnownError(
                "A process of the sweep ended before its time.",
                "There may be too little memory: use fewer workers. What was measured is kept; start the sweep again.",
            ) from error
        finally:
            stop.set()
            # Who cancels does not wait for processes that only begin: they end by themselves.
            pool.shutdown(wait=is_done, cancel_futures=True)

    return found


def on_cluster(address: str) -> Way:
    """Return the way over a Dask cluster. Raises ``KnownError`` when nobody answers at the address."""

    def found(study: Study, cases: Sequence[Case]) -> Found:
        from distributed import Client

        try:
            client = Client(address, timeout=ANSWER_S, set_as_default=False)  # type: ignore[no-untyped-call] # distributed has no types
        except (OSError, ValueError, TimeoutError) as error:
            raise KnownError(
                f"No Dask scheduler answers at '{address}': {error}.",
                "Start one (dask scheduler), with workers that have this version of CityTwin, and give its address.",
            ) from error
        with client:
            yield from _from_cluster(client, study, cases)

    return found


def _collected(pool: ProcessPoolExecutor, cases: Sequence[Case], most: int) -> Found:
    """Keep the pool busy with at most ``most`` cases at a time and yield what comes back."""
    waiting: dict[Future[Outcome], int] = {}
    given = 0
    while given < len(cases) or waiting:
        while given < len(cases) and len(waiting) < most:
            waiting[pool.submit(_measure, cases[given])] = given
            given += 1
        done, _ = wait(waiting, HEARTBEAT_S, FIRST_COMPLETED)
        for future in done:
            yield waiting.pop(future), future.result()
        yield None


def _from_cluster(client: Any, study: Study, cases: Sequence[Case]) -> Found:
    shared = client.scatter(study, broadcast=True, hash=False)
    waiting = {client.submit(_measure_of, shared, case, pure=False): number for number, case in enumerate(cases)}
    try:
        while waiting:
            done = [future for future in waiting if future.done()]
            for future in done:
                yield waiting.pop(future), _result_of(future)
            if not done:
                time.sleep(HEARTBEAT_S / 2)
            yield None
    finally:
        client.cancel(list(waiting))


def _result_of(future: Any) -> Outcome:
    from distributed import KilledWorker

    try:
        outcome: Outcome = future.result()
    except (KilledWorker, OSError) as error:
        raise KnownError(
            f"The cluster lost a case of the sweep: {error}.", "Look at its workers; what was measured is kept."
        ) from error
    return outcome


# In the processes of a pool: what was sent to them once.
_received: list[tuple[Study, Event]] = []


def _receive(content: bytes, stop: Event) -> None:
    _received.append((pickle.loads(content), stop))  # noqa: S301  sent by the process that started this one


def _measure(case: Case) -> Outcome:
    study, stop = _received[-1]
    try:
        return finish(study.measured(case), is_cancelled=stop.is_set)
    except CancelledError:
        return Outcome(refusal="cancelled")


def _measure_of(study: Study, case: Case) -> Outcome:
    return finish(study.measured(case))
