"""Everything that can be imported. A new family of files is one module and one line in ``SOURCES``."""

from __future__ import annotations

from pathlib import Path

from twin.errors import DataError
from twin.sources.base import HistoryBatch, Item, Note, Problem, ReadOptions, Source, TerrainGrid
from twin.sources.files import check_readable
from twin.sources.gmns import GmnsSource
from twin.sources.mapping import ColumnMapping, read_mapping
from twin.sources.od_table import OdTableSource
from twin.sources.omx import OmxSource
from twin.sources.osm import OsmSource
from twin.sources.raster import RasterSource
from twin.sources.tables import CsvSource, VectorSource, WorkbookSource
from twin.sources.tntp_city import TntpSource

# Asked in this order: the more certain sign first.
SOURCES: tuple[Source, ...] = (
    OsmSource(),
    RasterSource(),
    TntpSource(),
    OmxSource(),
    WorkbookSource(),
    VectorSource(),
    GmnsSource(),
    OdTableSource(),
    CsvSource(),
)


def source_for(path: Path) -> Source:
    """Return the source that reads a file.

    Raises ``DataError`` when the file cannot be read or no source knows it.
    """
    check_readable(path)
    for source in SOURCES:
        if source.sniff(path):
            return source
    known = ", ".join(dict.fromkeys(end for source in SOURCES for end in source.extensions))
    raise DataError(f"{path.name} is of no kind that can be imported.", f"Known are {known}.")


__all__ = [
    "SOURCES",
    "ColumnMapping",
    "HistoryBatch",
    "Item",
    "Note",
    "Problem",
    "ReadOptions",
    "Source",
    "TerrainGrid",
    "read_mapping",
    "source_for",
]
