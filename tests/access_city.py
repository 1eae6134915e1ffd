"""A little city with something of everything that the filter looks at, and accounts of every role."""

from __future__ import annotations

import h3.api.numpy_int as h3
import shapely

from twin.access.scope import Area, Viewer
from twin.model.codec import entity_to_json
from twin.model.incidents import Case, Incident
from twin.model.network import Link
from twin.model.places import Bin, Camera, District, UnitGrid
from twin.model.scenario import Scenario
from twin.sync.mutation import Op

WEST, EAST = (118.80, 32.00), (118.90, 32.00)
OFFICE, POLICE = "环境卫生管理处 (Sanitation Office)", "交通警察支队 (Traffic Police)"
GRIDS = ("320102001001001", "320102001001002")

NAME, PHONE, ID_NUMBER, PLATE = "欧阳锦程", "13987654321", "11010519491231002X", "苏A·D48213"
PERSONAL = (NAME, PHONE, ID_NUMBER, PLATE, "AD48213", "39876543", "9号楼307", "欧阳锦", "锦程")
"""What nobody may find who has no right to it: whole values and the parts of them that a mask takes away."""


def fields_of(entity):
    return {name: value for name, value in entity_to_json(entity).items() if name not in ("kind", "id")}


def added(entity):
    return Op(entity.kind, entity.id, fields_of(entity), alive=True)


def case(key, lon_lat=WEST, **values):
    told = {
        "name": f"3201022026030200{key}",
        "stage": "reported",
        "district": "West" if lon_lat == WEST else "East",
        "department": OFFICE,
        "grid": GRIDS[0] if lon_lat == WEST else GRIDS[1],
        "address": "中山路12号院9号楼307室",
        "complainant": NAME,
        "complainant_phone": PHONE,
        "description": f"{NAME}反映楼下垃圾满溢,电话{PHONE},身份证{ID_NUMBER},车辆{PLATE}堵门,住9号楼307",
        "source": "hotline",
        "source_id": f"T-{key}",
        "source_hash": "b5bb9d8014a0f9b1d61e21e796d78dcc",
    }
    return Case(id=f"case-{key}", geometry=shapely.Point(*lon_lat), **{**told, **values})


def city():
    """Return the things of the city."""
    return [
        case("1"),
        case("2", EAST),
        case("3", EAST, department=POLICE),
        case("4", WEST, district="", grid="", reported_by="wang"),
        case("5", EAST, district="", reported_by="li"),
        Bin(id="bin-1", geometry=shapely.Point(*WEST), district="West", department=OFFICE, name="B-1"),
        Bin(id="bin-2", geometry=shapely.Point(*EAST), district="East", name="B-2"),
        Camera(id="camera-1", geometry=shapely.Point(*WEST), name="K-1"),
        Camera(id="camera-2", geometry=shapely.Point(*EAST), name="K-2"),
        Incident(id="incident-1", geometry=shapely.Point(*EAST), address="中山路9号楼307", description=f"{PLATE} 撞树, 电话{PHONE}"),
        District(id="district-1", geometry=shapely.Point(*WEST).buffer(0.02), name="West"),
        UnitGrid(id="grid-1", geometry=shapely.Point(*WEST).buffer(0.002), code=GRIDS[0], district="West"),
        Link(id="link-1", geometry=shapely.LineString([WEST, EAST]), name="中山路"),
        Scenario(id="scenario-1", name="bridge closed"),
    ]  # fmt: skip


def cell(lon_lat, resolution):
    return int(h3.latlng_to_cell(lon_lat[1], lon_lat[0], resolution))


IN_WEST = Area(frozenset({"West"}), frozenset({cell(WEST, 7)}))

VIEWERS = (
    Viewer("wang", "collector", grids=frozenset({GRIDS[0]}), grid_area=Area(cells=frozenset({cell(WEST, 8)}))),
    Viewer("zhao", "acceptor"),
    Viewer("qian", "acceptor", area=IN_WEST),
    Viewer("sun", "dispatcher"),
    Viewer("li", "handler", departments=frozenset({OFFICE})),
    Viewer("zhou", "handler", departments=frozenset({OFFICE, POLICE}), area=IN_WEST),
    Viewer("wu", "shift_lead"),
    Viewer("zheng", "leader"),
    Viewer("feng", "planner"),
    Viewer("chen", "planner", area=Area(cells=frozenset({cell(EAST, 5), cell(WEST, 9)}))),
    Viewer("root", "admin"),
    Viewer("", "public"),
    Viewer("nobody", "no such role"),
)
