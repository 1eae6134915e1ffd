"""OpenStreetMap extracts: roads, buildings, bins, cameras, land use and districts in one go."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from twin.errors import DataError
from twin.geo import FloatArray
from twin.sources.base import Item, ReadOptions, far_from
from twin.sources.files import head
from twin.sources.osm_network import RoadNetwork
from twin.task import Progress

if TYPE_CHECKING:
    from twin.sources.osm_read import RawCity

_ENDS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")


class OsmSource:
    """Files of OpenStreetMap, binary or XML, also packed with gzip or bzip2."""

    name = "osm"
    label = "OpenStreetMap"
    extensions = _ENDS

    def sniff(self, path: Path) -> bool:
        """Return whether the name ends as such files do, or the content is theirs."""
        start = head(path)
        return path.name.lower().endswith(_ENDS) or b"OSMHeader" in start[:64] or b"<osm " in start

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give nodes, links, turn restrictions and places.

        Raises ``DataError`` when the file is damaged, holds nothing of use or lies in another city.
        """
        from twin.sources.osm_read import RawCity, sorted_copy  # pyosmium is heavy

        raw = RawCity(path.name)
        yield from _read(raw, path)
        if raw.is_unsorted:
            with tempfile.TemporaryDirectory(prefix="citytwin-") as folder:
                raw = RawCity(path.name)
                yield from _read(raw, sorted_copy(path, Path(folder)))
        if not raw.ways and not raw.places:
            raise DataError(
                f"{path.name} holds no road, building, bin or camera.",
                "Export the area again with all its objects from OpenStreetMap.",
            )
        _check_place(raw.starts(), path, options)
        yield Progress("Building the road network", 0, len(raw.ways))
        yield from RoadNetwork(raw.ways, frozenset(raw.signals), raw.restrictions, path.name).entities()
        yield from raw.places
        yield from raw.sea()
        yield from raw.problems


def _read(raw: RawCity, path: Path) -> Iterator[Item]:
    from osmium import InvalidLocationError

    yield Progress("Reading the map", 0, 0)
    try:
        for count in raw.read(path):
            yield Progress("Reading the map", count, 0)
    except (RuntimeError, OSError, ValueError, InvalidLocationError) as error:
        if "out of order" in str(error):  # areas are put together from sorted files only
            raw.out_of_order = True
            return
        raise DataError(
            f"{path.name} cannot be read as an OpenStreetMap file: {error}.",
            "It is damaged or was not fetched to its end: get it again.",
        ) from error


def _check_place(lon_lat: FloatArray, path: Path, options: ReadOptions) -> None:
    """Refuse a map of another city; its nodes would make the flat plane of this one useless."""
    if not len(lon_lat) or options.bounds is None:
        return
    far_m = float(far_from(lon_lat, options).min())
    if far_m > options.far_m:
        raise DataError(
            f"{path.name} lies {far_m / 1000:,.0f} km outside this city.",
            "Import it into a workspace of its own.",
        )
