"""Histories: millions of readings and counts as Parquet files, read and written as columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from twin.errors import BugError, DataError
from twin.model.catalogue import HISTORY_OF
from twin.model.entity import Attribute, attributes
from twin.model.frame import Column
from twin.store.faults import whole

Columns = dict[str, Column]


def checked(kind: str, columns: Mapping[str, Any]) -> Columns:
    """Return the columns of a history with the types that the data dictionary asks for.

    Columns that are left out get their default. Raises ``DataError`` that names the column and the row of a
    value out of range, ``BugError`` for columns that do not fit the kind.
    """
    facts_of = attributes(HISTORY_OF[kind])
    unknown = sorted(columns.keys() - facts_of.keys())
    if unknown:
        raise BugError(f"{kind} has no column {unknown[0]!r}")
    length = len(next(iter(columns.values()), ()))
    found = {name: _column(kind, facts, columns.get(name), length) for name, facts in facts_of.items()}
    if any(len(column) != length for column in found.values()):
        raise BugError(f"columns of {kind} have unequal lengths")
    return found


def _column(kind: str, facts: Attribute, given: Any, length: int) -> Column:
    if given is None:
        default = next(f.default for f in HISTORY_OF[kind].__dataclass_fields__.values() if f.name == facts.name)
        given = np.full(length, np.nan if default is None else default)
    if facts.type is datetime:
        column = np.asarray(given).astype("datetime64[s]")
        bad = np.isnat(column)
    elif facts.type is str:
        column = np.asarray(given, dtype=object)
        bad = np.array([not isinstance(value, str) for value in column.tolist()], dtype=bool)
    else:
        column = np.asarray(given).astype({float: np.float64, int: np.int64, bool: np.bool_}[facts.type])
        bad = _out_of_range(facts, column)
    if bad.any():
        row = int(np.argmax(bad))
        expected = f"{facts.low}–{facts.high}" if facts.type is float else "a value"
        raise DataError(
            f"{facts.name} of {kind} is {column[row]} in row {row + 1} of {len(column)}; expected {expected}.",
            "Correct or leave out that row.",
        )
    return column


def _out_of_range(facts: Attribute, column: Column) -> Column:
    if facts.type is not float:
        return np.zeros(len(column), dtype=bool)
    low = -np.inf if facts.low is None else facts.low
    high = np.inf if facts.high is None else facts.high
    missing = np.isnan(column)
    inside: Column = (missing & facts.optional) | ((column >= low) & (column <= high) & np.isfinite(column))
    return ~inside


def joined(kind: str, parts: Sequence[Mapping[str, Column]]) -> Columns:
    """Return parts of a history one after the other; without parts, empty columns."""
    if not parts:
        return checked(kind, {name: np.array([], dtype=object) for name in attributes(HISTORY_OF[kind])})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def write(path: Path, columns: Mapping[str, Column]) -> None:
    """Write columns to a Parquet file; the same columns give the same bytes."""
    arrays = {}
    for name, column in columns.items():
        if column.dtype == object:
            arrays[name] = pa.array(column, type=pa.string()).dictionary_encode()
        elif column.dtype.kind == "M":
            arrays[name] = pa.array(column.astype("datetime64[ms]")).cast(pa.timestamp("ms", tz="UTC"))
        else:
            arrays[name] = pa.array(column)
    pq.write_table(pa.table(arrays), path, compression="zstd")


def read(kind: str, paths: Sequence[Path]) -> Columns:
    """Read a history's files, one after the other, as columns."""
    return joined(kind, [_read(kind, path) for path in paths])


def _read(kind: str, path: Path) -> Columns:
    with whole(path, "Restore that file from a backup, or take back the import that it came from (citytwin undo)."):
        return _columns(kind, pq.read_table(path))


def _columns(kind: str, table: Any) -> Columns:
    found: Columns = {}
    for name, facts in attributes(HISTORY_OF[kind]).items():
        if name not in table.column_names:  # written before the data dictionary had it
            found[name] = _column(kind, facts, None, table.num_rows)
            continue
        column = table.column(name).combine_chunks()
        found[name] = _READERS.get(facts.type, _numbers)(column)
    return found


def _texts(column: Any) -> Column:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if not isinstance(column, pa.DictionaryArray):
        column = column.dictionary_encode()
    words = np.array(column.dictionary.to_pylist(), dtype=object)
    return words[column.indices.to_numpy(zero_copy_only=False)] if len(words) else np.array([], dtype=object)


def _times(column: Any) -> Column:
    return np.asarray(column.cast(pa.timestamp("ms")).to_numpy(zero_copy_only=False)).astype("datetime64[s]")


def _numbers(column: Any) -> Column:
    return np.array(column.to_numpy(zero_copy_only=False))


_READERS: dict[type, Callable[[Any], Column]] = {str: _texts, datetime: _times}
