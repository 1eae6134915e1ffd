"""A tiny city made by hand: a grid of two-way streets, bins at nodes, no files and no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely

from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

BLOCK_M = 100.0
SPEED_MPS = 10.0
Place = tuple[float, float]


def objects(items: Sequence[Any]) -> np.ndarray:
    column = np.empty(len(items), dtype=object)
    column[:] = items
    return column


def streets(columns: int, rows: int, one_way: Sequence[tuple[Place, Place]] = ()) -> tuple[Frame, Frame]:
    """Nodes 'n{column}-{row}' and links 'l{tail}>{head}'; ``one_way`` leaves out the given directions (tail, head)."""
    places = [(i, j) for j in range(rows) for i in range(columns)]
    key = {place: f"n{place[0]}-{place[1]}" for place in places}
    points = [shapely.Point(i * BLOCK_M, j * BLOCK_M) for i, j in places]
    nodes = Frame("node", objects(list(key.values())), {"signal": np.zeros(len(places), bool)}, objects(points))
    pairs = [(a, b) for a in places for b in places if abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 and (a, b) not in one_way]
    lines = [shapely.LineString([(a[0] * BLOCK_M, a[1] * BLOCK_M), (b[0] * BLOCK_M, b[1] * BLOCK_M)]) for a, b in pairs]
    links = Frame(
        "link",
        objects([f"l{key[a][1:]}>{key[b][1:]}" for a, b in pairs]),
        {
            "tail_id": objects([key[a] for a, _ in pairs]),
            "head_id": objects([key[b] for _, b in pairs]),
            "free_flow_speed_mps": np.full(len(pairs), SPEED_MPS),
            "length_m": np.full(len(pairs), BLOCK_M),
            "closed": np.zeros(len(pairs), bool),
        },
        objects(lines),
    )
    return nodes, links


def frame_of(kind: str, ids: Sequence[str], xy: Any, columns: Mapping[str, Any]) -> Frame:
    points = objects([shapely.Point(x, y) for x, y in np.asarray(xy, float).reshape(-1, 2)])
    return Frame(kind, objects(ids), columns, points)


def bins_at(
    xy: Any, *, capacity_l: Any = 240.0, waste: Any = "residual", fill: Any = np.nan, access_s: Any = (np.nan, np.nan)
) -> Frame:
    count = len(np.asarray(xy).reshape(-1, 2))
    kinds = objects([waste] * count if isinstance(waste, str) else list(waste))
    columns = {
        "waste_kind": kinds,
        "capacity_l": np.broadcast_to(np.asarray(capacity_l, float), (count,)).copy(),
        "fill_level": np.broadcast_to(np.asarray(fill, float), (count,)).copy(),
        "full_threshold": np.full(count, 0.8),
        "access_from_s": np.broadcast_to(np.asarray(access_s[0], float), (count,)).copy(),
        "access_until_s": np.broadcast_to(np.asarray(access_s[1], float), (count,)).copy(),
    }
    return frame_of("bin", [f"bin-{row:05d}" for row in range(count)], xy, columns)


def depots_at(xy: Any, *, vehicles: int = 2, capacity_l: Any = 18000.0, collects: Sequence[str] = ()) -> Frame:
    count = len(np.asarray(xy).reshape(-1, 2))
    columns = {
        "vehicle_count": np.full(count, vehicles),
        "vehicle_capacity_l": np.broadcast_to(np.asarray(capacity_l, float), (count,)).copy(),
        "waste_kinds": objects(collects or [""] * count),
    }
    return frame_of("depot", [f"depot-{row}" for row in range(count)], xy, columns)


def sites_at(xy: Any, *, unload_s: float = 900.0, takes: Sequence[str] = ()) -> Frame:
    count = len(np.asarray(xy).reshape(-1, 2))
    columns = {"unload_duration_s": np.full(count, unload_s), "waste_kinds": objects(takes or [""] * count)}
    return frame_of("disposal_site", [f"site-{row}" for row in range(count)], xy, columns)


def movements(rows: Sequence[tuple[str, str, str, str]] = ()) -> Frame:
    names = ("from_link_id", "via_node_id", "to_link_id", "rule")
    columns = {name: objects([row[place] for row in rows]) for place, name in enumerate(names)}
    return frame_of("movement", [f"m{row}" for row in range(len(rows))], np.zeros((len(rows), 2)), columns)


def city(
    nodes: Frame,
    links: Frame,
    bins: Frame,
    depots: Frame | None = None,
    sites: Frame | None = None,
    turns: Frame | None = None,
    histories: Mapping[str, Any] | None = None,
) -> Snapshot:
    frames = (
        nodes,
        links,
        bins,
        depots if depots is not None else depots_at(np.empty((0, 2))),
        sites if sites is not None else sites_at(np.empty((0, 2))),
        turns if turns is not None else movements(),
    )
    return Snapshot(
        "Grid",
        1,
        Projection(24.9, 60.2),
        {frame.kind: frame for frame in frames},
        histories or {},
        at=datetime(2026, 3, 2, tzinfo=UTC),  # a Monday
    )


def grid_city(size: int = 8, bin_count: int = 60, seed: int = 1) -> Snapshot:
    """A city with bins of two kinds at random corners, a depot in the south-west and a site in the north-east."""
    rng = np.random.default_rng(seed)
    nodes, links = streets(size, size)
    xy = rng.integers(0, size, (bin_count, 2)) * BLOCK_M
    kinds = rng.choice(["residual", "food"], bin_count)
    far = (size - 1) * BLOCK_M
    return city(nodes, links, bins_at(xy, waste=kinds), depots_at([(0.0, 0.0)]), sites_at([(far, far)]))
