"""GMNS: networks as a node table and a link table (General Modeling Network Specification, zephyr-data-specs/GMNS).

The file of links is named; the files of nodes (node.csv) and, where there are, of zones (zone.csv) and of units
(config.csv) lie beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import DataError
from twin.geo import Projection
from twin.model.demand import Zone
from twin.model.network import ROAD_CLASSES, Link, Node
from twin.sources.base import Item, Note, Problem, ReadOptions
from twin.sources.columns import Found
from twin.sources.files import head
from twin.sources.location import locate
from twin.sources.table import Table, read_csv
from twin.sources.values import is_empty, number, text_of
from twin.task import Progress

_ADVICE = "Export the network with node.csv and link.csv as GMNS says."
_LENGTHS_M = {
    "m": 1.0,
    "meter": 1.0,
    "km": 1000.0,
    "kilometer": 1000.0,
    "mi": 1609.344,
    "mile": 1609.344,
    "ft": 0.3048,
    "feet": 0.3048,
}
_SPEEDS_MPS = {"kmh": 1 / 3.6, "km/h": 1 / 3.6, "kph": 1 / 3.6, "mph": 0.44704, "m/s": 1.0}
_CLASSES = {item.name: item for item in ROAD_CLASSES}
_USUAL_DETOUR = 1.05
_SLOWEST_MPS, _FASTEST_MPS = 0.5, 60.0


class GmnsSource:
    """GMNS networks, by their file of links."""

    name = "gmns"
    label = "Network (GMNS link.csv)"
    extensions = (".csv",)

    def sniff(self, path: Path) -> bool:
        """Return whether the first line has the columns of a table of links."""
        first = head(path, 2000).split(b"\n", 1)[0].decode("utf-8", "ignore").replace('"', "").strip("\ufeff\r ")
        return {"link_id", "from_node_id", "to_node_id"} <= {name.strip() for name in first.split(",")}

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give nodes, links and zones; a problem for each row that is left out."""
        yield Progress("Reading the file", 0, 0)
        plain = replace(options, encoding=None)
        nodes = _beside(path, "node.csv", plain)
        if nodes is None:
            raise DataError(f"{path.name} has no node.csv beside it.", _ADVICE)
        config = _beside(path, "config.csv", plain)
        yield from _Network(
            _read(path, options), nodes, _beside(path, "zone.csv", plain), config, options.source or path.name, options
        ).items()


def _beside(path: Path, name: str, options: ReadOptions) -> Table | None:
    found = next((other for other in sorted(path.parent.iterdir()) if other.name.lower() == name), None)
    return _read(found, options) if found is not None else None


def _read(path: Path, options: ReadOptions) -> Table:
    """Read a table; the case of its column names does not matter."""
    table = read_csv(path, options)
    return replace(table, columns={name.lower(): cells for name, cells in table.columns.items()})


@dataclass(eq=False)
class _Network:
    links: Table
    nodes: Table
    zones: Table | None
    config: Table | None
    source: str
    options: ReadOptions
    places: dict[str, shapely.Point] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def items(self) -> Iterator[Item]:
        if "node_id" not in self.nodes.columns:
            raise DataError(f"{self.nodes.where} has no column node_id.", _ADVICE)
        yield from self._nodes()
        if not self.places:
            raise DataError(
                f"No node of {self.nodes.where} has a place.", "Give x_coord and y_coord, and --crs unless they are degrees."
            )
        yield Progress("Reading records", 0, len(self.links))
        yield from self._links()
        yield from self._zones()
        yield from self.problems
        yield from (*self.links.problems, *self.nodes.problems)

    # Nodes

    def _located(self, table: Table) -> NDArray[Any]:
        """Return the places of a table's rows (degrees), None where there is none; degrees unless a system is named."""
        names = {"x": "x_coord", "y": "y_coord"}
        columns = {key: [Found(name)] for key, name in names.items() if name in table.columns}
        options = self.options if self.options.crs else replace(self.options, crs="EPSG:4326")
        located = locate(table, columns, options)
        if located is None:
            return np.full(len(table), None, dtype=object)
        for row, reason in located.reasons.items():
            self.problems.append(Problem(table.rows[row], reason, table.where))
        return located.geometry

    def _nodes(self) -> Iterator[Node]:
        places = self._located(self.nodes)
        signals = self.nodes.columns.get("ctrl_type", ())
        for row, raw in enumerate(self.nodes.columns["node_id"]):
            key = text_of(raw)
            if places[row] is None:
                continue
            if key in self.places:
                self.problems.append(Problem(self.nodes.rows[row], f"repeats node '{key}'", self.nodes.where))
                continue
            self.places[key] = places[row]
            has_signal = bool(signals) and "signal" in text_of(signals[row]).lower()
            yield Node(id=key, source=self.source, source_id=key, geometry=places[row], signal=has_signal)

    # Links

    def _links(self) -> Iterator[Item]:
        lines = self._lines()
        straight_m = self._plane_lengths(lines)
        scale_m, speed_mps, notes = self._units(straight_m)
        yield from notes
        both = self._reverses()
        seen: set[str] = set()
        for row, raw in enumerate(self.links.columns["link_id"]):
            key = text_of(raw)
            if key in seen:
                self.problems.append(Problem(self.links.rows[row], f"repeats link '{key}'", self.links.where))
                continue
            try:
                yield self._link(row, key, lines[row], straight_m[row], scale_m, speed_mps, both)
                seen.add(key)
            except ValueError as error:
                self.problems.append(Problem(self.links.rows[row], str(error), self.links.where))

    def _ends(self, row: int) -> tuple[str, str]:
        return text_of(self.links.columns["from_node_id"][row]), text_of(self.links.columns["to_node_id"][row])

    def _reverses(self) -> dict[tuple[str, str], str]:
        return {self._ends(row): text_of(raw) for row, raw in enumerate(self.links.columns["link_id"])}

    def _lines(self) -> list[shapely.LineString | None]:
        lines: list[shapely.LineString | None] = []
        texts = self.links.columns.get("geometry")
        for row in range(len(self.links)):
            ends = [self.places.get(key) for key in self._ends(row)]
            text = "" if texts is None or is_empty(texts[row]) else str(texts[row])
            line = (
                shapely.from_wkt(text, on_invalid="ignore")
                if text.upper().startswith("LINESTRING") and not self.options.crs
                else None
            )
            if line is None and all(end is not None for end in ends):
                line = shapely.LineString(ends)
            lines.append(line)
        return lines

    def _plane_lengths(self, lines: list[shapely.LineString | None]) -> NDArray[np.float64]:
        centre = shapely.get_coordinates(np.array(list(self.places.values()), dtype=object)).mean(axis=0)
        plane = Projection(float(centre[0]), float(centre[1]))
        flat = shapely.transform(np.array(lines, dtype=object), plane.to_xy)
        return np.nan_to_num(np.asarray(shapely.length(flat), np.float64))

    def _units(self, straight_m: NDArray[np.float64]) -> tuple[float, float, list[Note]]:
        """Return metres of the unit of length and m/s of that of speed: as config.csv says, or as the drawn lines tell."""
        told = (
            {}
            if self.config is None or not len(self.config)
            else {name: text_of(cells[0]).lower() for name, cells in self.config.columns.items()}
        )
        scale = _LENGTHS_M.get(told.get("long_length", told.get("length", "")))
        speed = _SPEEDS_MPS.get(told.get("speed", ""))
        notes = []
        if scale is None:
            length = np.array([self._number("length", row, 0.0) for row in range(len(self.links))])
            rows = (length > 0.0) & (straight_m > 0.0)
            ratio = float(np.median(length[rows] / straight_m[rows])) if rows.any() else 1.0
            name = min(("m", "km", "mi", "ft"), key=lambda unit: abs(np.log(ratio * _LENGTHS_M[unit] / _USUAL_DETOUR)))
            scale = _LENGTHS_M[name]
            notes.append(Note(f"Lengths were read in {name}: so they agree with the coordinates."))
        if speed is None:
            name = "mph" if scale == _LENGTHS_M["mi"] else "km/h"
            speed = _SPEEDS_MPS[name]
            notes.append(Note(f"Speeds were read in {name}."))
        return scale, speed, notes

    def _link(
        self,
        row: int,
        key: str,
        line: shapely.LineString | None,
        straight_m: float,
        scale_m: float,
        speed_unit_mps: float,
        both: Mapping[tuple[str, str], str],
    ) -> Link:
        tail, end = self._ends(row)
        for node in (tail, end):
            if node not in self.places:
                raise ValueError(f"link '{key}' is at node '{node}', which node.csv does not place")
        road = _CLASSES.get(self._text("facility_type", row).lower(), _CLASSES["secondary"])
        lanes = self._number("lanes", row, road.lanes)
        speed = np.clip(
            self._number("free_speed", row, road.speed_mps / speed_unit_mps) * speed_unit_mps, _SLOWEST_MPS, _FASTEST_MPS
        )
        length = self._number("length", row, 0.0) * scale_m or straight_m
        capacity = self._number("capacity", row, road.capacity_vph) * lanes
        values = (lanes, float(speed), length, capacity)
        if min(values) < 0.0 or not np.all(np.isfinite(values)):
            raise ValueError(f"link '{key}' has a negative length, capacity or number of lanes")
        return Link(
            id=key, source=self.source, source_id=key, geometry=line, tail_id=tail, head_id=end,
            reverse_id=both.get((end, tail), ""), name=self._text("name", row), road_class=road.name, lanes=float(np.clip(lanes, 0, 16)),
            free_flow_speed_mps=float(speed), length_m=float(length), capacity_vph=float(capacity),
            bpr_b=self._number("vdf_alpha", row, 0.0), bpr_power=self._number("vdf_beta", row, 0.0), way_id=key,
        )  # fmt: skip

    def _text(self, name: str, row: int) -> str:
        cells = self.links.columns.get(name)
        return "" if cells is None or is_empty(cells[row]) else text_of(cells[row])

    def _number(self, name: str, row: int, default: float) -> float:
        """Return a number of a link; the default where the file has none. Raises ``ValueError`` saying what was found."""
        text = self._text(name, row)
        return number(text) if text else default

    # Zones

    def _zones(self) -> Iterator[Zone]:
        """Give the zones of zone.csv, or those that nodes name: a zone of one node has it for its own."""
        members: dict[str, list[str]] = {}
        for raw, zone in zip(self.nodes.columns["node_id"], self.nodes.columns.get("zone_id", ()), strict=False):
            key = "" if is_empty(zone) else text_of(zone)
            if key not in ("", "0", "-1") and text_of(raw) in self.places:
                members.setdefault(key, []).append(text_of(raw))
        places = self._zone_places()
        for key in places or members:
            nodes = members.get(key, [])
            own = nodes[0] if len(nodes) == 1 else ""
            place = places.get(key) or shapely.MultiPoint([self.places[node] for node in nodes]).centroid
            yield Zone(id=key, source=self.source, source_id=key, geometry=place, name=key, out_node_id=own, in_node_id=own)

    def _zone_places(self) -> dict[str, shapely.Point]:
        if self.zones is None or "zone_id" not in self.zones.columns:
            return {}
        places = self._located(self.zones)
        keys = [text_of(raw) for raw in self.zones.columns["zone_id"]]
        return {key: place for key, place in zip(keys, places.tolist(), strict=True) if place is not None}
