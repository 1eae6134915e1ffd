"""What every source gives and is given: the one interface of everything that can be imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from twin.geo import Bounds, Projection
from twin.model.entity import Entity
from twin.model.snapshot import Terrain
from twin.sources.mapping import ColumnMapping
from twin.task import Progress

FAR_M = 50_000.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that was left out, and why.

    ``row`` is the line of a text file, the row of a sheet, the number of a feature or the key of an
    OSM object; ``where`` is the file.
    """

    row: int | str
    reason: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader assumed that the user should know, such as the unit of a column."""

    text: str


@dataclass(frozen=True, eq=False)
class HistoryBatch:
    """Readings or counts as columns of equal length; ``subject_id`` holds source keys, ``at`` UTC datetime64."""

    kind: str
    columns: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class TerrainGrid:
    """Terrain on the plane of ``projection``."""

    terrain: Terrain
    projection: Projection


@dataclass(frozen=True)
class ReadOptions:
    """What the user says about a source, and what the city it goes into says.

    ``kind`` is what the records are (``bin``, ``incident`` …) where their columns do not tell.
    ``crs`` is an EPSG code, ``gcj02`` or ``bd09``. ``time_zone`` is that of times without one.
    ``source`` names where the records come from; the name of the file without it. ``far_m`` is how
    far outside the city (or the bulk of the file's own points) a record may lie.
    ``bounds`` (degrees) and ``projection`` are the city's, None while it is empty.
    ``size_limit`` is how many bytes an archive may hold when unpacked.
    """

    kind: str | None = None
    mapping: ColumnMapping | None = None
    crs: str | None = None
    encoding: str | None = None
    time_zone: str = "UTC"
    layer: str | None = None
    source: str | None = None
    far_m: float = FAR_M
    bounds: Bounds | None = None
    projection: Projection | None = None
    size_limit: int = field(default=2 << 30)


Item = Entity | Problem | Note | HistoryBatch | TerrainGrid | Progress


@runtime_checkable
class Source(Protocol):
    """One family of files that CityTwin reads.

    The keys of the entities it gives are their source keys: ``id`` equals ``source_id``, references
    to other entities hold source keys too; ``twin.ingest`` exchanges them for the city's own.
    """

    @property
    def name(self) -> str:
        """Key of the source."""
        ...

    @property
    def label(self) -> str:
        """English name for people."""
        ...

    @property
    def extensions(self) -> tuple[str, ...]:
        """Ends of file names that it reads, with the dot, for file dialogs."""
        ...

    def sniff(self, path: Path) -> bool:
        """Return whether the file is of this family; reads a few bytes at most and never raises on content."""
        ...

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give what is in the file, and a Problem for each record that is left out.

        Raises ``DataError`` when the file as a whole cannot be used.
        """
        ...


def far_from(lon_lat: NDArray[np.float64], options: ReadOptions) -> NDArray[np.float64]:
    """Return how far (m, rough) each point ``(n, 2)`` lies outside the city, or outside the bulk of the points themselves.

    The bulk is the box that holds the middle half of them in each direction: a few strays cannot move it.
    """
    if len(lon_lat) == 0:
        return np.zeros(0)
    if options.bounds is not None:
        west, south, east, north = options.bounds
    else:
        (west, south), (east, north) = np.quantile(lon_lat, [0.25, 0.75], axis=0)
    lon, lat = lon_lat[:, 0], lon_lat[:, 1]
    dx = np.maximum(0.0, np.maximum(west - lon, lon - east)) * np.cos(np.radians((south + north) / 2.0))
    dy = np.maximum(0.0, np.maximum(south - lat, lat - north))
    return np.asarray(np.hypot(dx, dy) * 111_195.0)
