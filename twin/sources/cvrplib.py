"""Read CVRPLIB files: capacitated vehicle-routing problems and their solutions.

The format is TSPLIB's: Reinelt, G. (1991). TSPLIB, a traveling salesman problem library. ORSA Journal on
Computing 3(4), 376-384. https://doi.org/10.1287/ijoc.3.4.376. A head of ``NAME : value`` lines, then sections.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from twin.errors import DataError
from twin.model.routing_instance import CapacityInstance, Numbers
from twin.sources.rows import numbers, read_lines

_ADVICE = "Problems with EUC_2D distances or a symmetric EXPLICIT matrix are read, with the depot as node 1."
_MOST_NODES = 200_000
_MOST_EXPLICIT = 5_000
_ROW = {"LOWER_ROW": (-1, False), "LOWER_DIAG_ROW": (0, False), "UPPER_ROW": (1, True), "UPPER_DIAG_ROW": (0, True)}
"""Layouts of half a matrix: the diagonal that it reaches to, and whether it is the upper half."""


def read_cvrp(path: Path) -> CapacityInstance:
    """Read a ``.vrp`` file.

    EUC_2D distances are rounded to the nearest whole number, as TSPLIB says and CVRPLIB counts.
    Raises ``DataError`` when the file cannot be read, or is not a problem of this kind.
    """
    head, sections = _parts(path)
    count = _whole(head, "DIMENSION", path)
    if not 2 <= count <= _MOST_NODES:
        raise DataError(f"{path.name} has a DIMENSION of {count}; expected 2-{_MOST_NODES}.", _ADVICE)
    kind = head.get("EDGE_WEIGHT_TYPE", "EUC_2D").upper()
    if kind not in {"EUC_2D", "EXPLICIT"} or head.get("TYPE", "CVRP").upper() != "CVRP":
        raise DataError(f"{path.name} is a {head.get('TYPE', '')} problem with {kind} distances.", _ADVICE)
    if "DISTANCE" in head or "SERVICE_TIME" in head:
        raise DataError(f"{path.name} limits the length of routes, which is not supported.", _ADVICE)
    demand = _table(sections, "DEMAND_SECTION", count, 1, path)[:, 0]
    capacity = float(_whole(head, "CAPACITY", path))
    _refuse_demand(demand, capacity, path)
    _refuse_depot(sections, path)
    matrix = _matrix(sections, head.get("EDGE_WEIGHT_FORMAT", ""), count, path) if kind == "EXPLICIT" else None
    xy = np.zeros((count, 2)) if matrix is not None else _table(sections, "NODE_COORD_SECTION", count, 2, path)
    return CapacityInstance(path.stem, xy, demand, capacity, matrix is None, matrix)


def read_solution_cost(path: Path) -> float:
    """Return the cost that a ``.sol`` file states. Raises ``DataError`` when it states none."""
    for line in reversed(read_lines(path)):
        if line.lower().startswith("cost"):
            return float(numbers(line.split()[1:2], path, "the cost", at_least=0.0).sum())
    raise DataError(f"{path.name} states no cost.", "A solution ends with a line such as 'Cost 72355'.")


def _parts(path: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the head and the words of each section."""
    head: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    words: list[str] | None = None
    for line in read_lines(path):
        if line == "EOF":
            break
        tag = re.match(r"([A-Z_]+_SECTION)\b\s*:?\s*$", line)
        field = re.match(r"([A-Z_]+)\s*:\s*(.*)$", line)
        if tag:
            words = sections.setdefault(tag[1], [])
        elif field:
            head[field[1]] = field[2].strip().strip('"')
        elif words is not None:
            words += line.split()
        elif line:
            raise DataError(f"{path.name} is not a CVRPLIB file: {line[:60]!r}.", _ADVICE)
    return head, sections


def _whole(head: dict[str, str], name: str, path: Path) -> int:
    value = head.get(name, "")
    if not value.isdigit() or int(value) < 1:
        raise DataError(f"{path.name} has no sound {name} (found {value!r}).", _ADVICE)
    return int(value)


def _table(sections: dict[str, list[str]], name: str, count: int, columns: int, path: Path) -> Numbers:
    """Return a section of numbered rows ``(count, columns)`` in the order of their numbers from 1 on."""
    words = sections.get(name, [])
    if len(words) != count * (columns + 1):
        raise DataError(f"{path.name}: {name} has not {count} rows of {columns + 1} numbers.", "Is it cut off?")
    rows = numbers(words, path, name).reshape(count, columns + 1)
    if sorted(rows[:, 0]) != list(range(1, count + 1)):
        raise DataError(f"{path.name}: the rows of {name} are not numbered from 1 to {count}.", _ADVICE)
    return np.ascontiguousarray(rows[np.argsort(rows[:, 0]), 1:])


def _refuse_demand(demand: Numbers, capacity: float, path: Path) -> None:
    if demand[0] != 0 or np.any(demand < 0) or np.any(demand > capacity):
        bad = 0 if demand[0] != 0 else int(np.flatnonzero((demand < 0) | (demand > capacity))[0])
        raise DataError(f"{path.name}: node {bad + 1} has a demand of {demand[bad]:g}; a vehicle carries {capacity:g}.", _ADVICE)


def _refuse_depot(sections: dict[str, list[str]], path: Path) -> None:
    depot = sections.get("DEPOT_SECTION", ["1"])
    if depot[:1] != ["1"] or len(depot) > 2:
        raise DataError(f"{path.name} has other depots than node 1: {' '.join(depot)[:60]!r}.", _ADVICE)


def _matrix(sections: dict[str, list[str]], layout: str, count: int, path: Path) -> Numbers:
    """Return an EXPLICIT matrix, which must be symmetric."""
    layout = {"LOWER_COL": "UPPER_ROW", "UPPER_COL": "LOWER_ROW"}.get(layout, layout)
    if count > _MOST_EXPLICIT or layout not in {*_ROW, "FULL_MATRIX"}:
        raise DataError(f"{path.name} has a matrix of {count} nodes laid out as {layout!r}.", _ADVICE)
    values = numbers(sections.get("EDGE_WEIGHT_SECTION", []), path, "EDGE_WEIGHT_SECTION", at_least=0.0)
    if layout == "FULL_MATRIX":
        rows, columns = np.indices((count, count)).reshape(2, -1)
    else:
        reach, is_upper = _ROW[layout]
        rows, columns = np.triu_indices(count, reach) if is_upper else np.tril_indices(count, reach)
    if len(values) != len(rows):
        raise DataError(f"{path.name}: EDGE_WEIGHT_SECTION has {len(values)} numbers instead of {len(rows)}.", "Is it cut off?")
    matrix = np.zeros((count, count))
    matrix[rows, columns] = values
    if layout != "FULL_MATRIX":
        matrix[columns, rows] = values
    if not np.array_equal(matrix, matrix.T):
        raise DataError(f"{path.name} has other distances there than back.", _ADVICE)
    return matrix
