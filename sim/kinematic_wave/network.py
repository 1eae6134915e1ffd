"""Roads as the kinematic wave model sees them: a triangular fundamental diagram on each, and room for so many vehicles."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Records = NDArray[np.void]

LONGEST_S = 300.0
"""The farthest that a node is looked at ahead."""

LINK = np.dtype(
    [
        ("tail", np.int32), ("head", np.int32), ("size", np.int32), ("whole", np.int32), ("part", np.float64),
        ("free_s", np.float64), ("wave_s", np.float64), ("headway_s", np.float64), ("out_s", np.float64), ("in_s", np.float64),
        ("priority", np.float64), ("cycle_s", np.float64), ("green_s", np.float64), ("offset_s", np.float64),
    ]
)  # fmt: skip
"""What never changes of a link, side by side in memory: a vehicle that passes needs all of it at once.

A link is crossed in ``free_s`` at least; a place that a vehicle leaves at its end can be taken at its beginning
``wave_s`` later. It holds ``whole + part`` vehicles. ``headway_s`` is the least time between two vehicles on
it, ``out_s`` the one at its end, ``in_s`` at its beginning. Where links compete for the next one, they get it
in proportion to ``priority``. A signal lets vehicles leave for ``green_s`` of every ``cycle_s`` (0: no signal),
first at ``offset_s``. The link keeps its vehicles in ``size`` places of the state's ring.
"""


class Rounds(NamedTuple):
    """How far ahead each node can be looked at: no news from a neighbour reaches it sooner.

    Every ``step_s`` is a round. ``node (n,)`` are the nodes, those of short links first; the first ``end[0]``
    of them are looked at in every round for one step ahead, the first ``end[k]`` in every ``2^k``-th for as many steps.
    """

    step_s: float
    node: Ints
    end: Ints


class Network(NamedTuple):
    """A directed network of ``n`` nodes and ``m`` links.

    ``link (m + n,)`` are records ``LINK`` of the links, then of the origins: where trips wait to begin at
    node j is row ``m + j``, a link without length of which only head and priority count. What leads into
    node j is ``into[into_start[j] : into_start[j + 1]]``, what leaves it ``out[out_start[j] : out_start[j + 1]]``.
    ``place (m + n,)`` is where each link stands in ``out``, then come the origins. ``rounds`` says how often each node must be looked at.
    """

    link: Records
    into_start: Ints
    into: Ints
    out_start: Ints
    out: Ints
    place: Ints
    length_m: Floats
    is_open: NDArray[np.bool_]
    rounds: Rounds

    @property
    def links(self) -> int:
        """Number of links."""
        return len(self.length_m)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.into_start) - 1


class Roads(NamedTuple):
    """What is known of ``m`` links before they become a ``Network``; all ``(m,)``.

    ``capacity_vps`` is the top of the fundamental diagram, ``out_vps`` what the end of the link lets through
    (mean over a signal's cycle, say), ``in_vps`` what its beginning does (None: as much as the diagram),
    ``jam_vpm`` the vehicles per metre that stand in a queue, and ``wait_s`` what everybody waits at the end at least
    (None: nothing).
    """

    tail: NDArray[np.integer]
    head: NDArray[np.integer]
    length_m: Floats
    speed_mps: Floats
    capacity_vps: Floats
    out_vps: Floats
    jam_vpm: Floats
    in_vps: Floats | None = None
    wait_s: Floats | None = None

    @property
    def wave_mps(self) -> Floats:
        """Speed of waves through a queue: w of the triangle with free-flow speed u, capacity and jam density."""
        return np.asarray(self.capacity_vps / (self.jam_vpm - self.capacity_vps / self.speed_mps))


class Signals(NamedTuple):
    """Fixed-time signals at the ends of links, all ``(m,)``; a cycle of 0 is no signal."""

    cycle_s: Floats
    green_s: Floats
    offset_s: Floats


def make_network(
    roads: Roads,
    node_count: int,
    *,
    step_s: float = 1.0,
    priority: Floats | None = None,
    origin_priority: Floats | None = None,
    signals: Signals | None = None,
    is_open: NDArray[np.bool_] | None = None,
) -> Network:
    """Return the network of roads.

    Priorities are the capacities where none are given (those of a node's origin: the mean of the links out
    of it). A link so short that it is crossed within ``step_s`` takes ``step_s``, and has room enough to
    carry its capacity nevertheless. Raises ``DataError`` on numbers that no road has.
    """
    count = len(roads.tail)
    signals = Signals(*(np.zeros(count) for _ in range(3))) if signals is None else signals
    _check(roads, node_count, signals, step_s)
    link = np.zeros(count + node_count, LINK)
    ours, origins = link[:count], link[count:]
    for name, column in (("tail", roads.tail), ("head", roads.head), *signals._asdict().items()):
        ours[name] = column
    wait_s = np.zeros(count) if roads.wait_s is None else roads.wait_s
    ours["free_s"] = np.maximum(roads.length_m / roads.speed_mps + wait_s, step_s)
    ours["wave_s"] = np.maximum(roads.length_m / roads.wave_mps, step_s)
    # A loop of empty places and vehicles: less room than this would throttle a short link.
    carried_vps = np.minimum(roads.out_vps, roads.capacity_vps)
    room = np.maximum(roads.jam_vpm * roads.length_m, carried_vps * (ours["free_s"] + ours["wave_s"]))
    room = np.maximum(room, 1.0)
    ours["headway_s"] = 1.0 / roads.capacity_vps
    ours["whole"] = np.floor(room + 1e-9)
    ours["part"] = np.maximum(room - ours["whole"], 0.0)
    # Part of a place would come back sooner than within a step: make it a whole one.
    hasty = (ours["part"] > 0.0) & (ours["wave_s"] - ours["part"] * ours["headway_s"] < step_s)
    ours["whole"] += hasty
    ours["part"][hasty] = 0.0
    ours["in_s"] = ours["headway_s"] if roads.in_vps is None else 1.0 / np.minimum(roads.in_vps, roads.capacity_vps)
    ours["out_s"] = 1.0 / carried_vps
    ours["priority"] = roads.capacity_vps if priority is None else priority
    ours["size"] = ours["whole"] + 2
    origins["tail"] = origins["head"] = np.arange(node_count)
    origins["priority"] = _mean_out(roads, node_count) if origin_priority is None else origin_priority
    out_start, out = _by_node(ours["tail"], node_count)
    place = np.arange(count + node_count, dtype=np.int32)
    place[out] = np.arange(count)
    return Network(
        link,
        *_by_node(link["head"], node_count),
        out_start,
        out,
        place,
        roads.length_m.astype(np.float64),
        np.ones(count, dtype=bool) if is_open is None else is_open,
        make_rounds(ours, node_count),
    )


def make_rounds(link: Records, node_count: int) -> Rounds:
    """Return how far ahead each node can be looked at: as long as the shortest link into it takes, or a wave on one out of it."""
    ahead_s = np.full(node_count, np.inf)
    np.minimum.at(ahead_s, link["head"], link["free_s"])
    np.minimum.at(ahead_s, link["tail"], link["wave_s"] - link["part"] * link["headway_s"])
    # A little less: moments are sums, rounded.
    step_s = float(ahead_s.min(initial=LONGEST_S)) * (1.0 - 1e-9)
    doublings = np.floor(np.log2(np.minimum(ahead_s, LONGEST_S) * (1.0 - 1e-9) / step_s)).astype(np.int64)
    return Rounds(
        step_s,
        np.argsort(doublings, kind="stable").astype(np.int32),
        np.cumsum(np.bincount(doublings, minlength=1)).astype(np.int32),
    )


def _by_node(ends: NDArray[np.integer], node_count: int) -> tuple[Ints, Ints]:
    """Return where the links of each node start in a list of all, and that list."""
    start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=node_count))])
    return start.astype(np.int32), np.argsort(ends, kind="stable").astype(np.int32)


def _mean_out(roads: Roads, node_count: int) -> Floats:
    total = np.bincount(roads.tail, roads.capacity_vps, node_count)
    ways = np.bincount(roads.tail, minlength=node_count)
    return np.asarray(np.divide(total, ways, out=np.ones(node_count), where=ways > 0))


def _check(roads: Roads, node_count: int, signals: Signals, step_s: float) -> None:
    if not (np.isfinite(step_s) and step_s > 0.0):
        raise DataError(f"The time step is {step_s}; expected seconds above 0.", "Use 1 s, say.")
    given = {name: column for name, column in roads._asdict().items() if column is not None}
    for name, column in (*given.items(), *signals._asdict().items()):
        if len(column) != len(roads.tail):
            raise DataError(f"'{name}' has {len(column)} values for {len(roads.tail)} links.", "Give one value per link.")
        _refuse(name, column, ~np.isfinite(column), "is not a number")
    for name in ("tail", "head"):
        column = getattr(roads, name)
        _refuse(name, column, (column < 0) | (column >= node_count), f"is no node of 0 to {node_count - 1}")
    for name in sorted(set(given) - {"tail", "head", "wait_s"}):
        _refuse(name, given[name], given[name] <= 0.0, "is not above 0")
    flat = roads.jam_vpm * roads.speed_mps <= roads.capacity_vps
    _refuse("jam_vpm", roads.jam_vpm, flat, "is not above capacity / speed, so that no queue could form")
    dark = (signals.cycle_s < 0.0) | (signals.green_s > signals.cycle_s) | ((signals.cycle_s > 0.0) & (signals.green_s <= 0.0))
    _refuse("green_s", signals.green_s, dark, "is not within 0 and the cycle")


def _refuse(name: str, column: NDArray[np.generic], wrong: NDArray[np.bool_], why: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"'{name}' of link {row} is {column[row]}: it {why} ({int(wrong.sum())} such links).", "Correct the roads."
        )
