"""Compiled code brought in ahead of time, so that nobody's first what-if waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely

from sim import SIMULATIONS
from twin.geo import Projection
from twin.model.catalogue import KIND_OF
from twin.model.edits import AddLink, CloseLinks, ScaleDemand
from twin.model.entity import Entity, attributes
from twin.model.frame import Frame
from twin.model.incidents import Case
from twin.model.network import Counter, Link, Node
from twin.model.places import Bin, Depot, DisposalSite, PopulationCell
from twin.model.scenario import Scenario
from twin.model.snapshot import Snapshot
from twin.task import Task

BLOCK_M = 400.0
SIDE = 4
NOW = datetime(2026, 3, 2, tzinfo=UTC)
LITTER_CLASS = "E0102"
SHORT = {"days": 2, "warm_up_days": 1, "replications": 2}
"""Parameters that make a run short, where a simulation has them."""


def warm_up() -> Task[None]:
    """Run every simulation once on a village of a few streets: all that is compiled is then in memory.

    Seconds on the first start after an update, while everything is compiled and kept on disk; less than
    one later on.
    """
    village = _village()
    for simulation in SIMULATIONS:
        known = attributes(simulation.params_type)
        params = simulation.params_type(**{name: value for name, value in SHORT.items() if name in known})
        yield from simulation.__class__().run(village, _edited(village), params, 1)


def _edited(village: Snapshot) -> Scenario:
    """Return a scenario that closes a road in the middle, builds one across the village and changes the trips."""
    built = AddLink(path_m=((0.0, 0.0), ((SIDE - 1) * BLOCK_M, BLOCK_M)))
    closed = CloseLinks(target_ids=(str(village["link"].ids[len(village["link"]) // 2]),))
    return Scenario(id="village", name="village", edits=(closed, built, ScaleDemand(factor=1.1)))


def _village() -> Snapshot:
    """Return a village of square blocks with residents, bins, cases, a depot and a disposal site."""
    entities: list[Entity] = []
    nodes = {
        (i, j): Node(id=f"n{i}-{j}", geometry=shapely.Point(i * BLOCK_M, j * BLOCK_M)) for i in range(SIDE) for j in range(SIDE)
    }
    entities += nodes.values()
    for (i, j), node in nodes.items():
        for place in ((i + 1, j), (i, j + 1), (i - 1, j), (i, j - 1)):
            if place in nodes:
                other = nodes[place]
                line = shapely.LineString([node.geometry, other.geometry])
                entities.append(
                    Link(id=f"{node.id}>{other.id}", tail_id=node.id, head_id=other.id, geometry=line, length_m=line.length)
                )
        entities.append(Bin(id=f"b{i}-{j}", geometry=node.geometry, fill_level=0.5))
        entities.append(Case(id=f"e{i}-{j}", geometry=node.geometry, class_code=LITTER_CLASS, reported_at=NOW))
        square = shapely.box(i * BLOCK_M - 50, j * BLOCK_M - 50, i * BLOCK_M + 50, j * BLOCK_M + 50)
        entities.append(PopulationCell(id=f"p{i}-{j}", geometry=square, residents=300.0 + 100.0 * i))
    entities += [Counter(id=f"c{i}", geometry=nodes[(i, 0)].geometry, link_id=f"n{i}-0>n{i}-1") for i in range(SIDE)]
    entities += [Counter(id=f"d{i}", geometry=nodes[(i, 1)].geometry, link_id=f"n{i}-1>n{i}-2") for i in range(SIDE)]
    first, last = nodes[(0, 0)].geometry, nodes[(SIDE - 1, SIDE - 1)].geometry
    entities += [Depot(id="depot", geometry=first), DisposalSite(id="site", geometry=last)]
    kinds = {kind for simulation in SIMULATIONS for kind in simulation.kinds}
    frames = {kind: _frame(kind, [entity for entity in entities if entity.kind == kind]) for kind in sorted(kinds)}
    return replace(
        Snapshot("village", 1, Projection(10.0, 50.0), frames, {"traffic_count": _counts(frames["counter"].ids)}),
        at=NOW,
    )


def _counts(stations: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Return an hour of counts at each station on four days: enough to fit trips to them, and to forecast the next hour."""
    count, days = len(stations), np.arange(np.datetime64("2026-02-26T16:00:00", "s"), np.datetime64("2026-03-02", "s"), 86_400)
    return {
        "subject_id": np.tile(stations, len(days)),
        "at": np.repeat(days, count),
        "duration_s": np.full(count * len(days), 3600.0),
        "direction": np.full(count * len(days), "N", dtype=object),
        "total": np.tile(100.0 + 20.0 * np.arange(count), len(days)),
    }


def _frame(kind: str, entities: list[Entity]) -> Frame:
    columns = {
        name: _column([getattr(entity, name) for entity in entities], facts.type)
        for name, facts in attributes(KIND_OF[kind]).items()
    }
    geometry = [entity.geometry for entity in entities]
    return Frame(kind, _column([entity.id for entity in entities], str), columns, _column(geometry, object))


def _column(values: list[Any], kind: type) -> np.ndarray[Any, Any]:
    if kind is float:
        return np.array([np.nan if value is None else value for value in values], float)
    if kind in (bool, int):
        return np.array(values, kind)
    if kind is datetime:  # as every snapshot has it: in UTC, None is not a time
        return np.array([None if value is None else value.replace(tzinfo=None) for value in values], "datetime64[s]")
    out = np.empty(len(values), object)
    out[:] = values
    return out
