"""The sources of records: separated values, workbooks and vector files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from twin.sources.base import Item, ReadOptions
from twin.sources.files import head, is_zip, members
from twin.sources.records import read_records
from twin.sources.table import read_csv, read_workbook
from twin.sources.vector import ENDS, read_vector
from twin.task import Progress


class VectorSource:
    """GeoPackage, GeoJSON and Shapefile, also a Shapefile in a zip."""

    name = "vector"
    label = "GeoPackage, GeoJSON or Shapefile"
    extensions = (*ENDS, ".zip")

    def sniff(self, path: Path) -> bool:
        """Return whether the file is a vector file, or an archive with one in it."""
        if path.suffix.lower() in ENDS:
            return True
        if path.suffix.lower() == ".zip" and is_zip(path):
            return True  # an archive of anything else is refused with a reason when it is read
        return head(path, 16) == b"SQLite format 3\0" or b'"FeatureCollection"' in head(path)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give the records of one layer."""
        yield Progress("Reading the file", 0, 0)
        yield from read_records(read_vector(path, options), options)


class WorkbookSource:
    """Excel workbooks."""

    name = "workbook"
    label = "Excel workbook"
    extensions = (".xlsx", ".xlsm")

    def sniff(self, path: Path) -> bool:
        """Return whether the file is a workbook by name or by what is in the archive."""
        if path.suffix.lower() in self.extensions:
            return True
        return path.suffix.lower() != ".zip" and is_zip(path) and any(m.filename == "xl/workbook.xml" for m in members(path))

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give the records of one sheet."""
        yield Progress("Reading the file", 0, 0)
        yield from read_records(read_workbook(path, options), options)


class CsvSource:
    """Tables of separated values."""

    name = "csv"
    label = "Table (CSV)"
    extensions = (".csv", ".tsv", ".txt")

    def sniff(self, path: Path) -> bool:
        """Return whether the name ends as such files do."""
        return path.suffix.lower() in self.extensions

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give the records of the table."""
        yield Progress("Reading the file", 0, 0)
        yield from read_records(read_csv(path, options), options)
