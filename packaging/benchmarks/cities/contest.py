"""Every contender in every replication, each a line in a file: on several processes, and going on where it was broken off."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.cleanup.front import CONTENDERS, Contender, Standing, run_contender
from sim.cleanup.params import CleanupParams
from sim.cleanup.run import Ground, prepare_ground
from twin.model.scenario import baseline
from twin.model.snapshot import Snapshot
from twin.task import finish


@dataclass(frozen=True)
class Case:
    """One contender, by its place among ``CONTENDERS``, in one replication of a seed."""

    contender: int
    seed: int
    replication: int

    @property
    def name(self) -> str:
        """The key of its line."""
        return f"{CONTENDERS[self.contender].name} | {self.seed} | {self.replication}"


def run(snapshot: Snapshot, params: CleanupParams, cases: Sequence[Case], log: Path, processes: int) -> dict[str, list[float]]:
    """Return what each case came to; those that stand in the log already are not run again.

    Lines are in the order of the cases, whoever measured them: one process or more, the file is the same to the byte.
    """
    done = read(log)
    missing = [case for case in cases if case.name not in done]
    with log.open("a", encoding="utf-8") as file:
        for case, means in zip(missing, measured(snapshot, params, missing, processes), strict=True):
            done[case.name] = means
            file.write(json.dumps({"case": case.name, "means": means}) + "\n")
            file.flush()
    return done


def read(log: Path) -> dict[str, list[float]]:
    """Return the lines of a log; a last one that was broken off is left out and cut off."""
    if not log.exists():
        return {}
    whole = log.read_text("utf-8").rpartition("\n")[0]
    log.write_text(whole + "\n" if whole else "", "utf-8")
    lines = (json.loads(line) for line in whole.splitlines())
    return {line["case"]: line["means"] for line in lines}


def measured(snapshot: Snapshot, params: CleanupParams, cases: Sequence[Case], processes: int) -> Iterator[list[float]]:
    """Yield what each case comes to, in their order."""
    if not cases:
        return
    if processes == 1:
        began(snapshot, params)
        yield from map(one, cases)
        return
    with multiprocessing.get_context("spawn").Pool(processes, began, (snapshot, params)) as pool:
        yield from pool.imap(one, cases)


# In each process: the city and what its days rest on, once.
_begun: list[tuple[Snapshot, Ground]] = []


def began(snapshot: Snapshot, params: CleanupParams) -> None:
    """Prepare a process."""
    _begun[:] = [(snapshot, finish(prepare_ground(snapshot, baseline(), params, 0)))]


def one(case: Case) -> list[float]:
    """Run a case."""
    snapshot, ground = _begun[0]
    means: Any = finish(run_contender(ground, snapshot, CONTENDERS[case.contender], case.seed, case.replication))
    return [float(value) for value in means]


def standings(done: dict[str, list[float]], seed: int, replications: int) -> tuple[Standing, ...]:
    """Return what every contender came to with a seed."""

    def of(number: int, contender: Contender) -> Standing:
        means = [done[Case(number, seed, replication).name] for replication in range(replications)]
        return Standing(contender, np.array(means))

    return tuple(of(number, contender) for number, contender in enumerate(CONTENDERS))
