"""What OpenStreetMap knows beside roads: buildings, bins, cameras, land use, districts, disposal sites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from twin.model.entity import Entity
from twin.model.places import Bin, Building, Camera, DisposalSite, District, LandUse
from twin.sources.osm_tags import Tags, direction_deg, length_m, names, number

LEVEL_M = 3.0
ASSUMED_HEIGHT_M = 9.0
DISTRICT_LEVELS = range(6, 12)  # county or city district down to neighbourhood; countries and states are no districts

AREA_KEYS = ("building", "landuse", "natural", "leisure", "amenity", "waterway", "boundary", "man_made")
NODE_KEYS = ("highway", "amenity", "man_made")

_LAND_USES = {
    "landuse": {
        "residential": "residential",
        "commercial": "commercial",
        "retail": "commercial",
        "industrial": "industrial",
        "port": "industrial",
        "railway": "industrial",
        "quarry": "industrial",
        "depot": "industrial",
        "education": "education",
        "forest": "green",
        "grass": "green",
        "meadow": "green",
        "recreation_ground": "green",
        "village_green": "green",
        "cemetery": "green",
        "flowerbed": "green",
        "greenfield": "green",
        "allotments": "green",
        "farmland": "farmland",
        "farmyard": "farmland",
        "orchard": "farmland",
        "vineyard": "farmland",
        "greenhouse_horticulture": "farmland",
        "reservoir": "water",
        "basin": "water",
        "military": "other",
        "construction": "other",
        "brownfield": "other",
        "landfill": "other",
        "religious": "other",
    },
    "natural": {
        "water": "water",
        "bay": "water",
        "wood": "green",
        "scrub": "green",
        "grassland": "green",
        "heath": "green",
        "wetland": "green",
        "fell": "green",
    },
    "waterway": {"riverbank": "water", "dock": "water"},
    "leisure": {
        "park": "green",
        "garden": "green",
        "golf_course": "green",
        "nature_reserve": "green",
        "pitch": "green",
        "playground": "green",
        "dog_park": "green",
        "common": "green",
        "swimming_pool": "water",
    },
    "amenity": {
        "school": "education",
        "university": "education",
        "college": "education",
        "kindergarten": "education",
        "hospital": "health",
        "clinic": "health",
        "grave_yard": "green",
    },
}
_BUILDING_USES = {
    **dict.fromkeys(
        (
            "apartments", "residential", "house", "detached", "terrace", "semidetached_house", "dormitory", "bungalow",
            "hut", "cabin", "static_caravan", "farm",
        ),
        "residential",
    ),
    **dict.fromkeys(("commercial", "retail", "office", "hotel", "supermarket", "kiosk", "shop", "bank"), "commercial"),
    **dict.fromkeys(("industrial", "warehouse", "factory", "manufacture", "hangar", "service", "depot"), "industrial"),
    **dict.fromkeys(("school", "university", "college", "kindergarten"), "education"),
    **dict.fromkeys(("hospital", "clinic"), "health"),
    **dict.fromkeys(("greenhouse", "barn", "farm_auxiliary", "stable", "cowshed", "sty"), "farmland"),
}  # fmt: skip
_STREAM_KIND = {
    "hazardous_waste": "hazardous", "batteries": "hazardous", "engine_oil": "hazardous", "fluorescent_tubes": "hazardous",
    "organic": "food", "cooking_oil": "food", "food_waste": "food", "waste": "residual", "refund_bottles": "recyclable",
}  # fmt: skip
_CAMERA_TYPES = {"fixed": "fixed", "dome": "dome", "panning": "ptz", "ptz": "ptz", "bullet": "bullet"}
_BIN_SIZE_L = {"waste_basket": 60.0, "waste_disposal": 660.0, "recycling": 1100.0}


def place(key: str, tags: Tags, geometry: BaseGeometry) -> Iterator[Entity]:
    """Give the entities that one object is; ``key`` is its type and number, ``geometry`` in degrees.

    A building of several separate outlines gives one entity for each.
    """
    common: dict[str, Any] = {"id": key, "source_id": key, "source": "osm", "geometry": geometry}
    is_area = geometry.geom_type != "Point"
    amenity = tags.get("amenity", "")
    if amenity in _BIN_SIZE_L:
        yield _bin(tags, amenity, _at_a_point(common))
    if tags.get("man_made") == "surveillance" or tags.get("highway") == "speed_camera":
        yield _camera(tags, _at_a_point(common))
    if amenity == "waste_transfer_station" or tags.get("landuse") == "landfill":
        name, name_en = names(tags)
        yield DisposalSite(name=name, name_en=name_en, **_at_a_point(common))
    if is_area:
        yield from _area(tags, common)


def _area(tags: Tags, common: dict[str, Any]) -> Iterator[Entity]:
    if is_building(tags):
        for part in _parts(common):
            yield _building(tags, part)
    elif use := land_use(tags):
        name, name_en = names(tags)
        for part in _parts(common):
            yield LandUse(name=name, name_en=name_en, use=use, **part)
    if is_district(tags):
        name, name_en = names(tags)
        code = tags.get("ref") or tags.get("official_code") or tags.get("ISO3166-2", "")
        yield District(name=name, name_en=name_en, code=code, **common)


def is_building(tags: Tags) -> bool:
    """Return whether the object is a building."""
    return tags.get("building", "no") not in {"no", "demolished", "entrance"}


def is_district(tags: Tags) -> bool:
    """Return whether the object bounds a district."""
    return tags.get("boundary") == "administrative" and (number(tags.get("admin_level")) or 0) in DISTRICT_LEVELS


def land_use(tags: Tags) -> str:
    """Return the use of an area by its tags; '' when they say nothing about it."""
    for key, uses in _LAND_USES.items():
        if found := uses.get(tags.get(key, "")):
            return found
    return ""


def is_area_of_interest(tags: Tags) -> bool:
    """Return whether an area with these tags becomes something."""
    return is_building(tags) or bool(land_use(tags)) or is_district(tags) or is_point_of_interest(tags)


def is_point_of_interest(tags: Tags) -> bool:
    """Return whether an object with these tags becomes a bin, a camera or a disposal site wherever it stands."""
    amenity = tags.get("amenity", "")
    if amenity in _BIN_SIZE_L or amenity == "waste_transfer_station":
        return True
    return tags.get("man_made") == "surveillance" or tags.get("highway") == "speed_camera"


def _at_a_point(common: dict[str, Any]) -> dict[str, Any]:
    geometry = common["geometry"]
    return common if isinstance(geometry, Point) else {**common, "geometry": geometry.centroid}


def _parts(common: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give one set of common fields for each separate outline."""
    geometry, key = common["geometry"], common["id"]
    if not isinstance(geometry, MultiPolygon):
        yield common
    elif len(geometry.geoms) == 1:
        yield {**common, "geometry": geometry.geoms[0]}
    else:
        for number_, part in enumerate(geometry.geoms):
            yield {**common, "geometry": part, "id": f"{key}#{number_}", "source_id": f"{key}#{number_}"}


def _building(tags: Tags, common: dict[str, Any]) -> Building:
    name, name_en = names(tags)
    height_m, levels = length_m(tags.get("height")), number(tags.get("building:levels"))
    if levels is not None and not 0 < levels <= 200:
        levels = None
    if height_m is not None and not 0 < height_m <= 1000:
        height_m = None
    assumed = height_m is None and levels is None
    if height_m is None:
        height_m = ASSUMED_HEIGHT_M if levels is None else levels * LEVEL_M
    use = _BUILDING_USES.get(tags.get("building", "")) or _building_use(tags)
    return Building(name=name, name_en=name_en, use=use, height_m=height_m, levels=levels, height_is_assumed=assumed, **common)


def _building_use(tags: Tags) -> str:
    found = _LAND_USES["amenity"].get(tags.get("amenity", ""), "")
    if found in {"education", "health"}:
        return found
    return "commercial" if "shop" in tags or "office" in tags or "tourism" in tags else "other"


def _bin(tags: Tags, amenity: str, common: dict[str, Any]) -> Bin:
    name, name_en = names(tags)
    streams = sorted(key.partition(":")[2] for key, value in tags.items() if key.startswith("recycling:") and value == "yes")
    kinds = {_STREAM_KIND.get(stream, "recyclable") for stream in streams}
    kind = {"waste_basket": "litter", "waste_disposal": "residual", "recycling": "recyclable"}[amenity]
    if amenity == "recycling" and len(kinds) == 1:
        kind = kinds.pop()
    return Bin(
        name=name,
        name_en=name_en,
        waste_kind=kind,
        stream=",".join(streams) or tags.get("waste", ""),
        capacity_l=_BIN_SIZE_L[amenity],
        **common,
    )


def _camera(tags: Tags, common: dict[str, Any]) -> Camera:
    name, name_en = names(tags)
    is_speed = tags.get("highway") == "speed_camera" and tags.get("man_made") != "surveillance"
    camera_type = "speed" if is_speed else _CAMERA_TYPES.get(tags.get("camera:type", "fixed"), "other")
    height_m = length_m(tags.get("height") or tags.get("camera:height"))
    angle_deg = number(tags.get("camera:angle:horizontal"))
    return Camera(
        name=name,
        name_en=name_en,
        camera_type=camera_type,
        direction_deg=direction_deg(tags.get("camera:direction") or tags.get("direction")),
        view_angle_deg=angle_deg if angle_deg and 1 <= angle_deg <= 360 else 360.0 if camera_type == "dome" else 60.0,
        height_m=height_m if height_m is not None and 0 < height_m <= 500 else 6.0,
        operator=tags.get("operator", ""),
        **common,
    )
