"""A matrix of trips between zones, whatever file it came from, as columns of history."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.errors import DataError
from twin.sources.base import HistoryBatch

NO_DAY = np.datetime64("1970-01-01T00:00:00", "s")
"""The day of a matrix: a typical one. Its midnight is also where no hour is told."""
HOUR_S = 3600.0
MOST_ZONES = 10_000
"""A matrix between more would not fit into memory: 0.8 GB for each of its copies."""


def check_size(where: str, zones: int) -> None:
    """Raise ``DataError`` where a file's matrix is between more zones than can be held."""
    if zones > MOST_ZONES:
        raise DataError(f"{where} is about {zones} zones; at most {MOST_ZONES} can be read.", "Merge zones, or cut the area.")


def square(where: str, labels: Sequence[str], trips: NDArray[np.float64], vehicle_class: str = "") -> HistoryBatch:
    """Return a square matrix ``(z, z)`` between zones with ``labels (z,)``; pairs without trips are left out.

    Raises ``DataError`` naming the first cell that is no number of 0 or more, a matrix of another size than its
    labels, and labels that repeat.
    """
    size = len(labels)
    if trips.shape != (size, size):
        shape = " × ".join(map(str, trips.shape))
        raise DataError(
            f"{where} has a matrix of {shape} and {size} zones.", "A matrix of trips has a row and a column for each zone."
        )
    if len(set(labels)) < size:
        twice = next(label for label in labels if list(labels).count(label) > 1)
        raise DataError(f"{where} has zone '{twice}' twice.", "Each zone has one row and one column.")
    bad = np.argwhere(~np.isfinite(trips) | (trips < 0.0))
    if len(bad):
        row, column = (int(place) for place in bad[0])
        raise DataError(
            f"{where} has {trips[row, column]:g} trips from zone '{labels[row]}' to zone '{labels[column]}' "
            f"({len(bad)} such cells); expected 0 or more.",
            "Correct these cells.",
        )
    rows, columns = np.nonzero(trips)
    names = np.array(labels, dtype=object)
    return long(where, names[rows], names[columns], trips[rows, columns], vehicle_class=np.full(len(rows), vehicle_class, object))


def long(
    where: str,
    origin: NDArray[np.object_],
    destination: NDArray[np.object_],
    trips: NDArray[np.float64],
    *,
    hour: NDArray[np.int64] | None = None,
    vehicle_class: NDArray[np.object_] | None = None,
) -> HistoryBatch:
    """Return cells of a matrix as history: from, to, and how many; all ``(n,)``. Raises ``DataError`` without any."""
    if not len(trips):
        raise DataError(f"{where} has no trips.", "Export the matrix again with its content.")
    count = len(trips)
    hours = np.zeros(count, np.int64) if hour is None else hour
    classes = np.full(count, "", dtype=object) if vehicle_class is None else vehicle_class
    cells = zip(origin.tolist(), destination.tolist(), trips.tolist(), hours.tolist(), classes.tolist(), strict=True)
    digest = hashlib.blake2b(repr(list(cells)).encode(), digest_size=6).hexdigest()
    return HistoryBatch(
        "od_matrix",
        {
            "subject_id": origin,
            "destination_id": destination,
            "at": NO_DAY + hours.astype("timedelta64[h]"),
            "duration_s": np.full(count, HOUR_S),
            "vehicle_class": classes,
            "matrix": np.full(count, f"{where} ({digest})", dtype=object),
            "trips": trips,
        },
    )
