"""A small town as values, for tests of what is drawn: two streets, a park, a lake, five houses, bins, cameras, cases."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely

from twin.geo import Projection
from twin.model.catalogue import KIND_OF
from twin.model.entity import attributes
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot, Terrain

PROJECTION = Projection(116.4, 39.9)


def frame(kind: str, geometry: Sequence[Any] = (), **columns: Sequence[Any]) -> Frame:
    """Return a frame with keys ``kind-0`` …; columns that are not given hold the declared default."""
    entity_type, n = KIND_OF[kind], len(geometry)
    defaults = {item.name: item.default for item in dataclasses.fields(entity_type)}
    made: dict[str, Any] = {}
    for name, facts in attributes(entity_type).items():
        plain = float if facts.optional and facts.type is bool else facts.type
        values = list(columns.get(name, [defaults[name]] * n))
        if facts.type is datetime:
            made[name] = np.array([np.datetime64("NaT") if v is None else v for v in values], dtype="datetime64[s]")
        elif plain in (float, int, bool):
            made[name] = np.array([np.nan if v is None else v for v in values], dtype=plain)
        else:
            made[name] = np.array(["" if v is dataclasses.MISSING else v for v in values], dtype=object)
    shapes = np.empty(n, dtype=object)
    shapes[:] = list(geometry)
    ids = np.array([f"{kind}-{i}" for i in range(n)], dtype=object)
    return Frame(kind, ids, made, shapes if entity_type.geometry_type else None)


def points(*xy: tuple[float, float]) -> list[shapely.Point]:
    """Return points."""
    return [shapely.Point(x, y) for x, y in xy]


def town(*, terrain: Terrain | None = None, synthetic: bool = True, **frames: Frame) -> Snapshot:
    """Return the town, about a kilometre wide; frames that are given replace its own."""
    made = {kind: frame(kind) for kind in KIND_OF}
    made["link"] = frame(
        "link",
        [
            shapely.LineString([(-500, 0), (500, 0)]),
            shapely.LineString([(500, 0), (-500, 0)]),
            shapely.LineString([(0, -400), (0, 0), (0, 400)]),
        ],
        reverse_id=["link-1", "link-0", ""],
        road_class=["primary", "primary", "residential"],
        name=["长安街", "长安街", "南巷"],
        name_en=["Chang'an Avenue", "Chang'an Avenue", "South Lane"],
        lanes=[2.0, 2.0, 1.0],
        length_m=[1000.0, 1000.0, 800.0],
    )
    made["building"] = frame(
        "building",
        [shapely.box(x, y, x + 60, y + 40) for x, y in ((60, 60), (200, 60), (-200, 80), (-300, -200), (150, -250))],
        height_m=[20.0, 60.0, 12.0, 9.0, 30.0],
        use=["residential", "commercial", "education", "industrial", "other"],
        name=["", "高塔", "", "", ""],
    )
    made["land_use"] = frame(
        "land_use",
        [shapely.box(-480, 150, -250, 380), shapely.box(250, -380, 480, -120)],
        use=["green", "water"],
        name=["北园", "南湖"],
        name_en=["North Park", "South Lake"],
    )
    made["bin"] = frame(
        "bin",
        points((-100, -50), (-60, -50), (100, -60), (-400, 50)),
        fill_level=[1.1, 0.1, 0.6, None],
        waste_kind=["residual", "food", "recyclable", "litter"],
    )
    made["camera"] = frame("camera", points((20, 20), (-20, -20)), direction_deg=[90.0, None], online=[True, False])
    made["incident"] = frame("incident", points((300, 10)), severity=["critical"])
    made["case"] = frame("case", points((-300, 20), (320, 200)), stage=["handling", "closed"])
    made["district"] = frame("district", [shapely.box(-520, -420, 520, 420)], name=["东区"], name_en=["East District"])
    made["depot"] = frame("depot", points((-450, -350)), name=["一号场"])
    return Snapshot("town", 1, PROJECTION, {**made, **frames}, terrain=terrain, synthetic=synthetic)


def hill(height_m: float = 120.0) -> Terrain:
    """Return a terrain that rises evenly to the east by ``height_m`` over two kilometres."""
    heights = np.tile(np.linspace(0, height_m, 41, dtype=np.float32), (41, 1))
    return Terrain(-1000.0, -1000.0, 50.0, heights)
