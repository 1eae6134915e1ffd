"""The rounds of a day: each vehicle's stops in order, changed a stop at a time, with quick bounds on what fits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.routing.day import Day, way_ft
from sim.routing.drive import ENDLESS, LABELS, READY, Labels, drive, make_labels
from sim.routing.places import IntArray
from twin.geo import FloatArray

ABSENT = -1


class Rounds(NamedTuple):
    """Vehicles' stops ``stop`` ``(vehicles, most stops)``, ``size, load, length_ft`` ``(vehicles,)``.

    ``vehicle, position`` ``(places,)`` say where a stop is (ABSENT if nowhere); ``early_s`` when service there can
    be over at the earliest, ``late_s`` when it must begin at the latest, both without the lunch and landfills to come.
    ``ready`` ``(vehicles, most stops + 2, labels, 4)`` and ``readies`` are the labels of each vehicle's stops and their
    numbers; ``trial`` ``(most stops + 1,)`` and ``labels`` are room to drive in.
    """

    stop: IntArray
    size: IntArray
    load: FloatArray
    length_ft: FloatArray
    vehicle: IntArray
    position: IntArray
    early_s: FloatArray
    late_s: FloatArray
    ready: FloatArray
    readies: IntArray
    trial: IntArray
    labels: Labels


def make_rounds(day: Day, vehicles: int) -> Rounds:
    """Return rounds without stops."""
    most = min(day.day_stops, len(day.stops)) + 1
    places = len(day.x_ft)
    return Rounds(
        stop=np.zeros((vehicles, most), np.int32),
        size=np.zeros(vehicles, np.int32),
        load=np.zeros(vehicles),
        length_ft=np.zeros(vehicles),
        vehicle=np.full(places, ABSENT, np.int32),
        position=np.zeros(places, np.int32),
        early_s=np.zeros(places),
        late_s=np.zeros(places),
        ready=np.zeros((vehicles, most + 3, LABELS, 4)),
        readies=np.zeros((vehicles, most + 3), np.int32),
        trial=np.zeros(most + 1, np.int32),
        labels=make_labels(most),
    )


@njit(cache=True, nogil=True, inline="always")
def copy_labels(value: FloatArray, number: IntArray, to_value: FloatArray, to_number: IntArray, at: int) -> None:
    """Copy the labels of one position."""
    to_number[at] = number[at]
    for row in range(number[at]):
        for column in range(4):
            to_value[at, row, column] = value[at, row, column]


@njit(cache=True, nogil=True)
def measure(day: Day, rounds: Rounds, vehicle: int) -> None:
    """Drive a vehicle's stops anew and note length and bounds. A vehicle without stops drives nothing."""
    size = rounds.size[vehicle]
    row = rounds.stop[vehicle]
    rounds.load[vehicle], rounds.length_ft[vehicle] = 0.0, 0.0
    if size == 0:
        return
    rounds.length_ft[vehicle] = drive(day, row, 0, size, rounds.labels)
    for at in range(size + 1):
        copy_labels(rounds.labels.value, rounds.labels.number, rounds.ready[vehicle], rounds.readies[vehicle], at)
    late_s = day.closes_s[day.depot]
    following = day.depot
    for at in range(size - 1, -1, -1):
        stop = row[at]
        rounds.load[vehicle] += day.load[stop]
        rounds.vehicle[stop], rounds.position[stop] = vehicle, at
        early_s = ENDLESS
        for label in range(rounds.labels.number[at + 1]):
            early_s = min(early_s, rounds.labels.value[at + 1, label, READY])
        rounds.early_s[stop] = early_s
        late_s = min(day.closes_s[stop], late_s - way_ft(day, stop, following) * day.s_per_ft - day.service_s[stop])
        rounds.late_s[stop] = late_s
        following = stop


@njit(cache=True, nogil=True)
def take_out(rounds: Rounds, vehicle: int, first: int, count: int) -> None:
    """Take consecutive stops out of a vehicle's round; it is measured later."""
    row = rounds.stop[vehicle]
    for at in range(first, first + count):
        rounds.vehicle[row[at]] = ABSENT
    for at in range(first, rounds.size[vehicle] - count):
        row[at] = row[at + count]
    rounds.size[vehicle] -= count


@njit(cache=True, nogil=True)
def put_in(rounds: Rounds, vehicle: int, at: int, stop: int) -> None:
    """Put a stop into a vehicle's round at a position; it is measured later."""
    row = rounds.stop[vehicle]
    for place in range(rounds.size[vehicle], at, -1):
        row[place] = row[place - 1]
    row[at] = stop
    rounds.size[vehicle] += 1


@njit(cache=True, nogil=True)
def length_with(day: Day, rounds: Rounds, vehicle: int, at: int, stop: int) -> float:
    """Return the feet of a round with one more stop at a position, ENDLESS if it cannot be driven."""
    row, size = rounds.stop[vehicle], rounds.size[vehicle]
    if at > 0:
        rounds.trial[at - 1] = row[at - 1]
        copy_labels(rounds.ready[vehicle], rounds.readies[vehicle], rounds.labels.value, rounds.labels.number, at)
    rounds.trial[at] = stop
    for place in range(at, size):
        rounds.trial[place + 1] = row[place]
    return drive(day, rounds.trial, at, size + 1, rounds.labels)


@njit(cache=True, nogil=True, inline="always")
def may_fit(day: Day, rounds: Rounds, vehicle: int, at: int, stop: int) -> bool:
    """Return False where a stop surely comes too late at a position, or makes the next one late."""
    row, size = rounds.stop[vehicle], rounds.size[vehicle]
    left = row[at - 1] if at > 0 else day.depot
    ready_s = rounds.early_s[left] if at > 0 else day.opens_s[day.depot]
    start_s = max(ready_s + way_ft(day, left, stop) * day.s_per_ft, day.opens_s[stop])
    if start_s > day.closes_s[stop]:
        return False
    if at == size:
        return True
    right = row[at]
    ready_s = start_s + day.service_s[stop]
    return ready_s + way_ft(day, stop, right) * day.s_per_ft <= rounds.late_s[right]  # type: ignore[no-any-return]  # numpy knows no scalar type here


def copy_rounds(rounds: Rounds) -> Rounds:
    """Return rounds of their own with the same stops."""
    columns = {name: column.copy() for name, column in rounds._asdict().items() if name != "labels"}
    return Rounds(**columns, labels=make_labels(len(rounds.trial) - 1))
