"""TNTP networks as roads of a city, and TNTP trip tables as its demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from twin.errors import DataError
from twin.geo import Projection
from twin.model.demand import Zone
from twin.model.network import ROAD_CLASSES, Link, Node, RoadClass
from twin.model.tntp_network import TntpNetwork
from twin.sources.base import Item, Note, ReadOptions, far_from
from twin.sources.files import head
from twin.sources.location import parse_crs
from twin.sources.od_matrix import square
from twin.sources.tntp import holds_links, read_net, read_places, read_trips
from twin.task import Progress

MINUTE_S = 60.0
LEAST_TIME = 0.01
"""Free-flow time (minutes) given to links that the file says take none, as other solvers do."""
LENGTH_UNITS = {"mi": 1609.344, "km": 1000.0, "m": 1.0, "ft": 0.3048}
USUAL_MPS = 14.0
SLOWEST_MPS, FASTEST_MPS = 0.5, 60.0
NO_DELAY = 1e-12
"""A link whose time does not grow: 0 would mean that the run's own delay is used."""
APART_M = 500.0
"""Distance of nodes on the grid where a file tells no coordinates."""
_CLASS_FROM_MPS = ((24.0, "motorway"), (18.0, "trunk"), (13.0, "primary"), (9.0, "secondary"), (0.0, "tertiary"))
_ROAD_CLASS = {item.name: item for item in ROAD_CLASSES}


class TntpSource:
    """Networks and trip tables of the TransportationNetworks collection."""

    name = "tntp"
    label = "Network or trip table (TNTP)"
    extensions = (".tntp",)

    def sniff(self, path: Path) -> bool:
        """Return whether the file begins with its numbers of zones, nodes or links."""
        return b"<NUMBER OF" in head(path, 400).upper()

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give nodes, links and zones of a network, or the trips of a table."""
        yield Progress("Reading the file", 0, 0)
        if not holds_links(path):
            trips = read_trips(path)
            yield square(path.name, [str(zone) for zone in range(1, len(trips) + 1)], trips)
            return
        net = read_net(path)
        yield from _Roads(net, options.source or path.name, *_places(path, net, options)).items()


@dataclass(eq=False)
class _Roads:
    """A network in the making: ``lon_lat (n, 2)`` are the places of its nodes."""

    net: TntpNetwork
    source: str
    lon_lat: NDArray[np.float64]
    notes: tuple[Note, ...]

    def items(self) -> Iterator[Item]:
        net = self.net
        yield from self.notes
        yield from self._nodes()
        yield Progress("Reading records", 0, len(net.tail))
        yield from self._links()
        yield from self._zones()
        if net.toll.any():
            yield Note("Tolls of the file are left out: it does not tell their money.")

    def _node_key(self, node: int, *, ends: bool) -> str:
        """Return the key of the node at which a link ends or begins: two for a zone that may not be passed."""
        return f"{node + 1}" if node >= self.net.first_through else f"{node + 1} {'in' if ends else 'out'}"

    def _nodes(self) -> Iterator[Node]:
        for node in range(self.net.node_count):
            keys = dict.fromkeys((self._node_key(node, ends=False), self._node_key(node, ends=True)))
            for key in keys:
                yield Node(id=key, source=self.source, source_id=key, geometry=shapely.Point(self.lon_lat[node]))

    def _zones(self) -> Iterator[Zone]:
        for node in range(self.net.zone_count):
            yield Zone(
                id=str(node + 1),
                source=self.source,
                source_id=str(node + 1),
                geometry=shapely.Point(self.lon_lat[node]),
                name=str(node + 1),
                out_node_id=self._node_key(node, ends=False),
                in_node_id=self._node_key(node, ends=True),
            )

    def _links(self) -> Iterator[Link]:
        net, keys = self.net, self._link_keys()
        reverse = {(int(tail), int(head)): key for tail, head, key in zip(net.tail, net.head, keys, strict=True)}
        time_s, b, capacity, power = self._delays()
        speed = np.clip(net.length * self._unit_m() / time_s, SLOWEST_MPS, FASTEST_MPS)
        speed = np.where(net.length > 0.0, speed, USUAL_MPS)
        for row, key in enumerate(keys):
            tail, end = int(net.tail[row]), int(net.head[row])
            road = _class_of(float(speed[row]))
            yield Link(
                id=key,
                source=self.source,
                source_id=key,
                geometry=shapely.LineString(self.lon_lat[[tail, end]]),
                tail_id=self._node_key(tail, ends=False),
                head_id=self._node_key(end, ends=True),
                reverse_id=reverse.get((end, tail), ""),
                road_class=road.name,
                lanes=float(np.clip(np.round(capacity[row] / road.capacity_vph), 1, 16)),
                free_flow_speed_mps=float(speed[row]),
                length_m=float(speed[row] * time_s[row]),
                capacity_vph=float(capacity[row]),
                bpr_b=float(b[row]),
                bpr_power=float(power[row]),
                way_id=key,
            )

    def _link_keys(self) -> list[str]:
        """Return a key for each link: its ends, and a number where several join the same ones."""
        seen: dict[str, int] = defaultdict(int)
        keys = []
        for tail, end in zip(self.net.tail.tolist(), self.net.head.tolist(), strict=True):
            ends = f"{tail + 1}-{end + 1}"
            seen[ends] += 1
            keys.append(ends if seen[ends] == 1 else f"{ends} #{seen[ends]}")
        return keys

    def _delays(self) -> tuple[NDArray[np.float64], ...]:
        """Return time (s), b, capacity and power of each link; what the file says is the same function of volume.

        A time of 0 becomes 0.01 min; for one that is less b gets smaller in turn. A power of 0 is a constant time.
        """
        net = self.net
        constant = (net.power == 0.0) | (net.b == 0.0)
        given = np.where(net.power == 0.0, net.free_time * (1.0 + net.b), net.free_time)
        time = np.maximum(given, LEAST_TIME)
        b = np.where(constant, NO_DELAY, net.b * np.where(given > 0.0, given / time, 1.0))
        return time * MINUTE_S, np.maximum(b, NO_DELAY), net.capacity, np.where(constant, 1.0, net.power)

    def _unit_m(self) -> float:
        """Return the metres of the file's unit of length: that which makes its typical speed most like a city's."""
        moves = (self.net.length > 0.0) & (self.net.free_time > 0.0)
        if not moves.any():
            return LENGTH_UNITS["km"]
        typical = float(np.median(self.net.length[moves] / (self.net.free_time[moves] * MINUTE_S)))
        return min(LENGTH_UNITS.values(), key=lambda unit: abs(np.log(typical * unit / USUAL_MPS)))


def _class_of(speed_mps: float) -> RoadClass:
    return _ROAD_CLASS[next(name for low, name in _CLASS_FROM_MPS if speed_mps >= low)]


def _places(path: Path, net: TntpNetwork, options: ReadOptions) -> tuple[NDArray[np.float64], tuple[Note, ...]]:
    """Return where the nodes are (degrees) by the file of nodes beside the network, and what was assumed.

    Raises ``DataError`` when that is far from the city that is there.
    """
    beside = _nodes_file(path)
    known = read_places(beside) if beside is not None else {}
    if not all(number in known for number in range(1, net.node_count + 1)):
        return _on_grid(net.node_count), (
            Note("No coordinates of nodes were found beside the file (…_node.tntp): the roads lie on a made-up grid."),
        )
    xy = np.array([known[number] for number in range(1, net.node_count + 1)])
    lon_lat, notes = _degrees(xy, options)
    if options.bounds is not None and np.median(far_from(lon_lat, options)) > options.far_m:
        raise DataError(f"The nodes of {path.name} lie far from the city.", "Import the network into a workspace of its own.")
    return lon_lat, notes


def _nodes_file(path: Path) -> Path | None:
    """Return the file of nodes of a network, X_node.tntp beside X_net.tntp, in any case of letters."""
    wanted = path.name.lower().replace("_net", "_node")
    return next((other for other in sorted(path.parent.iterdir()) if other.name.lower() == wanted != path.name.lower()), None)


def _degrees(xy: NDArray[np.float64], options: ReadOptions) -> tuple[NDArray[np.float64], tuple[Note, ...]]:
    if options.crs is not None:
        transformer = Transformer.from_crs(parse_crs(options.crs), "EPSG:4326", always_xy=True)
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])), ()
    if np.all((np.abs(xy) <= (180.0, 90.0)) & np.isfinite(xy)):
        return xy, ()
    shape = (xy - xy.mean(axis=0)) * LENGTH_UNITS["ft"]
    note = Note("The coordinates of nodes are in no known system: they were read as feet, and the roads lie at 0° N, 0° E.")
    return Projection(0.0, 0.0).to_lon_lat(shape), (note,)


def _on_grid(count: int) -> NDArray[np.float64]:
    side = int(np.ceil(np.sqrt(count)))
    rows, columns = np.divmod(np.arange(count), side)
    return Projection(0.0, 0.0).to_lon_lat(APART_M * np.column_stack([columns, -rows]).astype(np.float64))
