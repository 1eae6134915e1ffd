"""One reading of an OpenStreetMap file with pyosmium: roads, restrictions, signals and places, still raw.

Nodes without tags are never seen by Python: pyosmium keeps their locations and gives them to ways and areas.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from twin.errors import DataError
from twin.geo import Bounds, FloatArray
from twin.model.entity import Entity
from twin.model.places import LandUse
from twin.sources.base import Problem
from twin.sources.osm_network import MISSING, Restriction, Way
from twin.sources.osm_places import (
    AREA_KEYS,
    NODE_KEYS,
    is_area_of_interest,
    is_building,
    is_district,
    is_point_of_interest,
    land_use,
    place,
)
from twin.sources.osm_sea import sea
from twin.sources.osm_tags import HIGHWAYS, Tags

_STEP = 20_000  # objects between two reports of progress


@dataclass
class RawCity:
    """What one reading found."""

    where: str
    ways: list[Way] = field(default_factory=list)
    signals: set[int] = field(default_factory=set)
    restrictions: list[Restriction] = field(default_factory=list)
    places: list[Entity] = field(default_factory=list)
    coast: list[FloatArray] = field(default_factory=list)
    first_coast: int = 0
    bounds: Bounds | None = None
    problems: list[Problem] = field(default_factory=list)
    expected: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    located: int = 0
    objects: int = 0
    out_of_order: bool = False

    def read(self, path: Path) -> Iterator[int]:
        """Read the file and give the number of objects seen from time to time.

        Raises ``RuntimeError`` (pyosmium's) where the file is damaged.
        """
        self._wkb = osmium.geom.WKBFactory()
        processor = _processor(path)
        box = processor.header.box()
        if box.valid():
            self.bounds = box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat
        for item in processor:
            self.objects += 1
            kind = item.type_str()
            if kind == "n":
                self._node(item)
            elif kind == "w":
                self._way(item)
            elif kind == "a":
                self._area(item)
            elif kind == "r":
                self._relation(item)
            if self.objects % _STEP == 0:
                yield self.objects
        for key, what in self.expected.items():
            if key in self.done:
                continue
            self.problems.append(Problem(key, f"the outline of the {what} lies partly outside the file or is broken", self.where))

    @property
    def is_unsorted(self) -> bool:
        """Whether the file has to be sorted first: by its numbers, or because ways came before their nodes."""
        return self.out_of_order or (bool(self.ways) and self.located == 0)

    def starts(self) -> FloatArray:
        """Return the first point of each road that has one, ``(n, 2)`` longitude, latitude."""
        first = np.array([way.points[0, 1:] for way in self.ways if len(way.points)], dtype=np.float64).reshape(-1, 2)
        return np.asarray(first[first[:, 0] != MISSING] * 1e-7)

    def _node(self, node: Any) -> None:
        tags = dict(node.tags)
        if tags.get("highway") == "traffic_signals":
            self.signals.add(node.id)
        if is_point_of_interest(tags) and node.location.valid():
            self.places.extend(place(f"node/{node.id}", tags, shapely.Point(node.lon, node.lat)))

    def _way(self, way: Any) -> None:
        tags = dict(way.tags)
        if tags.get("highway") in HIGHWAYS and tags.get("area") != "yes":
            points = np.array([(node.ref, node.x, node.y) for node in way.nodes], dtype=np.int64).reshape(-1, 3)
            self.located += int((points[:, 1] != MISSING).sum())
            self.ways.append(Way(way.id, tags, points))
        if is_area_of_interest(tags):
            self._expect_area(way, tags)
        if tags.get("natural") == "coastline":
            self._coastline(way)

    def _coastline(self, way: Any) -> None:
        """Keep the pieces of a coastline whose nodes the file has."""
        self.first_coast = min(self.first_coast or way.id, way.id)
        points = [(node.lon, node.lat) if node.location.valid() else (np.nan, np.nan) for node in way.nodes]
        xy = np.array(points, dtype=np.float64).reshape(-1, 2)
        known = np.isfinite(xy[:, 0])
        pieces = np.split(xy, np.flatnonzero(np.diff(known)) + 1)
        self.coast += [piece for piece in pieces if np.isfinite(piece[0, 0])]

    def sea(self) -> list[Entity]:
        """Return the sea beside the coastlines; nothing where the file does not say its bounds or the coast is ambiguous."""
        if self.bounds is None or not self.coast:
            return []
        keys = (f"sea/{self.first_coast}#{place}" for place in itertools.count())
        return [
            LandUse(id=key, source_id=key, source="osm", use="water", geometry=water)
            for key, water in zip(keys, sea(self.coast, self.bounds), strict=False)
        ]

    def _expect_area(self, way: Any, tags: Tags) -> None:
        key = f"way/{way.id}"
        if way.is_closed() and tags.get("area") != "no":
            self.expected[key] = _what(tags)
        elif is_point_of_interest(tags):
            found = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
            if found:
                self.places.extend(place(key, tags, shapely.Point(np.mean(found, axis=0))))
        elif is_building(tags) or "landuse" in tags:
            self.problems.append(Problem(key, f"the outline of the {_what(tags)} is not closed", self.where))

    def _area(self, area: Any) -> None:
        tags = dict(area.tags)
        key = f"{'way' if area.from_way() else 'relation'}/{area.orig_id()}"
        if not is_area_of_interest(tags):
            return
        try:
            geometry = shapely.from_wkb(self._wkb.create_multipolygon(area))
        except (RuntimeError, osmium.InvalidLocationError):  # an empty area: the assembler could not close its rings
            return
        if geometry.is_empty:
            return
        self.done.add(key)  # a relation's area comes before the relation itself
        if not geometry.is_valid:
            geometry = shapely.make_valid(geometry, method="structure")
        if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
            self.problems.append(Problem(key, f"the outline of the {_what(tags)} crosses itself", self.where))
            return
        if len(getattr(geometry, "geoms", ())) == 1:
            geometry = geometry.geoms[0]
        self.places.extend(place(key, tags, geometry))

    def _relation(self, relation: Any) -> None:
        tags = dict(relation.tags)
        if tags.get("type") == "restriction":
            self._restriction(relation, tags)
        elif tags.get("type") in {"multipolygon", "boundary"} and is_area_of_interest(tags):
            self.expected[f"relation/{relation.id}"] = _what(tags)

    def _restriction(self, relation: Any, tags: Tags) -> None:
        value = tags.get("restriction", "")
        modes = tags.get("except", "")
        if not value or "motorcar" in modes:  # only for lorries, buses …, or not for cars
            return
        members: dict[tuple[str, str], list[int]] = {}
        for member in relation.members:
            members.setdefault((member.role, member.type), []).append(member.ref)
        via = members.get(("via", "n"), [None])
        self.restrictions.append(
            Restriction(
                relation.id, value, tuple(members.get(("from", "w"), ())), via[0], tuple(members.get(("to", "w"), ())), modes
            )
        )


def _processor(path: Path) -> Any:
    """Return pyosmium's reader with locations, areas and only the objects that are of use."""
    types = osmium.osm
    processor = osmium.FileProcessor(str(path)).with_areas(osmium.filter.KeyFilter(*AREA_KEYS))
    for kind, keys in (
        (types.NODE, NODE_KEYS),
        (types.WAY, ("highway", *AREA_KEYS)),
        (types.AREA, AREA_KEYS),
        (types.RELATION, ("type",)),
    ):
        of_use = osmium.filter.KeyFilter(*keys)
        of_use.enable_for(kind)
        processor.with_filter(of_use)
    return processor


def sorted_copy(path: Path, folder: Path) -> Path:
    """Write the file again with nodes before ways before relations, as readers need it.

    Raises ``DataError`` where the file is damaged.
    """
    target = Path(tempfile.mkdtemp(dir=folder)) / "sorted.osm.pbf"
    try:
        merger = osmium.MergeInputReader()
        merger.add_file(str(path))
        with osmium.SimpleWriter(str(target)) as writer:
            merger.apply(writer)
    except (RuntimeError, OSError, osmium.InvalidLocationError) as error:
        raise DataError(f"{path.name} cannot be sorted: {error}.", "It is damaged: get it again.") from error
    return target


def _what(tags: Tags) -> str:
    if is_building(tags):
        return "building"
    if is_district(tags):
        return "district"
    return f"{land_use(tags) or 'other'} area"
