"""From the city's roads to the graph on which trips are assigned, and back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sim.assignment.graph import Floats, Graph, make_graph
from sim.travel.contraction import chains, without_dead_ends
from sim.travel.gates import NO_GATES, Gates, find_gates
from sim.travel.params import TravelParams
from sim.travel.signals import Signals, make_signals
from sim.travel.turn_delays import turn_delays
from sim.travel.turns import SplitNetwork, banned_turns, split_nodes
from sim.travel.zones import BOTH, OwnZones, Zones, make_zones, with_gates, zones_at
from twin.errors import ScenarioError
from twin.model.frame import Frame
from twin.model.network import ROAD_CLASSES
from twin.model.snapshot import Snapshot
from twin.task import Progress, Task

MESSAGE = "Building the road network"
LOCAL_RANK = 2
"""Trips enter and leave on roads of this rank (primary) or a lower class, not on motorways."""
BYTES_PER_ZONE_LINK = 9
"""Bushes hold a part of the links at 24 bytes each, and a tree of 4 bytes per node: about this much."""
BUSH_BYTES = 1_500_000_000
"""Room for all bushes of one solution; fewer zones are made where the network is too large for it."""

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
NOWHERE: Pairs = (np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """The graph, its zones, and where each of the city's ``n`` links is in it.

    Graph nodes below ``len(zones)`` are the zones' centroids. ``split_place`` is the graph link that each link and
    turn of ``split`` is (a part of), -1 where no trip can pass; ``connector_place`` those of the ways out of the
    zones, then into them. ``node_number`` is the graph node of each node of ``split``, -1 where there is none.
    ``fixed_time (m,)`` is the time of connectors and turns (s). ``outside`` are pairs of nodes (from, to) that
    the world outside joins.
    """

    graph: Graph
    zones: Zones
    split: SplitNetwork
    split_place: NDArray[np.int64]
    connector_place: NDArray[np.int64]
    node_number: NDArray[np.int64]
    fixed_time: Floats
    length_m: Floats
    signals: Signals
    outside: Pairs
    notes: tuple[str, ...]

    @property
    def place(self) -> NDArray[np.int64]:
        """The graph link that each city link is (a part of) ``(n,)``, -1 where no trip can pass."""
        return self.split_place[: self.split.link_count]


def make_network(snapshot: Snapshot, params: TravelParams) -> Task[RoadNetwork]:
    """Build the graph of a city as it is.

    Raises ``ScenarioError`` when there are no roads, or none that join two places both ways.
    """
    links, nodes = snapshot["link"], snapshot["node"]
    if not len(links) or not len(nodes):
        raise ScenarioError("This city has no roads to drive on.", "Import an OpenStreetMap extract of it first.")
    tail, head, known = ends(links, nodes)
    sound = known & can_be_driven(links)
    yield Progress(MESSAGE)
    split = split_turns(snapshot, tail, head, params)
    yield Progress(MESSAGE)
    passable = np.concatenate([sound, np.ones(len(split.tail) - len(links), dtype=bool)])
    node_xy = nodes.xy[split.node_of]
    own = _own_zones(snapshot)
    gates = NO_GATES if own is not None else _gates(links, tail, head, sound, nodes.xy, params)
    core = largest_part(split, passable, NOWHERE)
    outside = gates.joined if own is None else own.joined
    used = largest_part(split, passable, outside) if len(outside[0]) else core
    yield Progress(MESSAGE)
    reached, eligible = _reached(split, used), _eligible(split, links, core)
    if own is None:
        most = min(params.zone_count, max(2, BUSH_BYTES // (BYTES_PER_ZONE_LINK * max(1, int(used.sum())))))
        zones = with_gates(make_zones(node_xy, eligible, snapshot.projection, most), gates.kept(reached), node_xy)
    else:
        zones = zones_at(own.kept(reached), node_xy, eligible)
    if len(zones) < 2:
        raise ScenarioError(
            "The roads of this city join fewer than two places both ways.",
            "Import a larger extract, or check that its streets are joined at junctions.",
        )
    yield Progress(MESSAGE)
    length = lengths(links)
    signals = make_signals(links, nodes, np.where(known, tail, -1), np.where(known, head, -1), length)
    notes = []
    lost = int(len(links) - used[: len(links)].sum())
    if lost:
        notes.append(f"{lost} road links carry no traffic in the model: closed, or cut off from the main network.")
    apart = apart_nodes(split, used, links, params)
    return (yield from assemble(split, used, zones, node_xy, length, signals, outside, tuple(notes), apart))


def can_be_driven(links: Frame) -> NDArray[np.bool_]:
    """Return which links are open and have a capacity and a speed ``(n,)``."""
    return np.asarray(~links["closed"] & (links["capacity_vph"] > 0) & (links["free_flow_speed_mps"] > 0))


def ends(links: Frame, nodes: Frame) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the rows of the nodes where each link begins and ends ``(n,)``, and whether both are known."""
    row_of = nodes.row_of
    tail = np.array([row_of.get(key, -1) for key in links["tail_id"].tolist()], np.int64)
    head = np.array([row_of.get(key, -1) for key in links["head_id"].tolist()], np.int64)
    known = (tail >= 0) & (head >= 0)
    return np.where(known, tail, 0), np.where(known, head, 0), known


def split_city(city: Snapshot, params: TravelParams) -> tuple[SplitNetwork, NDArray[np.bool_]]:
    """Return the links of a city with its turns built in, and which of them have both their junctions ``(n,)``."""
    tail, head, known = ends(city["link"], city["node"])
    return split_turns(city, tail, head, params), known


def lengths(links: Frame) -> Floats:
    """Return the length of each link ``(n,)``, measured where it is not told, never 0."""
    length = links["length_m"].astype(np.float64)
    measured = shapely.length(links.geometry) if links.geometry is not None else np.ones(len(links))
    return np.maximum(np.where(length > 0.0, length, measured), 0.1)


def split_turns(snapshot: Snapshot, tail: NDArray[np.int64], head: NDArray[np.int64], params: TravelParams) -> SplitNetwork:
    """Split the junctions where turns are banned or cost time; ``tail`` and ``head`` are node rows ``(n,)``."""
    links, movements = snapshot["link"], snapshot["movement"]
    row_of = links.row_of
    names = zip(movements["from_link_id"].tolist(), movements["to_link_id"].tolist(), movements["rule"].tolist(), strict=True)
    rules = [(row_of[start], row_of[end], rule) for start, end, rule in names if start in row_of and end in row_of]
    junctions = {int(head[start]) for start, _, _ in rules}
    out_links: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.isin(tail, list(junctions))):
        out_links[int(tail[row])].append(int(row))
    banned = banned_turns(rules, head, out_links)
    return split_nodes(tail, head, len(snapshot["node"]), banned, turn_delays(links, tail, head, banned, params))


def _own_zones(snapshot: Snapshot) -> OwnZones | None:
    """Return the zones that came with the city's trips, None where it has none."""
    zones, row_of = snapshot.frames.get("zone"), snapshot["node"].row_of
    if zones is None or not len(zones):
        return None
    out, into = (
        np.array([row_of.get(key, -1) for key in zones[name].tolist()], np.int64) for name in ("out_node_id", "in_node_id")
    )
    return OwnZones(tuple(zones.ids.tolist()), zones.xy, out, into)


def _gates(
    links: Frame,
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    sound: NDArray[np.bool_],
    node_xy: Floats,
    params: TravelParams,
) -> Gates:
    if params.gate_share <= 0.0:
        return NO_GATES
    return find_gates(tail, head, sound, _ranks(links), links["capacity_vph"], node_xy)


def _reached(split: SplitNetwork, used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    reached = np.zeros(len(split.node_of), dtype=bool)
    reached[split.tail[used]] = reached[split.head[used]] = True
    return reached


def _ranks(links: Frame) -> NDArray[np.int64]:
    rank = {item.name: item.rank for item in ROAD_CLASSES}
    return np.array([rank.get(name, 0) for name in links["road_class"].tolist()], np.int64)


def largest_part(split: SplitNetwork, sound: NDArray[np.bool_], outside: Pairs) -> NDArray[np.bool_]:
    """Return the links of the largest part in which every place can be reached from every other.

    ``outside`` are pairs of nodes (from, to) that no link joins, but the world outside.
    """
    count = len(split.node_of)
    tail, head = (np.concatenate([ends[sound], more]) for ends, more in zip((split.tail, split.head), outside, strict=True))
    matrix = coo_array((np.ones(len(tail)), (tail, head)), shape=(count, count))
    _, label = connected_components(matrix.tocsr(), directed=True, connection="strong")
    largest = int(np.argmax(np.bincount(label)))
    return np.asarray(sound & (label[split.tail] == largest) & (label[split.head] == largest))


def _eligible(split: SplitNetwork, links: Frame, used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the junctions where trips may begin and end: whole ones, on local roads where there are any."""
    whole = np.zeros(len(split.node_of), dtype=bool)
    whole[split.tail[used]] = True
    whole[split.tail[split.link_count :]] = False
    whole[split.head[split.link_count :]] = False
    is_local = used[: split.link_count] & (_ranks(links) >= LOCAL_RANK)
    on_local = np.zeros(len(whole), dtype=bool)
    on_local[split.tail[: split.link_count][is_local]] = True
    on_local[split.head[: split.link_count][is_local]] = True
    both = whole & on_local
    return both if both.any() else whole


def apart_nodes(split: SplitNetwork, used: NDArray[np.bool_], links: Frame, params: TravelParams) -> NDArray[np.bool_]:
    """Return the nodes ``(nodes,)`` whose links must not be joined: their delays have no sum of the same form."""
    count = len(split.node_of)
    if params.delay_function != "bpr":
        return np.ones(count, dtype=bool)
    rows = np.flatnonzero(used[: split.link_count])
    power = bpr_power(links, params)[rows]
    lowest, highest = np.full(count, np.inf), np.zeros(count)
    for node in (split.tail[rows], split.head[rows]):
        np.minimum.at(lowest, node, power)
        np.maximum.at(highest, node, power)
    return np.asarray(lowest < highest)


def bpr_power(links: Frame, params: TravelParams) -> Floats:
    """Return the power of each link's delay ``(n,)``: its own, or that of the run."""
    own = links["bpr_power"]
    return np.where(own > 0.0, own, params.bpr_power)


def assemble(
    split: SplitNetwork,
    used: NDArray[np.bool_],
    zones: Zones,
    node_xy: Floats,
    length_m: Floats,
    signals: Signals,
    outside: Pairs,
    notes: tuple[str, ...],
    apart: NDArray[np.bool_],
) -> Task[RoadNetwork]:
    """Contract, number the nodes (centroids first, then along a space-filling curve) and add the connectors.

    Roads in a row become one link, but not across a node of ``apart (nodes,)``.
    """
    also_zone, also_node, also_s = _further_ways_out(split, zones)
    protected = np.zeros(len(split.node_of), dtype=bool)
    protected[zones.connector_node] = protected[also_node] = True
    used = without_dead_ends(split.tail, split.head, used, protected)
    yield Progress(MESSAGE)
    chain_of, first, last = chains(split.tail, split.head, used, protected | apart)
    yield Progress(MESSAGE)
    keep = first != last
    number = np.where(keep, np.cumsum(keep) - 1, -1)
    first, last = first[keep], last[keep]
    kept = np.unique(np.concatenate([first, last, zones.connector_node, also_node]))
    kept = kept[np.argsort(_morton(node_xy[kept]), kind="stable")]
    node_number = np.full(len(split.node_of), -1)
    node_number[kept] = len(zones) + np.arange(len(kept))
    joins, out, into = node_number[zones.connector_node], zones.connector_way >= BOTH, zones.connector_way <= BOTH
    tail = np.concatenate([node_number[first], zones.connector_zone[out], joins[into], also_zone])
    head = np.concatenate([node_number[last], joins[out], zones.connector_zone[into], node_number[also_node]])
    graph, where = make_graph(tail, head, len(zones) + len(kept), len(zones))
    fixed = np.zeros(len(tail))
    fixed[where[len(first) :]] = np.concatenate([zones.connector_time_s[out], zones.connector_time_s[into], also_s])
    chain = np.where(chain_of >= 0, number[chain_of], -1)
    turn = chain[split.link_count :]
    np.add.at(fixed, where[turn[turn >= 0]], split.turn_s[turn >= 0])
    place = np.where(chain >= 0, where[chain], -1).astype(np.int64)
    connectors = where[len(first) : len(tail) - len(also_zone)].astype(np.int64)
    return RoadNetwork(graph, zones, split, place, connectors, node_number, fixed, length_m, signals, outside, notes)


def _further_ways_out(split: SplitNetwork, zones: Zones) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return zone, node and time of the ways out of zones at junctions that are split.

    Whoever starts there may take every road; only who comes by a road is told where not to turn.
    """
    starts = np.unique(split.tail[: split.link_count])
    starts = starts[split.node_of[starts] != starts]
    out = np.flatnonzero(zones.connector_way >= BOTH)
    connector, exit_ = np.nonzero(zones.connector_node[out, None] == split.node_of[starts][None, :])
    connector = out[connector]
    return zones.connector_zone[connector], starts[exit_], zones.connector_time_s[connector]


def _morton(xy: Floats) -> NDArray[np.uint64]:
    """Return a number per point such that near points mostly have near numbers."""
    span = max(float(np.ptp(xy, axis=0).max()), 1.0)
    cells = ((xy - xy.min(axis=0)) / span * 65535).astype(np.uint64)
    code = np.zeros(len(xy), np.uint64)
    for bit in range(16):
        for axis in (0, 1):
            code |= ((cells[:, axis] >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + axis)
    return code
