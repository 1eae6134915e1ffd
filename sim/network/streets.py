"""The road network as trucks see it: a graph of arcs with times and lengths, turn restrictions built in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from twin.geo import FloatArray
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

IntArray = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Streets:
    """Arcs of the drivable network in compressed rows.

    Arcs of vertex ``v`` are ``first_arc[v]:first_arc[v + 1]``. ``link_row`` is the row of the link that
    an arc drives along, -1 for an arc that only changes the vertex. Vertex ``v < node_count`` is the
    node of that row when a truck *leaves* it; it *arrives* at ``arrival[v]``, which differs where a turn
    is restricted: there the arrivals by each restricted link have a vertex of their own.
    """

    first_arc: IntArray
    head: IntArray
    time_s: FloatArray
    length_m: FloatArray
    link_row: IntArray
    arrival: IntArray

    @property
    def node_count(self) -> int:
        """Number of nodes of the city."""
        return len(self.arrival)

    @property
    def vertex_count(self) -> int:
        """Number of vertices of the graph, at least that of the nodes."""
        return len(self.first_arc) - 1

    def component(self) -> NDArray[np.intp]:
        """Return the number of the strongly connected part of each node; within one, every node reaches every other."""
        size = self.vertex_count
        graph = csr_matrix((np.ones(len(self.head), np.int8), self.head, self.first_arc), (size, size))
        return np.asarray(connected_components(graph, connection="strong")[1][: self.node_count], dtype=np.intp)


def build_streets(snapshot: Snapshot, speed_factor: float, loaded_s: FloatArray | None = None) -> Streets:
    """Return the graph of the open roads of a city.

    Trucks drive ``speed_factor`` times free flow; where the traffic takes longer (``loaded_s`` of each link), as slowly as it.
    """
    nodes, links = snapshot["node"], snapshot["link"]
    tail, head = _ends(nodes, links)
    usable = (tail >= 0) & (head >= 0) & ~links["closed"].astype(bool)
    length_m = link_lengths(links)
    time_s = length_m / (np.maximum(links["free_flow_speed_mps"], 0.5) * speed_factor)
    if loaded_s is not None:
        time_s = np.maximum(time_s, loaded_s)
    rows = np.flatnonzero(usable)
    banned = _banned_turns(snapshot["movement"], links, tail, head, usable)
    arcs = _Arcs(len(nodes), tail, head)
    arcs.add_links(rows, banned)
    return arcs.compressed(time_s, length_m)


def link_lengths(links: Frame) -> FloatArray:
    """Return the length of each link in metres: as recorded, else of its line."""
    lengths = links["length_m"].astype(np.float64)
    missing = ~(lengths > 0)
    if missing.any() and links.geometry is not None:
        lengths = np.where(missing, shapely.length(links.geometry), lengths)
    return np.asarray(lengths)


def link_ends(snapshot: Snapshot) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the node rows at the tail and the head of each link, -1 where the node is not there."""
    return _ends(snapshot["node"], snapshot["link"])


def _ends(nodes: Frame, links: Frame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    row_of = nodes.row_of
    tail = np.array([row_of.get(key, -1) for key in links["tail_id"].tolist()], dtype=np.intp)
    head = np.array([row_of.get(key, -1) for key in links["head_id"].tolist()], dtype=np.intp)
    return tail, head


def _banned_turns(
    movements: Frame, links: Frame, tail: NDArray[np.intp], head: NDArray[np.intp], usable: NDArray[np.bool_]
) -> dict[int, set[int]]:
    """Return, for each link row with a restriction at its head, the link rows that may not follow it."""
    leaving: dict[int, list[int]] = {}
    banned: dict[int, set[int]] = {}
    row_of = links.row_of
    for source, target, rule in zip(
        movements["from_link_id"].tolist(), movements["to_link_id"].tolist(), movements["rule"].tolist(), strict=True
    ):
        start, end = row_of.get(source, -1), row_of.get(target, -1)
        if start < 0 or end < 0 or not usable[start] or tail[end] != head[start]:
            continue
        if rule == "no":
            banned.setdefault(start, set()).add(end)
            continue
        if not leaving:
            for row in np.flatnonzero(usable).tolist():
                leaving.setdefault(int(tail[row]), []).append(row)
        others = set(leaving.get(int(head[start]), ())) - {end}
        banned.setdefault(start, set()).update(others)
    return banned


class _Arcs:
    """Collects arcs; a link with a banned turn ends at a vertex of its own."""

    def __init__(self, node_count: int, tail: NDArray[np.intp], head: NDArray[np.intp]) -> None:
        self.tail, self.head = tail, head
        self.node_count = node_count
        self.arrival = np.arange(node_count, dtype=np.int32)
        self.parts: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]] = []

    def add_links(self, rows: NDArray[np.intp], banned: dict[int, set[int]]) -> None:
        """Add one arc for each usable link, and the detours around banned turns."""
        ends = self.head.copy()
        own = {row: self.node_count + place for place, row in enumerate(sorted(banned))}
        for row, vertex in own.items():
            ends[row] = vertex
        self.parts.append((self.tail[rows], ends[rows], rows))
        if not own:
            self.vertex_count = self.node_count
            return
        extra = self._turns(rows, banned, own, ends)
        self.parts.append((extra[:, 0], extra[:, 1], extra[:, 2]))

    def _turns(
        self, rows: NDArray[np.intp], banned: dict[int, set[int]], own: dict[int, int], ends: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        leaving: dict[int, list[int]] = {}
        for row in rows.tolist():
            leaving.setdefault(int(self.tail[row]), []).append(row)
        vertex_count = self.node_count + len(own)
        found: list[tuple[int, int, int]] = []
        for row, vertex in own.items():
            node = int(self.head[row])
            if self.arrival[node] == node:  # a place to arrive at from which no turn is made
                self.arrival[node] = vertex_count
                found.append((node, vertex_count, -1))
                vertex_count += 1
            found.append((vertex, int(self.arrival[node]), -1))
            found.extend((vertex, int(ends[after]), after) for after in leaving.get(node, ()) if after not in banned[row])
        self.vertex_count = vertex_count
        return np.array(found, dtype=np.intp).reshape(-1, 3)

    def compressed(self, time_s: FloatArray, length_m: FloatArray) -> Streets:
        """Return the arcs sorted by their tails."""
        tail, head, link_row = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        order = np.argsort(tail, kind="stable")
        tail, head, link_row = tail[order], head[order], link_row[order]
        first_arc = np.searchsorted(tail, np.arange(self.vertex_count + 1))
        drives = link_row >= 0
        return Streets(
            first_arc.astype(np.int32),
            head.astype(np.int32),
            np.where(drives, time_s[link_row], 0.0),
            np.where(drives, length_m[link_row], 0.0),
            link_row.astype(np.int32),
            self.arrival,
        )
