"""Trips that were imported, laid on the zones of the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.assignment.graph import Floats
from sim.travel.profile import HOUR_S, hours
from sim.travel.zones import Zones
from twin.errors import ScenarioError
from twin.model.frame import Column
from twin.model.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class OdMatrix:
    """Trips (veh/h) from zone to zone, ``(z, z)``; those within a zone on the diagonal. ``hour`` is None where none is told."""

    name: str
    trips: Floats
    hour: int | None


def imported(snapshot: Snapshot, zones: Zones, hour: int) -> OdMatrix | None:
    """Return the newest matrix that a city has, None without one.

    Of a matrix of several hours that of ``hour`` is taken, or its fullest where it has none of that hour. A pair that
    is told twice has what was told last; classes of vehicles are added up. Raises ``ScenarioError`` when no zone of it
    is left.
    """
    columns = snapshot.histories.get("od_matrix")
    if columns is None or not len(columns["trips"]):
        return None
    name = str(columns["matrix"][-1])
    rows = np.flatnonzero(columns["matrix"] == name)
    of = {zone: place for place, zone in enumerate(zones.names)}
    origin, destination = (
        np.array([of.get(key, -1) for key in columns[end][rows].tolist()]) for end in ("subject_id", "destination_id")
    )
    if not np.any((origin >= 0) & (destination >= 0)):
        raise ScenarioError(
            f"No zone of the trips of '{name}' is in this city any more.",
            "Import its zones again, or undo the import of the trips.",
        )
    told, rows = _hour_of(columns, rows, hour)
    return OdMatrix(name.rsplit(" (", 1)[0], _summed(columns, rows, of, len(zones)), told)


def _hour_of(columns: Mapping[str, Column], rows: NDArray[np.int64], hour: int) -> tuple[int | None, NDArray[np.int64]]:
    """Return the hour that is taken of a matrix and its rows; None where the matrix tells of one period alone."""
    at = hours(columns["at"][rows].astype("datetime64[s]"))
    found = np.unique(at)
    if len(found) == 1:
        return (int(found[0]) if found[0] else None), rows
    fullest = int(np.argmax(np.bincount(at, columns["trips"][rows])))
    chosen = hour if hour in found else fullest
    return chosen, rows[at == chosen]


def _summed(columns: Mapping[str, Column], rows: NDArray[np.int64], of: dict[str, int], size: int) -> Floats:
    names = ("subject_id", "destination_id", "vehicle_class")
    flow = columns["trips"][rows] * (HOUR_S / columns["duration_s"][rows])
    keys = zip(*(columns[name][rows].tolist() for name in names), strict=True)
    last = dict(zip(keys, flow.tolist(), strict=True))  # a pair that comes again has its last number
    trips_between = np.zeros((size, size))
    for (origin, destination, _), trips in last.items():
        if origin in of and destination in of:
            trips_between[of[origin], of[destination]] += trips
    return trips_between
