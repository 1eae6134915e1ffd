"""Rows and columns, whatever file they came from."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from twin.errors import DataError
from twin.sources.base import Problem, ReadOptions
from twin.sources.files import DAMAGE, check_archive, head
from twin.sources.text import read_text

_SEPARATORS = (",", ";", "\t", "|")
_COLUMN_LIMIT = 2000
_LONGEST_ROW = (5, 200)  # lines, of a row that is not whole, and of one that is: an honest remark may be long
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how a file begins that holds an encrypted workbook, or an old one
# What openpyxl lets through for a workbook whose parts are damaged or missing.
_BAD_BOOK = (*DAMAGE, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError)


@dataclass(frozen=True, eq=False)
class Table:
    """``n`` records.

    ``columns`` maps each name to its ``n`` values as the file has them: text, numbers, times or None.
    ``rows`` are the numbers by which a person finds a record in the file. ``geometry`` is an object
    array of shapely geometries in ``crs`` ('' when the file names none), or None.
    ``decimal_comma`` is true where '1,5' means one and a half.
    """

    where: str
    columns: Mapping[str, Sequence[Any]]
    rows: Sequence[int]
    geometry: NDArray[Any] | None = None
    crs: str = ""
    decimal_comma: bool = False
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)


def read_csv(path: Path, options: ReadOptions) -> Table:
    """Read separated values: the separator is found, the first line names the columns.

    Raises ``DataError`` when the file is no such table.
    """
    encoding = options.encoding or (options.mapping.encoding if options.mapping else None)
    text, _ = read_text(path, encoding)
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    problems: list[Problem] = []
    try:
        header = next((row for row in reader if any(cell.strip() for cell in row)), [])
        names = _names(header, path.name)
        lines, rows = [], []
        last = reader.line_num
        for row in reader:
            first, last = last + 1, reader.line_num
            is_whole = len(row) == len(names)
            if last - first >= _LONGEST_ROW[is_whole]:
                reason = f"begins a quoted text that goes on for {last - first} lines; a quotation mark is missing"
                problems.append(Problem(first, reason, path.name))
            elif is_whole:
                lines.append(row)
                rows.append(reader.line_num)
            elif row and any(cell.strip() for cell in row):
                problems.append(Problem(reader.line_num, f"has {len(row)} values; the header has {len(names)}", path.name))
    except csv.Error as error:
        raise DataError(
            f"{path.name} is not a table of separated values: {error} (line {reader.line_num}).", "Export it again as CSV."
        ) from error
    columns = {name: [row[i] for row in lines] for i, name in enumerate(names)}
    decimal_comma = separator != "," and bool(re.search(r"(?<![\d,.])\d+,\d+(?![\d,.])", text[:200_000]))
    return Table(path.name, columns, rows, decimal_comma=decimal_comma, problems=problems)


def _separator(text: str) -> str:
    """Return the separator that cuts the first lines into the most columns, alike in each."""
    lines = [re.sub(r'"(?:[^"]|"")*"', "", line) for line in text[:100_000].splitlines()[:20] if line.strip()]
    if not lines:
        return ","

    def score(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        return sum(count == counts[0] for count in counts) * bool(counts[0]), counts[0]

    return max(_SEPARATORS, key=score)


def _names(header: Sequence[Any], where: str) -> list[str]:
    names = [str(cell).strip() if cell is not None else "" for cell in header]
    while names and not names[-1]:
        names.pop()
    names += [""] * (len(header) - len(names))
    if not any(names):
        raise DataError(f"{where} has no line of column names.", "The first line must name the columns.")
    if len(names) > _COLUMN_LIMIT:
        raise DataError(f"{where} has {len(names)} columns.", f"At most {_COLUMN_LIMIT} are read: is it a table?")
    if len(names) == 1 and not re.match(r"^[\w .\-/()]{1,60}$", names[0]):
        raise DataError(f"{where} is not a table: its first line is {names[0][:60]!r}.", "Export it as CSV with column names.")
    unique: list[str] = []
    for i, name in enumerate(names):
        base = name or f"column {i + 1}"
        unique.append(base if base not in unique else f"{base} ({i + 1})")
    return unique


def read_workbook(path: Path, options: ReadOptions) -> Table:
    """Read a sheet of an Excel workbook: the one named by ``options.layer``, else the first with content.

    Raises ``DataError`` when it is damaged or has no such sheet.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    if head(path, 8) == _OLE:
        raise DataError(
            f"{path.name} is protected by a password or of the kind that Excel wrote before 2007.",
            "Open it in Excel and save it as .xlsx without a password, or as CSV.",
        )
    check_archive(path, options.size_limit)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, *_BAD_BOOK) as error:
        raise DataError(f"{path.name} is not a whole Excel workbook: {error}.", "Save it again as .xlsx or CSV.") from error
    try:
        if options.layer is not None and options.layer not in book.sheetnames:
            raise DataError(f"{path.name} has no sheet {options.layer!r}.", f"Its sheets are {', '.join(book.sheetnames)}.")
        for name in [options.layer] if options.layer is not None else book.sheetnames:
            table = _sheet(book[name], path.name)
            if table is not None:
                return table
    except _BAD_BOOK as error:
        raise DataError(f"{path.name} is damaged: {error}.", "Save it again as .xlsx or CSV.") from error
    finally:
        book.close()
    raise DataError(f"{path.name} has no table in it.", "The first row of a sheet must name the columns.")


def _sheet(sheet: Any, where: str) -> Table | None:
    """Return the table of one sheet, or None when it is empty or a chart."""
    if not hasattr(sheet, "iter_rows"):
        return None
    header: list[str] = []
    rows: list[int] = []
    lines: list[tuple[Any, ...]] = []
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row):
            continue
        if not header:
            header = _names(row, where)
            continue
        lines.append((*row[: len(header)], *(None,) * (len(header) - len(row))))
        rows.append(number)
    if not header:
        return None
    return Table(where, {name: [line[i] for line in lines] for i, name in enumerate(header)}, rows)
