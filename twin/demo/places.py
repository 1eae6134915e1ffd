"""Who is responsible where: districts, unit grids with their codes, and what land is used for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from twin.demo.built import Buildings
from twin.demo.ground import Ground, Plot
from twin.demo.layout import Layout
from twin.demo.makings import Makings
from twin.demo.names import Name, NameGiver
from twin.demo.plan import generator
from twin.geo import FloatArray
from twin.model.entity import Entity
from twin.model.places import District, LandUse, PopulationCell, UnitGrid

CITY_CODE = "9901"
"""First four digits of the division codes: no province has 99, so nobody can take them for real ones."""

DISTRICT_NAMES = "云岭 Yunling|古城 Gucheng|龙泉 Longquan|翠屏 Cuiping|新城 Xincheng|高新 Gaoxin|望江 Wangjiang"

QUARTERS_PER_STREET = 7
POPULATION_CELL_M = 250.0
FLOOR_AREA_PER_RESIDENT_M2 = 54.0
"""Of all storeys, with stairs and empty flats."""


@dataclass(frozen=True)
class Areas:
    """Districts as areas of the city, and of every face of the sheet the number of its district."""

    names: list[Name]
    codes: list[str]
    shapes: NDArray[np.object_]
    face_district: list[int]

    def district_of(self, xy: FloatArray) -> NDArray[np.int_]:
        """Return the number of the district in which each point ``(n, 2)`` lies, or the nearest."""
        shapely.prepare(self.shapes)
        number = np.full(len(xy), -1)
        for i, shape in enumerate(self.shapes):
            number[shapely.contains_xy(shape, xy)] = i
        lost = number < 0
        number[lost] = shapely.STRtree(self.shapes).nearest(shapely.points(xy[lost]))
        return number


def draw_areas(makings: Makings, layout: Layout) -> Areas:
    """Share out the quarters among seven districts, whose borders are main roads and the river."""
    rng = generator(makings.plan.seed, "districts")
    seeds = np.array([(0, 2500), (-450, 650), (2500, 850), (-2500, 850), (450, -750), (2550, -900), (-2500, -950)], dtype=float)
    seeds += rng.uniform(-130, 130, seeds.shape)
    tiles, faces = _tiles(layout)
    middles = shapely.get_coordinates(shapely.point_on_surface(tiles))
    away = np.hypot(*(middles[:, None, :] - seeds[None]).transpose(2, 0, 1)) + 90.0
    away[:, 0] = np.where(middles[:, 1] > 1900, away[:, 0] * 0.8, np.inf)
    away[np.sign(middles[:, 1])[:, None] != np.sign(seeds[:, 1])[None]] = np.inf
    owner = _in_one_piece(tiles, np.argmin(away, axis=1), len(seeds))
    shapes = np.array([_largest(shapely.union_all(tiles[owner == number])) for number in range(len(seeds))], dtype=object)
    names = [Name(*text.split(" ")).with_suffix("区", "District") for text in DISTRICT_NAMES.split("|")]
    face_district = np.zeros(len(layout.faces), dtype=int)
    face_district[faces[::-1]] = owner[::-1]
    codes = [f"{CITY_CODE}{number:02d}" for number in range(1, len(seeds) + 1)]
    return Areas(names, codes, _bent(makings, shapes), face_district.tolist())


def _tiles(layout: Layout) -> tuple[NDArray[np.object_], NDArray[np.int_]]:
    """Return the faces, those of the river halved along its middle, and the face of each tile."""
    halves = [shapely.box(-6000, 0, 6000, 6000), shapely.box(-6000, -6000, 6000, 0)]
    tiles, faces = [], []
    for number, (face, zone) in enumerate(zip(layout.faces, layout.face_zones, strict=True)):
        pieces = [shapely.intersection(face, half) for half in halves] if zone == "river" else [face]
        for piece in pieces:
            if piece.area > 1.0:
                tiles.append(piece)
                faces.append(number)
    return np.array(tiles, dtype=object), np.array(faces)


def _in_one_piece(tiles: NDArray[np.object_], owner: NDArray[np.int_], count: int) -> NDArray[np.int_]:
    """Give tiles that are cut off from the rest of their district to the district around them."""
    owner = owner.copy()
    one, two = shapely.STRtree(tiles).query(tiles, predicate="intersects")
    touching = shapely.length(shapely.intersection(tiles[one], tiles[two])) > 1.0
    one, two = one[touching], two[touching]
    for _ in range(6):
        for number in range(count):
            shape = shapely.union_all(tiles[owner == number])
            if shapely.get_num_geometries(shape) < 2:
                continue
            main = _largest(shape).buffer(0.5)
            for stray in np.flatnonzero(owner == number):
                if not main.contains(tiles[stray]):
                    neighbours = owner[two[one == stray]]
                    others = neighbours[neighbours != number]
                    owner[stray] = np.bincount(others).argmax() if len(others) else number
    return owner


def _largest(shape: Polygon) -> Polygon:
    parts = shapely.get_parts(shape)
    return parts[int(np.argmax(shapely.area(parts)))]


def _bent(makings: Makings, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return areas of the sheet in the city, not simplified so that neighbours keep their common border."""
    return np.asarray(shapely.transform(shapely.segmentize(shapes, 30.0), makings.warp), dtype=object)


def district_entities(makings: Makings, areas: Areas) -> list[Entity]:
    """Return the districts as they are stored."""
    columns = {"name": [n.zh for n in areas.names], "name_en": [n.en for n in areas.names], "code": areas.codes}
    return makings.entities(District, areas.shapes, columns)


def grid_entities(makings: Makings, layout: Layout, areas: Areas) -> list[Entity]:
    """Return unit grids: one for each block, strip and piece of river, numbered as GB/T 30428.1 asks."""
    shapes = [block.shape for block in layout.blocks]
    faces = [block.face for block in layout.blocks]
    for number, (face, zone) in enumerate(zip(layout.faces, layout.face_zones, strict=True)):
        if zone in {"strip", "river"}:
            shapes.append(face)
            faces.append(number)
    bent = _bent(makings, np.array(shapes, dtype=object))
    codes, names = _grid_codes(shapely.get_coordinates(shapely.centroid(bent)), faces, areas, layout)
    order = sorted(range(len(codes)), key=codes.__getitem__)
    columns = {
        "name": [names[i] for i in order],
        "code": [codes[i] for i in order],
        "district": [areas.names[areas.face_district[faces[i]]].zh for i in order],
    }
    return makings.entities(UnitGrid, bent[order], columns)


def _grid_codes(middles: FloatArray, faces: Sequence[int], areas: Areas, layout: Layout) -> tuple[list[str], list[str]]:
    """Return code and name of each grid: division 6, street 3, community 3, order 3 (west to east, north to south)."""
    face_middles = shapely.get_coordinates(shapely.centroid(np.array(layout.faces, dtype=object)))
    street_of: dict[int, tuple[int, int]] = {}
    for district in range(len(areas.names)):
        mine = [face for face in range(len(layout.faces)) if areas.face_district[face] == district]
        mine.sort(key=lambda face: (round(face_middles[face, 0] / 900), face_middles[face, 1]))
        for place, face in enumerate(mine):
            street_of[face] = (place // QUARTERS_PER_STREET + 1, place % QUARTERS_PER_STREET + 1)
    codes, names = [""] * len(faces), [""] * len(faces)
    taken: dict[int, int] = {}
    for i in sorted(range(len(faces)), key=lambda i: (round(middles[i, 0] / 120), -middles[i, 1])):
        face = faces[i]
        taken[face] = taken.get(face, 0) + 1
        street, community = street_of[face]
        district = areas.face_district[face]
        codes[i] = f"{areas.codes[district]}{street:03d}{community:03d}{taken[face]:03d}"
        names[i] = f"{areas.names[district].zh}{street}街道{community}社区{taken[face]}号网格 (grid {taken[face]})"
    return codes, names


_SUFFIXES: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("residential", "lanes"): (("坊", "Quarter"), ("里", "Quarter")),
    ("residential", "houses"): (("村", "Village"),),
    ("residential", ""): (("花园", "Garden"), ("小区", "Estate"), ("苑", "Court"), ("家园", "Homes")),
    ("commercial", ""): (("商务区", "Business Park"), ("广场", "Plaza"), ("商业街区", "Shopping Quarter")),
    ("industrial", ""): (("工业园", "Industrial Park"), ("产业园", "Works")),
    ("education", ""): (("中学", "Middle School"), ("小学", "Primary School")),
    ("health", ""): (("医院", "Hospital"),),
    ("green", ""): (("公园", "Park"), ("绿地", "Green")),
    ("farmland", ""): (("农场", "Farm"),),
}


def name_plots(plots: Sequence[Plot], names: NameGiver, seed: int) -> list[Name]:
    """Return a name for each plot, by its use."""
    rng = generator(seed, "plot names")
    found = []
    for plot in plots:
        choices = _SUFFIXES.get((plot.use, plot.pattern)) or _SUFFIXES[plot.use, ""]
        suffix = choices[int(rng.integers(len(choices)))]
        if plot.zone == "strip":
            name = Name("环城绿带", "Ring Green Belt")
        elif plot.zone == "campus":
            name = Name("演示大学", "Demo University")
        elif plot.zone == "park":
            name = Name("人民公园", "People's Park")
        elif plot.zone == "wood":
            name = names.stem().with_suffix("山林地", "Wood")
        else:
            name = names.stem().with_suffix(*suffix)
        found.append(name)
    return found


def land_use_entities(makings: Makings, ground: Ground, plot_names: Sequence[Name], names: NameGiver) -> list[Entity]:
    """Return the river, the lakes and the use of every plot."""
    shapes = [ground.river, *ground.lakes, *(plot.ground for plot in ground.plots)]
    water = [Name("演示江", "Demo River"), *(names.stem().with_suffix("湖", "Lake") for _ in ground.lakes)]
    all_names = [*water, *plot_names]
    columns = {
        "name": [name.zh for name in all_names],
        "name_en": [name.en for name in all_names],
        "use": [*("water" for _ in water), *(_land_use(plot) for plot in ground.plots)],
    }
    return makings.entities(LandUse, np.array(shapes, dtype=object), columns)


def _land_use(plot: Plot) -> str:
    """Return the use of a plot: one that is far larger than its village is mostly fields."""
    return "farmland" if plot.pattern == "houses" and plot.ground.area > 70_000 else plot.use


def population_entities(makings: Makings, buildings: Buildings) -> list[Entity]:
    """Return the residents of each cell of a grid, from the floor area of homes."""
    home = buildings.use == "residential"
    cell = np.floor(buildings.xy[home] / POPULATION_CELL_M).astype(int)
    cells, index = np.unique(cell, axis=0, return_inverse=True)
    residents = np.bincount(index.ravel(), buildings.floor_area_m2[home]) / FLOOR_AREA_PER_RESIDENT_M2
    x, y = (cells * POPULATION_CELL_M).T
    boxes = shapely.box(x, y, x + POPULATION_CELL_M, y + POPULATION_CELL_M)
    return makings.entities(PopulationCell, boxes, {"residents": np.round(residents)})
