"""Bins: litter bins along streets, and collection points where people live and work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.demo.built import Buildings
from twin.demo.ground import Plot
from twin.demo.names import Name
from twin.demo.network import HALF_WIDTH_M, Network
from twin.demo.plan import generator
from twin.demo.zones import ZONES
from twin.geo import FloatArray
from twin.model.places import WASTE_KINDS

BIN_COUNT = 10_000
LITTER_COUNT = 3_400
LITTER_SPACING_M = 55.0

CAPACITY_L = {
    "residual": (240.0, 660.0, 1100.0),
    "food": (120.0, 240.0),
    "recyclable": (240.0, 660.0),
    "hazardous": (120.0,),
    "litter": (60.0, 100.0),
}
KIND_NAME = {
    "residual": Name("其他垃圾桶", "residual waste"),
    "recyclable": Name("可回收物桶", "recyclables"),
    "food": Name("厨余垃圾桶", "food waste"),
    "hazardous": Name("有害垃圾桶", "hazardous waste"),
    "litter": Name("果皮箱", "litter bin"),
}


@dataclass(frozen=True)
class Bins:
    """Places (city metres), kind, capacity in litres, name and zone of each bin."""

    xy: FloatArray
    kind: NDArray[np.object_]
    capacity_l: FloatArray
    names: list[Name]
    zone: NDArray[np.object_]

    def __len__(self) -> int:
        """Return the number of bins."""
        return len(self.xy)


def draw_bins(network: Network, plots: Sequence[Plot], plot_names: Sequence[Name], buildings: Buildings, seed: int) -> Bins:
    """Place exactly ``BIN_COUNT`` bins of five kinds."""
    rng = generator(seed, "bins")
    litter = _litter(network, rng)
    points = _collection_points(plots, plot_names, buildings, BIN_COUNT - len(litter), rng)
    rows = [*litter, *points]
    kind = np.array([row[1] for row in rows], dtype=object)
    capacity = np.array([rng.choice(CAPACITY_L[name]) for name in kind])
    return Bins(
        np.array([row[0] for row in rows]),
        kind,
        capacity,
        [row[2] for row in rows],
        np.array([row[3] for row in rows], dtype=object),
    )


Row = tuple[tuple[float, float], str, Name, str]


def _litter(network: Network, rng: np.random.Generator) -> list[Row]:
    """Return litter bins on both pavements, closer together where more happens."""
    streets = [street for street in network.streets if street.way.road_class not in {"motorway", "trunk"} and not street.bridge]
    lines = np.array([street.line for street in streets], dtype=object)
    wanted = np.maximum(np.floor((shapely.length(lines) - 20) / LITTER_SPACING_M), 0).astype(int)
    owner = np.repeat(np.arange(len(streets)), wanted)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    at = (step + 0.5) / wanted[owner]
    place, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[owner], at + d, normalized=True)) for d in (0, 0.01)
    )
    along = ahead - place
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    side = np.where((step + owner) % 2 == 0, 1.0, -1.0)
    width = np.array(
        [
            4.2 if s.zone == "old_town" and s.way.road_class == "residential" else HALF_WIDTH_M[s.way.road_class] - 1.5
            for s in streets
        ]
    )
    xy = place + (side * width[owner])[:, None] * np.column_stack([-along[:, 1], along[:, 0]])
    bustle = np.array([ZONES[street.zone].bustle for street in streets])[owner]
    chosen = np.sort(np.argsort(-(bustle * rng.uniform(0.35, 1.0, len(owner))), kind="stable")[:LITTER_COUNT])
    return [
        (
            tuple(xy[i].tolist()), "litter",
            Name(f"{streets[owner[i]].way.name.zh}果皮箱{step[i] + 1}", f"{streets[owner[i]].way.name.en}, litter bin {step[i] + 1}"),
            streets[owner[i]].zone,
        )
        for i in chosen.tolist()
    ]  # fmt: skip


def _collection_points(
    plots: Sequence[Plot], plot_names: Sequence[Name], buildings: Buildings, count: int, rng: np.random.Generator
) -> list[Row]:
    """Return collection points at the edge of plots, more of them where more floor is: three or four bins side by side."""
    floor = np.bincount(buildings.plot, buildings.floor_area_m2, minlength=len(plots))
    weight = (
        np.sqrt(floor)
        * np.sqrt(np.maximum(floor, 1.0) / floor.mean())
        * np.array([ZONES[p.zone].waste if p.zone in ZONES else 0.0 for p in plots])
    )
    share = weight / weight.sum() * (count / 3.35)
    points_of = np.floor(share + rng.random(len(plots))).astype(int)
    rows: list[Row] = []
    for number in rng.permutation(np.repeat(np.arange(len(plots)), np.maximum(points_of, floor > 0))).tolist():
        kinds = ["residual", "food", "recyclable", *(["hazardous"] if rng.random() < 0.38 else [])]
        rows.extend(_point(plots[number], plot_names[number], kinds, rng))
        if len(rows) >= count:
            return rows[:count]
    busiest = np.argsort(-floor, kind="stable")
    while len(rows) < count:
        number = int(busiest[int(rng.integers(0, 200))])
        rows.extend(_point(plots[number], plot_names[number], ["residual", "food", "recyclable"], rng))
    return rows[:count]


def _point(plot: Plot, name: Name, kinds: Sequence[str], rng: np.random.Generator) -> list[Row]:
    """Return the bins of one collection point."""
    edge = plot.shape.exterior
    start = rng.uniform(0, edge.length)
    spots = [edge.interpolate((start + 1.8 * i) % edge.length) for i in range(len(kinds))]
    gate = int(rng.integers(1, 90))
    return [
        (
            (spot.x, spot.y),
            kind,
            Name(f"{name.zh}{gate}号{KIND_NAME[kind].zh}", f"{name.en} {gate}, {KIND_NAME[kind].en}"),
            plot.zone,
        )
        for spot, kind in zip(spots, kinds, strict=True)
    ]


assert set(KIND_NAME) == set(WASTE_KINDS)  # noqa: S101  a new kind of waste needs a name and a size here
