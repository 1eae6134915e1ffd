"""Small cities made of a few entities, in metres around a point in the sea."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pytest
import shapely

from sim.congestion import Congestion
from twin.geo import Projection
from twin.model.catalogue import HISTORY_OF, KIND_OF
from twin.model.entity import Entity, attributes
from twin.model.frame import Frame
from twin.model.network import Link, Node
from twin.model.places import PopulationCell
from twin.model.snapshot import Snapshot

ORIGIN = Projection(10.0, 50.0)


def column(values: list[Any], kind: type) -> np.ndarray:
    if kind is float:
        return np.array([np.nan if value is None else value for value in values], float)
    if kind in (bool, int):
        return np.array(values, kind)
    out = np.empty(len(values), object)
    out[:] = values
    return out


def frame(kind: str, entities: list[Entity]) -> Frame:
    columns = {
        name: column([getattr(entity, name) for entity in entities], facts.type)
        for name, facts in attributes(KIND_OF[kind]).items()
    }
    ids = column([entity.id for entity in entities], str)
    return Frame(kind, ids, columns, column([entity.geometry for entity in entities], object))


def snapshot(
    entities: Iterable[Entity],
    counts: list[Mapping[str, Any]] | None = None,
    trips: Mapping[str, np.ndarray] | None = None,
) -> Snapshot:
    """Return a snapshot of entities whose geometry is in metres already; ``trips`` are columns of a matrix."""
    everything = list(entities)
    frames = {kind: frame(kind, [entity for entity in everything if entity.kind == kind]) for kind in Congestion.kinds}
    names = attributes(HISTORY_OF["traffic_count"])
    history = {name: np.array([row.get(name) for row in counts or []]) for name in names}
    histories = {"traffic_count": history} if counts else {}
    return Snapshot("test", 1, ORIGIN, frames, histories | ({"od_matrix": trips} if trips else {}))


def road(key: str, tail: Node, head: Node, **values: Any) -> Link:
    line = shapely.LineString([tail.geometry, head.geometry])
    return Link(id=key, tail_id=tail.id, head_id=head.id, geometry=line, length_m=line.length, **values)


def junction(key: str, x: float, y: float, **values: Any) -> Node:
    return Node(id=key, geometry=shapely.Point(x, y), **values)


def grid(columns: int, rows: int, step_m: float = 300.0, **values: Any) -> list[Entity]:
    """Return two-way streets on a grid, and a hundred residents around each junction."""
    nodes = {(i, j): junction(f"n{i}-{j}", i * step_m, j * step_m) for i in range(columns) for j in range(rows)}
    out: list[Entity] = list(nodes.values())
    for (i, j), node in nodes.items():
        for other in ((i + 1, j), (i, j + 1)):
            if other in nodes:
                there, back = f"{node.id}>{nodes[other].id}", f"{nodes[other].id}>{node.id}"
                out.append(road(there, node, nodes[other], reverse_id=back, **values))
                out.append(road(back, nodes[other], node, reverse_id=there, **values))
        square = shapely.box(i * step_m - 50, j * step_m - 50, i * step_m + 50, j * step_m + 50)
        out.append(PopulationCell(id=f"p{i}-{j}", geometry=square, residents=100.0 * (1 + (i * 7 + j * 3) % 5)))
    return out


@pytest.fixture(scope="session")
def make():
    """Give tests the builders of this file."""

    class Builders:
        snapshot = staticmethod(snapshot)
        road = staticmethod(road)
        junction = staticmethod(junction)
        grid = staticmethod(grid)

    return Builders
