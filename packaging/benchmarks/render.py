"""Frame times of the scene in software: hexagonal cells, road segments, points and buildings, moving and at rest.

Every frame is drawn at 1920 x 1080 with the whole layer in view. A moving frame is drawn as the window draws it:
levels of detail for motion, and at the sampling that the window settles at. ``cpu_ms`` is the processor time of
all threads, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.base import Layer, Scene
from layers.bins import BinsLayer
from layers.buildings import BuildingsLayer
from layers.congestion import CongestionLayer
from layers.hexes import HexesLayer, HexesStyle
from layers.roads import RoadsLayer
from layers.terrain import TerrainLayer
from twin.geo import Projection
from twin.model.catalogue import KIND_OF
from twin.model.entity import attributes
from twin.model.frame import Frame
from twin.model.results import Measure, ResultTable
from twin.model.snapshot import Snapshot
from ui.scene_view import SceneView, application
from ui.scene_view.viewpoint import overview

SIZE = (1920, 1080)
LON, LAT = 116.4074, 39.9042
HALF_M = 12_000.0
MOST_MS = 66.0
"""Fifteen frames a second, the least at which a view can be steered."""


def main() -> int:
    """Print a table and, with ``--json``, one object; exit 1 when the named scene is too slow in motion."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark render", description=__doc__)
    parser.add_argument("--frames", type=int, default=16, help="frames of each kind (the first two are not counted)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    application()
    measured = [measure(name, build(), options.frames) for name, build in SCENES.items()]
    if options.json:
        print(json.dumps({"size": SIZE, "scenes": measured}, indent=2))
    else:
        table(measured)
    asked = next(item for item in measured if item["scene"] == "100k cells + 100k segments")
    return 0 if asked["moving"]["median_ms"] <= MOST_MS else 1


Layers = list[tuple[Layer, Any]]


def measure(name: str, made: tuple[Scene, Layers], frames: int) -> dict[str, Any]:
    """Return the times of one scene."""
    scene, layers = made
    began = time.perf_counter()
    pictures = [(layer.name, layer.encode(scene, style)) for layer, style in layers]
    encode_s = time.perf_counter() - began
    view = SceneView(animated=False)
    view.resize(*SIZE)
    view.show_scene(scene)
    view.viewpoint = overview((-HALF_M, -HALF_M, HALF_M, HALF_M), SIZE)
    for layer_name, picture in pictures:
        view.set_picture(layer_name, picture)
    began = time.perf_counter()
    view.finish()
    view.grab()
    upload_s = time.perf_counter() - began
    rest = timed(view, frames, moving=False)
    full = timed(view, frames, moving=True)
    adapted = timed(view, frames * 2, moving=True, adapt=True)
    found = {
        "scene": name,
        "encode_s": round(encode_s, 3),
        "first_frame_s": round(upload_s, 3),
        "rest": rest,
        "moving_full_size": full,
        "moving": {**adapted, "sampling": round(view.moving_scale, 2)},
        "software": view.stage.is_software,
    }
    view.shut()
    return found


def timed(view: SceneView, frames: int, *, moving: bool, adapt: bool = False) -> dict[str, float]:
    """Return least, median and largest time of frames while the view turns, with what Qt paints over them."""
    wall, processor = [], []
    view.moving_scale = 1.0
    for _ in range(frames):
        view.viewpoint = view.viewpoint.orbited(3.0, 0.0)
        if not moving:
            view.finish()
        scale = view.moving_scale
        wall_began, began = time.perf_counter(), time.process_time()
        view.grab()
        wall.append((time.perf_counter() - wall_began) * 1000)
        processor.append((time.process_time() - began) * 1000)
        if not adapt:
            view.moving_scale = scale
    counted = slice(2 if not adapt else frames // 2, None)
    return {
        "min_ms": round(min(wall[counted]), 1),
        "median_ms": round(statistics.median(wall[counted]), 1),
        "max_ms": round(max(wall[counted]), 1),
        "cpu_ms": round(statistics.median(processor[counted]), 1),
    }


def table(measured: list[dict[str, Any]]) -> None:
    """Print the times as a table."""
    kind = "software" if measured[0]["software"] else "a graphics card"
    print(f"{SIZE[0]} x {SIZE[1]}, drawn by {kind}; milliseconds a frame: least / median / largest (processor)")
    print(f"{'scene':44s} {'moving':>28s} {'moving, full size':>28s} {'at rest':>28s} {'encode s':>9s}")
    for item in measured:
        cells = [
            "{min_ms:.0f} / {median_ms:.0f} / {max_ms:.0f} ({cpu_ms:.0f})".format(**item[key])
            for key in ("moving", "moving_full_size", "rest")
        ]
        cells[0] += f" x{item['moving']['sampling']}"
        print(f"{item['scene']:44s} {cells[0]:>28s} {cells[1]:>28s} {cells[2]:>28s} {item['encode_s']:9.2f}")


def city(**frames: Frame) -> Snapshot:
    """Return a city with these frames and no others."""
    empty = {kind: frame(kind, np.empty(0, dtype=object)) for kind in KIND_OF}
    return Snapshot("benchmark", 1, Projection(LON, LAT), {**empty, **frames}, synthetic=True)


def frame(kind: str, geometry: NDArray[Any], **columns: Any) -> Frame:
    """Return a frame; columns that are not given hold their default."""
    n, entity_type = len(geometry), KIND_OF[kind]
    defaults = {item.name: item.default for item in dataclasses.fields(entity_type)}
    made: dict[str, NDArray[Any]] = {}
    for name, facts in attributes(entity_type).items():
        if name in columns:
            made[name] = np.asarray(columns[name])
            continue
        default = "" if defaults[name] is dataclasses.MISSING else defaults[name]
        plain = {float: np.float64, int: np.int64, bool: bool}.get(facts.type, object)
        made[name] = np.full(n, np.nan if default is None and facts.type is float else default, dtype=plain)
    return Frame(kind, np.array([f"{kind}{i}" for i in range(n)], dtype=object), made, geometry)


def cells(disk: int) -> dict[str, ResultTable]:
    """Return a result of 3 k (k + 1) + 1 cells of resolution 10."""
    ids = np.array([f"{cell:x}" for cell in h3.grid_disk(h3.latlng_to_cell(LAT, LON, 10), disk)], dtype=object)
    values = 0.5 + 0.5 * np.sin(np.linspace(0, 60, len(ids)))
    return {"cell": ResultTable("cell", ids, {"tpi": values}, (Measure("tpi", "Traffic index"),))}


def streets(segments: int) -> Frame:
    """Return a grid of roads of all classes with this many straight pieces."""
    side = int(np.sqrt(segments / 2))
    at = np.linspace(-HALF_M, HALF_M, side)
    step = np.linspace(-HALF_M, HALF_M, side + 1)
    start = np.array([(a, b) for a in at for b in step[:-1]])
    end = np.array([(a, b) for a in at for b in step[1:]])
    pairs = np.stack([np.concatenate([start, start[:, ::-1]]), np.concatenate([end, end[:, ::-1]])], axis=1)
    geometry = np.asarray(shapely.linestrings(pairs), dtype=object)
    street = np.arange(len(geometry)) // side % side
    classes = np.where(street % 40 == 0, "primary", np.where(street % 10 == 0, "secondary", "residential")).astype(object)
    return frame("link", geometry, road_class=classes, length_m=np.asarray(shapely.length(geometry)))


def houses(count: int) -> Frame:
    """Return six-cornered buildings of all heights."""
    rng = np.random.default_rng(1)
    middle = rng.uniform(-HALF_M, HALF_M, (count, 2))
    angle = np.arange(6) * (np.pi / 3)
    ring = middle[:, None, :] + rng.uniform(8, 25, count)[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return frame("building", np.asarray(shapely.polygons(ring), dtype=object), height_m=rng.gamma(2.0, 8.0, count) + 4)


def bins(count: int) -> Frame:
    """Return bins everywhere."""
    rng = np.random.default_rng(2)
    places = np.asarray(shapely.points(rng.uniform(-HALF_M, HALF_M, (count, 2))), dtype=object)
    return frame("bin", places, fill_level=rng.uniform(0, 1.2, count))


def flat_and_roads() -> tuple[Scene, Layers]:
    """Return 100k flat cells over 100k road segments."""
    style = HexesStyle(measure="result", shape="flat", resolution=10, opacity=1.0)
    scene = Scene(city(link=streets(100_000)), cells(182), "tpi")
    return scene, [layer(TerrainLayer()), layer(RoadsLayer()), (HexesLayer(), style)]


def columns_and_roads() -> tuple[Scene, Layers]:
    """Return 100k columns over 100k road segments."""
    style = HexesStyle(measure="result", shape="columns", resolution=10, opacity=1.0)
    scene = Scene(city(link=streets(100_000)), cells(182), "tpi")
    return scene, [layer(TerrainLayer()), layer(RoadsLayer()), (HexesLayer(), style)]


def whole_city() -> tuple[Scene, Layers]:
    """Return columns, roads, 50k points and 50k buildings together."""
    style = HexesStyle(measure="result", shape="columns", resolution=10, opacity=1.0)
    scene = Scene(city(link=streets(100_000), building=houses(50_000), bin=bins(50_000)), cells(182), "tpi")
    return scene, [layer(TerrainLayer()), layer(RoadsLayer()), layer(BuildingsLayer()), (HexesLayer(), style), layer(BinsLayer())]


def traffic() -> tuple[Scene, Layers]:
    """Return traffic on 100k links."""
    links = streets(100_000)
    volume = np.random.default_rng(3).gamma(1.0, 400.0, len(links))
    table = ResultTable("link", links.ids, {"volume_vph": volume}, (Measure("volume_vph", "Volume", "veh/h"),))
    return Scene(city(link=links), {"link": table}, "volume_vph"), [layer(TerrainLayer()), layer(CongestionLayer())]


def layer(kind: Layer) -> tuple[Layer, Any]:
    """Return a layer in its first style."""
    return kind, kind.style_type()


SCENES: dict[str, Callable[[], tuple[Scene, Layers]]] = {
    "100k cells + 100k segments": flat_and_roads,
    "100k columns + 100k segments": columns_and_roads,
    "traffic on 100k links": traffic,
    "columns + segments + 50k bins + 50k buildings": whole_city,
}


if __name__ == "__main__":
    sys.exit(main())
