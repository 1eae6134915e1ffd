"""Trips of individual vehicles: where and when each begins, where it ends, and by which of the route tables it goes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kinematic_wave.network import Floats, Ints, Longs, Records
from twin.errors import DataError


class Exits(NamedTuple):
    """Where trips to each of ``d`` destinations may leave the network, with the time that is left from there.

    Those of destination k are entries ``start[k]`` to ``start[k + 1]`` of ``node`` and ``time_s``.
    """

    start: Longs
    node: Ints
    time_s: Floats


TRIP = np.dtype([("depart_s", np.float64), ("destination", np.int32), ("table", np.int32)])
"""A vehicle's trip: when it begins, where it goes, and which of the route tables its driver follows."""


class Trips(NamedTuple):
    """Records ``TRIP`` of ``v`` vehicles in the order of origin node, then departure.

    Vehicles that begin at node j are ``start[j]`` to ``start[j + 1]``; ``row (v,)`` is where each stood in what
    ``make_trips`` was given.
    """

    trip: Records
    start: Longs
    row: Longs


def mix(values: NDArray[np.unsignedinteger], seed: int) -> NDArray[np.uint64]:
    """Return 64 well-mixed bits for each number: the finaliser of SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).

    A counter and no generator: what one vehicle draws never depends on another vehicle.
    """
    with np.errstate(over="ignore"):
        z = values.astype(np.uint64) + np.uint64(seed & 0xFFFFFFFFFFFFFFFF) * np.uint64(0xD1342543DE82EF95)
        z = (z + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))


def draw(values: NDArray[np.unsignedinteger], seed: int) -> Floats:
    """Return a number in [0, 1) for each number, the same in every run with this seed."""
    return np.asarray((mix(values, seed) >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def make_exits(destination: NDArray[np.integer], node: NDArray[np.integer], time_s: Floats, count: int) -> Exits:
    """Return the exits of ``count`` destinations from as many rows as there are."""
    order = np.argsort(destination, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(destination, minlength=count))])
    return Exits(start.astype(np.int64), node[order].astype(np.int32), time_s[order].astype(np.float64))


def make_trips(
    origin: NDArray[np.integer],
    destination: NDArray[np.integer],
    depart_s: Floats,
    key: NDArray[np.unsignedinteger],
    *,
    node_count: int,
    destination_count: int,
    tables: int,
    seed: int,
) -> Trips:
    """Return the trips of vehicles, all arguments ``(v,)``.

    ``key`` names a vehicle for good: with the same key and seed it follows the same route table in every
    run, whoever else is on the road. Raises ``DataError`` on a trip from or to nowhere or at no time.
    """
    _check(origin, node_count, "begins at node")
    _check(destination, destination_count, "goes to destination")
    if not np.all(np.isfinite(depart_s) & (depart_s >= 0.0)):
        row = int(np.argmin(np.isfinite(depart_s) & (depart_s >= 0.0)))
        raise DataError(f"Trip {row} departs at {depart_s[row]} s.", "Give seconds from 0 on.")
    order = np.lexsort((key, depart_s, origin))
    start = np.concatenate([[0], np.cumsum(np.bincount(origin, minlength=node_count))])
    trip = np.empty(len(order), TRIP)
    trip["depart_s"], trip["destination"] = depart_s[order], destination[order]
    trip["table"] = mix(key[order], seed) % np.uint64(tables)
    return Trips(trip, start.astype(np.int64), order.astype(np.int64))


def _check(place: NDArray[np.integer], count: int, what: str) -> None:
    wrong = (place < 0) | (place >= count)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(f"Trip {row} {what} {place[row]}; there are {count}.", "Correct the trips.")
