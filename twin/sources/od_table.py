"""Tables of trips: a row for each pair of zones, or a row and a column for each zone."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twin.errors import DataError
from twin.sources.base import Item, Problem, ReadOptions
from twin.sources.columns import plain_name
from twin.sources.files import head
from twin.sources.od_matrix import long, square
from twin.sources.table import Table, read_csv
from twin.sources.text import detect
from twin.sources.values import is_empty, number, text_of
from twin.task import Progress

_ADVICE = "Give rows of origin, destination and trips, or a row and a column for each zone."
_NAMES = {
    "origin": ("origin", "originid", "originzone", "o", "ozoneid", "ozone", "fromzone", "fromzoneid", "orig", "起点", "出发小区", "o小区"),
    "destination": ("destination", "destinationid", "destinationzone", "d", "dzoneid", "dzone", "tozone", "tozoneid", "dest", "终点", "到达小区", "d小区"),
    "trips": ("trips", "volume", "demand", "flow", "count", "value", "vehicles", "出行量", "流量", "出行次数"),
    "hour": ("hour", "period", "小时", "时段"),
    "vehicle_class": ("vehicleclass", "class", "mode", "agenttype", "车型"),
}  # fmt: skip
_ENDS = (".csv", ".tsv", ".txt")
_SAMPLE = 65536


class OdTableSource:
    """Matrices of trips as separated values."""

    name = "od_table"
    label = "Trip matrix (CSV)"
    extensions = (".csv", ".tsv")

    def sniff(self, path: Path) -> bool:
        """Return whether the first lines are those of a matrix: named columns, or zones both across and down."""
        if path.suffix.lower() not in _ENDS:
            return False
        lines = _first_lines(path)
        return bool(lines) and (_is_long(lines[0]) or _is_square(lines))

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give the trips, and a problem for each row that is left out."""
        yield Progress("Reading the file", 0, 0)
        table = read_csv(path, options)
        names = list(table.columns)
        if _is_long(names):
            yield from _Long(table).items()
        else:
            labels, trips = _square(table)
            yield square(table.where, labels, trips)


def _first_lines(path: Path) -> list[list[str]]:
    """Return the cells of the first lines; none for what is no text."""
    data = head(path, _SAMPLE)
    try:
        text = data.decode(detect(data, path.name), "ignore")
    except (DataError, UnicodeError):
        return []
    lines = text.splitlines()[: -1 if len(data) == _SAMPLE else None]
    separator = max(",;\t", key=(lines[0] if lines else "").count)
    return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator) if row]


def _is_long(names: Sequence[str]) -> bool:
    plain = {plain_name(name) for name in names}
    return all(plain.intersection(_NAMES[name]) for name in ("origin", "destination", "trips"))


def _is_square(lines: list[list[str]]) -> bool:
    """Return whether zones stand across the first line and down the first column: the first two are the same."""
    across, down = lines[0][1:], [row[0] for row in lines[1:]]
    return len(across) > 1 and across[:2] == down[:2]


def _square(table: Table) -> tuple[list[str], np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Return the zones and the matrix of a square table. Raises ``DataError`` for a row that is not whole."""
    names = list(table.columns)
    if table.problems:
        raise DataError(f"{table.where}, row {table.problems[0].row}: it {table.problems[0].reason}.", _ADVICE)
    down = [text_of(label) for label in table.columns[names[0]]]
    across = names[1:]
    if len(down) != len(across):
        raise DataError(f"{table.where} has a matrix of {len(down)} × {len(across)}; it is not square.", _ADVICE)
    stray = next((one for one, two in zip(down, across, strict=True) if one != two), None)
    if stray is not None:
        raise DataError(f"{table.where} has zone '{stray}' in another row than column.", "Give both in the same order.")
    trips = np.zeros((len(down), len(down)))
    for column, name in enumerate(across):
        for row, cell in enumerate(table.columns[name]):
            if not is_empty(cell):
                trips[row, column] = _number(table, cell, f"zone '{down[row]}' to zone '{name}'")
    return down, trips


def _number(table: Table, cell: object, what: str) -> float:
    try:
        return number(cell, decimal_comma=table.decimal_comma)
    except ValueError as error:
        raise DataError(f"{table.where}: trips from {what}: {error}.", _ADVICE) from error


@dataclass(eq=False)
class _Long:
    """Rows of origin, destination and trips."""

    table: Table
    problems: list[Problem] = field(default_factory=list)

    def items(self) -> Iterator[Item]:
        table = self.table
        columns = {name: self._column(name) for name in _NAMES}
        rows: dict[tuple[str, ...], tuple[int, float, int]] = {}
        for row in range(len(table)):
            try:
                key, trips = self._cell(columns, row)
            except ValueError as error:
                self.problems.append(Problem(table.rows[row], str(error), table.where))
                continue
            if key in rows:
                first = table.rows[rows[key][0]]
                reason = f"repeats the trips from '{key[0]}' to '{key[1]}' of row {first}"
                self.problems.append(Problem(table.rows[row], reason, table.where))
            else:
                rows[key] = (row, trips, int(key[2]))
        yield from table.problems
        yield from self.problems
        if not rows:
            why = self.problems[0].reason if self.problems else "it has none"
            raise DataError(f"No row of {table.where} can be used as trips: {why}.", _ADVICE)
        origin, destination, _, kinds = (np.array(part, dtype=object) for part in zip(*rows, strict=True))
        trips_of = np.array([trips for _, trips, _ in rows.values()])
        hours = np.array([hour for _, _, hour in rows.values()], np.int64)
        yield long(table.where, origin, destination, trips_of, hour=hours, vehicle_class=kinds)

    def _column(self, name: str) -> Sequence[object] | None:
        found = next((column for column in self.table.columns if plain_name(column) in _NAMES[name]), None)
        return self.table.columns[found] if found is not None else None

    def _cell(self, columns: dict[str, Sequence[object] | None], row: int) -> tuple[tuple[str, ...], float]:
        """Return origin, destination, hour and class of a row, and its trips. Raises ``ValueError`` saying what is wrong."""
        text = {name: "" if values is None or is_empty(values[row]) else text_of(values[row]) for name, values in columns.items()}
        for name in ("origin", "destination", "trips"):
            if not text[name]:
                raise ValueError(f"has no {name}")
        trips = number(text["trips"], decimal_comma=self.table.decimal_comma)
        if not np.isfinite(trips) or trips < 0.0:
            raise ValueError(f"has {trips:g} trips; expected 0 or more")
        hour = number(text["hour"]) if text["hour"] else 0.0
        if hour not in range(24):
            raise ValueError(f"has hour {text['hour']}; expected 0 to 23")
        return (text["origin"], text["destination"], str(int(hour)), text["vehicle_class"]), trips
