"""A run of traffic from empty roads to a horizon, or on from a snapshot of another run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.assignment.hierarchy import LANES
from sim.kinematic_wave import gridlock, node, queue, route
from sim.kinematic_wave.capacity import Changes, Windows, change, make_changes, no_windows
from sim.kinematic_wave.gridlock import Gridlock
from sim.kinematic_wave.network import Floats, Ints, Network
from sim.kinematic_wave.node import NO_WAY
from sim.kinematic_wave.snapshot import Snapshot, restored, take
from sim.kinematic_wave.state import UNKNOWN, empty_state
from sim.kinematic_wave.trip import Exits, Trips
from twin.errors import DataError
from twin.task import Progress, Task

MESSAGE = "Moving vehicles"
CHUNK_TRIPS = 30_000
"""Trips that begin between two chances to cancel, if all were spread evenly: some 20 ms."""
CHUNK_NODES = 200_000
"""Nodes that route trees may reach between two chances to cancel: some 30 ms."""
UNUSUAL_S = 60.0
"""A link that takes so much longer than on an ordinary day is heard of."""


@dataclass(frozen=True)
class Clock:
    """What happens how often (s), from 0 to ``horizon_s``.

    Every ``series_s`` the state of the links is noted and gridlock looked for, every ``renew_s`` one of the ``tables``
    route tables is renewed, every ``snapshot_s`` the whole state is kept. With ``relief`` a ring of links
    in gridlock turns by one vehicle each time it is seen; without, it stays.
    """

    horizon_s: float
    series_s: float = 300.0
    renew_s: float = 300.0
    snapshot_s: float = 900.0
    tables: int = 3
    relief: bool = False

    def __post_init__(self) -> None:
        """Refuse times that never come."""
        for name in ("horizon_s", "series_s", "renew_s", "snapshot_s"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0.0):
                raise DataError(f"'{name}' is {getattr(self, name)}; expected seconds above 0.", "Change it.")
        if not 1 <= self.tables <= 255:
            raise DataError(f"There are {self.tables} route tables; expected 1 to 255.", "Use 3, say.")


@dataclass(frozen=True, eq=False)
class Habits:
    """Drivers who know the roads: a route table is made once, of the times ``times_s (tables, m)`` that its drivers are used to.

    ``usual_s (k, m)`` is what was seen of the links at each of the ``k`` moments of renewal on an ordinary day
    (``Outcome.seen_s``); drivers of the first ``informed`` tables hear where it takes ``UNUSUAL_S`` longer than that.
    None: this is the ordinary day.
    """

    times_s: Floats
    informed: int = 0
    usual_s: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be simulated. ``trips`` were made for as many route tables as ``clock`` has.

    Without ``habits`` drivers go by nothing but the present times.
    """

    network: Network
    trips: Trips
    exits: Exits
    clock: Clock
    windows: Windows = field(default_factory=no_windows)
    habits: Habits | None = None


class Look(NamedTuple):
    """Counters of ``State`` and queues at one moment, ``(m,)`` each; or at all moments ``(k,)``, ``(k, m)`` each."""

    at_s: Floats
    entered: Ints
    left: Ints
    entries_s: Floats
    exits_s: Floats
    travel_s: Floats
    queue_m: Floats


@dataclass(frozen=True, eq=False)
class Outcome:
    """What happened.

    ``looks`` is what was seen of the links from 0 on, ``seen_s (k, m)`` the present times at each moment of renewal. ``arrival_s (v,)`` is in the order of ``Trips``, NaN for
    who had not arrived by the horizon; ``stranded (v,)`` marks who has no way at all.
    """

    looks: Look
    arrival_s: Floats
    stranded: NDArray[np.bool_]
    gridlocks: tuple[Gridlock, ...]
    snapshots: tuple[Snapshot, ...]
    seen_s: NDArray[np.float32]

    def vehicle_s(self) -> Floats:
        """Return the time that vehicles spent on each link between two looks ``(k - 1, m)``."""
        looks = self.looks
        return np.asarray(np.diff(looks.exits_s - looks.entries_s + (looks.entered - looks.left) * looks.at_s[:, None], axis=0))


def simulate(problem: Problem) -> Task[Outcome]:
    """Move everybody from empty roads to the horizon."""
    run = _Run(problem)
    for table in range(problem.clock.tables):
        yield from run.renew(table, run.first_times(table))
    return (yield from run.go_on(0.0))


def simulate_again(problem: Problem, base: Problem, outcome: Outcome) -> Task[Outcome]:
    """Simulate a problem that differs in its windows, and what is usual, from the last snapshot of ``base`` before they differ.

    To the last bit what ``simulate`` would return.
    """
    ours, theirs = (make_changes(item.windows, item.network.links) for item in (problem, base))
    differ_s = _first_difference(ours, theirs)
    start = [item for item in outcome.snapshots if item.at_s <= differ_s]
    if not start:
        return (yield from simulate(problem))
    run = _Run(problem)
    yield from run.restore(start, outcome)
    return (yield from run.go_on(start[-1].at_s))


def _first_difference(ours: Changes, theirs: Changes) -> float:
    """Return when two sequences of changes first differ, never if they are the same."""
    rows = [list(zip(*(column.tolist() for column in changes), strict=True)) for changes in (ours, theirs)]
    different = set(rows[0]) ^ set(rows[1])
    return min((row[0] for row in different), default=np.inf)


class _Run:
    """Traffic under way."""

    def __init__(self, problem: Problem) -> None:
        network, trips, clock = problem.network, problem.trips, problem.clock
        links, nodes, destinations = network.links, network.nodes, len(problem.exits.start) - 1
        if len(trips.trip) and int(trips.trip["table"].max()) >= clock.tables:
            raise DataError(
                f"A trip follows route table {trips.trip['table'].max()} of {clock.tables}.", "Make the trips for this clock."
            )
        self.problem = problem
        self.changes = make_changes(problem.windows, links)
        self.state = empty_state(network, trips, destinations)
        self.backwards = route.make_backwards(network, problem.exits)
        self.table = np.full((nodes, clock.tables * destinations), NO_WAY, np.uint8)
        self.times_s = np.zeros((clock.tables, links))
        self.looks: list[Look] = []
        self.gridlocks: list[Gridlock] = []
        self.snapshots: list[Snapshot] = []
        self.seen_s: list[NDArray[np.float32]] = []

    def first_times(self, table: int) -> Floats:
        """Return the times by which a route table is made before anybody drives."""
        network, habits = self.problem.network, self.problem.habits
        return np.asarray(network.link["free_s"][: network.links] if habits is None else habits.times_s[table])

    def renew(self, table: int, times_s: Floats) -> Task[None]:
        """Make one route table anew from times ``(m,)``."""
        self.times_s[table] = times_s
        network, count = self.problem.network, len(self.problem.exits.start) - 1
        prices = route.priced(times_s, self.backwards, network)
        step = LANES * max(1, CHUNK_NODES // (LANES * network.nodes))
        for low in range(0, count, step):
            route.renew(low, min(low + step, count), self.backwards, prices, network, table * count, self.table)
            yield self._progress()

    def restore(self, snapshots: list[Snapshot], outcome: Outcome) -> Task[None]:
        """Take up a run where its last snapshot left it."""
        last = snapshots[-1]
        self.snapshots, self.gridlocks = list(snapshots), list(last.gridlocks)
        problem = self.problem
        self.state = restored(last, problem.network, problem.trips, len(problem.exits.start) - 1, outcome.arrival_s)
        self.looks = [Look(*(column[row] for column in outcome.looks)) for row in range(last.looks)]
        self.seen_s = list(outcome.seen_s[: int(last.at_s // self.problem.clock.renew_s)])
        for table in range(problem.clock.tables):
            yield from self.renew(table, last.times_s[table])

    def go_on(self, start_s: float) -> Task[Outcome]:
        """Move everybody to the horizon and tell what happened."""
        clock = self.problem.clock
        if not self.looks:
            self._note(0.0)
        now_s = start_s
        for then_s in self._stops(start_s):
            self._change_capacity(now_s)
            self._advance(now_s, then_s)
            now_s = then_s
            yield self._progress(now_s)
            if _is_due(now_s, clock.series_s) or now_s == clock.horizon_s:
                self._look_for_gridlock(now_s)
                self._note(now_s)
            if now_s < clock.horizon_s:
                yield from self._keep_house(now_s)
        return self._outcome()

    def _keep_house(self, now_s: float) -> Task[None]:
        """Let drivers hear of the traffic and keep a snapshot, when they are due."""
        clock = self.problem.clock
        if _is_due(now_s, clock.renew_s):
            seen_s = np.empty(self.problem.network.links)
            route.present_times(now_s, self.problem.network, self.state, seen_s)
            self.seen_s.append(seen_s.astype(np.float32))
            yield from self._hear(now_s, seen_s)
        if _is_due(now_s, clock.snapshot_s):
            found = (len(self.looks), tuple(self.gridlocks))
            self.snapshots.append(take(now_s, self.problem.network, self.state, self.times_s, *found))
            yield self._progress(now_s)

    def _hear(self, now_s: float, seen_s: Floats) -> Task[None]:
        """Renew the route table whose turn it is, if its drivers hear anything new."""
        clock, habits = self.problem.clock, self.problem.habits
        turn = round(now_s / clock.renew_s)
        table, times_s = turn % clock.tables, seen_s
        if habits is not None:
            if habits.usual_s is None or not habits.informed:
                return
            table = turn % habits.informed
            # In single precision on both sides: what is as usual differs by nothing at all.
            beyond_s = seen_s.astype(np.float32) - habits.usual_s[turn - 1]
            times_s = habits.times_s[table] + np.where(beyond_s > UNUSUAL_S, beyond_s, 0.0)
            if np.array_equal(times_s, self.times_s[table]):
                return
        yield from self.renew(table, times_s)
        self.state.renewed_s[0], self.state.heads["goal"] = now_s, UNKNOWN
        self.state.wake_s[:] = np.minimum(self.state.wake_s, now_s)

    def _stops(self, start_s: float) -> Iterator[float]:
        """Yield the moments after ``start_s`` at which something is due, the horizon last."""
        clock = self.problem.clock
        chunks = np.ceil(len(self.problem.trips.trip) * clock.series_s / clock.horizon_s / CHUNK_TRIPS)
        stops = [self.changes.at_s, np.array([clock.horizon_s])]
        stops += [
            np.arange(1, clock.horizon_s // every + 1) * every
            for every in (clock.series_s / max(chunks, 1.0), clock.series_s, clock.renew_s, clock.snapshot_s)
        ]
        at_s = np.unique(np.concatenate(stops))
        yield from at_s[(at_s > start_s) & (at_s <= clock.horizon_s)].tolist()

    def _advance(self, start_s: float, end_s: float) -> None:
        problem = self.problem
        node.advance(start_s, end_s, problem.network, self.table, self.state)

    def _change_capacity(self, now_s: float) -> None:
        """Apply the changes that are due by now and were not applied yet."""
        changes, done = self.changes, self.state.changes
        while done[0] < len(changes.at_s) and changes.at_s[done[0]] <= now_s:
            row = done[0]
            change(changes.link[row], now_s, changes.out_factor[row], changes.in_factor[row], self.problem.network, self.state)
            done[0] += 1

    def _look_for_gridlock(self, now_s: float) -> None:
        network, known = self.problem.network, {item.links for item in self.gridlocks}
        waits = np.empty(network.links, np.int32)
        gridlock.waits_for(now_s, network, self.table, self.state, waits)
        for links in gridlock.rings(waits):
            if links not in known:
                self.gridlocks.append(Gridlock(now_s, links))
            if self.problem.clock.relief:
                gridlock.turn(np.array(links, np.int32), now_s, network, self.state)

    def _note(self, now_s: float) -> None:
        """Note what the links look like now."""
        links = self.problem.network.links
        queue_m = np.empty(links)
        queue.queue_lengths(now_s, self.problem.network, self.state, queue_m)
        tails = self.state.tails[self.problem.network.place[:links]]
        exits_s = self.state.heads["exits_s"][tails["head"]]
        counters = (tails["entered"], tails["left"], tails["entries_s"], exits_s, tails["travel_s"])
        self.looks.append(Look._make([np.array(now_s), *(column.copy() for column in counters), queue_m]))

    def _outcome(self) -> Outcome:
        trips = self.problem.trips
        origin = np.repeat(np.arange(len(trips.start) - 1), np.diff(trips.start))
        stranded = self.table[origin, trips.trip["destination"]] == NO_WAY
        looks = Look._make(np.array(column) for column in zip(*self.looks, strict=True))
        seen_s = np.array(self.seen_s, np.float32).reshape(-1, self.problem.network.links)
        return Outcome(looks, self.state.arrival_s, stranded, tuple(self.gridlocks), tuple(self.snapshots), seen_s)

    def _progress(self, now_s: float = 0.0) -> Progress:
        return Progress(MESSAGE, now_s, self.problem.clock.horizon_s)


def _is_due(now_s: float, every_s: float) -> bool:
    """Return whether a moment is one of those that come ``every_s``."""
    return bool(now_s == round(now_s / every_s) * every_s)
