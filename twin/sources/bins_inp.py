"""Read the Finnish waste bins (``bins_*.inp``): real litter bins as a capacitated routing problem.

Kytöjoki, J., Nuortio, T., Bräysy, O., Gendreau, M. (2007). An efficient variable neighborhood search
heuristic for very large scale vehicle routing problems. Computers & Operations Research 34(9), 2743-2757.
https://doi.org/10.1016/j.cor.2005.10.010. Distances are metres in the plane, not rounded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twin.errors import DataError
from twin.model.routing_instance import CapacityInstance
from twin.sources.rows import numbers, read_lines

_ADVICE = "Give a file as published: a title, one line of five numbers, then one bin a line."
_DEMAND, _X, _Y = 7, 14, 15
"""Places of the words in a bin's line, from 0."""
_MOST_BINS = 200_000


def read_bins(path: Path) -> CapacityInstance:
    """Read bins, their demands and the depot. Raises ``DataError`` when the file is not what it should be."""
    lines = read_lines(path)
    if len(lines) < 2 or not lines[0].startswith("Bins input file"):
        raise DataError(f"{path.name} is not a file of bins.", _ADVICE)
    words = lines[1].split()
    if len(words) != 5:
        raise DataError(f"{path.name}: line 2 has {len(words)} words instead of 5.", _ADVICE)
    head = numbers(words, path, "line 2")
    count, capacity = head[1] - 1, head[2]
    if not (1 <= count <= _MOST_BINS and count == int(count) and capacity > 0):
        raise DataError(f"{path.name} has {count:g} bins and vehicles that carry {capacity:g}.", _ADVICE)
    rows = [_bin(line, number, path) for number, line in enumerate(lines[2 : 2 + int(count)], 1)]
    if len(rows) < count or (lines[2 + int(count) :] or ["END"])[0][:3] != "END":
        raise DataError(f"{path.name} says {count:g} bins and has another number of lines.", "Is it cut off?")
    table = np.vstack([[0.0, head[3], head[4]], *rows])
    if table[:, 0].max() > capacity:
        raise DataError(f"{path.name}: bin {table[:, 0].argmax()} has more than a vehicle carries ({capacity:g}).", _ADVICE)
    return CapacityInstance(path.stem, table[:, 1:].copy(), table[:, 0].copy(), float(capacity), is_rounded=False)


def _bin(line: str, number: int, path: Path) -> tuple[float, float, float]:
    """Return demand, x and y of one line."""
    words = line.split()
    if len(words) <= _Y:
        raise DataError(f"{path.name}: bin {number} is not a line of {_Y + 1} or more words: {line[:60]!r}.", _ADVICE)
    demand = numbers([words[_DEMAND]], path, f"the demand of bin {number}", at_least=0.0)
    x, y = numbers([words[_X], words[_Y]], path, f"the place of bin {number}")
    return float(demand[0]), float(x), float(y)
