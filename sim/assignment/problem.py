"""What is to be solved, refused where it makes no sense, and which of its trips have a way at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sim.assignment.distances import make_distances, skim
from sim.assignment.graph import CLOSED_TIME_S, Delay, Floats, Graph, Ints, chunks
from sim.assignment.hierarchy import LANES, fit
from twin.errors import DataError
from twin.task import Progress, Task

ADVICE = "Check what the network and the trips were made of."


@dataclass(frozen=True, eq=False)
class Problem:
    """Graph, delay functions, and trips per hour between centroids ``(z, z)``.

    Classes of vehicles share the roads where ``demand`` is ``(k, z, z)``, in passenger-car equivalents.
    ``extra`` ``(k, m)`` is what each class pays on each link beside its time, in units of time (a toll over the
    value of time); ``CLOSED_TIME_S`` where it may not drive. ``background`` ``(m,)`` is volume that is there
    whatever happens, such as buses on their lines. Raises ``DataError`` on numbers that cannot be.
    """

    graph: Graph
    delay: Delay
    demand: Floats
    extra: Floats | None = None
    background: Floats | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        links = len(self.graph.tail)
        shape = self.demand.shape
        if self.demand.ndim not in (2, 3) or shape[-1] != shape[-2] or shape[-1] >= len(self.graph.in_start):
            raise DataError(
                f"The trips are a table of {' x '.join(map(str, shape))}; one row and one column per zone is needed, "
                f"of at most {len(self.graph.in_start) - 1} zones.",
                ADVICE,
            )
        _refuse("trips", self.demand, self.demand >= 0.0)
        for name, column in zip(Delay._fields, self.delay, strict=True):
            values = np.asarray(column)
            if values.shape != (links,):
                raise DataError(f"{links} links have {values.size} values of {name}.", ADVICE)
        _refuse("free-flow time", self.delay.free_time, self.delay.free_time >= 0.0)
        _refuse("b", self.delay.b, self.delay.b >= 0.0)
        _refuse("capacity", self.delay.capacity, self.delay.capacity > 0.0)
        _refuse("power", self.delay.power, self.delay.power >= 0.0)
        for name, value, wanted in (
            ("extra cost", self.extra, (self.class_count, links)),
            ("background volume", self.background, (links,)),
        ):
            if value is not None and value.shape != wanted:
                raise DataError(f"{name} has the shape {value.shape}; {wanted} is needed.", ADVICE)
            if value is not None:
                _refuse(name, value, value >= 0.0)

    @property
    def zone_count(self) -> int:
        """How many zones trips go between."""
        return int(self.demand.shape[-1])

    @property
    def class_count(self) -> int:
        """How many classes of vehicles share the roads."""
        return len(self.demand) if self.demand.ndim == 3 else 1

    @property
    def trips(self) -> Floats:
        """Trips by origin of each class ``(k z, z)``, one class after the other: row r has a bush of its own."""
        return np.ascontiguousarray(self.demand.reshape(-1, self.zone_count), np.float64)

    @property
    def extras(self) -> Floats:
        """What each class pays on each link beside its time ``(k, m)``."""
        return np.zeros((self.class_count, len(self.graph.tail))) if self.extra is None else self.extra

    @property
    def fixed_volume(self) -> Floats:
        """The volume that is there whatever happens ``(m,)``."""
        return np.zeros(len(self.graph.tail)) if self.background is None else self.background

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Which links are closed to each class ``(k, m)``."""
        return np.asarray(self.delay.free_time + self.extras >= CLOSED_TIME_S)


def _refuse(what: str, values: Floats, sound: NDArray[np.bool_]) -> None:
    bad = np.argwhere(~(sound & np.isfinite(values)))
    if len(bad):
        where = tuple(int(index) for index in bad[0])
        raise DataError(f"{what} is {values[where]:g} at {where}; that cannot be ({len(bad)} such values).", ADVICE)


def refuse_cut_off(problem: Problem) -> Task[None]:
    """Raise ``DataError`` when trips of any class have no open way, naming the first pair."""
    demand = problem.demand.reshape(problem.class_count, problem.zone_count, problem.zone_count)
    for trips, extra in zip(demand, problem.extras, strict=True):
        cut = yield from unreachable(problem.graph, problem.delay.free_time + extra, problem.zone_count)
        refuse_lost(trips, cut)


def refuse_lost(trips: Floats, cut: NDArray[np.bool_]) -> None:
    """Raise ``DataError`` when there are trips ``(z, z)`` between zones that are cut off ``(z, z)`` from each other."""
    lost = np.argwhere((trips > 0.0) & cut & ~np.eye(len(trips), dtype=bool))
    if len(lost):
        origin, destination = (int(zone) + 1 for zone in lost[0])
        raise DataError(
            f"There are trips from zone {origin} to zone {destination} and no open road between them ({len(lost)} such pairs).",
            "Add the missing links or take these trips out.",
        )


def unreachable(graph: Graph, free_time: Floats, zone_count: int) -> Task[NDArray[np.bool_]]:
    """Return which pairs of centroids ``(z, z)`` no open link joins.

    Mostly one look at the graph's parts tells that all are joined; only else every origin is asked.
    """
    nodes = len(graph.in_start) - 1
    is_open = (free_time < CLOSED_TIME_S) & (graph.tail >= graph.first_through) & (graph.head >= graph.first_through)
    matrix = coo_array((np.ones(int(is_open.sum())), (graph.tail[is_open], graph.head[is_open])), shape=(nodes, nodes))
    _, part = connected_components(matrix.tocsr(), directed=True, connection="strong")
    largest = part == np.argmax(np.bincount(part))
    leaves, enters = np.zeros(nodes, dtype=bool), np.zeros(nodes, dtype=bool)
    passable = free_time < CLOSED_TIME_S
    leaves[graph.tail[passable & largest[graph.head]]] = True
    enters[graph.head[passable & largest[graph.tail]]] = True
    if np.all(leaves[:zone_count] & enters[:zone_count]):
        return np.zeros((zone_count, zone_count), dtype=bool)
    times = yield from skim_times(graph, free_time, zone_count)
    return np.asarray(times >= CLOSED_TIME_S)


def skim_times(graph: Graph, time: Floats, zone_count: int, *, origins: Ints | None = None) -> Task[Floats]:
    """Return shortest times from all centroids, or from some ``(o,)``, to all ``(o, z)`` at given link times."""
    rows = np.arange(zone_count, dtype=np.int32) if origins is None else origins
    out = np.zeros((len(rows), zone_count))
    distances = make_distances(graph.hierarchy)
    fit(graph.hierarchy, np.asarray(time, np.float64), distances.costs)
    for low, high in chunks(len(rows), len(graph.tail), multiple=LANES):
        skim(rows[low:high], graph.hierarchy, distances, out[low:high])
        yield Progress("Measuring travel times", high, len(rows))
    return out
