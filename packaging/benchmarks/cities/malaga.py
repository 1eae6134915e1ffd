"""The 14,346 real containers of Málaga (OpenStreetMap 2022) on generated streets: where they are is real, the roads are not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely

from twin.geo import Projection
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

MALAGA = Path(__file__).resolve().parents[4] / "shared" / "data" / "bins" / "malaga_waste_containers_osm_2022.geojson"
WASTE_OF = {"trash": "residual", "batteries": "hazardous", "oil": "hazardous"}
USUAL_M3 = {"residual": 1.1, "recyclable": 3.0, "hazardous": 0.3}
BLOCK_M = 300.0
TRUCKS, TRUCK_L = 120, 30_000.0
"""Of each of two yards in Málaga: assumed, enough for every policy; litres as the waste lies in the bins."""


def malaga() -> Snapshot:
    """Return the real containers of Málaga on a grid of generated streets."""
    features = json.loads(MALAGA.read_text())["features"]
    lon_lat = np.array([feature["geometry"]["coordinates"] for feature in features])
    projection = Projection(*lon_lat.mean(axis=0).tolist())
    waste = [WASTE_OF.get(feature["properties"]["layer"], "recyclable") for feature in features]
    litres = [litres_of(feature["properties"].get("capacity"), kind) for feature, kind in zip(features, waste, strict=True)]
    xy = projection.to_xy(lon_lat)
    frames = [
        *grid(xy),
        frame(
            "bin",
            xy,
            waste_kind=np.array(waste, object),
            capacity_l=np.array(litres),
            **dict.fromkeys(("fill_level", "access_from_s", "access_until_s"), np.full(len(xy), np.nan)),
        ),
    ]
    yards = np.quantile(xy, (0.25, 0.75), axis=0)
    none, every = np.empty((0, 2)), np.array(["", ""], object)
    frames.append(
        frame("depot", yards, vehicle_count=np.full(2, TRUCKS), vehicle_capacity_l=np.full(2, TRUCK_L), waste_kinds=every)
    )
    frames.append(frame("disposal_site", yards[:, ::-1] * (1.0, -1.0), unload_duration_s=np.full(2, 900.0), waste_kinds=every))
    frames.append(frame("movement", none, **{name: np.empty(0, object) for name in ("from_link_id", "to_link_id", "rule")}))
    name = "Containers of Málaga (OpenStreetMap 2022) on generated streets"
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Snapshot(name, 1, projection, {item.kind: item for item in frames}, at=at, synthetic=True)


def litres_of(capacity: str | None, waste: str) -> float:
    """Return a capacity given in cubic metres or litres, or the usual one."""
    try:
        value = float(capacity or "")
    except ValueError:
        value = 0.0
    value = USUAL_M3[waste] if not 0.0 < value < 10_000.0 else value
    return value * 1000.0 if value <= 30.0 else value


def grid(xy: np.ndarray) -> tuple[Frame, Frame]:
    """Return junctions and two-way streets over the extent of points."""
    low, high = xy.min(axis=0) - BLOCK_M, xy.max(axis=0) + BLOCK_M
    columns, rows = (np.ceil((high - low) / BLOCK_M).astype(int) + 1).tolist()
    corners = low + np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2) * BLOCK_M
    number = np.arange(columns * rows).reshape(rows, columns)
    pairs = [
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ]
    one_way = np.vstack(pairs)
    ends = np.vstack([one_way, one_way[:, ::-1]])
    speed = np.tile(np.random.default_rng(1).choice([30 / 3.6, 40 / 3.6, 50 / 3.6], len(one_way)), 2)
    nodes = frame("node", corners, signal=np.zeros(len(corners), bool))
    columns_ = {
        "tail_id": nodes.ids[ends[:, 0]],
        "head_id": nodes.ids[ends[:, 1]],
        "free_flow_speed_mps": speed,
        "length_m": np.full(len(ends), BLOCK_M),
        "closed": np.zeros(len(ends), bool),
    }
    links = Frame(
        "link",
        np.array([f"link-{row}" for row in range(len(ends))], object),
        columns_,
        np.asarray(shapely.linestrings(corners[ends])),
    )
    return nodes, links


def frame(kind: str, xy: np.ndarray, **columns: np.ndarray) -> Frame:
    """Return a frame of points."""
    return Frame(kind, np.array([f"{kind}-{row}" for row in range(len(xy))], object), columns, np.asarray(shapely.points(xy)))
