"""Read Kim's waste collection days (``*_stop.txt``): stops with time windows, landfills, a lunch.

Kim, B.-I., Kim, S., Sahoo, S. (2006). Waste collection vehicle routing problem with time windows.
Computers & Operations Research 33(12), 3624-3642. https://doi.org/10.1016/j.cor.2005.02.045
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twin.errors import DataError
from twin.model.routing_instance import DEPOT, LANDFILL, STOP, Numbers, WasteInstance
from twin.sources.rows import numbers, read_lines

_ADVICE = "Give a file as published: five numbers with remarks, a line of headings, then one place a line."
_HEAD = ("vehicle capacity", "yardage of a day", "stops of a day", "lunch", "speed")
_COLUMNS = 8
_LAST_TIME = 2400


def read_waste_stops(path: Path) -> WasteInstance:
    """Read places, windows and limits. Raises ``DataError`` when the file is not what it should be."""
    lines = [line for line in read_lines(path) if line]
    if len(lines) < 8 or not lines[5].startswith("Stop_ID"):
        raise DataError(f"{path.name} is not a file of waste stops.", _ADVICE)
    capacity, day_capacity, day_stops, lunch_s, speed_mph = (
        float(numbers(line.split()[:1], path, what, at_least=0.0)[0]) for line, what in zip(lines, _HEAD, strict=False)
    )
    if min(capacity, day_capacity, day_stops, speed_mph) <= 0:
        raise DataError(f"{path.name} has a capacity, a limit or a speed of nothing.", _ADVICE)
    rows = np.array([_row(line, path) for line in lines[6:]])
    kind = rows[:, 7].astype(np.int8)
    opens_s, closes_s = _seconds(rows[:, 3], path), _seconds(rows[:, 4], path)
    _refuse(rows, kind, opens_s, closes_s, min(capacity, day_capacity), path)
    return WasteInstance(
        name=path.stem.removesuffix("_stop"),
        xy_ft=rows[:, 1:3].copy(),
        kind=kind,
        opens_s=opens_s,
        closes_s=closes_s,
        service_s=rows[:, 5].copy(),
        load=np.where(kind == STOP, rows[:, 6], 0.0),
        capacity=capacity,
        day_capacity=day_capacity,
        day_stops=int(day_stops),
        lunch_s=lunch_s,
        speed_mph=speed_mph,
    )


def _row(line: str, path: Path) -> Numbers:
    words = line.split()
    if len(words) != _COLUMNS:
        raise DataError(f"{path.name}: a place is not a row of {_COLUMNS} numbers: {line[:60]!r}.", _ADVICE)
    return numbers(words, path, f"place {words[0]}")


def _seconds(clock: Numbers, path: Path) -> Numbers:
    """Return times such as 1430 in seconds after midnight: hours and minutes, as the heading says."""
    hours, rest = np.divmod(clock, 100)
    if np.any((clock < 0) | (clock > _LAST_TIME) | (clock != np.floor(clock))):
        raise DataError(f"{path.name} has a time of day outside 0000-2400.", _ADVICE)
    return hours * 3600.0 + rest * 60.0


def _refuse(rows: Numbers, kind: object, opens_s: Numbers, closes_s: Numbers, capacity: float, path: Path) -> None:
    """Refuse places that no day could serve."""
    kinds = np.asarray(kind)
    counts = [int(np.sum(kinds == one)) for one in (DEPOT, STOP, LANDFILL)]
    if counts[0] != 1 or min(counts) < 1 or sum(counts) != len(kinds):
        found = f"{counts[0]} depots, {counts[1]} stops and {counts[2]} landfills"
        raise DataError(f"{path.name} has {found} among {len(kinds)} places; one depot, stops and landfills are needed.", _ADVICE)
    problems = {
        "a window that ends before it begins": closes_s < opens_s,
        "a negative service time": rows[:, 5] < 0,
        "a load that is negative or more than a vehicle carries": (kinds == STOP) & ((rows[:, 6] < 0) | (rows[:, 6] > capacity)),
    }
    for what, bad in problems.items():
        if bad.any():
            raise DataError(f"{path.name}: place {rows[bad][0, 0]:g} has {what}.", _ADVICE)
